package stacks_test

import (
	"slices"
	"testing"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/awstest"
)

// upgrade is a change of a running environment: what it is deployed as, one after the other, before it is taken back.
type upgrade struct {
	name    string
	changes []change
}

type change func(*config.Environment)

// upgrades are the changes that a running environment takes, there and back. What AWS has to have for one is made in aws.
func upgrades(t *testing.T, aws *awstest.Server, monitoring config.Monitoring) []upgrade {
	t.Helper()
	certificate := aws.CreateCertificate(t, "ml.example.com", "*.ml.example.com")
	webACL := aws.CreateWebACL(t, "company")
	firewall := func(e *config.Environment) { e.Firewall.Enabled = true }
	replica := func(region, retired string) change {
		return func(e *config.Environment) { e.Models.ReplicaRegion, e.Models.RetiredReplicaRegion = region, retired }
	}
	return []upgrade{
		{"signers and keys off", []change{func(e *config.Environment) {
			e.Models.Signers, e.API.Keys = nil, nil
			e.Routes = slices.Clone(e.Routes)
			for i := range e.Routes {
				e.Routes[i].Signed = false
			}
		}}},
		{"signers rotated", []change{func(e *config.Environment) {
			next := config.Signer{Name: "2026-03", PublicKey: e.Models.Signers[0].PublicKey}
			e.Models.Signers = []config.Signer{e.Models.Signers[1], next}
		}}},
		{"the replica moved", []change{
			replica("eu-west-3", "eu-central-1"),
			replica("eu-west-3", ""),
			replica("eu-central-1", "eu-west-3"),
		}},
		{"the replica removed", []change{replica("", "eu-central-1"), replica("", "")}},
		{"aliases added, swapped and removed, with keys in another header, another canary, and none", []change{
			func(e *config.Environment) {
				e.API.Keys = &config.Keys{Header: "Authorization"}
				e.Domain.Aliases = append(slices.Clone(e.Domain.Aliases), "models.example.com")
			},
			func(e *config.Environment) {
				e.API.Canary = &config.Canary{DomainName: "canary-2.example.com", Percent: 50}
				e.Domain.Aliases = []string{e.Domain.Aliases[1], e.Domain.Aliases[0]}
			},
			func(e *config.Environment) { e.API.Canary, e.Domain.Aliases = nil, e.Domain.Aliases[:1] },
		}},
		{"an own certificate", []change{func(e *config.Environment) {
			e.Domain.HostedZoneID, e.Domain.CertificateARN = "", certificate
		}}},
		{"the firewall on, and to an own web ACL, and back", []change{
			firewall,
			func(e *config.Environment) { e.Firewall = config.Firewall{WebACLARN: webACL} },
			firewall,
		}},
		{"limits by a header, by address, and of other paths", []change{
			firewall,
			func(e *config.Environment) { firewall(e); e.Firewall.LimitBy = config.LimitByIP },
			func(e *config.Environment) {
				firewall(e)
				e.Firewall.Limits = []config.Limit{{Path: "/v1/chat?", RequestsPer5Minutes: 10}}
			},
			func(e *config.Environment) { firewall(e); e.Firewall.Limits = nil },
		}},
		{"logging off, and monitoring on", []change{
			func(e *config.Environment) { e.Logging.Enabled = false },
			func(e *config.Environment) { e.Monitoring = monitoring },
		}},
		{"the identity to a control", []change{func(e *config.Environment) { e.Models.Access = "control" }}},
	}
}

// synthesizedUpgrade is an upgrade as Terraform reads it.
type synthesizedUpgrade struct {
	name  string
	texts [][]byte
}

func synthesizeUpgrades(t *testing.T, c config.Config, name string, base config.Environment, rows []upgrade) []synthesizedUpgrade {
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
