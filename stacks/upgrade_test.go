package stacks_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/config"
)

const model = "models/llama.gguf"

// TestLongUpgrade takes an environment in which everything is on through changes and back: after each nothing is left
// to do, an object that was there at the start is still served, and a key is still in the store.
func TestLongUpgrade(t *testing.T) {
	aws := needAWS(t)
	c, zone := load(t, everything), aws.CreateHostedZone(t, "example.com")
	base, second := c.Environments["full"], c.Environments["worldwide"]
	base.Domain.HostedZoneID, second.Domain.HostedZoneID = zone, zone
	second.Models.ForceDestroy, second.Logging.ForceDestroy = true, true
	monitoring := base.Monitoring
	base.Firewall.Enabled = false // with its web ACL a plan takes three times as long
	base.Monitoring = config.Monitoring{}
	aws.CreateSecret(t, base.Region, base.API.VerifySecret, "verify")
	aws.CreateBucket(t, c.State.Region, c.State.Bucket)

	unnamed := base
	unnamed.Models.Bucket, unnamed.Models.ReplicaRegion = "", ""
	named := base
	named.Models.ReplicaRegion = ""
	renamed := base
	renamed.Models.Bucket += "-2"
	start, given, whole := synthesizeAs(t, c, "full", unnamed), synthesizeAs(t, c, "full", named), synthesizeAs(t, c, "full", base)
	other, neighbor := synthesizeAs(t, c, "full", renamed), synthesizeAs(t, c, "worldwide", second)
	rows := synthesizeUpgrades(t, c, "full", base, upgrades(t, aws, monitoring))
	sideBySide(t)

	full := newDeployment(t, aws, start, patience(t, start))
	full.apply(t)
	first := full.modelsBucket(t)
	aws.PutObject(t, first, model, "weights")
	keys := c.StackName("full") + "-api"
	aws.PutPair(keys, "hash", "alice")
	check := func(t *testing.T) {
		t.Helper()
		full.requireNoChanges(t)
		requireServed(t, aws, "/models/*", model)
		require.Equal(t, map[string]string{"hash": "alice"}, aws.Pairs(keys))
	}
	move := func(t *testing.T, from, to string, text []byte) {
		t.Helper()
		full.moveModels(t, base.Region, from, to, text)
		require.Empty(t, writes(full, from), "it stays as it is")
		check(t)
	}
	step(t, "a bucket of a given name", func(t *testing.T) { move(t, first, base.Models.Bucket, given) })
	step(t, "a replica added", func(t *testing.T) {
		full.deploy(t, whole)
		check(t)
	})
	step(t, "a bucket of another name", func(t *testing.T) {
		move(t, base.Models.Bucket, renamed.Models.Bucket, other)
		move(t, renamed.Models.Bucket, base.Models.Bucket, whole)
	})
	for _, row := range rows {
		step(t, row.name, func(t *testing.T) {
			for _, text := range append(row.texts, whole) {
				full.deliver(t)
				full.deploy(t, text)
				check(t)
			}
		})
	}
	step(t, "another environment in the zone made and destroyed", func(t *testing.T) {
		worldwide := newDeployment(t, aws, neighbor, patience(t, neighbor))
		worldwide.apply(t)
		worldwide.destroy(t, withoutRefresh)
		check(t)
	})
}

// TestLongUpgradeVPCOrigin changes where CloudFront enters the VPC, while what it uses can't be changed.
func TestLongUpgradeVPCOrigin(t *testing.T) {
	aws := needAWS(t)
	c := load(t, everything)
	base := c.Environments["private"]
	base.Domain.CertificateARN = aws.CreateCertificate(t, base.Domain.Aliases[0])
	base.Firewall.WebACLARN = aws.CreateWebACL(t, "company")
	aws.CreateBucket(t, c.State.Region, c.State.Bucket)
	whole := synthesizeAs(t, c, "private", base)
	rows := synthesizeUpgrades(t, c, "private", base, []upgrade{
		{"another port", []change{func(e *config.Environment) { e.API.HTTPSPort = 8443 }}},
		{"another load balancer", []change{func(e *config.Environment) { e.API.VPCOrigin.LoadBalancerARN += "0" }}},
	})
	sideBySide(t)

	private := newDeployment(t, aws, whole, patience(t, whole))
	private.apply(t)
	aws.PutObject(t, private.modelsBucket(t), model, "weights")
	for _, row := range rows {
		step(t, row.name, func(t *testing.T) {
			for _, text := range append(row.texts, whole) {
				before := aws.Resources()["VpcOrigin"]
				private.deploy(t, text)
				require.Len(t, aws.Resources()["VpcOrigin"], 1)
				require.NotEqual(t, before, aws.Resources()["VpcOrigin"])
				private.requireNoChanges(t)
				requireServed(t, aws, "/models/*", model)
			}
		})
	}
}

// TestLongUpgradeEdge moves and takes out what the provider keeps when it is left out, and checks what CloudFront is sent: a plan
// finds nothing to do even where that differs from the configuration.
func TestLongUpgradeEdge(t *testing.T) {
	aws := needAWS(t)
	c := load(t, example)
	base := c.Environments["dev"]
	base.Models.ForceDestroy = true
	base.Distribution.GeoRestriction = config.GeoRestriction{Type: "whitelist", Locations: []string{"DE", "FR"}}
	grpc := config.Route{Path: "/inference.GRPCInferenceService/*", Origin: config.OriginAPI, Methods: "all", GRPC: true}
	read := config.Route{Path: "/v1/models*", Origin: config.OriginAPI, Methods: config.MethodsRead}
	base.Routes = []config.Route{grpc, read}
	aws.CreateBucket(t, c.State.Region, c.State.Bucket)
	whole := synthesizeAs(t, c, "dev", base)
	rows := synthesizeUpgrades(t, c, "dev", base, []upgrade{
		{"a gRPC route moved", []change{func(e *config.Environment) { e.Routes = []config.Route{read, grpc} }}},
		{"all open", []change{func(e *config.Environment) {
			e.Distribution.GeoRestriction = config.GeoRestriction{Type: "none"}
			e.Routes = []config.Route{read}
		}}},
	})
	sideBySide(t)

	dev := newDeployment(t, aws, whole, patience(t, whole))
	dev.apply(t)
	for _, row := range rows {
		step(t, row.name, func(t *testing.T) {
			for _, text := range row.texts {
				dev.deploy(t, text)
				edge := parse(t, text).Resource["aws_cloudfront_distribution"]["edge"]
				ordered := items(edge["ordered_cache_behavior"])
				_, got := sent[wireDistribution](t, aws, "Distribution")
				require.False(t, got.Default.GRPC)
				require.Len(t, got.Ordered, len(ordered))
				for i, b := range got.Ordered {
					require.Equal(t, b.Path == grpc.Path, b.GRPC, b.Path)
					require.Equal(t, ordered[i]["path_pattern"], b.Path)
				}
				require.ElementsMatch(t, at(edge, "restrictions", "geo_restriction", "locations"), got.Locations)
			}
			dev.requireNoChanges(t)
		})
	}
}

// deliver does what AWS does meanwhile: no log bucket and no replica stays empty.
func (d deployment) deliver(t *testing.T) {
	t.Helper()
	for _, name := range d.aws.Buckets(t) {
		if strings.Contains(name, "-logs-") || strings.Contains(name, "-replica-") {
			d.aws.PutObject(t, name, model, "weights")
		}
	}
}

func (d deployment) modelsBucket(t *testing.T) string {
	t.Helper()
	return d.state(t).Outputs["models_bucket"].Value.(string)
}
