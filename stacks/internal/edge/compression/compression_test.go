package compression

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func header(pairs ...string) http.Header {
	h := http.Header{"Content-Type": {"application/json"}, "Content-Length": {"5000"}}
	for i := 0; i < len(pairs); i += 2 {
		if h.Del(pairs[i]); pairs[i+1] != "" {
			h.Set(pairs[i], pairs[i+1])
		}
	}
	return h
}

// TestFormat has a row for each condition in the CloudFront Developer Guide, Serve compressed files, Conditions for
// compression.
func TestFormat(t *testing.T) {
	both := []string{"br", "gzip"}
	for _, r := range []struct {
		name    string
		formats []string
		status  int
		header  http.Header
		want    string
	}{
		{"both formats: Brotli", both, 200, header(), "br"},
		{"only Gzip", []string{"gzip"}, 200, header(), "gzip"},
		{"no format", nil, 200, header(), ""},
		{"an error that is compressed", both, 403, header(), "br"},
		{"another one", both, 404, header(), "br"},
		{"an error that isn't", both, 500, header(), ""},
		{"a part", both, 206, header(), ""},
		{"compressed by the origin", both, 200, header("Content-Encoding", "gzip"), ""},
		{"whatever the value", both, 200, header("Content-Encoding", "identity"), ""},
		{"the smallest", both, 200, header("Content-Length", "1000"), "br"},
		{"too small", both, 200, header("Content-Length", "999"), ""},
		{"the largest", both, 200, header("Content-Length", "10000000"), "br"},
		{"too large", both, 200, header("Content-Length", "10000001"), ""},
		{"much too large", both, 200, header("Content-Length", "99999999999999999999"), ""},
		{"no body", both, 200, header("Content-Length", "0"), ""},
		{"no length", both, 200, header("Content-Length", ""), ""},
		{"no valid length", both, 200, header("Content-Length", "5000x"), ""},
		{"a type with a parameter", both, 200, header("Content-Type", "Text/HTML ; charset=utf-8"), "br"},
		{"a type that isn't compressed", both, 200, header("Content-Type", "image/png"), ""},
		{"events that are streamed", both, 200, header("Content-Type", "text/event-stream"), ""},
		{"no type", both, 200, header("Content-Type", ""), ""},
		{"the origin forbids it", both, 200, header("Cache-Control", "max-age=60, No-Transform"), ""},
	} {
		require.Equal(t, r.want, Format(r.formats, r.status, r.header), r.name)
	}
	require.Len(t, types, 48)
	for _, contentType := range types {
		require.Equal(t, "gzip", Format([]string{"gzip"}, 200, header("Content-Type", contentType)), contentType)
	}
	require.Empty(t, Format(both, 200, http.Header{"Content-Type": {"text/css"}, "Content-Length": {"5000", "5000"}}), "two lengths")
}

// TestApply has the rows of ETag header conversion.
func TestApply(t *testing.T) {
	for _, r := range []struct{ name, tag, want string }{
		{"a strong one becomes weak", `"abc"`, `W/"abc"`},
		{"an empty one", `""`, `W/""`},
		{"a weak one stays", `W/"abc"`, `W/"abc"`},
		{"one that isn't valid goes", "abc", ""},
		{"one that doesn't end", `"abc`, ""},
		{"a quote", `"`, ""},
		{"none", "", ""},
	} {
		h := header("ETag", r.tag, "Accept-Ranges", "bytes", "Vary", "Cookie")
		Apply(h, "br")
		require.Equal(t, r.want, h.Get("ETag"), r.name)
		require.Equal(t, r.want == "", len(h.Values("ETag")) == 0, r.name)
		require.Equal(t, []string{"br", "bytes"}, []string{h.Get("Content-Encoding"), h.Get("Accept-Ranges")}, r.name)
		require.Equal(t, []string{"Cookie", "Accept-Encoding"}, h.Values("Vary"), r.name)
		require.Empty(t, h.Values("Content-Length"), r.name)
	}
	h := header("Vary", "accept-encoding, Cookie")
	Apply(h, "br")
	require.Equal(t, []string{"accept-encoding, Cookie"}, h.Values("Vary"))
}
