package stacks_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-exec/tfexec"
	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/config/declare"
	"ml-api-accelerator/stacks/internal/awstest"
	edgefunction "ml-api-accelerator/stacks/internal/edge/function"
	"ml-api-accelerator/stacks/internal/shared/names"
	"ml-api-accelerator/stacks/internal/traffic/logs"
	"ml-api-accelerator/stacks/internal/traffic/questions"
)

// TestLongDeployDev takes the state bucket and dev through their life with the real Terraform and the real
// provider. It begins with the stacks exactly as synthesized but for the wait for the edges.
func TestLongDeployDev(t *testing.T) {
	aws := needAWS(t)
	c := load(t, example)
	bucket := c.State.Bucket
	synthesized := synthesizeConfig(t, c)
	synth := func(change func(*config.Environment)) []byte {
		e := c.Environments["dev"]
		change(&e)
		c.Environments["dev"] = e
		return synthesizeConfig(t, c)["example-dev"]
	}
	otherTTL := synth(func(e *config.Environment) { e.API.Cache.DefaultTTLSeconds = 120 })
	first, second := everythingSigners(t)
	signed := func(signers ...config.Signer) []byte {
		return synth(func(e *config.Environment) {
			e.Models.Signers, e.Models.ForceDestroy, e.Logging.ForceDestroy = signers, true, true
			e.Logging.Version = 2
			cache := *e.API.Cache
			cache.KeyHeaders = []string{config.CallerHeader}
			e.API.Keys, e.API.Cache = &config.Keys{Header: declare.TextOrList{Text: "Authorization"}}, &cache
		})
	}
	rotation := [][]byte{signed(first), signed(first, second), signed(second),
		signed(config.Signer{Name: second.Name, PublicKey: first.PublicKey})}
	sideBySide(t)

	state := newDeployment(t, aws, synthesized["example-state"], object{})
	step(t, "the state stack makes its bucket and keeps its own state in a file", func(t *testing.T) {
		state.change(t, synthesized["example-state"], patience(t, synthesized["example-state"]))
		state.apply(t)
		require.Equal(t, []string{bucket}, aws.Buckets(t))
		require.FileExists(t, filepath.Join(state.dir, "../../../terraform.example-state.tfstate"))
		require.Contains(t, state.state(t).addresses(), "aws_s3_bucket.state")
	})
	dev := newDeployment(t, aws, synthesized["example-dev"], withoutEdges(t, synthesized["example-dev"]))
	step(t, "dev keeps its state in the bucket and unlocks it", func(t *testing.T) {
		dev.apply(t)
		require.Equal(t, []string{"example/dev.tfstate"}, aws.Objects(t, bucket))
		require.NotEmpty(t, aws.CallsTo("s3:DeleteObject"), "the lock was deleted")
		require.Equal(t, parse(t, synthesized["example-dev"]).Addresses(), dev.state(t).addresses())
	})
	edge, _ := sent[wireDistribution](t, aws, "Distribution")
	step(t, "CloudFront is sent what is configured", func(t *testing.T) {
		_, d := sent[wireDistribution](t, aws, "Distribution")
		identity, _ := sent[struct{}](t, aws, "CloudFrontOriginAccessIdentity")
		policy, ttl := sent[wireCachePolicy](t, aws, "CachePolicy")
		require.Equal(t, "origin-access-identity/cloudfront/"+identity, d.origin("models").Identity)
		require.Equal(t, "your-backend-endpoint.amazonaws.com", d.origin("api").Domain)
		require.Equal(t, "/api", d.origin("api").Path)
		require.ElementsMatch(t, []string{"GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"}, d.Default.Methods)
		require.ElementsMatch(t, []string{"GET", "HEAD", "OPTIONS"}, d.behavior("/models/*").Methods)
		require.Equal(t, policy, d.Default.CachePolicy)
		require.Equal(t, wireCachePolicy{0, 3600, 86400}, ttl)
		require.Regexp(t, `^example-dev-logs-\d+\.s3\.amazonaws\.com$`, d.Logging.Bucket)
		require.Equal(t, "cf-logs/", d.Logging.Prefix)
	})
	step(t, "a second plan is empty", dev.requireNoChanges)
	step(t, "a changed TTL is updated in place", func(t *testing.T) {
		dev.change(t, otherTTL, withoutEdges(t, otherTTL))
		require.Equal(t, map[string]string{"aws_cloudfront_cache_policy.default": "update"}, dev.plan(t).changes)
		dev.apply(t, withoutRefresh)
		require.Equal(t, []string{"cloudfront:UpdateCachePolicy"}, changed(dev, "cloudfront"))
		_, ttl := sent[wireCachePolicy](t, aws, "CachePolicy")
		require.Equal(t, wireCachePolicy{0, 120, 86400}, ttl)
	})
	const store = "example-dev-api"
	step(t, "callers get keys before the edge asks for them", func(t *testing.T) {
		dev.change(t, rotation[0], withoutEdges(t, rotation[0]))
		dev.apply(t, withoutRefresh, tfexec.Target("aws_cloudfront_key_value_store.api"))
		require.Equal(t, []string{"cloudfront:CreateKeyValueStore"}, changed(dev, "cloudfront"))
		aws.PutPair(store, "hash", "alice")
	})
	step(t, "keys rotate while the models stay signed", func(t *testing.T) {
		var group string
		var before []string
		for i, text := range rotation {
			dev.deploy(t, text)
			_, d := sent[wireDistribution](t, aws, "Distribution")
			id, g := sent[wireKeyGroup](t, aws, "KeyGroup")
			require.Equal(t, []string{id}, d.behavior("/models/*").KeyGroups)
			require.ElementsMatch(t, aws.Resources()["PublicKey"], g.Keys)
			require.Len(t, g.Keys, len(parse(t, text).Resource["aws_cloudfront_public_key"]))
			if i > 0 {
				require.Equal(t, group, id)
				require.NotEqual(t, before, g.Keys)
				require.Empty(t, aws.CallsTo("cloudfront:UpdateDistribution"), "the distribution needn't know")
			}
			group, before = id, g.Keys
		}
		require.Equal(t, []string{edge}, aws.Resources()["Distribution"])
		require.Equal(t, map[string]string{"hash": "alice"}, aws.Pairs(store))
	})
	step(t, "destroying dev leaves nothing but its state, and takes the models along as forceDestroy says", func(t *testing.T) {
		for _, name := range aws.Buckets(t) {
			if strings.HasPrefix(name, "example-dev-models-") {
				aws.PutObject(t, name, "models/a.bin", "weights")
			}
		}
		dev.destroy(t)
		calls := strings.Join(writes(dev), "\n")
		require.Regexp(t, `(?s)DeleteDelivery\n.*DeleteBucketPolicy example-dev-logs-`, calls, "with the policy of the bucket logs are still let in")
		require.Contains(t, calls, "logs:DeleteDeliverySource")
		require.Contains(t, calls, "logs:DeleteDeliveryDestination")
		require.Empty(t, aws.Resources())
		require.Equal(t, []string{bucket}, aws.Buckets(t))
		require.Equal(t, []string{"example/dev.tfstate"}, aws.Objects(t, bucket))
	})
	step(t, "destroying the state bucket is refused", func(t *testing.T) {
		require.ErrorContains(t, state.Destroy(t.Context(), withoutRefresh), "Instance cannot be destroyed")
		require.Equal(t, []string{bucket}, aws.Buckets(t))
	})
}

