package stacks_test

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/shared/names"
)

// The invariants hold of every stack, whatever a snapshot says.

func TestBucketsArePrivate(t *testing.T) {
	for name, stack := range allStacks(t) {
		for id := range stack.Resource["aws_s3_bucket"] {
			of := func(kind string) object {
				resource := stack.Resource[kind][id]
				require.NotEmpty(t, resource, "%s: aws_s3_bucket.%s must have %s", name, id, kind)
				require.Equal(t, "${aws_s3_bucket."+id+".id}", resource["bucket"], "%s: %s.%s", name, kind, id)
				return resource
			}
			access := of("aws_s3_bucket_public_access_block")
			for _, setting := range []string{"block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"} {
				require.Equal(t, true, access[setting], "%s: %s.%s", name, id, setting)
			}
			owner := "BucketOwnerEnforced"
			if id == "logs" {
				owner = "BucketOwnerPreferred" // log delivery needs ACLs
			}
			require.Equal(t, owner, at(of("aws_s3_bucket_ownership_controls"), "rule", "object_ownership"), "%s: %s", name, id)
			of("aws_s3_bucket_server_side_encryption_configuration")
			of("aws_s3_bucket_lifecycle_configuration")
			require.Equal(t, "${data.aws_iam_policy_document."+id+".json}", of("aws_s3_bucket_policy")["policy"])
			denied := slices.ContainsFunc(statements(stack, id), func(s object) bool {
				return s["effect"] == "Deny" && at(s, "condition", 0, "variable") == "aws:SecureTransport" && at(s, "principals", 0, "identifiers", 0) == "*"
			})
			require.True(t, denied, "%s: %s must refuse what doesn't come over TLS", name, id)
		}
	}
}

// TestModelsAreEncryptedWithTheirKey compares the key that the configuration names with that of the bucket and of its copy.
func TestModelsAreEncryptedWithTheirKey(t *testing.T) {
	c := load(t, everything)
	for name, env := range c.Environments {
		stack := allStacks(t)[c.StackName(name)]
		by := func(id string) object {
			rule := at(stack.Resource["aws_s3_bucket_server_side_encryption_configuration"][id], "rule", 0, "apply_server_side_encryption_by_default")
			return rule.(object)
		}
		key := env.Models.KMSKeyARN
		if key == "" {
			require.Equal(t, object{"sse_algorithm": "AES256"}, by("models"), name)
			continue
		}
		require.Equal(t, object{"sse_algorithm": "aws:kms", "kms_master_key_id": key}, by("models"), name)
		if env.Models.ReplicaRegion != "" {
			copied := strings.Replace(key, ":"+env.Region+":", ":"+env.Models.ReplicaRegion+":", 1)
			require.Equal(t, object{"sse_algorithm": "aws:kms", "kms_master_key_id": copied}, by("replica-"+env.Models.ReplicaRegion), name)
			rule := at(stack.Resource["aws_s3_bucket_replication_configuration"]["models"], "rule", 0)
			require.Equal(t, copied, at(rule, "destination", "encryption_configuration", "replica_kms_key_id"))
			require.Equal(t, "Enabled", at(rule, "source_selection_criteria", "sse_kms_encrypted_objects", "status"))
		}
	}
}

func TestOnlyCloudFrontReadsTheModels(t *testing.T) {
	for name, stack := range allStacks(t) {
		for id := range stack.Resource["aws_s3_bucket"] {
			for _, s := range statements(stack, id) {
				if s["effect"] == "Deny" {
					continue
				}
				if id == "logs" {
					require.Equal(t, []any{"s3:PutObject"}, s["actions"], "%s: nobody reads logs", name)
					continue
				}
				require.True(t, id == "models" || strings.HasPrefix(id, "replica-"), "%s: %s lets someone in", name, id)
				require.Equal(t, []any{"s3:GetObject"}, s["actions"])
				require.Equal(t, []any{"${aws_s3_bucket." + id + ".arn}/*"}, s["resources"])
				who := at(s, "principals", 0)
				if at(who, "type") == "Service" {
					require.Equal(t, object{"type": "Service", "identifiers": []any{"cloudfront.amazonaws.com"}}, who)
					require.Equal(t, object{"test": "StringEquals", "variable": "AWS:SourceArn", "values": []any{"${aws_cloudfront_distribution.edge.arn}"}}, at(s, "condition", 0))
				} else {
					require.Equal(t, object{"type": "AWS", "identifiers": []any{"${aws_cloudfront_origin_access_identity.models.iam_arn}"}}, who)
				}
			}
		}
	}
}

