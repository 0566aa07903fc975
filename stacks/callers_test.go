package stacks_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/shared/names"
)

// withCallers calls a test with each environment in which everything is on and that has API keys or a canary, and its
// stack.
func withCallers(t *testing.T, test func(name string, env config.Environment, stack parsed)) {
	t.Helper()
	c := load(t, everything)
	for _, name := range c.EnvironmentNames() {
		if stack := c.StackName(name); c.Environments[name].API.HasStore() {
			test(stack, c.Environments[name], allStacks(t)[stack])
		}
	}
}

// TestFunctionsRunOnTheAPI holds that the function runs for every request to the API, and for none to the models; and
// that the one which fails over does so exactly where the route does.
func TestFunctionsRunOnTheAPI(t *testing.T) {
	seen := map[any]int{}
	withCallers(t, func(name string, env config.Environment, stack parsed) {
		if len(env.Backends) > 0 {
			return // TestFunctionsOfSeveralBackends
		}
		for _, b := range behaviorsOf(stack.Resource["aws_cloudfront_distribution"]["edge"]) {
			target := b["target_origin_id"].(string)
			if strings.HasPrefix(target, "models") {
				require.NotContains(t, b, "function_association", "%s: %s", name, b["path_pattern"])
				continue
			}
			if target == "web" {
				continue // TestNobodyListsAPage
			}
			function := "${aws_cloudfront_function.api.arn}"
			if slices.ContainsFunc(env.Routes, func(r config.Route) bool { return r.Public && r.Path == b["path_pattern"] }) {
				function = "${aws_cloudfront_function.api-public.arn}"
			}
			if target == "api-with-failover" && env.API.Canary != nil {
				function = "${aws_cloudfront_function.api-failover.arn}"
			}
			require.Equal(t, []any{object{"event_type": "viewer-request", "function_arn": function}}, b["function_association"], "%s: %s", name, b["path_pattern"])
			seen[function]++
		}
	})
	require.Len(t, seen, 3)
}

// TestFunctionsOfSeveralBackends holds that each route has the function that does what it needs, and no other.
func TestFunctionsOfSeveralBackends(t *testing.T) {
	got := map[string]string{}
	for _, b := range behaviorsOf(distributions(t)["everything-several"]) {
		path, _ := b["path_pattern"].(string)
		got[path] = ""
		if list := items(b["function_association"]); len(list) > 0 {
			require.Len(t, list, 1, path)
			got[path] = reference.FindStringSubmatch(list[0]["function_arn"].(string))[2]
		}
	}
	require.Equal(t, map[string]string{
		"":                  "api",
		"/v1/embeddings*":   "backends",
		"/v1/models*":       "backends",
		"/llm/*":            "backends-host-strip-llm-" + names.Fingerprint("/llm"),
		"/tools/catalog*":   "backends-path-host-strip-tools-" + names.Fingerprint("/tools"),
		"/tools/*":          "backends-path-host-strip-tools-" + names.Fingerprint("/tools"),
		"/v1/images*":       "api-120s",
		"/v1/videos/*":      "api-120s-failover",
		"/health":           "api-public",
		"/adapters/index/*": "buckets-strip-adapters-" + names.Fingerprint("/adapters"),
		"/adapters/*":       "buckets-strip-adapters-" + names.Fingerprint("/adapters"),
		"/models/*":         "buckets-strip-models-" + names.Fingerprint("/models"),
		"/datasets/*":       "",
	}, got)
}

func TestNoFunctionWithoutKeysAndCanary(t *testing.T) {
	for _, name := range []string{"example-dev", "example-prod"} {
		stack := allStacks(t)[name]
		require.NotEmpty(t, stack.Resource, name)
		require.Empty(t, stack.Resource["aws_cloudfront_function"], name)
		require.Empty(t, stack.Resource["aws_cloudfront_key_value_store"], name)
		for _, b := range behaviorsOf(stack.Resource["aws_cloudfront_distribution"]["edge"]) {
			require.NotContains(t, b, "function_association", "%s: %s", name, b["path_pattern"])
		}
	}
}

