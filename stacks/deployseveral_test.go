package stacks_test

import (
	"bytes"
	"encoding/base64"
	"maps"
	"regexp"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/awstest/apicall"
)

// TestLongDeploySeveral takes an environment of several backends and buckets through its life: some come, change their
// names and go, and routes go from one to another.
func TestLongDeploySeveral(t *testing.T) {
	aws := needAWS(t)
	c := load(t, everything)
	base := c.Environments["several"]
	base.Domain.HostedZoneID = aws.CreateHostedZone(t, "example.com")
	base.Logging.ForceDestroy = true
	aws.CreateSecret(t, base.Region, base.Backends["embeddings"].VerifySecret, "verify")
	aws.CreateBucket(t, c.State.Region, c.State.Bucket)
	synth := func(e config.Environment) []byte { return synthesizeAs(t, c, "several", e) }

	more, fewer, renamed := moreBackends(base), moreBackends(base), renamedBackend(base)
	delete(fewer.Buckets, "voices")
	renamed.Buckets, renamed.Models.ForceDestroy = more.Buckets, true
	renamed = withOwnMaps(renamed)
	for name, b := range renamed.Buckets {
		b.ForceDestroy = true
		renamed.Buckets[name] = b
	}
	last := withOwnMaps(renamed)
	delete(last.Buckets, "voices")
	whole, added, refused, other, without := synth(base), synth(more), synth(fewer), synth(renamed), synth(last)
	sideBySide(t)

	several := newDeployment(t, aws, whole, patience(t, whole))
	edge := published{draft: map[string]string{}, live: map[string]string{}}
	deployed := func(t *testing.T, text []byte) {
		t.Helper()
		edge.follow(t, aws.Calls())
		requireNothingTwice(t, aws, parse(t, text))
		several.requireNoChanges(t)
	}
	step(t, "all of it is made", func(t *testing.T) {
		several.apply(t)
		deployed(t, whole)
	})
	bucket := func(name string) string { return several.state(t).Outputs[name+"_bucket"].Value.(string) }
	for _, name := range []string{"models", "adapters", "datasets"} {
		aws.PutObject(t, bucket(name), model, "weights")
	}
	step(t, "a backend, a bucket and a timeout come, a route goes to another backend, and a prefix stays", func(t *testing.T) {
		several.deploy(t, added)
		deployed(t, added)
		_, d := sent[wireDistribution](t, aws, "Distribution")
		require.Equal(t, "vision.example.com", d.primary(d.behavior("/v1/vision*")).Domain)
		require.Equal(t, "vision", d.behavior("/v1/embeddings*").Target)
		require.Equal(t, "litellm-45s", d.behavior("/llm/*").Target)
		require.NotContains(t, d.behavior("/tools/*").Functions[0], "strip")
	})
	voices := bucket("voices")
	aws.PutObject(t, voices, model, "weights")
	step(t, "a bucket isn't taken out with its objects", func(t *testing.T) {
		several.change(t, refused, patience(t, refused))
		aws.ResetCalls()
		require.ErrorContains(t, several.Apply(t.Context()), "Instance cannot be destroyed")
		require.Empty(t, writes(several))
	})
	step(t, "a backend gets another name, another goes, and all comes back", func(t *testing.T) {
		several.deploy(t, other)
		deployed(t, other)
		_, d := sent[wireDistribution](t, aws, "Distribution")
		require.Equal(t, "emb.example.com", d.origin("vectors").Domain)
		require.Empty(t, d.origin("embeddings"))
		require.Equal(t, "vectors", d.behavior("/v1/embeddings*").Target)
		require.Equal(t, "litellm", d.behavior("/llm/*").Target)
		require.Contains(t, d.behavior("/tools/*").Functions[0], "strip")
		require.Equal(t, []string{model}, aws.Objects(t, voices))
	})
	step(t, "with forceDestroy it is taken out, once the distribution doesn't lead there", func(t *testing.T) {
		several.deploy(t, without)
		calls := writes(several)
		deployed(t, without)
		require.NotContains(t, aws.Buckets(t), voices)
		require.Less(t, slices.Index(calls, "cloudfront:UpdateDistribution"), slices.Index(calls, "s3:DeleteBucket "+voices))
		require.Equal(t, []string{model}, aws.Objects(t, bucket("adapters")))
	})
	step(t, "destroyed, it leaves nothing", func(t *testing.T) {
		several.destroy(t, withoutRefresh)
		require.Empty(t, aws.Resources())
		require.Equal(t, []string{c.State.Bucket}, aws.Buckets(t))
	})
}

