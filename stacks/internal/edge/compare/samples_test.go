package compare

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge"
)

func behaviors(patterns ...string) *edge.Distribution {
	var d edge.Distribution
	for _, p := range append(patterns, "*") {
		d.Behaviors = append(d.Behaviors, edge.Behavior{Path: p, Origin: &edge.Origin{}})
	}
	return &d
}

func TestSamples(t *testing.T) {
	for _, r := range []struct {
		before, after []string
		want          []sample
	}{
		{nil, nil, []sample{{"/", "/"}, {"*", "/x"}}},
		{[]string{"/v1/models*"}, []string{"/v1/models*"}, []sample{{"/", "/"}, {"/v1/models*", "/v1/modelsx"}, {"*", "/x"}}},
		{
			[]string{"/v1/export", "/x*", "/z", "/*.json"}, []string{"/v1/export", "/x*", "/z", "/*.json"},
			[]sample{{"/", "/"}, {"/v1/export", "/v1/export"}, {"/x*", "/xq"}, {"/z", "/z"}, {"/*.json", "/q.json"}, {"*", "/q"}},
		},
		{[]string{"/v1/?*", "/v1/*"}, []string{"/v1/?*", "/v1/*"}, []sample{{"/", "/"}, {"/v1/?*", "/v1/xx"}, {"/v1/*", "/v1/"}, {"*", "/x"}}},
		{
			[]string{"/a", "/a?", "/a??", "/a???", "/a*"}, []string{"/a", "/a?", "/a??", "/a???", "/a*"},
			[]sample{{"/", "/"}, {"/a", "/a"}, {"/a?", "/ax"}, {"/a??", "/axx"}, {"/a???", "/axxx"}, {"/a*", "/axxxxxx"}, {"*", "/x"}},
		},
		{[]string{"/a*", "/ab*"}, []string{"/a*", "/ab*"}, []sample{{"/", "/"}, {"/a*", "/ax"}, {"*", "/x"}}}, // the second is never reached

		{nil, []string{"/private/*"}, []sample{{"/", "/"}, {"*", "/x"}, {"/private/*", "/private/x"}}},
		// Of those below /v1/models some have another route, and some don't.
		{[]string{"/v1/models*"}, []string{"/v1/models/*"}, []sample{{"/", "/"}, {"/v1/modelsx", "/v1/modelsx"}, {"*", "/x"}, {"/v1/models/*", "/v1/models/x"}}},
		{[]string{"/v1/*"}, []string{"/v1/?*"}, []sample{{"/", "/"}, {"/v1/?*", "/v1/x"}, {"*", "/x"}, {"/v1/", "/v1/"}}},
		{
			[]string{"*.gguf", "/models/*"}, []string{"/models/*", "*.gguf"},
			[]sample{{"/", "/"}, {"*.gguf", "/x.gguf"}, {"/models/*", "/models/x"}, {"*", "/x"}, {"/models/.gguf", "/models/.gguf"}},
		},
		{[]string{"/v1/", "/v1/a"}, []string{"/v1/a", "/v1/"}, []sample{{"/", "/"}, {"/v1/", "/v1/"}, {"/v1/a", "/v1/a"}, {"*", "/x"}}},
	} {
		require.Equal(t, r.want, samples(behaviors(r.before...), behaviors(r.after...)), "%v and %v", r.before, r.after)
	}
}

// TestSamplesTellPatternsApart tries all paths of few letters: where one of them is decided by two patterns before and
// after, there is a sample that is too.
func TestSamplesTellPatternsApart(t *testing.T) {
	patterns, paths := strung("ab*?", 3), strung("abc", 5)
	random := rand.New(rand.NewPCG(1, 2))
	some := func() (list []string) {
		for range 1 + random.IntN(3) {
			list = append(list, "/"+patterns[random.IntN(len(patterns))])
		}
		return list
	}
	for i := range 4000 {
		before, after := behaviors(some()...), behaviors(some()...)
		if i%4 == 0 {
			after = before
		}
		has, names := map[routes]bool{}, map[string]bool{}
		for _, s := range samples(before, after) {
			has[routes{before.Route(s.path).Path, after.Route(s.path).Path}] = true
			require.False(t, names[s.name] && s.name != "/", "%s stands for two", s.name)
			names[s.name] = true
		}
		for _, path := range paths {
			if r := (routes{before.Route("/" + path).Path, after.Route("/" + path).Path}); !has[r] {
				require.Fail(t, "no sample", "%q has the routes %v of %v and %v", path, r, patternsOf(before), patternsOf(after))
			}
		}
	}
}

// TestManyPatterns compares as many routes as a distribution can have in no time.
func TestManyPatterns(t *testing.T) {
	var before, after []string
	for i := range 74 {
		before, after = append(before, fmt.Sprintf("/v%d/things/*", i)), append(after, fmt.Sprintf("/v%d/things*", i))
	}
	require.Len(t, samples(behaviors(before...), behaviors(after...)), 1+74+74+1)
	for i := range before {
		before[i], after[i] = "*a*"+before[i], "*b*"+after[i]
	}
	require.GreaterOrEqual(t, len(samples(behaviors(before...), behaviors(after...))), 1+74+74+1, "the walk is cut short")
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
