package names_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/shared/names"
)

func TestStateKey(t *testing.T) {
	require.Equal(t, "ml-api/dev.tfstate", names.StateKey("ml-api", "dev"))
}

func TestFailedInvalidations(t *testing.T) {
	require.Equal(t, "ml-api-dev-failed-invalidations", names.FailedInvalidations("ml-api-dev", names.Models))
	require.Equal(t, "ml-api-dev-failed-invalidations-adapters", names.FailedInvalidations("ml-api-dev", "adapters"))
	long := names.FailedInvalidations(strings.Repeat("n", 42), strings.Repeat("b", 32))
	require.Len(t, long, 80)
	require.NotEqual(t, long, names.FailedInvalidations(strings.Repeat("n", 42), strings.Repeat("b", 31)))
}

func TestBucketPrefix(t *testing.T) {
	for _, c := range []struct{ stack, part, want string }{
		{"ml-api-dev", "models", "ml-api-dev-models-"},
		{strings.Repeat("n", 29), "models", strings.Repeat("n", 29) + "-models-"},
		{strings.Repeat("n", 30), "models", strings.Repeat("n", 29) + "-models-"},
		{strings.Repeat("n", 42), "replica", strings.Repeat("n", 28) + "-replica-"},
		{"ml-api-dev", strings.Repeat("b", 32), "ml-api-dev-" + strings.Repeat("b", 24) + "-"},
		{strings.Repeat("n", 42), strings.Repeat("b", 32), strings.Repeat("n", 11) + "-" + strings.Repeat("b", 24) + "-"},
		{strings.Repeat("n", 27) + "--dev", "models", strings.Repeat("n", 27) + "-models-"},
	} {
		got := names.BucketPrefix(c.stack, c.part)
		require.Equal(t, c.want, got)
		require.LessOrEqual(t, len(got), 37)
	}
}

func TestOrigins(t *testing.T) {
	require.Equal(t, "api", names.Origin(names.API, 0))
	slow := names.Origin("embeddings", 120)
	require.Equal(t, "embeddings-120s", slow)
	require.Equal(t, "embeddings-120s-failover", names.FailoverOrigin(slow))
	for id, want := range map[string]string{
		slow: "embeddings", names.FailoverOrigin(slow): "embeddings-failover", "gpt-4s": "gpt", "gpt-4sx": "gpt-4sx", "gpt-4s-mini": "gpt-4s-mini", "api-120s-canary": "api-canary", "api": "api",
		names.FailoverGroup(names.Origin("api", 1)): "api-with-failover",
	} {
		require.Equal(t, want, names.WithoutTimeout(id), id)
	}
}

func TestBehavior(t *testing.T) {
	for pattern, want := range map[string]string{
		"":                                  "default",
		"/v1/embeddings*":                   "route-v1_embeddings-all",
		"v1/embeddings*":                    "route-v1_embeddings-all",
		"/v1/catalog/?":                     "route-v1_catalog_-one",
		"*.json":                            "route--all_json",
		"/default":                          "route-default",
		"/A-Z_09":                           "route-A-Z_09",
		"/$~\"'@:+&":                        "route-________",
		"/inference.GRPCInferenceService/*": "route-inference_GRPCInferenceService_-all",
	} {
		require.Equal(t, want, names.Behavior(pattern), pattern)
		require.Equal(t, "ml-api-dev-"+want, names.CachePolicy("ml-api-dev", pattern), pattern)
	}
}

func TestDomain(t *testing.T) {
	for domain, want := range map[string]string{
		"api.example.com": "api_example_com",
		"*.example.com":   "_any_example_com",
		"any.example.com": "any_example_com",
	} {
		require.Equal(t, want, names.Domain(domain))
	}
}

func TestFingerprint(t *testing.T) {
	require.Equal(t, "ba7816bf", names.Fingerprint("abc"))
	require.Len(t, names.Fingerprint(), 8)
	require.NotEqual(t, names.Fingerprint("a", "b"), names.Fingerprint("ab"))
	require.NotEqual(t, names.Fingerprint("a", "b"), names.Fingerprint("b", "a"))
}

func TestReplica(t *testing.T) {
	require.Equal(t, "replica-us-west-2", names.Replica("us-west-2"))
}

func TestEmail(t *testing.T) {
	require.Equal(t, "email-ops_example_com-af3c8254", names.Email("ops@example.com"))
	require.Regexp(t, `^email-o_b_example_com-[0-9a-f]{8}$`, names.Email("o+b@example.com"))
	require.NotEqual(t, names.Email("o+b@example.com"), names.Email("o.b@example.com"))
}

func TestRateLimit(t *testing.T) {
	require.Equal(t, "rate-limit-v1_embeddings-all-"+names.Fingerprint("v1/embeddings*"), names.RateLimit("v1/embeddings*"))
	require.NotEqual(t, names.RateLimit("a.b"), names.RateLimit("a_b"), "they read the same")
	long := names.RateLimit(strings.Repeat("*", 255)) + "-without-header"
	require.LessOrEqual(t, len(long), 128)
}

func TestFunctionControl(t *testing.T) {
	require.Equal(t, "ml-api-prod-api", names.FunctionControl("ml-api-prod", "api"))
	stack, backend := strings.Repeat("s", 42), strings.Repeat("b", 32)
	require.LessOrEqual(t, len(names.FunctionControl(stack, backend)), 64)
	require.NotEqual(t, names.FunctionControl(stack, backend), names.FunctionControl(stack, backend[1:]))
}
