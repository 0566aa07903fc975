package stacks_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/awstest"
)

// upgrade is a change of a running environment.
type upgrade struct {
	name   string
	change func(*config.Environment)
}

// upgrades are the changes that a running environment takes, there and back. What AWS has to have for one is made in aws.
func upgrades(t *testing.T, aws *awstest.Server) []upgrade {
	t.Helper()
	certificate := aws.CreateCertificate(t, "ml.example.com", "*.ml.example.com")
	webACL := aws.CreateWebACL(t, "company")
	return []upgrade{
		{"signers off", func(e *config.Environment) {
			e.Models.Signers = nil
			e.Routes = slices.Clone(e.Routes)
			for i := range e.Routes {
				e.Routes[i].Signed = false
			}
		}},
		{"signers rotated", func(e *config.Environment) {
			next := config.Signer{Name: "2026-03", PublicKey: e.Models.Signers[0].PublicKey}
			e.Models.Signers = []config.Signer{e.Models.Signers[1], next}
		}},
		{"an alias added", func(e *config.Environment) {
			e.Domain.Aliases = append(slices.Clone(e.Domain.Aliases), "models.example.com")
		}},
		{"aliases swapped", func(e *config.Environment) {
			e.Domain.Aliases = []string{e.Domain.Aliases[1], e.Domain.Aliases[0]}
		}},
		{"an alias removed", func(e *config.Environment) { e.Domain.Aliases = e.Domain.Aliases[:1] }},
		{"an own certificate", func(e *config.Environment) {
			e.Domain.HostedZoneID, e.Domain.CertificateARN = "", certificate
		}},
		{"the firewall on", func(e *config.Environment) {
			e.Firewall = config.Firewall{Enabled: true, RequestsPer5Minutes: 2000, BlockedIPs: []string{"192.0.2.0/24"}}
		}},
		{"an own web ACL", func(e *config.Environment) { e.Firewall = config.Firewall{WebACLARN: webACL} }},
		{"monitoring off", func(e *config.Environment) { e.Monitoring = config.Monitoring{} }},
		{"the identity to a control", func(e *config.Environment) { e.Models.Access = "control" }},
	}
}

// TestUpgrade takes an environment in which everything is on through changes and back: after each nothing is left
// to do, and an object that was there at the start is still served.
func TestUpgrade(t *testing.T) {
	if os.Getenv("ACCELERATOR_UPGRADE") == "" {
		t.Skip("changing a running environment takes minutes; ACCELERATOR_UPGRADE=1 runs it")
	}
	aws := needAWS(t)
	c := load(t, everything)
	base := c.Environments["full"]
	base.Domain.HostedZoneID = aws.CreateHostedZone(t, "example.com")
	base.Firewall = load(t, example).Environments["dev"].Firewall // off: with its web ACL a plan takes three times as long
	aws.CreateSecret(t, base.Region, base.API.VerifySecret, "verify")
	aws.CreateBucket(t, c.State.Region, c.State.Bucket)
	synth := func(change func(*config.Environment)) []byte {
		e := base
		change(&e)
		return synthesizeConfig(t, config.Config{Name: c.Name, State: c.State,
			Environments: map[string]config.Environment{"full": e}})[c.StackName("full")]
	}
	withoutReplica := synth(func(e *config.Environment) { e.Models.ReplicaRegion = "" })
	whole := synth(func(*config.Environment) {})
	changed := map[string][]byte{}
	rows := upgrades(t, aws)
	for _, row := range rows {
		changed[row.name] = synth(row.change)
	}
	sideBySide(t)

	full := newDeployment(t, aws, withoutReplica, patience(t, withoutReplica))
	full.apply(t)
	const model = "models/llama.gguf"
	aws.PutObject(t, base.Models.Bucket, model, "weights")
	to := func(t *testing.T, text []byte) {
		t.Helper()
		full.deploy(t, text)
		full.requireNoChanges(t)
		requireServed(t, aws, "/models/*", model)
	}
	step(t, "a replica added", func(t *testing.T) { to(t, whole) })
	for _, row := range rows {
		step(t, row.name, func(t *testing.T) {
			to(t, changed[row.name])
			to(t, whole)
		})
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
		return s["Effect"] == "Allow" && s["Action"] == "s3:GetObject" && s["Resource"] == "arn:aws:s3:::"+bucket+"/*" && letsIn(s, d, origin)
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
