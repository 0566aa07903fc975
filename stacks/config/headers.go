package config

import (
	"slices"
	"strings"
)

// originHeaderDenied are headers that a distribution can't add to origin requests; lower-case, * ends a prefix.
var originHeaderDenied = []string{
	"cache-control", "connection", "content-length", "cookie", "host", "if-match", "if-modified-since",
	"if-none-match", "if-range", "if-unmodified-since", "max-forwards", "pragma", "proxy-authenticate",
	"proxy-authorization", "proxy-connection", "range", "request-range", "te", "trailer", "transfer-encoding",
	"upgrade", "via", "x-real-ip", "x-amz-*", "x-edge-*",
}

// keyHeaderDenied are headers that can't be part of a cache key; lower-case, * ends a prefix.
var keyHeaderDenied = []string{
	"accept-encoding", "cache-control", "connection", "content-length", "cookie", "host", "max-forwards", "pragma",
	"proxy-*", "request-range", "te", "trailer", "transfer-encoding", "upgrade", "x-amz-cf-id", "x-edge-*",
	"x-forwarded-proto",
}

// denied tells whether a header stands in a list like those above.
func denied(list []string, header string) bool {
	header = strings.ToLower(header)
	return slices.ContainsFunc(list, func(d string) bool {
		prefix, wild := strings.CutSuffix(d, "*")
		return d == header || wild && strings.HasPrefix(header, prefix)
	})
}