// changed returns the names of the calls to a service that changed something, in their order.
func changed(d deployment, service string) []string {
	var names []string
	for _, call := range d.aws.Calls() {
		if call.Service == service && call.Write() {
			names = append(names, call.Name())
		}
	}
	return names
}

// everythingSigners are two different keys.
func everythingSigners(t *testing.T) (first, second config.Signer) {
	signers := load(t, everything).Environments["full"].Models.Signers
	return signers[0], signers[1]
}

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

const bucketsConfig = `{"context": {"accelerator": {
	"name": "demo",
	"state": {"bucket": "demo-state", "region": "us-east-1"},
	"environments": {"dev": {
		"region": "eu-west-1",
		"api": {"domainName": "backend.example.com"},
		"models": {"replicaRegion": "us-west-2"}
	}}
}}}`

// TestLongDeployBuckets takes the buckets of an environment, each with an object in it, through what could lose them.
func TestLongDeployBuckets(t *testing.T) {
	aws := needAWS(t)
	c, _, err := config.Parse("cdktf.json", []byte(bucketsConfig))
	require.NoError(t, err)
	aws.CreateBucket(t, c.State.Region, c.State.Bucket)
	e := c.Environments["dev"]
	with := func(change func(*config.Environment)) []byte {
		changed := e
		change(&changed)
		c.Environments["dev"] = changed
		return synthesizeConfig(t, c)["demo-dev"]
	}
	become := func(change func(*config.Environment)) []byte {
		change(&e)
		return with(func(*config.Environment) {})
	}
	start := become(func(*config.Environment) {})
	otherBucket := with(func(e *config.Environment) { e.Models.BucketName = "demo-models" })
	otherRegion := with(func(e *config.Environment) { e.Region = "us-east-1" })
	logsOf := [][]byte{
		become(func(e *config.Environment) { e.Logging.Version, e.Logging.RetiredVersion = 2, 1 }),
		become(func(e *config.Environment) { e.Logging.RetiredVersion = 0 }),
		become(func(e *config.Environment) { e.Logging.Prefix, e.Tags = "edge/", map[string]string{"team": "ml"} }),
		become(func(e *config.Environment) { e.Logging.Version = 1 }),
		become(func(e *config.Environment) { e.Logging.Version = 2 }),
	}
	withoutLogs := become(func(e *config.Environment) { e.Logging.Enabled = false })
	moved := become(func(e *config.Environment) { e.Models.ReplicaRegion = "eu-central-1" })
	movedBeside := with(func(e *config.Environment) { e.Models.RetiredReplicaRegion = "us-west-2" })
	filled := become(func(e *config.Environment) { e.Models.BucketName = "demo-filled" })
	forced := become(func(e *config.Environment) { e.Models.ForceDestroy = true })
	replaced := become(func(e *config.Environment) { e.Models.BucketName = "demo-models" })
	withoutReplica := become(func(e *config.Environment) {
		e.Models.ReplicaRegion, e.Models.RetiredReplicaRegion = "", "eu-central-1"
	})
	sideBySide(t)

	dev := newDeployment(t, aws, start, patience(t, start))
	named := func(part string) string {
		t.Helper()
		i := slices.IndexFunc(aws.Buckets(t), func(name string) bool { return strings.HasPrefix(name, "demo-dev-"+part+"-") })
		require.GreaterOrEqual(t, i, 0, part)
		return aws.Buckets(t)[i]
	}
	refused := func(t *testing.T, text []byte, why string) {
		t.Helper()
		dev.change(t, text, patience(t, text))
		aws.ResetCalls()
		require.ErrorContains(t, dev.Apply(t.Context()), why)
		require.Empty(t, writes(dev))
	}

	dev.apply(t)
	models, logs, replica := named("models"), named("logs"), named("replica")
	for _, bucket := range []string{models, logs, replica} {
		aws.PutObject(t, bucket, "object", "content")
	}
	step(t, "destroying it is refused before anything is touched", func(t *testing.T) {
		aws.ResetCalls()
		require.ErrorContains(t, dev.Destroy(t.Context()), "Instance cannot be destroyed")
		require.Empty(t, writes(dev))
	})
	step(t, "so is another bucket for the models", func(t *testing.T) {
		refused(t, otherBucket, "Instance cannot be destroyed")
	})
	step(t, "and another region", func(t *testing.T) {
		refused(t, otherRegion, "This environment was deployed to eu-west-1. It can't move to us-east-1")
	})
	dev.changeLogs(t, logs, logsOf)
	step(t, "logs that are switched off stay as they are", func(t *testing.T) {
		dev.deploy(t, withoutLogs)
		require.Empty(t, writes(dev, logs))
		require.Equal(t, []string{"object"}, aws.Objects(t, logs))
		dev.requireNoChanges(t)
	})
	step(t, "a replica isn't moved without its provider", func(t *testing.T) {
		refused(t, moved, "Provider configuration not present")
	})
	step(t, "with it the old one stays as it is, and a new one is made in the other region", func(t *testing.T) {
		dev.deploy(t, movedBeside)
		require.Empty(t, writes(dev, replica))
		dev.change(t, moved, patience(t, moved))
		dev.requireNoChanges(t)
	})
	step(t, "the models move to a bucket that is filled before, and the old one stays as it is", func(t *testing.T) {
		dev.moveModels(t, e.Region, models, "demo-filled", filled)
		require.Empty(t, writes(dev, models))
		require.Contains(t, writes(dev), "cloudfront:UpdateDistribution")
		dev.requireNoChanges(t)
		requireServed(t, aws, "/models/*", "object")
	})
	step(t, "where that is allowed, the models' bucket is replaced once the distribution has moved", func(t *testing.T) {
		dev.deploy(t, forced)
		dev.deploy(t, replaced)
		order := []string{
			"s3:CreateBucket demo-models", "s3:PutBucketPolicy demo-models", "cloudfront:UpdateDistribution",
			"s3:DeleteBucketPolicy demo-filled", "s3:DeleteBucket demo-filled",
		}
		var found []string
		for _, call := range writes(dev) {
			if slices.Contains(order, call) {
				found = append(found, call)
			}
		}
		require.Equal(t, order, slices.Compact(found), "a bucket that isn't empty is emptied and then deleted again")
		dev.requireNoChanges(t)
	})
	step(t, "so is the replica destroyed, and the environment", func(t *testing.T) {
		dev.deploy(t, withoutReplica)
		dev.destroy(t)
		require.Empty(t, aws.Resources())
		require.ElementsMatch(t, []string{c.State.Bucket, models, logs, replica}, aws.Buckets(t))
	})
}

