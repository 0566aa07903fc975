package edge_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/edgetest"
	"ml-api-accelerator/stacks/internal/edge/policy"
	"ml-api-accelerator/stacks/internal/edge/text"
	"ml-api-accelerator/stacks/internal/shared/viewerrequest"
)

// TestSharing says who else can get a cached answer.
func TestSharing(t *testing.T) {
	listed := func(names ...string) policy.Selection { return policy.Selection{Behavior: "whitelist", Names: names} }
	everything := policy.Selection{Behavior: "all"}
	authorization := map[string]string{"authorization": "Bearer a"}
	keyed := func(key policy.Selection, cookies ...policy.Selection) func(*edge.Behavior) {
		return func(b *edge.Behavior) {
			if b.CachePolicy.Headers = key; len(cookies) > 0 {
				b.CachePolicy.Cookies = cookies[0]
			}
		}
	}
	beside := func(b *edge.Behavior) {
		keyed(listed("Authorization"))(b)
		b.OriginRequestPolicy.Headers = listed("X-Api-Key")
	}
	plain := func(t *testing.T) *edge.Distribution { return edgetest.Distribution(t) }
	callers := func(change ...func(*viewerrequest.Options)) func(*testing.T) *edge.Distribution {
		return func(t *testing.T) *edge.Distribution { return edgetest.Callers(t, change...) }
	}
	forwards := callers(func(o *viewerrequest.Options) { o.ForwardKey, o.Canary = true, nil })
	takes := callers(func(o *viewerrequest.Options) { o.Canary = nil })
	for _, r := range []struct {
		name    string
		of      func(*testing.T) *edge.Distribution
		change  func(*edge.Behavior) // of the route; nil: none
		request edge.Request
		others  bool
		want    string
	}{
		{"not cached", plain, nil, edge.Request{Method: "POST", URL: "/v1/embeddings", Headers: authorization}, false, "nobody"},
		{"answered by CloudFront", plain, nil, edge.Request{URL: "http://api.example.com/v1/models"}, false, "nobody"},
		{"no key", callers(), nil, edge.Request{URL: "/v1/models"}, false, "nobody"},
		{"a WebSocket", plain, nil, edge.Request{URL: "/v1/models", Headers: map[string]string{"Upgrade": "websocket", "Connection": "upgrade"}}, false, "nobody"},
		{"Authorization", plain, nil, edge.Request{URL: "/v1/models", Headers: authorization}, false, "callers who send the same Authorization"},
		{"no Authorization", plain, nil, edge.Request{URL: "/v1/models"}, false, "callers who send no Authorization"},
		{"nothing in the key", plain, nil, edge.Request{URL: "/models/a", Headers: authorization}, true, "everyone"},
		{"a header that is no credential", plain, keyed(listed("Origin", "X-Tenant")),
			edge.Request{URL: "/v1/models", Headers: map[string]string{"x-tenant": "a"}}, true, "all who send the same X-Tenant and no Origin"},
		{"an API key", plain, keyed(listed("Openai-Api-Key")), edge.Request{URL: "/v1/models", Headers: map[string]string{"openai-api-key": "a"}}, false,
			"callers who send the same Openai-Api-Key"},
		{"an API key beside the key", plain, beside, edge.Request{URL: "/v1/models", Headers: map[string]string{"x-api-key": "a", "Authorization": "b"}}, true,
			"all who send the same Authorization"},
		{"that isn't sent", plain, beside, edge.Request{URL: "/v1/models", Headers: authorization}, false, "callers who send the same Authorization"},
		{"all cookies", plain, keyed(policy.Selection{}, everything), edge.Request{URL: "/v1/models", Headers: map[string]string{"Cookie": "a=1"}}, false,
			"callers who send the same Cookie"},
		{"some cookies", plain, keyed(policy.Selection{}, listed("theme")), edge.Request{URL: "/v1/models", Headers: map[string]string{"Cookie": "a=1"}}, true,
			"all who send no Cookie"},
		{"signed", plain, keyed(policy.Selection{}, policy.Selection{}), edge.Request{URL: "/models/signed/a", Trusted: true}, true, "all whose signature is valid"},
		{"a country", plain, keyed(listed("CloudFront-Viewer-Country")), edge.Request{URL: "/v1/models"}, true, "all who have the same CloudFront-Viewer-Country"},
		{"x-caller that nobody sets", plain, keyed(listed("X-Caller")), edge.Request{URL: "/v1/models", Headers: map[string]string{"x-caller": "a"}}, true,
			"all who send the same X-Caller"},

		{"a known caller", callers(), nil, edge.Request{URL: "/v1/models", Caller: "alice"}, false, "callers who have the same X-Caller and no X-Canary"},
		{"the canary", callers(), nil, edge.Request{URL: "/v1/models", Caller: "alice", Canary: true}, false, "callers who have the same X-Caller, X-Canary"},
		{"all who are let in", callers(), nil, edge.Request{URL: "/shared/a", Caller: "alice"}, true, "all whose API key is known who send no X-Canary"},
		{"nothing in the key of the known", callers(), keyed(policy.Selection{}), edge.Request{URL: "/v1/models", Caller: "alice"}, true, "all whose API key is known"},
		{"a key that is taken away", takes, keyed(listed("Authorization")), edge.Request{URL: "/v1/models", Caller: "alice"}, true,
			"all whose API key is known who send no Authorization"},
		{"a key that is forwarded", forwards, keyed(listed("Authorization")), edge.Request{URL: "/v1/models", Caller: "alice", Headers: map[string]string{
			"Authorization": "Bearer a"}}, false, "callers who send the same Authorization"},
	} {
		t.Run(r.name, func(t *testing.T) {
			d := r.of(t)
			if r.change != nil {
				r.change(d.Route(d.Decide(r.request).Cache.Key.Path))
			}
			got := d.Decide(r.request)
			require.Equal(t, r.others, got.Shared.Others)
			require.Equal(t, r.want, text.Whom(got))
			if len(got.Shared.Same) == 0 || r.others {
				return
			}
			// Nobody with another credential has the same key.
			another := r.request
			another.Headers = map[string]string{}
			for name := range r.request.Headers {
				another.Headers[name] = "Bearer another=1"
			}
			if another.Caller != "" {
				another.Caller = "another"
			}
			if len(another.Headers) > 0 || another.Caller != "" {
				require.NotEqual(t, got.Cache.Key, d.Decide(another).Cache.Key)
			}
		})
	}
}
