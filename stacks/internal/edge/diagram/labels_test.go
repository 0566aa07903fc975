package diagram

import (
	"net/netip"
	"testing"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/shared/cloudfront"

	"github.com/stretchr/testify/require"
)

func TestLabel(t *testing.T) {
	for want, lines := range map[string][]string{
		`"/v1/models*"`:                        {"/v1/models*"},
		`"/a#42;/b#42;"`:                       {"/a*/b*"},
		`"#95;a#95;<br/>x"`:                    {"_a_", "x"},
		`"#quot;#lt;b#gt;#amp;#35;#96;~'$+@:"`: {"\"<b>&#`~'$+@:"},
	} {
		require.Equal(t, want, label(lines...))
	}
}

// TestLabelOfAllowed has the addresses that alone get in beside what else a route needs.
func TestLabelOfAllowed(t *testing.T) {
	office := []netip.Prefix{netip.MustParsePrefix("8.8.8.0/24")}
	b := edge.Behavior{Path: "/admin/*", AllowedMethods: cloudfront.Methods, Function: &edge.Function{Name: "f"}, Origin: &edge.Origin{}}
	require.Equal(t, []string{"/admin/*", "only from 8.8.8.0/24 · runs f"}, route(b, office))
	require.Equal(t, []string{"/admin/*", "runs f"}, route(b, nil))
}