// writes returns the calls that changed something, in their order, to a bucket or to all but that of the state.
func writes(d deployment, buckets ...string) []string {
	var calls []string
	for _, call := range d.aws.Calls() {
		path, _, _ := strings.Cut(strings.TrimPrefix(call.Path, "/"), "?")
		bucket, _, _ := strings.Cut(path, "/")
		switch {
		case !call.Write() || bucket == d.backend.S3.Bucket || len(buckets) > 0 && !slices.Contains(buckets, bucket):
		case call.Service == "s3":
			calls = append(calls, call.Name()+" "+bucket)
		default:
			calls = append(calls, call.Name())
		}
	}
	return calls
}

// knowingCallers is prod with keys in a header, and what is cached of it is one caller's.
func knowingCallers(e config.Environment, header string) config.Environment {
	e.API.Keys = &config.Keys{Header: declare.TextOrList{Text: header}}
	e.Routes = slices.Clone(e.Routes)
	for i, route := range e.Routes {
		if route.Cache != nil {
			cache := *route.Cache
			cache.KeyHeaders = []string{config.CallerHeader}
			e.Routes[i].Cache = &cache
		}
	}
	return e
}

// The store and the function of prod have the same name.
const callersOfProd = "example-prod-api"

// caller is one whose key was put into prod's store between two deploys.
type caller struct {
	aws                   *awstest.Server
	store                 string // its ARN
	name, key, hash, pair string
}

