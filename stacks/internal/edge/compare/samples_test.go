package compare

import (
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge"
)

func routes(patterns ...string) *edge.Distribution {
	var d edge.Distribution
	for _, p := range append(patterns, "*") {
		d.Behaviors = append(d.Behaviors, edge.Behavior{Path: p, Origin: &edge.Origin{}})
	}
	return &d
}

func TestSamples(t *testing.T) {
	for _, r := range []struct {
		patterns []string
		want     []sample
	}{
		{nil, []sample{{"/", "/"}, {"*", "/x"}}},
		{[]string{"/v1/models*"}, []sample{{"/", "/"}, {"/v1/models*", "/v1/modelsx"}, {"*", "/x"}}},
		{[]string{"/v1/export", "/x*", "/z", "/*.json"}, []sample{
			{"/", "/"}, {"/v1/export", "/v1/export"}, {"/x*", "/xq"}, {"/z", "/z"}, {"/*.json", "/q.json"}, {"*", "/q"},
		}},
		{[]string{"/v1/?*", "/v1/*"}, []sample{{"/", "/"}, {"/v1/?*", "/v1/xx"}, {"/v1/*", "/v1/"}, {"*", "/x"}}},
		{[]string{"/a", "/a?", "/a??", "/a???", "/a*"}, []sample{
			{"/", "/"}, {"/a", "/a"}, {"/a?", "/ax"}, {"/a??", "/axx"}, {"/a???", "/axxx"}, {"/a*", "/axxxxxx"}, {"*", "/x"},
		}},
		{[]string{"/a*", "/ab*"}, []sample{{"/", "/"}, {"/a*", "/ax"}, {"*", "/x"}}}, // the second is never reached
	} {
		require.Equal(t, r.want, samples(routes(r.patterns...), routes(r.patterns...)), "%v", r.patterns)
	}
}

// TestSamplesTellPatternsApart tries all paths of few letters: where one of them is decided by a pattern, that pattern has a sample.
func TestSamplesTellPatternsApart(t *testing.T) {
	patterns, paths := strung("ab*?", 3), strung("abc", 5)
	for i, first := range patterns {
		for _, second := range patterns[:i] {
			for _, third := range []string{"a*b*", "*?*", "?*a"} {
				d := routes(first, second, third)
				has := map[string]bool{}
				for _, s := range samples(d, d) {
					has[s.pattern] = true
					require.True(t, s.pattern == "/" || d.Route(s.path).Path == s.pattern, "%v: %v", d, s)
				}
				for _, path := range paths {
					decided := d.Route("/" + path).Path
					require.True(t, has[decided], "%q, %q and %q: no sample of %q, which decides %q", first, second, third, decided, path)
				}
			}
		}
	}
}

// strung returns all strings of up to n characters of an alphabet.
func strung(alphabet string, n int) []string {
	list := []string{""}
	for from := 0; n > 0; n-- {
		to := len(list)
		for _, s := range list[from:to] {
			for _, c := range alphabet {
				list = append(list, s+string(c))
			}
		}
		from = to
	}
	return list
}
