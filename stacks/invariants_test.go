package stacks_test

import (
	"encoding/json"
	"maps"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/awstest"
	"ml-api-accelerator/stacks/internal/awstest/apicall"
	"ml-api-accelerator/stacks/internal/live/iampolicy"
	"ml-api-accelerator/stacks/internal/shared/names"
	"ml-api-accelerator/stacks/internal/shared/viewerrequest"
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

// TestModelsAreEncryptedWithTheirKey compares the key that the configuration names with that of the bucket and of its
// copy.
func TestModelsAreEncryptedWithTheirKey(t *testing.T) {
	c := load(t, everything)
	for name, env := range c.Environments {
		if env.Models.Existing {
			continue // it is its owner's
		}
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

// TestExistingBucketsAreOnlyRead holds that Terraform makes nothing of them: nothing of S3's names them.
func TestExistingBucketsAreOnlyRead(t *testing.T) {
	text := allTexts(t)["everything-existing"]
	for kind, named := range parse(t, text).Resource {
		if strings.HasPrefix(kind, "aws_s3_") {
			require.Equal(t, []string{"adopted"}, slices.Collect(maps.Keys(named)), kind)
		}
	}
	require.Contains(t, string(text), "acme-models.s3.us-west-2.amazonaws.com")
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
				original, _, _ := strings.Cut(id, "-replica-")
				if strings.HasPrefix(id, "replica-") {
					original = "models"
				}
				require.Contains(t, []string{"models", "adapters", "datasets", "adopted", "web"}, original, "%s: %s lets someone in", name, id)
				if original == "web" { // S3 says what is missing
					require.Equal(t, []any{"s3:GetObject", "s3:ListBucket"}, s["actions"])
					require.Equal(t, []any{"${aws_s3_bucket." + id + ".arn}", "${aws_s3_bucket." + id + ".arn}/*"}, s["resources"])
				} else {
					require.Equal(t, []any{"s3:GetObject"}, s["actions"])
					require.Equal(t, []any{"${aws_s3_bucket." + id + ".arn}/*"}, s["resources"])
				}
				who := at(s, "principals", 0)
				if at(who, "type") == "Service" {
					require.Equal(t, object{"type": "Service", "identifiers": []any{"cloudfront.amazonaws.com"}}, who)
					require.Equal(t, object{"test": "StringEquals", "variable": "AWS:SourceArn", "values": []any{"${aws_cloudfront_distribution.edge.arn}"}}, at(s, "condition", 0))
				} else {
					require.Equal(t, object{"type": "AWS", "identifiers": []any{"${aws_cloudfront_origin_access_identity." + original + ".iam_arn}"}}, who)
				}
			}
		}
	}
}

// TestNobodyListsAPage holds that every request for a page's bucket goes through the function that never asks for its
// root, which S3 would answer with a list, and by a method that only reads.
func TestNobodyListsAPage(t *testing.T) {
	seen := 0
	for name, stack := range allStacks(t) {
		edge := stack.Resource["aws_cloudfront_distribution"]["edge"]
		if edge == nil {
			continue
		}
		for _, b := range behaviorsOf(edge) {
			if b["target_origin_id"] != "web" {
				continue
			}
			seen++
			arn := at(b, "function_association", 0, "function_arn").(string)
			code := stack.Resource["aws_cloudfront_function"][reference.FindStringSubmatch(arn)[2]]["code"].(string)
			require.NotNil(t, viewerrequest.Read(code).Page, "%s: %s", name, b["path_pattern"])
			require.Equal(t, []any{"GET", "HEAD", "OPTIONS"}, b["allowed_methods"], "%s: %s", name, b["path_pattern"])
		}
	}
	require.Equal(t, 3, seen)
}

// TestPagesAreKeptAsTheySay holds that each file of a page says how long it is kept, and is compressed.
func TestPagesAreKeptAsTheySay(t *testing.T) {
	for _, name := range []string{"everything-web", "everything-hosted"} {
		id, headers := "web", "none"
		if name == "everything-hosted" { // where something is stripped, beside the models
			id, headers = "route-docs_-all", "whitelist"
		}
		policy := allStacks(t)[name].Resource["aws_cloudfront_cache_policy"][id]
		require.Equal(t, []any{0.0, 0.0, 31_536_000.0}, []any{policy["min_ttl"], policy["default_ttl"], policy["max_ttl"]}, name)
		key := at(policy, "parameters_in_cache_key_and_forwarded_to_origin")
		require.Equal(t, true, at(key, "enable_accept_encoding_brotli"), name)
		require.Equal(t, "none", at(key, "query_strings_config", "query_string_behavior"), name)
		require.Equal(t, "none", at(key, "cookies_config", "cookie_behavior"), name)
		require.Equal(t, headers, at(key, "headers_config", "header_behavior"), name)
	}
}