func newCaller(t *testing.T, aws *awstest.Server, name string) caller {
	t.Helper()
	c := caller{aws: aws, name: name, key: "sk-" + name + "-0123456789abcdef"}
	sum := sha256.Sum256([]byte(c.key))
	c.hash = hex.EncodeToString(sum[:])
	c.pair = fmt.Sprintf(`{"name":%q,"created":1764000000}`, name)
	aws.PutPair(callersOfProd, c.hash, c.pair)
	c.store = aws.KeyValueStore(callersOfProd)
	require.NotEmpty(t, c.store)
	return c
}

// requireKnown holds the store to be the one that the key was put into, and runs the function that is published: it
// lets the caller in, and nobody else.
func (c caller) requireKnown(t *testing.T, header, value string) {
	t.Helper()
	require.Equal(t, c.store, c.aws.KeyValueStore(callersOfProd), "the store is still the same")
	pairs := c.aws.Pairs(callersOfProd)
	require.Equal(t, map[string]string{c.hash: c.pair}, pairs)
	program, err := edgefunction.Compile(callersOfProd, c.aws.FunctionCode(callersOfProd))
	require.NoError(t, err)
	run := func(value string) edgefunction.Result {
		result, err := program.Run(edgefunction.Event{Method: "POST", URI: "/v1/chat/completions", IP: "198.51.100.1", Time: time.Now(),
			Headers: map[string][]string{header: {value}}}, edgefunction.Map(pairs))
		require.NoError(t, err)
		return result
	}
	passed := run(value)
	require.Nil(t, passed.Response, "%+v", passed.Response)
	require.Equal(t, []string{c.name}, passed.Headers[config.CallerHeader])
	require.NotContains(t, passed.Headers, header)
	refused := run(value + "0")
	require.NotNil(t, refused.Response)
	require.Equal(t, 401, refused.Response.Status)
}

