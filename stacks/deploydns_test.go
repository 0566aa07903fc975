package stacks_test

import (
	"context"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/awstest"
	"ml-api-accelerator/stacks/internal/awstest/apicall"
	"ml-api-accelerator/stacks/internal/live/dns"
)

// TestLongDeployDNS deploys an environment whose DNS is elsewhere, moves its domain into the hosted zone of another
// account, adds a domain with a zone of its own, and destroys it.
func TestLongDeployDNS(t *testing.T) {
	server := needAWS(t)
	const role = "arn:aws:iam::444455556666:role/dns"
	com, org := server.CreateHostedZoneIn(t, "444455556666", "example.com"), server.CreateHostedZoneIn(t, "444455556666", "example.org")
	c := backendConfig(t, `"api": {"domainName": "backend.example.net"}, "domain": {"aliases": ["api.example.com"], "dns": "manual"}`)
	server.CreateBucket(t, c.State.Region, c.State.Bucket)
	synth := func(domain config.Domain) []byte {
		e := c.Environments["dev"]
		e.Domain = domain
		return synthesizeConfig(t, config.Config{Name: c.Name, State: c.State, Environments: map[string]config.Environment{"dev": e}})["demo-dev"]
	}
	byHand := synth(c.Environments["dev"].Domain)
	one := config.Domain{Aliases: []string{"api.example.com"}, HostedZoneID: com, HostedZoneRoleARN: role}
	two := config.Domain{Aliases: []string{"api.example.com", "*.example.org"}, HostedZoneRoleARN: role,
		HostedZones: map[string]string{"example.com": com, "example.org": org}}
	byRole, ofTwo := synth(one), synth(two)
	sideBySide(t)

	ask := asSomebody(t, server, dns.Wanted{Aliases: one.Aliases, Stack: "demo-dev", Account: awstest.AccountID})
	dev := newDeployment(t, server, byHand, patience(t, byHand))
	step(t, "while the first deploy waits for records, they can be asked for, and with them it goes on", func(t *testing.T) {
		require.Equal(t, dns.Deployed{}, ask(t))
		published := make(chan bool)
		go func() {
			published <- assert.Eventually(t, func() bool {
				known := ask(t)
				if !known.Waits || len(known.Validation) != 1 || !waiting(server) {
					return false
				}
				server.Publish(known.Validation[0].Name, known.Validation[0].Value)
				return true
			}, 10*time.Minute, time.Second/4)
		}()
		dev.apply(t)
		require.True(t, <-published)
		known := ask(t)
		require.True(t, known.Certificate)
		require.False(t, known.Waits)
		require.Len(t, known.Validation, 1)
		require.Regexp(t, `^_\w+\.api\.example\.com$`, known.Validation[0].Name)
		require.Equal(t, dev.state(t).Outputs["cloudfront_distribution_domain"].Value, known.Distribution)
		require.Empty(t, server.CallsTo("route53:ChangeResourceRecordSets"))
		dev.requireNoChanges(t)
	})
	edge := server.Resources()["Distribution"]
	certificate := dev.state(t).ids()["aws_acm_certificate.edge"]
	step(t, "the domain moves into a zone of another account, with the same certificate", func(t *testing.T) {
		dev.deploy(t, byRole)
		require.Equal(t, certificate, dev.state(t).ids()["aws_acm_certificate.edge"])
		require.Equal(t, edge, server.Resources()["Distribution"])
		records := server.Records(t, com)
		for _, kind := range []string{"A", "AAAA", "HTTPS"} {
			require.Contains(t, records, kind+" api.example.com")
		}
		for _, call := range server.CallsTo("route53:ChangeResourceRecordSets") {
			require.Equal(t, role, call.Role)
		}
	})
	step(t, "another domain has its records in another zone", func(t *testing.T) {
		dev.deploy(t, ofTwo)
		require.Contains(t, server.Records(t, org), `A \052.example.org`)
		require.Contains(t, server.Records(t, com), "A api.example.com")
		require.NotEqual(t, certificate, dev.state(t).ids()["aws_acm_certificate.edge"])
		require.Len(t, ask(t).Validation, 2)
		dev.requireNoChanges(t)
	})
	step(t, "destroyed, it leaves nothing", func(t *testing.T) {
		dev.destroy(t, withoutRefresh)
		require.Empty(t, server.Resources())
		require.NotContains(t, server.Records(t, org), `A \052.example.org`)
		require.NotContains(t, server.Records(t, com), "A api.example.com")
	})
}

// asSomebody asks as somebody does in another terminal.
func asSomebody(t *testing.T, server *awstest.Server, want dns.Wanted) func(*testing.T) dns.Deployed {
	t.Helper()
	at := server.Env()["AWS_ENDPOINT_URL"]
	cfg := aws.Config{BaseEndpoint: &at, HTTPClient: http.DefaultClient,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: somebody, SecretAccessKey: "secret"}, nil
		})}
	return func(t *testing.T) dns.Deployed {
		t.Helper()
		known, err := dns.Ask(t.Context(), cfg, want)
		assert.NoError(t, err)
		return known
	}
}

// waiting reports whether Terraform has asked for a certificate again and again.
func waiting(server *awstest.Server) bool {
	asked := slices.DeleteFunc(server.CallsTo("acm:DescribeCertificate"), func(call apicall.Call) bool { return call.Key == somebody })
	return len(asked) > 3
}
