package clients

import (
	"net/http"
	"testing"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/require"
)

// TestWebSocket talks both ways, beyond the first message and in both kinds.
func TestWebSocket(t *testing.T) {
	front := start(t, served{environment: "prod", api: http.HandlerFunc(repeat)})
	connection, answer, err := websocket.Dial(timely(t), "http://"+front+"/v1/realtime?model=echo", &websocket.DialOptions{
		Subprotocols: []string{"realtime"}, HTTPHeader: http.Header{"Authorization": {"Bearer sk-test"}},
	})
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