func TestEdgeSpeaksHTTPSOnly(t *testing.T) {
	for name, d := range distributions(t) {
		for _, b := range behaviorsOf(d) {
			require.Equal(t, "redirect-to-https", b["viewer_protocol_policy"], name)
			require.NotEmpty(t, b["response_headers_policy_id"], name)
		}
		for _, o := range items(d["origin"]) {
			if custom, ok := o["custom_origin_config"]; ok {
				require.Equal(t, "https-only", at(custom, "origin_protocol_policy"), name)
				require.Equal(t, []any{"TLSv1.2"}, at(custom, "origin_ssl_protocols"), name)
			}
		}
	}
}

// TestWhatTheProviderKeepsIsWritten checks that what is off is said to be off: left out, the provider keeps what was there
// before. TestPlan looks for others.
func TestWhatTheProviderKeepsIsWritten(t *testing.T) {
	for name, d := range distributions(t) {
		for _, b := range behaviorsOf(d) {
			require.IsType(t, true, at(b, "grpc_config", "enabled"), "%s: %s", name, b["path_pattern"])
		}
		require.IsType(t, []any{}, at(d, "restrictions", "geo_restriction", "locations"), name)
	}
}

func TestBehaviorsHaveOrigins(t *testing.T) {
	for name, d := range distributions(t) {
		requireOrigins(t, name, d)
	}
}

func requireOrigins(t *testing.T, name string, distribution object) {
	t.Helper()
	origins := map[any]bool{}
	for _, o := range items(distribution["origin"]) {
		require.False(t, origins[o["origin_id"]], "%s: %s twice", name, o["origin_id"])
		origins[o["origin_id"]] = true
	}
	targets := maps.Clone(origins)
	for _, g := range items(distribution["origin_group"]) {
		for _, m := range items(g["member"]) {
			require.True(t, origins[m["origin_id"]], "%s: %s of %s", name, m["origin_id"], g["origin_id"])
		}
		targets[g["origin_id"]] = true
	}
	for _, b := range behaviorsOf(distribution) {
		require.True(t, targets[b["target_origin_id"]], "%s: %s", name, b["target_origin_id"])
	}
}

// TestForwardedHeadersTellNobodyApart holds that what is forwarded beside a cache's key names no caller.
func TestForwardedHeadersTellNobodyApart(t *testing.T) {
	const disabled, allViewer, corsS3Origin = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad", "b689b0a8-53d0-40ab-baf2-68738e2966ac", "88a5eaf4-2fd4-4709-b370-b4c650ea3fcf"
	for name, stack := range allStacks(t) {
		for id, policy := range stack.Resource["aws_cloudfront_origin_request_policy"] {
			require.Equal(t, "whitelist", at(policy, "headers_config", "header_behavior"), "%s: %s", name, id)
			require.Equal(t, "none", at(policy, "cookies_config", "cookie_behavior"), "%s: %s", name, id)
			require.Equal(t, "none", at(policy, "query_strings_config", "query_string_behavior"), "%s: %s", name, id)
			for _, header := range forwardedBy(policy) {
				require.NotContains(t, []string{"authorization", "cookie", "host", "x-api-key"}, header, "%s: %s", name, id)
			}
		}
	}
	for name, d := range distributions(t) {
		for _, b := range behaviorsOf(d) {
			if b["origin_request_policy_id"] == allViewer {
				require.Equal(t, disabled, b["cache_policy_id"], "%s: %s", name, b["path_pattern"])
			}
			if b["origin_request_policy_id"] == corsS3Origin {
				require.Contains(t, b["target_origin_id"], "models", "%s: %s", name, b["path_pattern"])
			}
		}
	}
}

// TestPreflightsReachTheOrigin holds that, with cors, what a browser asks before a request is answered on every route: the
// backend or S3 sees the three headers, and S3 knows the rules.
func TestPreflightsReachTheOrigin(t *testing.T) {
	for name, stack := range allStacks(t) {
		if at(stack.Resource["aws_cloudfront_response_headers_policy"]["security"], "cors_config") == nil {
			require.Empty(t, stack.Resource["aws_s3_bucket_cors_configuration"], name)
			continue
		}
		for _, b := range behaviorsOf(stack.Resource["aws_cloudfront_distribution"]["edge"]) {
			switch forwarded := b["origin_request_policy_id"]; {
			case strings.HasPrefix(b["target_origin_id"].(string), "models"):
				require.Equal(t, "88a5eaf4-2fd4-4709-b370-b4c650ea3fcf", forwarded, "%s: %s", name, b["path_pattern"])
			case forwarded != "b689b0a8-53d0-40ab-baf2-68738e2966ac":
				id := reference.FindStringSubmatch(forwarded.(string))[2]
				require.Subset(t, forwardedBy(stack.Resource["aws_cloudfront_origin_request_policy"][id]),
					[]string{"origin", "access-control-request-method", "access-control-request-headers"}, "%s: %s", name, b["path_pattern"])
			}
			require.Contains(t, b["allowed_methods"], "OPTIONS", "%s: %s", name, b["path_pattern"])
		}
		for id := range stack.Resource["aws_s3_bucket"] {
			if id != "logs" {
				require.Equal(t, []any{"GET", "HEAD"}, at(stack.Resource["aws_s3_bucket_cors_configuration"][id], "cors_rule", 0, "allowed_methods"), "%s: %s", name, id)
			}
		}
	}
}

