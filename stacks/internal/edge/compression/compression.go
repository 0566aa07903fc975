// Package compression says which answers CloudFront compresses, and what that does to their headers (CloudFront
// Developer Guide, Serve compressed files).
package compression

import (
	"net/http"
	"slices"
	"strings"

	"ml-api-accelerator/stacks/internal/edge/cachecontrol"
)

// How many bytes an answer that is compressed can have.
const minBytes, maxBytes = 1_000, 10_000_000

// types are those that are compressed (File types that CloudFront compresses).
var types = strings.Fields(`
	application/dash+xml application/eot application/font application/font-sfnt application/javascript
	application/json application/opentype application/otf application/pdf application/pkcs7-mime application/protobuf
	application/rss+xml application/truetype application/ttf application/vnd.apple.mpegurl
	application/vnd.mapbox-vector-tile application/vnd.ms-fontobject application/wasm application/xhtml+xml
	application/xml application/x-font-opentype application/x-font-truetype application/x-font-ttf
	application/x-httpd-cgi application/x-javascript application/x-mpegurl application/x-opentype application/x-otf
	application/x-perl application/x-ttf font/eot font/opentype font/otf font/ttf image/svg+xml text/css text/csv
	text/html text/javascript text/js text/plain text/richtext text/tab-separated-values text/xml text/x-component
	text/x-java-source text/x-script vnd.apple.mpegurl`)

// Format is in which of the formats that the caller takes an answer of the origin is compressed: the first one, as
// Brotli comes before Gzip. It is empty if the answer isn't compressed.
func Format(formats []string, status int, header http.Header) string {
	switch {
	case len(formats) == 0,
		!slices.Contains([]int{http.StatusOK, http.StatusForbidden, http.StatusNotFound}, status),
		len(header.Values("Content-Encoding")) > 0, // whatever its value
		!slices.Contains(types, contentType(header)),
		!isSized(header),
		cachecontrol.Parse(header).Has("no-transform"): // RFC 9111, 5.2.2.6
		return ""
	}
	return formats[0]
}

// Apply makes the headers of an answer those of the compressed one, whose length isn't known before it is compressed.
func Apply(header http.Header, format string) {
	header.Set("Content-Encoding", format)
	header.Del("Content-Length")
	if !strings.Contains(strings.ToLower(strings.Join(header.Values("Vary"), ",")), "accept-encoding") {
		header.Add("Vary", "Accept-Encoding")
	}
	switch tag := header.Get("ETag"); {
	case strings.HasPrefix(tag, "W/"):
	case len(tag) > 1 && strings.HasPrefix(tag, `"`) && strings.HasSuffix(tag, `"`):
		header.Set("ETag", "W/"+tag)
	default:
		header.Del("ETag") // it isn't valid (ETag header conversion)
	}
}

func contentType(header http.Header) string {
	value, _, _ := strings.Cut(header.Get("Content-Type"), ";")
	return strings.ToLower(strings.TrimSpace(value))
}

// isSized reports whether the origin says how long its answer is, and whether CloudFront compresses that much.
func isSized(header http.Header) bool {
	lines := header.Values("Content-Length")
	if len(lines) != 1 {
		return false
	}
	bytes, valid := cachecontrol.Number(lines[0])
	return valid && bytes >= minBytes && bytes <= maxBytes
}
