package compare

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTables(t *testing.T) {
	list := []Difference{
		{"dev", "every request", []string{"no such environment"}, []string{"served"}},
		{"prod", "GET, POST /a|b*", []string{"origin: https://`a`", "gRPC: on"}, []string{"origin: https://b", "no gRPC"}},
		{"prod", "OPTIONS *", []string{"HTTP: https-only"}, []string{"HTTP: allow-all"}},
	}
	require.Equal(t, `dev
  request        before               after
  every request  no such environment  served
prod
  request          before               after
  GET, POST /a|b*  origin: https://`+"`a`"+`  origin: https://b
                   gRPC: on             no gRPC
  OPTIONS *        HTTP: https-only     HTTP: allow-all
`, Text(list))
	require.Equal(t, "**dev**\n\n| request | before | after |\n|---|---|---|\n"+
		"| `every request` | `no such environment` | `served` |\n"+
		"\n**prod**\n\n| request | before | after |\n|---|---|---|\n"+
		"| `GET, POST /a\\|b*` | `origin: https://'a'`<br>`gRPC: on` | `origin: https://b`<br>`no gRPC` |\n"+
		"| `OPTIONS *` | `HTTP: https-only` | `HTTP: allow-all` |\n", Markdown(list))
	require.Equal(t, "No request is treated differently.\n", Text(nil))
	require.Equal(t, "No request is treated differently.\n", Markdown(nil))
}
