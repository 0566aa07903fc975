package stacks

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestBucketOrigins(t *testing.T) {
	for pattern, want := range map[string][]string{
		"*":                       {"*"},
		"https://a.example.com":   {"https://a.example.com"},
		"https://*.example.com":   {"https://*.example.com"},
		"a.example.com":           {"http://a.example.com", "https://a.example.com"},
		"http://localhost:*":      {"http://localhost:*", "http://localhost"},
		"http://localhost:1*3":    {"http://localhost:1*3"},
		"https://*.example.com:*": {"https://*.example.com"},
	} {
		require.Equal(t, want, bucketOrigins([]string{pattern}), pattern)
	}
}