// requireNotIn holds what others read to know the store, and nothing of the caller.
func (c caller) requireNotIn(t *testing.T, texts ...[]byte) {
	t.Helper()
	for _, text := range texts {
		require.True(t, bytes.Contains(text, []byte(c.store)))
		for _, secret := range []string{c.name, c.key, c.hash, c.hash[:8]} {
			require.False(t, bytes.Contains(text, []byte(secret)), secret)
		}
	}
}

// planText is all that Terraform keeps in the file of a plan: the plan, the state before and after, and the
// configuration.
func planText(t *testing.T, file string) []byte {
	t.Helper()
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	require.NoError(t, err)
	var all bytes.Buffer
	for _, part := range archive.File {
		r, err := part.Open()
		require.NoError(t, err)
		_, err = io.Copy(&all, r)
		require.NoError(t, err)
		require.NoError(t, r.Close())
	}
	return all.Bytes()
}

// requireCanary holds prod to have its canary there, or none, and every behavior to the API to run its function.
func requireCanary(t *testing.T, aws *awstest.Server, domain string) {
	t.Helper()
	_, d := sent[wireDistribution](t, aws, "Distribution")
	const arn = "arn:aws:cloudfront::" + awstest.AccountID + ":function/" + callersOfProd
	failover := arn + "-failover"
	if domain == "" {
		failover = arn
		require.False(t, slices.ContainsFunc(d.Origins, func(o wireOrigin) bool { return o.ID == "api-canary" }))
	} else {
		require.Equal(t, domain, d.origin("api-canary").Domain)
	}
	require.Equal(t, []string{arn}, d.Default.Functions)
	require.Equal(t, []string{arn}, d.behavior("/inference.GRPCInferenceService/*").Functions)
	require.Equal(t, []string{failover}, d.behavior("/v1/models*").Functions)
	require.Empty(t, d.behavior("/models/*").Functions)
}

