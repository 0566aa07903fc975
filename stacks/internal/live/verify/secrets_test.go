package verify_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge/edgetest"
	"ml-api-accelerator/stacks/internal/live/verify"
	"ml-api-accelerator/stacks/internal/terminal"
)

// TestSecretsGoToOwnNames has names that lead to others, at an address that answers to all of them, as all customers of
// CloudFront share its addresses.
func TestSecretsGoToOwnNames(t *testing.T) {
	const token = "a secret header"
	stolen := false
	thief := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		stolen = stolen || r.Header.Get("X-Token") == token || r.Header.Get("Authorization") == "Bearer "+secretKey
		w.Header().Set("X-Cache", "Miss from cloudfront")
	})
	secure, plain := httptest.NewTLSServer(thief), httptest.NewServer(thief)
	defer secure.Close()
	defer plain.Close()
	const at443, named = "GET https://%s/v1/chat", "GET /v1/chat"
	for _, r := range []struct {
		url, connectTo, request, host string
		sent                          bool
	}{
		{"https://api.example.com", "", named, "", true},
		{"https://api.example.com", "", at443, "api.example.com", true},
		{"https://api.example.com", "", at443, "API.Example.com", true},
		{"https://api.example.com", "", at443, "api.example.com:443", true},
		{"https://api.example.com", "", named, "api.example.com", true},
		{"https://www.example.com", "", at443, "api.example.com", true},
		{"https://api.example.com", "d222222abcdef8.cloudfront.net", at443, "d222222abcdef8.cloudfront.net", true},
		{"https://api.example.com", "D222222abcdef8.cloudfront.net:443", named, "d222222abcdef8.cloudfront.net", true},
		{"https://d222222abcdef8.cloudfront.net", "", at443, "D222222ABCDEF8.cloudfront.net", true},
		{"https://api.example.com:8443", "", named, "", true},

		{"https://api.example.com", "", at443, "d666.cloudfront.net", false},
		{"https://api.example.com", "", named, "d666.cloudfront.net", false},
		{"https://api.example.com", "", named, "D666.CloudFront.Net", false},
		{"https://api.example.com", "", at443, "d111111abcdef8.cloudfront.net", false}, // the guides', which is whose it is
		{"https://api.example.com", "d222222abcdef8.cloudfront.net", at443, "d666.cloudfront.net", false},
		{"https://api.example.com", "d222222abcdef8.cloudfront.net", at443, "x.d222222abcdef8.cloudfront.net", false},
		{"https://api.example.com", "", at443, "d666.cloudfront.net.", false},
		{"https://api.example.com", "", at443, "ｄ666.cloudfront.net", false},
		{"https://api.example.com", "", at443, "d666.cloudfront。net", false},
		{"https://api.example.com", "", named, "api.example.com:80@d666.cloudfront.net", false},
		{"https://api.example.com", "", at443, "api.example.com:80@evil.example", false},
		{"https://api.example.com", "", at443, "evil.example@api.example.com", false},
		{"https://api.example.com", "", named, "evil.example/.cloudfront.net", false},
		{"https://api.example.com", "", named, "evil.example#.cloudfront.net", false},
		{"https://api.example.com", "", named, "evil.example?.cloudfront.net", false},
		{"https://api.example.com", "", at443, "api.example.com:8443", false}, // another server at that address, if any

		{"http://api.example.com", "", named, "", false},
		{"http://api.example.com", "d222222abcdef8.cloudfront.net", named, "", false},
		{"http://203.0.113.1", "", named, "", false},
		{"http://api.example.com", "localhost:8080", named, "", true},
		{"http://127.0.0.1:8080", "", named, "", true},
		{"http://[::1]:8080", "", named, "", true},
		{"http://edge:8080", "", named, "", true},
	} {
		stolen = false
		o := verify.Options{
			URL: at(t, r.url), ConnectTo: r.connectTo, Timeout: time.Minute, TLS: &tls.Config{InsecureSkipVerify: true},
			Keys: map[string]string{"alice": secretKey}, Headers: map[string]string{"X-Token": token},
			Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
				to := secure.Listener
				if r.url[:5] == "http:" {
					to = plain.Listener
				}
				return (&net.Dialer{}).DialContext(ctx, network, to.Addr().String())
			},
		}
		e := expectations(t, `{"request": "GET /v1/chat", "origin": "api", "caller": "alice"}`)
		switch {
		case r.request == at443:
			e[0].Request = fmt.Sprintf(at443, r.host)
		case r.host != "":
			e[0].Headers = map[string]string{"host": r.host}
		}
		results, err := verify.Run(t.Context(), "prod", e, edgetest.Callers(t), o, func(string) {})
		require.NoError(t, err)
		require.Equal(t, r.sent, stolen, "%+v", r)
		require.Equal(t, !r.sent, results[0].Verdict == verify.Skipped, "%+v: %v", r, gist(results[0]))
		require.Equal(t, !r.sent, strings.Contains(strings.Join(gist(results[0]), ""), ": not sent: "), "%+v: %v", r, gist(results[0]))
	}
}

