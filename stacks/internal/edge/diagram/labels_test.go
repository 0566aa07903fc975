package diagram

import (
	"testing"

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