// changeLogs takes the access logs of a deployment from version 1 to version 2, and back: nothing is replaced, and
// afterwards nothing is left to do, so AWS has added nothing to the policy of the bucket. It leaves version 2. The texts
// are the stack at each step.
func (d deployment) changeLogs(t *testing.T, bucket string, texts [][]byte) {
	t.Helper()
	deploy := func(t *testing.T) []string {
		t.Helper()
		d.deploy(t, texts[0])
		texts = texts[1:]
		var calls []string
		for _, call := range writes(d) { // one whose answer is lost is repeated
			if !slices.Contains(calls, call) {
				calls = append(calls, call)
			}
		}
		return calls
	}
	requireVersion1 := func(t *testing.T, want bool) {
		t.Helper()
		_, made := sent[wireDistribution](t, d.aws, "Distribution")
		require.Equal(t, want, made.Logging.Bucket != "")
	}
	var (
		policy, acl = "s3:PutBucketPolicy " + bucket, "s3:PutBucketAcl " + bucket
		made        = []string{"logs:PutDeliverySource", "logs:PutDeliveryDestination", "logs:CreateDelivery"}
	)
	step(t, "version 2 of the logs is delivered beside version 1", func(t *testing.T) {
		calls := deploy(t)
		require.ElementsMatch(t, append(made, policy), calls)
		require.Less(t, slices.Index(calls, policy), slices.Index(calls, "logs:CreateDelivery"))
		requireVersion1(t, true)
		d.requireNoChanges(t)
	})
	step(t, "version 1 of the logs ends", func(t *testing.T) {
		calls := deploy(t)
		require.ElementsMatch(t, []string{"cloudfront:UpdateDistribution", acl}, calls)
		requireVersion1(t, false)
	})
	step(t, "logs go to another folder, and all has other tags", func(t *testing.T) {
		calls := deploy(t)
		calls = slices.DeleteFunc(calls, func(call string) bool { return !strings.HasPrefix(call, "logs:") && call != policy })
		require.ElementsMatch(t, []string{"logs:UpdateDeliveryConfiguration", "logs:TagResource"}, calls)
		d.requireNoChanges(t)
	})
	step(t, "version 1 of the logs comes back", func(t *testing.T) {
		calls := deploy(t)
		require.ElementsMatch(t, []string{"logs:DeleteDelivery", "logs:DeleteDeliverySource", "logs:DeleteDeliveryDestination",
			policy, acl, "cloudfront:UpdateDistribution"}, calls)
		require.Less(t, slices.Index(calls, "logs:DeleteDelivery"), slices.Index(calls, policy))
		requireVersion1(t, true)
	})
	step(t, "and gives way to version 2 at once", func(t *testing.T) {
		require.ElementsMatch(t, append(made, policy, acl, "cloudfront:UpdateDistribution"), deploy(t))
	})
}

const queriesConfig = `{"context": {"accelerator": {
	"name": "demo",
	"state": {"bucket": "demo-state", "region": "us-east-1"},
	"environments": {"dev": {
		"region": "eu-west-1",
		"api": {"domainName": "backend.example.com"},
		"models": {"forceDestroy": true},
		"logging": {"version": 2, "queries": true, "retentionDays": 30, "forceDestroy": true}
	}}
}}}`

// TestLongDeployQueries makes the queries of the access logs, changes them, takes them out and makes them again.
func TestLongDeployQueries(t *testing.T) {
	aws := needAWS(t)
	c, _, err := config.Parse("cdktf.json", []byte(queriesConfig))
	require.NoError(t, err)
	aws.CreateBucket(t, c.State.Region, c.State.Bucket)
	e := c.Environments["dev"]
	synth := func(change func(*config.Logging)) []byte {
		change(&e.Logging)
		c.Environments["dev"] = e
		return synthesizeConfig(t, c)["demo-dev"]
	}
	first := synth(func(*config.Logging) {})
	// Before the field was there that names callers.
	nameless := regexp.MustCompile(`,\s*"`+logs.CallerField+`"`).ReplaceAll(first, nil)
	require.NotEqual(t, string(first), string(nameless))
	// As version 2 was delivered before it was JSON.
	parquet := regexp.MustCompile(`("output_format": )"json"`).ReplaceAll(nameless, []byte(`$1"parquet"`))
	parquet = bytes.ReplaceAll(parquet, []byte("/json"), []byte("/parquet"))
	week := synth(func(l *config.Logging) { l.RetentionDays = 7 })
	without := synth(func(l *config.Logging) { l.Queries = false })
	sideBySide(t)

	dev := newDeployment(t, aws, parquet, patience(t, parquet))
	step(t, "Parquet gives way to JSON", func(t *testing.T) {
		dev.apply(t)
		dev.change(t, nameless, patience(t, nameless))
		require.Equal(t, map[string]string{
			"aws_cloudwatch_log_delivery_destination.edge": "replace", "aws_cloudwatch_log_delivery.edge": "replace",
			"aws_s3_bucket_policy.logs": "update", "aws_glue_catalog_table.logs": "update",
		}, dev.plan(t).changes)
	})
	step(t, "Glue has the table, and Athena the workgroup with the queries, in the environment's region", func(t *testing.T) {
		dev.apply(t)
		dev.requireQueries(t, "demo-dev", "eu-west-1", "json/cf-logs/", 32)
		dev.requireNoChanges(t)
	})
	step(t, "the table knows as many hours as there are files, and the delivery gets a field without being replaced", func(t *testing.T) {
		dev.change(t, week, patience(t, week))
		require.Equal(t, map[string]string{"aws_glue_catalog_table.logs": "update", "aws_cloudwatch_log_delivery.edge": "update"}, dev.plan(t).changes)
		dev.apply(t, withoutRefresh)
		dev.requireQueries(t, "demo-dev", "eu-west-1", "json/cf-logs/", 9)
		dev.requireNoChanges(t)
	})
	step(t, "queries that have run don't keep the workgroup", func(t *testing.T) {
		aws.Query(t, "eu-west-1", "demo-dev-logs", "SELECT 1")
		dev.deploy(t, without)
		require.Zero(t, aws.Workgroup(t, "eu-west-1", "demo-dev-logs"))
		require.Empty(t, aws.Databases(t, "eu-west-1"))
		require.NotContains(t, dev.state(t).Outputs, "logs_workgroup")
	})
	step(t, "they are made again, and destroyed with the environment", func(t *testing.T) {
		dev.deploy(t, first)
		dev.requireQueries(t, "demo-dev", "eu-west-1", "json/cf-logs/", 32)
		dev.destroy(t)
		require.Zero(t, aws.Workgroup(t, "eu-west-1", "demo-dev-logs"))
		require.Empty(t, aws.Databases(t, "eu-west-1"))
		require.Equal(t, []string{"demo-state"}, aws.Buckets(t))
	})
}

