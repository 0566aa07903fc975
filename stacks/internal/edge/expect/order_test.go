package expect_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/edge"
)

// TestOrderOfRoutes makes environments of random routes. The model tries them in the order of the configuration, and
// never chooses one of which the configuration says that it is never reached.
func TestOrderOfRoutes(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	word := func(alphabet string) string {
		var text strings.Builder
		for range 1 + random.IntN(4) {
			text.WriteByte(alphabet[random.IntN(len(alphabet))])
		}
		return text.String()
	}
	hidden := 0
	for range 1000 {
		var routes []map[string]string
		for range 1 + random.IntN(4) {
			routes = append(routes, map[string]string{"path": "/" + word("ab*?")})
		}
		environment, unreached, valid := environmentOf(t, routes)
		if !valid {
			continue // a route stands twice
		}
		behaviors := environment.Behaviors()
		var d edge.Distribution
		for _, b := range append(behaviors[1:], behaviors[0]) {
			path := b.Path
			if path == "" {
				path = "*"
			}
			d.Behaviors = append(d.Behaviors, edge.Behavior{Path: path})
		}
		for i, route := range routes {
			require.Equal(t, route["path"], d.Behaviors[i].Path)
		}
		for range 50 {
			path := "/" + word("abc")
			require.NotContains(t, unreached, d.Route(path).Path, "%v: %s", routes, path)
		}
		hidden += len(unreached)
	}
	require.Greater(t, hidden, 100)
}

// environmentOf is one with some routes, and those of them that are never reached.
func environmentOf(t *testing.T, routes []map[string]string) (_ config.Environment, unreached []string, valid bool) {
	t.Helper()
	text, err := json.Marshal(map[string]any{"context": map[string]any{"accelerator": map[string]any{
		"name": "demo", "state": map[string]string{"bucket": "demo-state", "region": "us-east-1"},
		"environments": map[string]any{"dev": map[string]any{
			"region": "us-east-1", "api": map[string]string{"domainName": "backend.example.com"}, "routes": routes,
		}},
	}}})
	require.NoError(t, err)
	c, warnings, err := config.Parse("cdktf.json", text)
	for i, route := range routes {
		place := fmt.Sprintf("environments.dev.routes[%d].path", i)
		if slices.ContainsFunc(warnings, func(w config.Problem) bool { return w.Rule == "R3" && w.Path == place }) {
			unreached = append(unreached, route["path"])
		}
	}
	return c.Environments["dev"], unreached, err == nil
}