// forwardedBy returns the headers of an origin request policy, in lower case.
func forwardedBy(policy object) []string {
	var headers []string
	for _, h := range asList(at(policy, "headers_config", "headers", "items")) {
		headers = append(headers, strings.ToLower(h.(string)))
	}
	return headers
}

// TestResourcesSayTheirStack holds every provider to tag what it makes with the name of its stack.
func TestResourcesSayTheirStack(t *testing.T) {
	for name, stack := range allStacks(t) {
		require.NotEmpty(t, stack.Provider.AWS, name)
		for _, p := range stack.Provider.AWS {
			require.Len(t, p.DefaultTags, 1, "%s in %s", name, p.Region)
			require.Equal(t, name, p.DefaultTags[0].Tags[names.StackTag], "%s in %s", name, p.Region)
		}
	}
}

// TestRolesHaveTheirBoundary holds that the configured boundary is that of every role.
func TestRolesHaveTheirBoundary(t *testing.T) {
	roles := allStacks(t)["everything-full"].Resource["aws_iam_role"]
	require.Len(t, roles, 3)
	for id, role := range roles {
		require.Equal(t, "arn:aws:iam::111122223333:policy/boundary", role["permissions_boundary"], id)
	}
}

func TestNothingOfThisMachine(t *testing.T) {
	for name, text := range allTexts(t) {
		for _, path := range []string{t.TempDir(), "/home/", "/root/", "/tmp/"} {
			require.NotContains(t, string(text), path, name)
		}
	}
}

func distributions(t *testing.T) map[string]object {
	t.Helper()
	found := map[string]object{}
	for name, stack := range allStacks(t) {
		if d := stack.Resource["aws_cloudfront_distribution"]["edge"]; d != nil {
			found[name] = d
		}
	}
	require.NotEmpty(t, found)
	return found
}

func behaviorsOf(distribution object) []object {
	return append(items(distribution["ordered_cache_behavior"]), distribution["default_cache_behavior"].(object))
}

// statements returns the policy of a bucket.
func statements(stack parsed, bucket string) []object {
	return items(stack.Data["aws_iam_policy_document"][bucket]["statement"])
}

func items(list any) []object {
	var found []object
	for _, item := range asList(list) {
		found = append(found, item.(object))
	}
	return found
}

func asList(v any) []any {
	list, _ := v.([]any)
	return list
}

// at follows names and indexes into a value; what isn't there is nil.
func at(v any, steps ...any) any {
	for _, step := range steps {
		switch step := step.(type) {
		case string:
			o, _ := v.(object)
			v = o[step]
		case int:
			list := asList(v)
			if step >= len(list) {
				return nil
			}
			v = list[step]
		}
	}
	return v
}

// reference finds the type and the name of what an expression refers to.
var reference = regexp.MustCompile(`\b(aws_\w+)\.([\w-]+)`)

// TestReferencesResolve holds that every reference leads to something that the stack declares.
func TestReferencesResolve(t *testing.T) {
	for name, stack := range allStacks(t) {
		requireReferences(t, name, stack)
	}
}

func requireReferences(t *testing.T, name string, stack parsed) {
	t.Helper()
	text, err := json.Marshal(stack)
	require.NoError(t, err)
	for _, found := range reference.FindAllStringSubmatch(string(text), -1) {
		kind, id := found[1], found[2]
		require.True(t, stack.Resource[kind][id] != nil || stack.Data[kind][id] != nil, "%s: %s.%s", name, kind, id)
	}
}

// TestDeploysAreWaitedFor: what is verified after a deploy is the new version only when the distribution's status is Deployed
// (CloudFront Developer Guide, Update a distribution). The provider waits for that unless told otherwise.
func TestDeploysAreWaitedFor(t *testing.T) {
	for name, stack := range allStacks(t) {
		for id, distribution := range stack.Resource["aws_cloudfront_distribution"] {
			require.NotContains(t, distribution, "wait_for_deployment", "%s: %s", name, id)
		}
	}
}
