package cloudfront_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/shared/cloudfront"
)

// TestPathPattern has the examples of the CloudFront Developer Guide, Cache behavior settings, Path pattern.
func TestPathPattern(t *testing.T) {
	for _, r := range []struct {
		pattern, path string
		want          bool
	}{
		{"images/*.jpg", "/images/sample.gif", false},
		{"images/*", "/images/sample.gif", true},
		{"*.gif", "/images/sample.gif", true},
		{"/images/*.jpg", "/images/a.jpg", true},
		{"/*product.jpg", "/product.jpg", true},
		{"*product.jpg", "/product.jpg", true},
		{"images/*.jpg", "/images/product1/a.jpg", true},
		{"images/product1", "/images/product1/a.jpg", false},
		{"*.jpg", "/a/b/c.jpg", true},
		{"a*.jpg", "/apple.jpg", true},
		{"a*.jpg", "/appalachian_trail_2012_05_21.jpg", true},
		{"a*.jpg", "/abra/cadabra/magic.jpg", true},
		{"a*.jpg", "/b/apple.jpg", false},
		{"a??.jpg", "/ant.jpg", true},
		{"a??.jpg", "/abe.jpg", true},
		{"a??.jpg", "/able.jpg", false},
		{"*.doc*", "/a.doc", true},
		{"*.doc*", "/a.docx", true},
		{"*.doc?", "/a.doc", false},
		{"*.doc?", "/a.docm", true},
		{"*.jpg", "/LOGO.JPG", false},
		{"*", "/", true},
		{"/", "/", true},
		{"/v1", "/v1/", false},
		{"a?*b", "/axb", true},
		{"a?*b", "/ab", false},
	} {
		require.Equal(t, r.want, cloudfront.Match("/"+strings.TrimPrefix(r.pattern, "/"), r.path), "%q and %q", r.pattern, r.path)
	}
}
