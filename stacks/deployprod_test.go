package stacks_test

import (
	"bytes"
	"path/filepath"
	"testing"

	"github.com/hashicorp/terraform-exec/tfexec"
	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/awstest"
)

// TestLongDeployProd deploys prod with all its parts, takes the optional ones out and puts them back. AWS, like the
// stand-in, refuses to delete what is in use, so it proves the order too.
func TestLongDeployProd(t *testing.T) {
	aws := needAWS(t)
	c := load(t, example)
	full := c.Environments["prod"]
	full.Domain.HostedZoneID = aws.CreateHostedZone(t, "example.com")
	full.Models.ForceDestroy = true
	aws.CreateSecret(t, full.Region, full.API.VerifySecret, "verify")
	aws.CreateBucket(t, c.State.Region, c.State.Bucket)
	synth := func(e config.Environment) []byte {
		c.Environments["prod"] = e
		return synthesizeConfig(t, c)["example-prod"]
	}
	whole := synth(full)
	otherWorkflow := bytes.Replace(whole, []byte(`TimeoutSeconds\":290`), []byte(`TimeoutSeconds\":280`), 1)
	full.Account.PermissionsBoundaryARN = "arn:aws:iam::" + awstest.AccountID + ":policy/boundary"
	full.Tags = map[string]string{"team": "ml"}
	full.API.Canary = &config.Canary{DomainName: "canary.example.com", Percent: 10}
	full = knowingCallers(full, "Authorization")
	bounded, without := synth(full), synth(bare(full))
	byHeader := knowingCallers(full, "X-Api-Key")
	byHeader.API.Canary = &config.Canary{DomainName: "canary-2.example.com", Percent: 10}
	byHeader.Firewall.LimitBy = "X-Api-Key"
	byHeader.Firewall.Limits = []config.Limit{{Path: "/v1/chat*", RequestsPer5Minutes: 100}, {Path: "/v1/*/tune", RequestsPer5Minutes: 10}}
	stable := full
	stable.API.Canary = nil
	limited, unlimited := synth(byHeader), synth(stable)
	named := bare(full)
	named.Domain, named.API.Canary = full.Domain, full.API.Canary
	withDomain := synth(named)
	full.Logging.ForceDestroy = true
	doomed := synth(full)
	sideBySide(t)

	prod := newDeployment(t, aws, whole, patience(t, whole))
	step(t, "an apply that AWS interrupts is finished by the next", func(t *testing.T) {
		aws.DenyNext("cloudfront:CreateDistribution")
		require.ErrorContains(t, prod.Apply(t.Context()), "AccessDenied")
		made := prod.state(t).ids()
		require.NotEmpty(t, made)
		require.NotContains(t, made, "aws_cloudfront_distribution.edge")

		prod.apply(t)
		all := prod.state(t).ids()
		require.Contains(t, all, "aws_cloudfront_distribution.edge")
		require.Subset(t, all, made, "what was made first is still the same")
		requireNothingTwice(t, aws, parse(t, whole))
	})
	step(t, "a second plan is empty", prod.requireNoChanges)
	step(t, "a plan of another workflow asks Step Functions", func(t *testing.T) {
		prod.write(t, otherWorkflow, patience(t, whole))
		require.Equal(t, "update", prod.planAllowed(t).changes["aws_sfn_state_machine.invalidation"])
		require.Len(t, aws.CallsTo("states:ValidateStateMachineDefinition"), 1)
	})
	step(t, "the roles get a boundary, all resources other tags, and callers keys and a canary", func(t *testing.T) {
		*prod.policies = nil // that without a boundary allows all
		prod.deploy(t, bounded)
		require.Len(t, aws.CallsTo("iam:PutRolePermissionsBoundary"), 3)
		for _, tagging := range []string{"acm:AddTagsToCertificate", "cloudfront:TagResource", "kms:TagResource"} {
			require.Len(t, aws.CallsTo(tagging), 1, tagging)
		}
		requireNothingTwice(t, aws, parse(t, bounded))
		requireCanary(t, aws, "canary.example.com")
	})
	edge, alice := aws.Resources()["Distribution"], newCaller(t, aws, "alice")
	requireLimitsUpdated := func(t *testing.T) {
		t.Helper()
		require.Len(t, aws.CallsTo("wafv2:UpdateWebACL"), 1)
		require.Empty(t, aws.CallsTo("wafv2:CreateWebACL"), "it stays the same")
	}
	step(t, "callers get limits by a header, and of paths, keys in another header and another canary", func(t *testing.T) {
		prod.deploy(t, limited)
		requireLimitsUpdated(t)
		requireCanary(t, aws, "canary-2.example.com")
		require.Len(t, aws.CallsTo("cloudfront:PublishFunction"), 2)
		alice.requireKnown(t, "x-api-key", alice.key)
		file := filepath.Join(t.TempDir(), "plan")
		requireNothingToDo(t, prod.planAllowed(t, tfexec.Out(file)))
		alice.requireNotIn(t, prod.stateText(t), planText(t, file))
	})
	step(t, "callers lose the limits and the canary", func(t *testing.T) {
		prod.deploy(t, unlimited)
		requireLimitsUpdated(t)
		requireNothingTwice(t, aws, parse(t, unlimited))
		requireCanary(t, aws, "")
		alice.requireKnown(t, "authorization", "Bearer "+alice.key)
		prod.requireNoChanges(t)
	})

	step(t, "every optional part can be taken out", func(t *testing.T) {
		prod.deploy(t, without)
		require.Equal(t, edge, aws.Resources()["Distribution"])
		_, d := sent[wireDistribution](t, aws, "Distribution")
		require.Empty(t, d.Aliases)
		require.Empty(t, d.WebACLID)
		require.Len(t, d.Origins, 2)
		requireNothingTwice(t, aws, parse(t, without))
		prod.requireNoChanges(t)
	})
	step(t, "the domain and a canary for callers without keys can be put back and taken out", func(t *testing.T) {
		for _, text := range [][]byte{withDomain, without} {
			prod.deploy(t, text)
			requireNothingTwice(t, aws, parse(t, text))
		}
		require.Equal(t, edge, aws.Resources()["Distribution"])
	})
	step(t, "all can be put back at once", func(t *testing.T) {
		prod.deploy(t, bounded)
		require.Equal(t, edge, aws.Resources()["Distribution"])
		requireNothingTwice(t, aws, parse(t, bounded))
	})
	step(t, "destroying it is refused for the logs' sake, and once they may go leaves nothing", func(t *testing.T) {
		logs := prod.state(t).Outputs["logs_bucket"].Value.(string)
		aws.PutObject(t, logs, "cf-logs/a.gz", "requests")
		require.ErrorContains(t, prod.Destroy(t.Context()), "Instance cannot be destroyed")
		require.Equal(t, edge, aws.Resources()["Distribution"])
		prod.deploy(t, doomed)
		prod.destroy(t, withoutRefresh)
		require.Empty(t, aws.Resources())
		require.Equal(t, []string{c.State.Bucket}, aws.Buckets(t))
		require.Empty(t, prod.state(t).Resources)
	})
}