// TestFilesAreKeptAsTheyAre holds that what a bucket serves is kept for as long, and as little compressed, with a cache
// policy of its own as with AWS's CachingOptimizedForUncompressedObjects (CloudFront Developer Guide, Use managed cache
// policies).
func TestFilesAreKeptAsTheyAre(t *testing.T) {
	policies := allStacks(t)["everything-several"].Resource["aws_cloudfront_cache_policy"]
	for _, id := range []string{"route-models_-all", "route-adapters_-all"} {
		require.Equal(t, []any{1.0, 86_400.0, 31_536_000.0}, []any{policies[id]["min_ttl"], policies[id]["default_ttl"], policies[id]["max_ttl"]}, id)
		key := at(policies[id], "parameters_in_cache_key_and_forwarded_to_origin")
		require.Equal(t, false, at(key, "enable_accept_encoding_brotli"), id)
		require.Equal(t, false, at(key, "enable_accept_encoding_gzip"), id)
		require.Equal(t, []any{"X-Forwarded-Prefix"}, at(key, "headers_config", "headers", "items"), id)
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

// TestWhatTheProviderKeepsIsWritten checks that what is off is said to be off: left out, the provider keeps what was
// there before. TestPlan looks for others.
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
			headers, rest := "whitelist", "none"
			switch { // where nothing is cached, all of it may tell callers apart
			case strings.HasPrefix(id, "forward-all-"):
				headers, rest = "allViewerAndWhitelistCloudFront", "all"
			case strings.HasPrefix(id, "forward-only-"):
				rest = "all"
			}
			require.Equal(t, headers, at(policy, "headers_config", "header_behavior"), "%s: %s", name, id)
			require.Equal(t, rest, at(policy, "cookies_config", "cookie_behavior"), "%s: %s", name, id)
			require.Equal(t, rest, at(policy, "query_strings_config", "query_string_behavior"), "%s: %s", name, id)
			for _, header := range forwardedBy(policy) {
				require.NotContains(t, []string{"authorization", "cookie", "host", "x-api-key"}, header, "%s: %s", name, id)
			}
		}
	}
	for name, d := range distributions(t) {
		for _, b := range behaviorsOf(d) {
			policy, _ := b["origin_request_policy_id"].(string)
			if policy == allViewer || strings.Contains(policy, ".forward-all-") || strings.Contains(policy, ".forward-only-") {
				require.Equal(t, disabled, b["cache_policy_id"], "%s: %s", name, b["path_pattern"])
			}
			if b["origin_request_policy_id"] == corsS3Origin {
				require.True(t, leadsToBucket(d, b), "%s: %s", name, b["path_pattern"])
			}
		}
	}
}

