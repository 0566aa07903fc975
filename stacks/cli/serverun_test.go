package cli

import (
	"bytes"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/serve/exchange"
)

// TestFailuresAreHarmless has neither a path nor what an origin answers forge a line or reach the terminal.
func TestFailuresAreHarmless(t *testing.T) {
	var out bytes.Buffer
	tellFailures(&out)(&exchange.Exchange{
		End: time.Now(), Method: "GET", URL: &url.URL{Path: "/\x1b[2J\nGET /admin: api: forged"},
		Sent: []exchange.Sent{{Origin: "api", Error: "the origin answered 199 \x1b]0;owned\x07, which nobody asked for"}},
		Decision: edge.Decision{
			Answer: &edge.Answer{Status: 503, Reason: "function", Cause: "Error: \u202e\x1b"}, Function: &edge.Run{Name: "f"},
		},
	})
	require.Equal(t, `GET /\x1b[2J\nGET /admin: api: forged: the function f fails: Error: \u202e\x1b
GET /\x1b[2J\nGET /admin: api: forged: api: the origin answered 199 \x1b]0;owned\x07, which nobody asked for
`, out.String())
}
