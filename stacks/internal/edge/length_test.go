package edge

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestLengths of requests that CloudFront takes, and those just over (Request and response behavior for custom origins,
// Maximum length of a request and maximum length of a URL).
func TestLengths(t *testing.T) {
	d := parsed(t)
	path := "/v1/chat?" + strings.Repeat("a", 8192-len("/v1/chat?"))
	few := headers("Host", "api.example.com")
	rest := 32768 - len("GET /v1/chat HTTP/1.1\r\n") - len("Host: api.example.com\r\n") - len("X: \r\n") - len("\r\n")
	most := headers("Host", "api.example.com", "X", strings.Repeat("a", rest))
	for _, r := range []struct {
		name    string
		request Request
		want    *Answer
	}{
		{"the longest URL", Request{URL: path, Headers: few}, nil},
		{"a longer one", Request{URL: path + "a", Headers: few}, &Answer{Status: 414, Reason: "length"}},
		{"a longer path", Request{URL: "/" + strings.Repeat("a", 8192), Headers: few}, &Answer{Status: 414, Reason: "length"}},
		{"the most headers", Request{URL: "/v1/chat", Headers: most}, nil},
		{"more of them", Request{URL: "/v1/chats", Headers: most}, &Answer{Status: 494, Reason: "length"}},
		{"a longer method", Request{Method: "POST", URL: "/v1/chat", Headers: most}, &Answer{Status: 494, Reason: "length"}},
		{"before anything else", Request{URL: "http://other.example.com/" + strings.Repeat("a", 9000)}, &Answer{Status: 414, Reason: "length"}},
	} {
		require.Equal(t, r.want, d.Decide(r.request).Answer, r.name)
	}
}
