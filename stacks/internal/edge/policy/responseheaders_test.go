package policy

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestOriginMatches has the guide's examples (CloudFront Developer Guide, Understand response headers policies,
// Access-Control-Allow-Origin).
func TestOriginMatches(t *testing.T) {
	for _, r := range []struct {
		pattern, origin string
		want            bool
	}{
		{"http://*.example.org", "http://www.example.org", true},
		{"http://*.example.org", "http://test.example.org", true},
		{"http://*.example.org", "https://test.example.org", false},
		{"http://*.example.org", "https://test.example.org:123", false},
		{"http://*.example.org", "http://test.example.org:123", false},
		{"*.example.org", "test.example.org", true},
		{"*.example.org", "test.test.example.org", true},
		{"*.example.org", ".example.org", true},
		{"*.example.org", "http://test.example.org", true},
		{"*.example.org", "https://test.example.org", true},
		{"*.example.org", "http://test.example.org:123", false},
		{"*.example.org", "https://test.example.org:123", false},
		{"*.example.org", "https://example.org", false},
		{"example.org", "http://example.org", true},
		{"example.org", "https://example.org", true},
		{"http://example.org", "http://example.org", true},
		{"http://example.org", "https://example.org", false},
		{"http://example.org", "http://example.org:123", false},
		{"http://example.org:*", "http://example.org:123", true},
		{"http://example.org:*", "http://example.org", true},
		{"http://example.org:1*3", "http://example.org:123", true},
		{"http://example.org:1*3", "http://example.org:1893", true},
		{"http://example.org:1*3", "http://example.org:13", true},
		{"http://example.org:1*3", "http://example.org:124", false},
		{"*.example.org:1*", "test.example.org:123", true},
		{"http://localhost:*", "http://localhost:5173", true},
	} {
		require.Equal(t, r.want, originMatches(r.pattern, r.origin), "%s and %s", r.pattern, r.origin)
	}
}

// TestManagedCORS has the guide's words (Use managed response headers policies).
func TestManagedCORS(t *testing.T) {
	for _, r := range []struct {
		id, method string
		want       map[string]string
	}{
		{"60669652-455b-4ae9-85a4-c4c02393f86c", "GET", map[string]string{"Access-Control-Allow-Origin": "*"}},
		{"5cc3b908-e619-4b99-88e5-2cf7f45965bd", "OPTIONS", map[string]string{
			"Access-Control-Allow-Methods": "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT", "Access-Control-Allow-Origin": "*",
			"Access-Control-Expose-Headers": "*",
		}},
		{"e61eb60c-9c35-4d20-a928-2b84e02af89c", "GET", map[string]string{
			"Access-Control-Allow-Origin": "*", "Referrer-Policy": "strict-origin-when-cross-origin",
			"Strict-Transport-Security": "max-age=31536000", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "SAMEORIGIN",
			"X-XSS-Protection": "1; mode=block",
		}},
	} {
		policy, got := managedResponseHeaders[r.id], map[string]string{}
		asked := map[string]string{"Origin": "https://a", "Access-Control-Request-Method": "GET"}
		for _, h := range append(policy.CORS.Adds(r.method, asked), policy.Adds...) {
			got[h.Name] = h.Value
		}
		require.Equal(t, r.want, got, r.id)
	}
}