func TestFunctionsReadTheStore(t *testing.T) {
	withCallers(t, func(name string, _ config.Environment, stack parsed) {
		require.Len(t, stack.Resource["aws_cloudfront_key_value_store"], 1, name)
		store := stack.Resource["aws_cloudfront_key_value_store"]["api"]
		require.Equal(t, name+"-api", store["name"])
		require.Equal(t, true, at(store, "lifecycle", "create_before_destroy"), name)
		require.NotEmpty(t, stack.Resource["aws_cloudfront_function"], name)
		for id, f := range stack.Resource["aws_cloudfront_function"] {
			require.Equal(t, names.Short(name+"-"+id, 64), f["name"])
			require.Equal(t, "cloudfront-js-2.0", f["runtime"], "%s: %s", name, id)
			require.Equal(t, true, f["publish"], "%s: %s", name, id)
			if strings.HasPrefix(id, "buckets-") || strings.HasPrefix(id, "web") { // which anyone may read
				require.NotContains(t, f, "key_value_store_associations", "%s: %s", name, id)
			} else {
				require.Equal(t, []any{"${aws_cloudfront_key_value_store.api.arn}"}, f["key_value_store_associations"], "%s: %s", name, id)
			}
			require.Equal(t, true, at(f, "lifecycle", "create_before_destroy"), "%s: %s", name, id)
			code := f["code"].(string)
			require.Less(t, len(code), 10_000, "%s: %s: more than CloudFront takes", name, id)
			require.NotRegexp(t, `[$%]\{`, code, "%s: %s: Terraform would evaluate it", name, id)
		}
	})
}

// TestKeysAreNotInTheState holds that Terraform, whose state others read, knows no entry of the store.
func TestKeysAreNotInTheState(t *testing.T) {
	for name, stack := range allStacks(t) {
		for kind := range stack.Resource {
			require.False(t, strings.HasPrefix(kind, "aws_cloudfrontkeyvaluestore_"), "%s: %s", name, kind)
		}
	}
}

// TestCanaryIsLikeTheBackend compares all of the two origins but for their names, and holds that only a function leads
// to the canary.
func TestCanaryIsLikeTheBackend(t *testing.T) {
	found := 0
	withCallers(t, func(name string, env config.Environment, stack parsed) {
		d := stack.Resource["aws_cloudfront_distribution"]["edge"]
		origins := map[any]object{}
		for _, o := range items(d["origin"]) {
			origins[o["origin_id"]] = o
		}
		if env.API.Canary == nil {
			require.NotContains(t, origins, "api-canary", name)
			return
		}
		found++
		canary := origins["api-canary"]
		require.Equal(t, env.API.Canary.DomainName, canary["domain_name"], name)
		if !env.API.VPCOrigin.Given() {
			like := object{}
			for argument, value := range origins["api"] {
				like[argument] = value
			}
			like["origin_id"], like["domain_name"] = "api-canary", env.API.Canary.DomainName
			for _, header := range items(canary["custom_header"]) { // the canary has a credential of its own
				value := header["value"].(string)
				require.NotContains(t, value, ".origin-credential.", name)
				header["value"] = strings.Replace(value, ".canary-credential.", ".origin-credential.", 1)
			}
			require.Equal(t, like, canary, name)
		}
		for _, b := range behaviorsOf(d) {
			require.NotEqual(t, "api-canary", b["target_origin_id"], name)
		}
		for _, g := range items(d["origin_group"]) {
			require.Len(t, g["member"], 2, "%s: %s", name, g["origin_id"])
			require.NotContains(t, []any{at(g, "member", 0, "origin_id"), at(g, "member", 1, "origin_id")}, "api-canary", name)
		}
	})
	require.NotZero(t, found)
}

// TestCanaryIsKeptApart holds that no caller gets from the cache what the other version answered.
func TestCanaryIsKeptApart(t *testing.T) {
	seen := map[bool]int{}
	withCallers(t, func(name string, env config.Environment, stack parsed) {
		for _, b := range behaviorsOf(stack.Resource["aws_cloudfront_distribution"]["edge"]) {
			found := reference.FindStringSubmatch(b["cache_policy_id"].(string))
			if found == nil {
				continue // one of AWS's own
			}
			apart := env.API.Canary != nil && strings.HasPrefix(b["target_origin_id"].(string), "api")
			key := at(stack.Resource["aws_cloudfront_cache_policy"][found[2]], "parameters_in_cache_key_and_forwarded_to_origin", "headers_config", "headers", "items")
			if apart {
				require.Contains(t, key, "x-canary", "%s: %s", name, b["path_pattern"])
			} else {
				require.NotContains(t, asList(key), "x-canary", "%s: %s", name, b["path_pattern"])
			}
			seen[apart]++
		}
	})
	require.Len(t, seen, 2)
}
