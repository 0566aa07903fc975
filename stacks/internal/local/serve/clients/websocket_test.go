package clients

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"testing"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/require"
)

// TestWebSocket talks both ways, beyond the first message and in both kinds.
func TestWebSocket(t *testing.T) {
	for name, withTLS := range map[string]bool{"ws": false, "wss": true} {
		t.Run(name, func(t *testing.T) {
			front := start(t, served{environment: "prod", api: http.HandlerFunc(repeat), tls: withTLS})
			talkTo(t, name+"://"+front+"/v1/realtime?model=echo")
			_, answer, err := websocket.Dial(timely(t), name+"://"+front+"/v1/realtime?model=gpt", options())
			require.Error(t, err)
			require.Equal(t, http.StatusUnauthorized, answer.StatusCode, "the backend's answer")
		})
	}
}

// TestWebSocketWithKey talks through the function that knows the caller; whom it doesn't know it refuses.
func TestWebSocketWithKey(t *testing.T) {
	front := start(t, served{callers: true, api: http.HandlerFunc(repeat)})
	talkTo(t, "ws://"+front+"/v1/realtime?model=echo")
	unknown := options()
	unknown.HTTPHeader = http.Header{"Authorization": {"Bearer sk-other"}}
	_, answer, err := websocket.Dial(timely(t), "ws://"+front+"/v1/realtime?model=echo", unknown)
	require.Error(t, err)
	require.Equal(t, "401 FunctionGeneratedResponse from cloudfront", fmt.Sprint(answer.StatusCode, " ", answer.Header.Get("X-Cache")))
}

func options() *websocket.DialOptions {
	return &websocket.DialOptions{
		HTTPClient:   &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}},
		Subprotocols: []string{"realtime"}, HTTPHeader: http.Header{"Authorization": {"Bearer sk-test"}},
	}
}

func talkTo(t *testing.T, url string) {
	t.Helper()
	connection, answer, err := websocket.Dial(timely(t), url, options())
	require.NoError(t, err)
	defer connection.CloseNow() //nolint:errcheck // it is closed in order below
	require.Equal(t, http.StatusSwitchingProtocols, answer.StatusCode)
	require.Equal(t, "realtime", connection.Subprotocol())
	for _, kind := range []websocket.MessageType{websocket.MessageText, websocket.MessageBinary, websocket.MessageText} {
		require.NoError(t, connection.Write(timely(t), kind, []byte("hello")))
		got, text, err := connection.Read(timely(t))
		require.NoError(t, err)
		require.Equal(t, kind, got)
		require.Equal(t, "hello", string(text))
	}
	require.NoError(t, connection.Close(websocket.StatusNormalClosure, "enough"))
}

// repeat sends each message back.
func repeat(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != "Bearer sk-test" || r.URL.RawQuery != "model=echo" {
		http.Error(w, "no such caller", http.StatusUnauthorized)
		return
	}
	connection, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{"realtime"}})
	if err != nil {
		return // it has answered
	}
	defer connection.CloseNow() //nolint:errcheck // the other side closes
	for {
		kind, text, err := connection.Read(r.Context())
		if err != nil || connection.Write(r.Context(), kind, text) != nil {
			return
		}
	}
}