// TestAnswersAreHarmless, whatever a server says, and don't tell what it was sent.
func TestAnswersAreHarmless(t *testing.T) {
	const evil = "![x](https://evil.example/p.png)|<img src=x>`@all`\\|\x1b[31m\u202e" + secretKey
	header := strings.NewReplacer("\x1b", "\u009b", "\u202e", "\u2066").Replace(evil)
	hostile := []http.Handler{
		answering("Miss "+header, "X-Frame-Options", header),
		http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Cache", header+" from cloudfront")
			w.Header().Set("Server", header)
			w.Header().Set("Location", header)
			w.WriteHeader(http.StatusFound)
		}),
		says("HTTP/1.1 " + evil + "\r\n\r\n"), says(evil + "\r\n"),
		says("HTTP/1.1 200 " + evil + "\r\nX-Cache: " + evil + " from cloudfront\r\n" + evil + "\r\n\r\n"),
		inTurn(answering("Miss"), says(evil+"\r\n")),
	}
	for i, handler := range hostile {
		for _, list := range []string{frame, kept, never, cors, secret, moved} {
			o := live(t, handler)
			plain := httptest.NewServer(says(evil + "\r\n"))
			defer plain.Close()
			dial := o.Dial
			o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
				if address == "10.0.0.1:80" {
					return (&net.Dialer{}).DialContext(ctx, network, plain.Listener.Addr().String())
				}
				return dial(ctx, network, address)
			}
			o.Origins, o.Headers = api(t, "http://10.0.0.1"), map[string]string{"Authorization": "Bearer " + secretKey}
			results := run(t, o, list)
			text := verify.Text(results, func(v verify.Verdict) string { return string(v) })
			shown := verify.Markdown(results)
			for line := range strings.Lines(text + shown) {
				line = strings.TrimSuffix(line, "\n")
				require.Equal(t, terminal.Harmless(line), line, "%d %s", i, list)
			}
			require.NotContains(t, fmt.Sprint(text, shown, gist(results[0])), secretKey, "%d %s", i, list)
			// Outside of code there is nothing to obey, and a row has as many cells as its head.
			for line := range strings.Lines(shown) {
				outside := regexp.MustCompile("`[^`]*`").ReplaceAllString(line, "")
				require.NotRegexp(t, "[`<@!]|\\]\\(|evil", outside, "%d %s: %s", i, list, line)
				if cells := strings.Count(strings.ReplaceAll(line, `\|`, ""), "|"); cells > 0 {
					require.Contains(t, []int{5, 6}, cells, "%d %s: %s", i, list, line)
				}
			}
		}
	}
}

// TestSecretsGoToTheOriginByTLS, unless only a private network is in between.
func TestSecretsGoToTheOriginByTLS(t *testing.T) {
	for origin, want := range map[string]string{
		"http://inference.example.com": "not asked: --origin must be https, for the keys and headers", "http://10.0.0.1": "", "http://inference:8000": "",
	} {
		o := live(t, answering("Miss"))
		plain := httptest.NewServer(answering("Miss"))
		defer plain.Close()
		dial := o.Dial
		o.Origins, o.Headers = api(t, origin), map[string]string{"Authorization": "Bearer a"}
		o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			if address == "api.example.com:443" {
				return dial(ctx, network, address)
			}
			return (&net.Dialer{}).DialContext(ctx, network, plain.Listener.Addr().String())
		}
		require.Equal(t, want, run(t, o, reach)[0].Direct.Error, origin)
		o.Headers = nil
		require.Empty(t, run(t, o, reach)[0].Direct.Error, origin)
	}
}
