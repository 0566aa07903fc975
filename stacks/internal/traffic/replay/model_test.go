package replay

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/edgetest"
	"ml-api-accelerator/stacks/internal/edge/policy"
)

// TestAsTheModel holds what is decided here, in less time, to what the model decides: what becomes of each request, and
// which of them have one key.
func TestAsTheModel(t *testing.T) {
	d := edgetest.Distribution(t)
	d.AnyHost = true
	random := rand.New(rand.NewPCG(1, 2))
	pick := func(list ...string) string { return list[random.IntN(len(list))] }
	// A key with the headers that a log has.
	d.Behaviors[1].CachePolicy.Headers = policy.Selection{Behavior: "whitelist", Names: []string{"Host", "User-Agent", "Referer"}}
	r := New(d)
	type decided struct {
		keys  [bounds]keys
		model edge.Key
	}
	var cachedOnes []decided
	for range 3000 {
		l := get(0, pick("/", "/v1/models", "/v1//models", "/v1/models/../models", "/v1/%6dodels", "/v1/embeddings", "/block/a", "/preflight/a", "/models/signed/a",
			"/models/a", "/private/a", "/open/a"),
			method(pick("GET", "HEAD", "POST", "OPTIONS")), protocol(pick("https", "http", "https")),
			query(pick("", "a=1", "b=1", "part=1", "a=1&b=2&part=3", "&", "Expires=1&Signature=s&Key-Pair-Id=k&part=1")), cookie(pick("", "", "a=1", "b=1; a=1", "a=1;b=1", "$x=1", "CloudFront-Signature=s")),
		)
		l.Host, l.UserAgent, l.Referer = pick("a.example.com", "b.example.com"), pick("curl", ""), pick("", "https://example.com/")
		scheme := l.Protocol
		got := d.Decide(edge.Request{Method: l.Method, URL: scheme + "://" + l.Host + l.Path + "?" + l.Query, Trusted: true, Caller: "alice", Headers: map[string]string{
			"User-Agent": l.UserAgent, "Referer": l.Referer, "Cookie": l.Cookie,
		}})
		path := l.Path
		if path == "/" {
			path = "/index.html"
		}
		route := r.routes[d.Route(path)]
		require.Same(t, got.Behavior, route.b, path)
		if route.refuses(&l) {
			continue // what the model is told is a good signature
		}
		want := passed
		switch {
		case got.Answer != nil:
			want = refused
		case got.Cache.Lookup:
			want = cached
		}
		require.Equal(t, want, route.decide(&l, path), "%+v", l)
		if want == cached {
			cachedOnes = append(cachedOnes, decided{r.keys.of(route, &l, path), got.Cache.Key})
		}
	}
	require.Greater(t, len(cachedOnes), 500)
	equal, differ := 0, 0
	for i, a := range cachedOnes {
		for _, b := range cachedOnes[i+1 : min(i+200, len(cachedOnes))] {
			same := cmp.Equal(a.model, b.model)
			if same {
				equal++
			} else {
				differ++
			}
			if (a.keys[high].whole == b.keys[high].whole) != same {
				t.Fatalf("%+v\n%+v", a.model, b.model)
			}
		}
	}
	require.Greater(t, equal, 1000)
	require.Greater(t, differ, 1000)
}
