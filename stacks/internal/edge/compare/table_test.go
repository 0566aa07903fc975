package compare

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/edgetest"
	"ml-api-accelerator/stacks/internal/shared/viewerrequest"
)

func TestTables(t *testing.T) {
	requests := func(path string, methods ...string) []Requests {
		return []Requests{{Methods: methods, Paths: []string{path}, With: []string{}, Without: []string{}, Ways: 1, OfWays: 1}}
	}
	long := strings.Repeat("twelve chars ", 10)
	list := []Difference{
		{"dev", nil, []string{"no such environment"}, []string{"served"}},
		{"prod", requests("/a|b*", "GET", "POST"), []string{"origin: https://`a`", "gRPC: on"}, []string{"origin: https://b", "no gRPC"}},
		{"prod", requests("*", "OPTIONS"), []string{"HTTP: https-only"}, []string{long}},
	}
	text := Text(list)
	require.Equal(t, `dev
  every request
    - no such environment
    + served
prod
  GET, POST /a|b*
    - origin: https://`+"`a`"+`
    + origin: https://b
    - gRPC: on
    + no gRPC
  OPTIONS *
    - HTTP: https-only
    + `+strings.TrimSpace(strings.Repeat("twelve chars ", 7))+`
        twelve chars twelve chars twelve chars
`, text)
	for line := range strings.Lines(text) {
		require.LessOrEqual(t, utf8.RuneCountInString(line), 101, line)
	}
	require.Equal(t, "**dev**\n\n| request | before | after |\n|---|---|---|\n"+
		"| `every request` | `no such environment` | `served` |\n"+
		"\n**prod**\n\n| request | before | after |\n|---|---|---|\n"+
		"| `GET, POST /a\\|b*` | `origin: https://'a'`<br>`gRPC: on` | `origin: https://b`<br>`no gRPC` |\n"+
		"| `OPTIONS *` | `HTTP: https-only` | `"+long+"` |\n", Markdown(list))
	require.Equal(t, "No request is treated differently.\n", Text(nil))
	require.Equal(t, "No request is treated differently.\n", Markdown(nil))
}

// TestJSON has what scripts read of the requests of a difference.
func TestJSON(t *testing.T) {
	keys := edgetest.Callers(t, func(o *viewerrequest.Options) { o.Canary = nil })
	list := Compare(map[string]*edge.Distribution{"prod": edgetest.WithoutCallers(t)}, map[string]*edge.Distribution{"prod": keys},
		map[string][]edge.Request{"prod": {{URL: "/v1/chat"}}})
	text, err := json.Marshal(list[1])
	require.NoError(t, err)
	require.JSONEq(t, `{
		"environment": "prod",
		"requests": [
			{"methods": ["GET", "POST"], "paths": ["/", "/inference.GRPCInferenceService/*", "*"],
				"with": ["authorization"], "without": ["apiKey"], "ways": 4, "ofWays": 4},
			{"methods": ["OPTIONS"], "paths": ["/", "/inference.GRPCInferenceService/*", "*"],
				"with": ["authorization"], "without": ["origin", "apiKey"], "ways": 2, "ofWays": 2}
		],
		"before": ["goes to https://inference.example.com, not cached: no cache on this route"],
		"after": ["is answered with 401 Unauthorized: This API key is unknown"]
	}`, string(text))
	text, err = json.Marshal(Compare(nil, map[string]*edge.Distribution{"prod": keys}, nil))
	require.NoError(t, err)
	require.JSONEq(t, `[{"environment": "prod", "requests": null, "before": ["no such environment"], "after": ["served"]}]`, string(text))
}