// bare is an environment with nothing that it can do without.
func bare(e config.Environment) config.Environment {
	e.Domain, e.Routes, e.CORS = config.Domain{}, nil, nil
	e.Firewall.Enabled, e.Monitoring.Enabled = false, false
	e.API.Failover, e.API.VerifySecret, e.API.ShieldRegion = config.Failover{}, "", ""
	e.API.Keys, e.API.Canary = nil, nil
	e.Models.Signers, e.Models.InvalidateOnChange = nil, false
	e.Models.ReplicaRegion, e.Models.RetiredReplicaRegion = "", e.Models.ReplicaRegion
	return e
}

// requireNothingTwice holds CloudFront and S3 to have as much of everything as the stack declares.
func requireNothingTwice(t *testing.T, aws *awstest.Server, stack parsed) {
	t.Helper()
	declared := map[string]int{}
	for noun, kind := range map[string]string{
		"CachePolicy":                    "aws_cloudfront_cache_policy",
		"CloudFrontOriginAccessIdentity": "aws_cloudfront_origin_access_identity",
		"Distribution":                   "aws_cloudfront_distribution",
		"Function":                       "aws_cloudfront_function",
		"KeyGroup":                       "aws_cloudfront_key_group",
		"KeyValueStore":                  "aws_cloudfront_key_value_store",
		"OriginAccessControl":            "aws_cloudfront_origin_access_control",
		"OriginRequestPolicy":            "aws_cloudfront_origin_request_policy",
		"PublicKey":                      "aws_cloudfront_public_key",
		"ResponseHeadersPolicy":          "aws_cloudfront_response_headers_policy",
		"VpcOrigin":                      "aws_cloudfront_vpc_origin",
	} {
		if n := len(stack.Resource[kind]); n > 0 {
			declared[noun] = n
		}
	}
	found := map[string]int{}
	for noun, ids := range aws.Resources() {
		found[noun] = len(ids)
	}
	require.Equal(t, declared, found)
	require.Len(t, aws.Buckets(t), len(stack.Resource["aws_s3_bucket"])+1, "and the state's")
}
