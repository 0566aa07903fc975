package stacks_test

import (
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/config/declare"
	"ml-api-accelerator/stacks/internal/awstest"
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
	monitoring.Slack = nil        // see TestLongDeployAlerts: the provider waits half a minute for every change
	base.Firewall.Enabled = false // with its web ACL a plan takes three times as long
	base.Monitoring = config.Monitoring{}
	aws.CreateSecret(t, base.Region, base.API.VerifySecret, "verify")
	aws.CreateBucket(t, c.State.Region, c.State.Bucket)

	unnamed := base
	unnamed.Models.BucketName, unnamed.Models.ReplicaRegion = "", ""
	named := base
	named.Models.ReplicaRegion = ""
	renamed := base
	renamed.Models.BucketName += "-2"
	start, given := synthesizeAs(t, c, "full", unnamed), synthesizeAs(t, c, "full", named)
	whole := synthesizeAs(t, c, "full", base)
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
	step(t, "a bucket of a given name", func(t *testing.T) { move(t, first, base.Models.BucketName, given) })
	step(t, "a replica added", func(t *testing.T) {
		full.deploy(t, whole)
		check(t)
	})
	step(t, "a bucket of another name", func(t *testing.T) {
		move(t, base.Models.BucketName, renamed.Models.BucketName, other)
		move(t, renamed.Models.BucketName, base.Models.BucketName, whole)
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
	base.API.VPCOrigin.LoadBalancerARN = aws.CreateBalancer(t, base.Region, "application", "one", "HTTP", 80, "").ARN
	other := aws.CreateBalancer(t, base.Region, "network", "other", "TCP", 443, "").ARN
	aws.CreateBucket(t, c.State.Region, c.State.Bucket)
	whole := synthesizeAs(t, c, "private", base)
	rows := synthesizeUpgrades(t, c, "private", base, []upgrade{
		{"another port", []change{func(e *config.Environment) { e.API.HTTPSPort = 8443 }}},
		{"another load balancer", []change{func(e *config.Environment) { e.API.VPCOrigin.LoadBalancerARN = other }}},
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

// TestLongUpgradeEdge moves and takes out what the provider keeps when it is left out, and checks what CloudFront is
// sent: a plan finds nothing to do even where that differs from the configuration.
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

// upgrade is a change of a running environment: what it is deployed as, one after the other, before it is taken back.
type upgrade struct {
	name    string
	changes []change
}

type change func(*config.Environment)

// upgrades are the changes that a running environment takes, there and back; what doesn't touch each other changes at
// once, since each deployment and the plan after it take half a minute. What AWS has to have for one is made in aws.
func upgrades(t *testing.T, aws *awstest.Server, monitoring config.Monitoring) []upgrade {
	t.Helper()
	certificate := aws.CreateCertificate(t, "ml.example.com", "*.ml.example.com")
	webACL := aws.CreateWebACL(t, "company")
	firewall := func(e *config.Environment) { e.Firewall.Enabled = true }
	replica := func(region, retired string) change {
		return func(e *config.Environment) { e.Models.ReplicaRegion, e.Models.RetiredReplicaRegion = region, retired }
	}
	return []upgrade{
		{"signers and keys off while the replica moves, and an own certificate and the zone's", []change{
			func(e *config.Environment) {
				replica("eu-west-3", "eu-central-1")(e)
				e.Models.Signers, e.API.Keys = nil, nil
				e.Routes = slices.Clone(e.Routes)
				for i := range e.Routes {
					e.Routes[i].Signed = false
				}
			},
			func(e *config.Environment) {
				replica("eu-west-3", "")(e)
				e.Domain.HostedZoneID, e.Domain.CertificateARN = "", certificate
			},
			replica("eu-central-1", "eu-west-3"),
		}},
		{"signers rotated, the replica removed, logging off, and then monitoring on and the identity to a control", []change{
			func(e *config.Environment) {
				replica("", "eu-central-1")(e)
				next := config.Signer{Name: "2026-03", PublicKey: e.Models.Signers[0].PublicKey}
				e.Models.Signers = []config.Signer{e.Models.Signers[1], next}
				e.Logging.Enabled = false
			},
			func(e *config.Environment) {
				replica("", "")(e)
				e.Monitoring = monitoring
				e.Models.Access = "control"
			},
		}},
		{"aliases added, swapped and removed, with keys in another header, another canary, and none", []change{
			func(e *config.Environment) {
				e.API.Keys = &config.Keys{Header: declare.TextOrList{Text: "Authorization"}}
				e.Domain.Aliases = append(slices.Clone(e.Domain.Aliases), "models.example.com")
			},
			func(e *config.Environment) {
				e.API.Canary = &config.Canary{DomainName: "canary-2.example.com", Percent: 50}
				e.Domain.Aliases = []string{e.Domain.Aliases[1], e.Domain.Aliases[0]}
			},
			func(e *config.Environment) { e.API.Canary, e.Domain.Aliases = nil, e.Domain.Aliases[:1] },
		}},
		{"the firewall on, with limits by address and of other paths, to an own web ACL, and back without limits", []change{
			firewall,
			func(e *config.Environment) {
				firewall(e)
				e.Firewall.LimitBy = config.LimitByIP
				e.Firewall.Limits = []config.Limit{{Path: "/v1/chat?", RequestsPer5Minutes: 10}}
			},
			func(e *config.Environment) { e.Firewall = config.Firewall{WebACLARN: webACL} },
			func(e *config.Environment) { firewall(e); e.Firewall.Limits = nil },
		}},
	}
}

// synthesizedUpgrade is an upgrade as Terraform reads it.
type synthesizedUpgrade struct {
	name  string
	texts [][]byte
}

func synthesizeUpgrades(
	t *testing.T, c config.Config, name string, base config.Environment, rows []upgrade,
) []synthesizedUpgrade {
	t.Helper()
	var list []synthesizedUpgrade
	for _, row := range rows {
		made := synthesizedUpgrade{name: row.name}
		for _, change := range row.changes {
			e := base
			change(&e)
			made.texts = append(made.texts, synthesizeAs(t, c, name, e))
		}
		list = append(list, made)
	}
	return list
}

// synthesizeAs returns the stack of an environment of a configuration, were it another.
func synthesizeAs(t *testing.T, c config.Config, name string, e config.Environment) []byte {
	t.Helper()
	c.Environments = map[string]config.Environment{name: e}
	return synthesizeConfig(t, c)[c.StackName(name)]
}

// moveModels moves the models to another bucket by hand, as the README told before Terraform could adopt one. A replica
// stays with them.
func (d deployment) moveModels(t *testing.T, region, from, to string, synthesized []byte) {
	t.Helper()
	if !slices.Contains(d.aws.Buckets(t), to) {
		d.aws.CreateBucket(t, region, to)
	}
	for _, key := range d.aws.Objects(t, from) {
		d.aws.PutObject(t, to, key, string(d.aws.Object(t, from, key)))
	}
	d.change(t, synthesized, patience(t, synthesized))
	old := slices.DeleteFunc(d.state(t).addresses(), func(address string) bool {
		return !modelsBucketParts.MatchString(address)
	})
	d.forget(t, old)
	d.whileAllowed(t, func() error { return d.Import(t.Context(), "aws_s3_bucket.models", to) })
	d.apply(t, withoutRefresh)
}

var modelsBucketParts = regexp.MustCompile(`^aws_s3_bucket\w*\.models$`)

// forget takes resources out of the state, all at once, as tfexec can't.
func (d deployment) forget(t *testing.T, addresses []string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), d.ExecPath(), append([]string{"state", "rm"}, addresses...)...)
	command.Dir, command.Env = d.dir, variables(t, d.aws)
	output, err := command.CombinedOutput()
	require.NoError(t, err, "%s", output)
}