// requireQueries holds what Glue and Athena have to the folder in which the access logs are, and the days that the
// table looks back.
func (d deployment) requireQueries(t *testing.T, stack, region, folder string, days int) {
	t.Helper()
	outputs := d.state(t).Outputs
	bucket, _ := outputs["logs_bucket"].Value.(string)
	place := "s3://" + bucket + "/" + folder
	table := d.aws.Table(t, region, names.LogDatabase(stack), names.LogTable)
	require.Equal(t, "EXTERNAL_TABLE", table.TableType)
	require.Equal(t, place, table.StorageDescriptor.Location)
	require.Equal(t, []awstest.Column{{Name: "hour", Type: "string"}}, table.PartitionKeys)
	require.Equal(t, map[string]string{
		"EXTERNAL":                      "TRUE",
		"projection.enabled":            "true",
		"projection.hour.type":          "date",
		"projection.hour.format":        "yyyy/MM/dd/HH",
		"projection.hour.range":         fmt.Sprintf("NOW-%dDAYS,NOW", days),
		"projection.hour.interval":      "1",
		"projection.hour.interval.unit": "HOURS",
		"storage.location.template":     place + "${hour}/",
	}, table.Parameters)
	require.Len(t, table.StorageDescriptor.Columns, len(logs.Delivered()))
	require.Contains(t, table.StorageDescriptor.Columns, awstest.Column{Name: "cs_user_agent", Type: "string"})

	require.Equal(t, stack+"-logs", outputs["logs_workgroup"].Value)
	group := d.aws.Workgroup(t, region, stack+"-logs").Configuration
	require.True(t, group.EnforceWorkGroupConfiguration)
	require.Equal(t, 100_000_000_000, group.BytesScannedCutoffPerQuery)
	require.Equal(t, "s3://"+bucket+"/athena-results/", group.ResultConfiguration.OutputLocation)
	require.Equal(t, "SSE_S3", group.ResultConfiguration.EncryptionConfiguration.EncryptionOption)
	saved := map[string]string{}
	for _, q := range questions.All() {
		saved[q.Name] = q.SQL(names.LogDatabase(stack)+"."+names.LogTable, questions.Range{})
	}
	require.Equal(t, saved, d.aws.SavedQueries(t, region, stack+"-logs"))
}
