package compare

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/edgetest"
	"ml-api-accelerator/stacks/internal/shared/viewerrequest"
)

// TestCompareCallers has what people read who switch on keys and a canary.
func TestCompareCallers(t *testing.T) {
	noCanary := func(o *viewerrequest.Options) { o.Canary = nil }
	credential := func(o *viewerrequest.Options) {
		o.Credential = &viewerrequest.Credential{Entry: "credential-api", Header: "x-key"}
	}
	noKeys := func(o *viewerrequest.Options) { o.KeyHeaders = nil }
	for _, r := range []struct {
		name          string
		before, after *edge.Distribution
		want          []line
	}{
		{name: "a credential in another header than the keys", before: edgetest.Callers(t, noCanary), after: edgetest.Callers(t, noCanary, credential), want: []line{
			{"prod", "GET, POST /, /inference.GRPCInferenceService/*, * with a known key; OPTIONS /, /inference.GRPCInferenceService/*, * without Origin, with a known key", "no X-Key to the origin", "X-Key to the origin: (credential from the key value store)"},
			{"prod", "OPTIONS /, /inference.GRPCInferenceService/*, * with Origin", "goes to https://inference.example.com, not cached: no cache on this route", "is answered with 204 No Content: the function ml-api-api answers the preflight, which the backend doesn't get"},
			{"prod", "OPTIONS /v1/models* with Origin", "goes to https://inference.example.com, not cached: OPTIONS is none of the cached methods", "is answered with 204 No Content: the function ml-api-api-failover answers the preflight, which the backend doesn't get"},
			{"prod", "OPTIONS /shared/* with Origin", "goes to https://inference.example.com, not cached: OPTIONS is none of the cached methods", "is answered with 204 No Content: the function ml-api-api answers the preflight, which the backend doesn't get"},
		}},
		{name: "keys", before: edgetest.WithoutCallers(t), after: edgetest.Callers(t, noCanary), want: []line{
			{"prod", "GET, POST /, /inference.GRPCInferenceService/*, * without Authorization; OPTIONS /, /inference.GRPCInferenceService/*, * without Authorization, without Origin", "goes to https://inference.example.com, not cached: no cache on this route", "is answered with 401 Unauthorized: Send an API key in the header Authorization: Bearer KEY"},
			{"prod", "GET, POST /, /inference.GRPCInferenceService/*, * with Authorization, without a known key; OPTIONS /, /inference.GRPCInferenceService/*, * with Authorization, without Origin, without a known key", "goes to https://inference.example.com, not cached: no cache on this route", "is answered with 401 Unauthorized: This API key is unknown"},
			{"prod", "GET, POST /, /inference.GRPCInferenceService/*, * with a known key; OPTIONS /, /inference.GRPCInferenceService/*, * with Authorization, in 6 of 8 ways", "Authorization to the origin: as sent", "no Authorization to the origin"},
			{"prod", "GET, POST /, /inference.GRPCInferenceService/*, * with a known key; OPTIONS /, /v1/models*, /inference.GRPCInferenceService/*, * without Origin, with a known key; GET /v1/models* with a known key", "no X-Caller to the origin", "X-Caller to the origin: the caller's name"},
			{"prod", "GET /v1/models*, /shared/* without Authorization", "goes to https://inference.example.com, cached for 60 s, or from 0 to 300 s as the origin says", "is answered with 401 Unauthorized: Send an API key in the header Authorization: Bearer KEY"},
			{"prod", "GET /v1/models*, /shared/* with Authorization, without a known key", "goes to https://inference.example.com, cached for 60 s, or from 0 to 300 s as the origin says", "is answered with 401 Unauthorized: This API key is unknown"},
			{"prod", "GET /v1/models* with a known key; OPTIONS /v1/models* in 8 of 12 ways", "X-Caller in the key: as sent", "X-Caller in the key: as the edge sets it"},
			{"prod", "GET /v1/models*, /shared/* with a known key; OPTIONS /v1/models*, /shared/* in 8 of 12 ways", "X-Canary in the key: as sent", "X-Canary in the key: as the edge sets it"},
			{"prod", "OPTIONS /v1/models*, /shared/* without Authorization, without Origin", "goes to https://inference.example.com, not cached: OPTIONS is none of the cached methods", "is answered with 401 Unauthorized: Send an API key in the header Authorization: Bearer KEY"},
			{"prod", "OPTIONS /v1/models*, /shared/* with Authorization, without Origin, without a known key", "goes to https://inference.example.com, not cached: OPTIONS is none of the cached methods", "is answered with 401 Unauthorized: This API key is unknown"},
		}},
		{name: "a canary", before: edgetest.Callers(t, noCanary), after: edgetest.Callers(t), want: []line{
			{"prod", "every request", "no canary", "canary: canary.example.com for 5 % of the callers"},
			{"prod", "GET, POST /, /inference.GRPCInferenceService/*, * in the canary; OPTIONS /, /v1/models*, /shared/*, /inference.GRPCInferenceService/*, * without Origin, in the canary; GET /v1/models*, /shared/* in the canary", "no X-Canary to the origin; host to the origin: inference.example.com; origin: https://inference.example.com", "X-Canary to the origin: 1; host to the origin: canary.example.com; origin: https://canary.example.com"},
		}},
		{name: "a canary without keys", before: edgetest.WithoutCallers(t), after: edgetest.Callers(t, noKeys), want: []line{
			{"prod", "every request", "no canary", "canary: canary.example.com for 5 % of the callers"},
			{"prod", "GET, POST /, /inference.GRPCInferenceService/*, * in the canary; OPTIONS /, /v1/models*, /shared/*, /inference.GRPCInferenceService/*, * without Origin, in the canary; GET /v1/models*, /shared/* in the canary", "no X-Canary to the origin; host to the origin: inference.example.com; origin: https://inference.example.com", "X-Canary to the origin: 1; host to the origin: canary.example.com; origin: https://canary.example.com"},
			{"prod", "GET, OPTIONS /v1/models*", "X-Caller in the key: as sent", "X-Caller in the key: as the edge sets it"},
			{"prod", "GET, OPTIONS /v1/models*, /shared/*", "X-Canary in the key: as sent", "X-Canary in the key: as the edge sets it"},
		}},
		{name: "keys passed on", before: edgetest.Callers(t), after: edgetest.Callers(t, func(o *viewerrequest.Options) { o.ForwardKey = true }), want: []line{
			{"prod", "GET, POST /, /inference.GRPCInferenceService/*, * with a known key; OPTIONS /, /inference.GRPCInferenceService/*, * with Authorization, in 10 of 12 ways", "no Authorization to the origin", "Authorization to the origin: as sent"},
		}},
		{name: "another header", before: edgetest.Callers(t, noCanary), after: edgetest.Callers(t, noCanary, func(o *viewerrequest.Options) { o.KeyHeaders = []string{"x-api-key"} }), want: []line{
			{"prod", "GET, POST /, /inference.GRPCInferenceService/*, * without Authorization; OPTIONS /, /v1/models*, /shared/*, /inference.GRPCInferenceService/*, * without Authorization, without Origin; GET /v1/models*, /shared/* without Authorization", "is answered with 401 Unauthorized: Send an API key in the header Authorization: Bearer KEY", "is answered with 401 Unauthorized: Send an API key in the header x-api-key"},
			{"prod", "GET, POST /, /inference.GRPCInferenceService/*, * with Authorization, without a known key; OPTIONS /, /v1/models*, /shared/*, /inference.GRPCInferenceService/*, * with Authorization, without Origin, without a known key; GET /v1/models*, /shared/* with Authorization, without a known key", "is answered with 401 Unauthorized: This API key is unknown", "is answered with 401 Unauthorized: Send an API key in the header x-api-key"},
			{"prod", "GET, POST /, /inference.GRPCInferenceService/*, * with a known key; OPTIONS /, /inference.GRPCInferenceService/*, * with Authorization, in 6 of 8 ways", "no Authorization to the origin", "Authorization to the origin: as sent"},
			{"prod", "GET, POST, OPTIONS /, /inference.GRPCInferenceService/*, * with a known key", "X-Api-Key to the origin: as sent", "no X-Api-Key to the origin"},
		}},
		{name: "more of the callers", before: edgetest.Callers(t), after: edgetest.Callers(t, func(o *viewerrequest.Options) { o.Canary.Percent = 25 }), want: []line{
			{"prod", "every request", "canary: canary.example.com for 5 % of the callers", "canary: canary.example.com for 25 % of the callers"},
		}},
		{name: "code", before: edgetest.CallersRunning(t, "function handler(event) { return event.request; }", "function handler(event) { return event.request; }"),
			after: edgetest.CallersRunning(t, "function handler(event) { return event.request }", "function handler(event) { return event.request; }"), want: []line{
				{"prod", "GET, POST, OPTIONS /, /inference.GRPCInferenceService/*, *; GET, OPTIONS /shared/*", "function: ml-api-api 69cde4ee", "function: ml-api-api d199f794"},
			}},
	} {
		got := inLines(Compare(map[string]*edge.Distribution{"prod": r.before}, map[string]*edge.Distribution{"prod": r.after}, nil))
		if diff := cmp.Diff(r.want, got, cmp.AllowUnexported(line{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", r.name, diff)
		}
	}
}