// moreBackends adds a backend, a bucket and a timeout to an environment, and leads a route elsewhere.
func moreBackends(e config.Environment) config.Environment {
	e = withOwnMaps(e)
	vision := e.Backends["litellm"]
	vision.DomainName = "vision.example.com"
	e.Backends["vision"] = vision
	voices := e.Buckets["adapters"]
	voices.BucketName, voices.Path, voices.Strip, voices.ReplicaRegion = "", "/voices/*", "/voices", ""
	e.Buckets["voices"] = voices
	for i, r := range e.Routes {
		switch r.Path {
		case "/v1/embeddings*":
			e.Routes[i].Origin = "vision"
		case "/llm/*", "/health":
			e.Routes[i].ReadTimeoutSeconds = 45 // for /health with another function, which chooses another canary
		case "/tools/*", "/tools/catalog*":
			e.Routes[i].Strip = ""
		}
	}
	e.Routes = append(e.Routes, config.Route{Path: "/v1/vision*", Origin: "vision", Methods: "all"})
	return e
}

// renamedBackend gives a backend of an environment another name.
func renamedBackend(e config.Environment) config.Environment {
	e = withOwnMaps(e)
	e.Backends["vectors"] = e.Backends["embeddings"]
	delete(e.Backends, "embeddings")
	for i, r := range e.Routes {
		if r.Origin == "embeddings" {
			e.Routes[i].Origin = "vectors"
		}
	}
	return e
}

func withOwnMaps(e config.Environment) config.Environment {
	e.Backends, e.Buckets, e.Routes = maps.Clone(e.Backends), maps.Clone(e.Buckets), slices.Clone(e.Routes)
	return e
}

// published is what CloudFront has of functions and of a distribution, from one call to the next.
type published struct {
	draft, live map[string]string // code by the name of the function
	edge        wireDistribution
}

// follow holds that after each of the calls every function that runs for a behavior names only origins that the
// distribution has: CloudFront refuses a distribution that names what isn't there, but doesn't know what code names.
func (p *published) follow(t *testing.T, calls []apicall.Call) {
	t.Helper()
	for _, call := range calls {
		name := regexp.MustCompile(`^/[^/]+/function/([^/?]*)`).FindStringSubmatch(call.Path)
		switch {
		case call.Status >= 300:
		case call.Name() == "cloudfront:CreateFunction", call.Name() == "cloudfront:UpdateFunction":
			var sent struct{ Name, FunctionCode string }
			decode(t, call.Body, &sent)
			code, err := base64.StdEncoding.DecodeString(sent.FunctionCode)
			require.NoError(t, err)
			if sent.Name == "" {
				sent.Name = name[1]
			}
			p.draft[sent.Name] = string(code)
		case call.Name() == "cloudfront:PublishFunction":
			p.live[name[1]] = p.draft[name[1]]
			p.require(t)
		case call.Name() == "cloudfront:CreateDistribution":
			decode(t, call.Body, &p.edge)
			p.require(t)
		case call.Name() == "cloudfront:UpdateDistribution":
			p.edge = wireDistribution{}
			_, config, found := bytes.Cut(call.Body, []byte("<DistributionConfig"))
			require.True(t, found)
			decode(t, slices.Concat([]byte("<Distribution><DistributionConfig"), config, []byte("</Distribution>")), &p.edge)
			p.require(t)
		}
	}
}

var namedOrigin = regexp.MustCompile(`(?:CANARY|FAILOVER)_ORIGIN = '([^']*)'`)

func (p *published) require(t *testing.T) {
	t.Helper()
	for _, b := range append(slices.Clone(p.edge.Ordered), p.edge.Default) {
		for _, arn := range b.Functions {
			require.Contains(t, p.live, last(arn))
			for _, named := range namedOrigin.FindAllStringSubmatch(p.live[last(arn)], -1) {
				require.NotEmpty(t, p.edge.origin(named[1]).ID, "%s of %q chooses %s", last(arn), b.Path, named[1])
			}
		}
	}
}
