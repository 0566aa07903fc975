package stacks_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-exec/tfexec"
	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/config"
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
			e.API.Keys, e.API.Cache = &config.Keys{Header: "Authorization"}, &cache
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