// TestPreflightsReachTheOrigin holds that, with cors, what a browser asks before a request is answered on every route:
// the backend or S3 sees the three headers, and S3 knows the rules.
func TestPreflightsReachTheOrigin(t *testing.T) {
	for name, stack := range allStacks(t) {
		if at(stack.Resource["aws_cloudfront_response_headers_policy"]["security"], "cors_config") == nil {
			require.Empty(t, stack.Resource["aws_s3_bucket_cors_configuration"], name)
			continue
		}
		edge := stack.Resource["aws_cloudfront_distribution"]["edge"]
		for _, b := range behaviorsOf(edge) {
			switch forwarded := b["origin_request_policy_id"]; {
			case leadsToBucket(edge, b):
				require.Equal(t, "88a5eaf4-2fd4-4709-b370-b4c650ea3fcf", forwarded, "%s: %s", name, b["path_pattern"])
			case forwarded != "b689b0a8-53d0-40ab-baf2-68738e2966ac" && !strings.Contains(forwarded.(string), ".forward-all-"):
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

// leadsToBucket reports whether a behavior sends requests to S3.
func leadsToBucket(distribution, behavior object) bool {
	target := behavior["target_origin_id"]
	for _, g := range items(distribution["origin_group"]) {
		if g["origin_id"] == target {
			target = at(g, "member", 0, "origin_id")
		}
	}
	return slices.ContainsFunc(items(distribution["origin"]), func(o object) bool {
		return o["origin_id"] == target && strings.HasPrefix(o["domain_name"].(string), "${aws_s3_bucket.")
	})
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
	require.Len(t, roles, 4)
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

// TestDeploysAreWaitedFor: what is verified after a deploy is the new version only when the distribution's status is
// Deployed (CloudFront Developer Guide, Update a distribution). The provider waits for that unless told otherwise.
func TestDeploysAreWaitedFor(t *testing.T) {
	for name, stack := range allStacks(t) {
		for id, distribution := range stack.Resource["aws_cloudfront_distribution"] {
			require.NotContains(t, distribution, "wait_for_deployment", "%s: %s", name, id)
		}
	}
}

// requireServed holds CloudFront to find an object where a path leads, and the bucket to let it read.
func requireServed(t *testing.T, aws *awstest.Server, path, key string) {
	t.Helper()
	_, d := sent[wireDistribution](t, aws, "Distribution")
	origin := d.primary(d.behavior(path))
	bucket, _, found := strings.Cut(origin.Domain, ".s3.")
	require.True(t, found, "%s leads to %s", path, origin.Domain)
	require.Contains(t, aws.Objects(t, bucket), key)

	var policy struct{ Statement []object }
	require.NoError(t, json.Unmarshal(aws.BucketPolicy(bucket), &policy))
	reads := slices.ContainsFunc(policy.Statement, func(s object) bool {
		reads := s["Action"] == "s3:GetObject" && s["Resource"] == "arn:aws:s3:::"+bucket+"/*"
		if actions, several := s["Action"].([]any); several { // of a page
			reads = slices.Contains(actions, any("s3:GetObject")) && slices.Contains(s["Resource"].([]any), any("arn:aws:s3:::"+bucket+"/*"))
		}
		return s["Effect"] == "Allow" && reads && letsIn(s, d, origin)
	})
	require.True(t, reads, "%s: %s", origin.ID, aws.BucketPolicy(bucket))
}

// letsIn tells whether a statement is about who reads for an origin (CloudFront Developer Guide, Restrict access to an
// Amazon S3 origin).
func letsIn(statement object, d wireDistribution, origin wireOrigin) bool {
	if origin.Control != "" {
		return at(statement, "Principal", "Service") == "cloudfront.amazonaws.com" &&
			at(statement, "Condition", "StringEquals", "AWS:SourceArn") == d.ARN
	}
	id, _ := strings.CutPrefix(origin.Identity, "origin-access-identity/cloudfront/")
	return id != "" && at(statement, "Principal", "AWS") == "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity "+id
}

// TestPolicyStaysOutOfOtherStacks holds the deployer of a stack to what is its own, whatever else is in the account.
func TestPolicyStaysOutOfOtherStacks(t *testing.T) {
	text, err := os.ReadFile("testdata/everything-full.tf.json")
	require.NoError(t, err)
	policy, err := iampolicy.New(text)
	require.NoError(t, err)
	const boundary = "arn:aws:iam::111122223333:policy/boundary"
	there := account{
		"OURS":                                 {tags: map[string]string{stackTag: "everything-full"}},
		"THEIRS":                               {tags: map[string]string{stackTag: "everything-private"}},
		"UNTAGGED":                             {},
		"everything-full-invalidation":         {boundary: boundary},
		"everything-full-replication":          {},
		"everything-full-invalidation-renamed": {boundary: boundary},
	}
	distribution := func(tag string) string {
		return "<DistributionConfigWithTags><Tags><Items><Tag><Key>" + stackTag + "</Key><Value>" + tag + "</Value></Tag></Items></Tags></DistributionConfigWithTags>"
	}
	role := func(name, boundary string) string {
		return url.Values{"RoleName": {name}, "PermissionsBoundary": {boundary}}.Encode()
	}
	record := func(name string) string {
		return "<Changes><Change><ResourceRecordSet><Name>" + name + "</Name></ResourceRecordSet></Change></Changes>"
	}
	for _, row := range []struct {
		service, action, path, body string
		allowed                     bool
	}{
		{"cloudfront", "CreateDistribution", "/2020-05-31/distribution?WithTags", distribution("everything-full"), true},
		{"cloudfront", "CreateDistribution", "/2020-05-31/distribution?WithTags", distribution("everything-private"), false},
		{"cloudfront", "CreateDistribution", "/2020-05-31/distribution", "", false},
		{"cloudfront", "GetDistribution", "/2020-05-31/distribution/OURS", "", true},
		{"cloudfront", "GetDistribution", "/2020-05-31/distribution/THEIRS", "", false},
		{"cloudfront", "GetDistribution", "/2020-05-31/distribution/UNTAGGED", "", false},
		{"cloudfront", "UpdateDistribution", "/2020-05-31/distribution/OURS/config", "", true},
		{"cloudfront", "UpdateDistribution", "/2020-05-31/distribution/THEIRS/config", "", false},
		{"cloudfront", "DeleteDistribution", "/2020-05-31/distribution/UNTAGGED", "", false},
		{"cloudfront", "TagResource", "/2020-05-31/tagging?Operation=Tag&Resource=arn:aws:cloudfront::111122223333:distribution/OURS", distribution("everything-full"), true},
		{"cloudfront", "TagResource", "/2020-05-31/tagging?Operation=Tag&Resource=arn:aws:cloudfront::111122223333:distribution/THEIRS", distribution("everything-full"), false},
		{"cloudfront", "TagResource", "/2020-05-31/tagging?Operation=Tag&Resource=arn:aws:cloudfront::111122223333:distribution/UNTAGGED", distribution("everything-private"), false},
		{"cloudfront", "TagResource", "/2020-05-31/tagging?Operation=Tag&Resource=arn:aws:cloudfront::111122223333:distribution/OURS", "<Tags><Items><Tag><Key>team</Key><Value>ml</Value></Tag></Items></Tags>", true},
		// AWS can't tell it from one that is being made; the README says so.
		{"cloudfront", "TagResource", "/2020-05-31/tagging?Operation=Tag&Resource=arn:aws:cloudfront::111122223333:distribution/UNTAGGED", distribution("everything-full"), true},
		{"cloudfront", "UpdateFunction", "/2020-05-31/function/everything-full-api", "", true},
		{"cloudfront", "PublishFunction", "/2020-05-31/function/everything-full-api-failover/publish", "", true},
		{"cloudfront", "UpdateFunction", "/2020-05-31/function/everything-private-api", "", false},
		{"cloudfront", "DeleteFunction", "/2020-05-31/function/everything-full-api-else", "", false},
		{"kms", "CreateKey", "/", `{"Tags": [{"TagKey": "` + stackTag + `", "TagValue": "everything-full"}]}`, true},
		{"kms", "CreateKey", "/", `{}`, false},
		// A key that isn't tagged could be made OURS, as a distribution could: so not even of these.
		{"kms", "ScheduleKeyDeletion", "/", `{"KeyId": "arn:aws:kms:us-east-1:111122223333:key/OURS"}`, false},
		{"kms", "PutKeyPolicy", "/", `{"KeyId": "OURS"}`, false},
		{"kms", "UpdateKeyDescription", "/", `{"KeyId": "OURS"}`, true},
		{"kms", "UpdateKeyDescription", "/", `{"KeyId": "THEIRS"}`, false},
		{"acm", "RequestCertificate", "/", `{"Tags": [{"Key": "` + stackTag + `", "Value": "everything-full"}]}`, true},
		{"acm", "DeleteCertificate", "/", `{"CertificateArn": "arn:aws:acm:us-east-1:111122223333:certificate/OURS"}`, true},
		{"acm", "DeleteCertificate", "/", `{"CertificateArn": "arn:aws:acm:us-east-1:111122223333:certificate/THEIRS"}`, false},
		{"iam", "CreateRole", "/", role("everything-full-invalidation", boundary), true},
		{"iam", "CreateRole", "/", role("everything-full-invalidation", ""), false},
		{"iam", "CreateRole", "/", role("everything-full-invalidation", "arn:aws:iam::aws:policy/AdministratorAccess"), false},
		{"iam", "PutRolePolicy", "/", role("everything-full-invalidation", ""), true},
		{"iam", "PutRolePolicy", "/", role("everything-full-replication", ""), false},
		{"iam", "PutRolePermissionsBoundary", "/", role("everything-full-replication", boundary), true},
		{"iam", "DeleteRolePermissionsBoundary", "/", role("everything-full-invalidation", ""), false},
		{"iam", "UpdateAssumeRolePolicy", "/", role("everything-full-invalidation-renamed", ""), false},
		{"route53", "ChangeResourceRecordSets", "/2013-04-01/hostedzone/Z0123456789ABC/rrset/", record("*.ML.example.com."), true},
		{"route53", "ChangeResourceRecordSets", "/2013-04-01/hostedzone/Z0123456789ABC/rrset/", record("_0123abc.ml.example.com"), true},
		{"route53", "ChangeResourceRecordSets", "/2013-04-01/hostedzone/Z0123456789ABC/rrset/", record("private.example.com"), false},
		{"route53", "ChangeResourceRecordSets", "/2013-04-01/hostedzone/Z0123456789ABC/rrset/", record("ml.example.com") + record("example.com"), false},
	} {
		call := apicall.Call{Service: row.service, Action: row.action, Path: row.path, Body: []byte(row.body)}
		refused := slices.ContainsFunc(there.authorizations(call), func(asked authorization) bool {
			return !allows(policy, asked)
		})
		require.Equal(t, row.allowed, !refused, "%s %s %s", call.Name(), row.path, row.body)
	}
}

// TestNamesOfStacksAreTheirOwn looks for names that two environments could both give something, or that the pattern of
// one's deployer matches of the other's: a configuration with such a pair must be refused.
func TestNamesOfStacksAreTheirOwn(t *testing.T) {
	ends := map[string]map[string]bool{} // of the names after that of their stack, by type and argument
	for stack, parsed := range allStacks(t) {
		for kind, named := range parsed.Resource {
			for _, resource := range named {
				for _, argument := range []string{"name", "alarm_name", "dashboard_name", "bucket_prefix"} {
					text, _ := resource[argument].(string)
					if end, found := strings.CutPrefix(text, stack); found {
						if ends[kind+"."+argument] == nil {
							ends[kind+"."+argument] = map[string]bool{}
						}
						ends[kind+"."+argument][end] = true
					}
				}
			}
		}
	}
	for end := range ends["aws_s3_bucket.bucket_prefix"] {
		part := strings.Trim(end, "-")
		named := part == "datasets" || part == "web" || strings.HasSuffix(part, "-replica") // a bucket with a name of the user's, or its replica
		require.True(t, named || slices.Contains(names.BucketParts, part), "the rule on names doesn't know %s", part)
	}
	require.Greater(t, len(ends), 10)
	between := regexp.MustCompile(`^-[a-z0-9-]{1,14}$`)
	for argument, all := range ends {
		for one := range all {
			for other := range all {
				tail, found := strings.CutSuffix(one, other)
				if tail == "-datasets" || tail == "-adapters" {
					continue // only beside an environment with that bucket: the rows of N8 have one
				}
				if found && between.MatchString(tail) {
					requireRefusedTogether(t, "p", "p"+tail, argument)
				}
			}
		}
	}
	for name, p := range map[string]string{"everything-full": "full", "everything-worldwide": "worldwide"} {
		policy, err := iampolicy.New(allTexts(t)[name])
		require.NoError(t, err)
		for _, s := range policy.Statement {
			for _, arn := range s.Resource {
				if cut, open := strings.CutSuffix(arn, "*"); open && strings.Contains(arn, name) && !strings.ContainsAny(cut[len(cut)-1:], "/:") {
					_, part, _ := strings.Cut(cut, name)
					requireRefusedTogether(t, p, p+strings.TrimSuffix(part, "-"), arn)
				}
			}
		}
	}
}

func requireRefusedTogether(t *testing.T, one, other, why string) {
	t.Helper()
	environment := func(name string) string {
		return `"` + name + `": {"region": "us-east-1", "api": {"domainName": "` + name + `.example.com"}}`
	}
	_, _, err := config.Parse("cdktf.json", []byte(`{"context": {"accelerator": {"name": "demo", "state": {"bucket": "demo-state", "region": "us-east-1"},
		"environments": {`+environment(one)+`, `+environment(other)+`}}}}`))
	require.ErrorContains(t, err, "must have another name beside environments."+one, why)
}
