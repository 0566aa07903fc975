package cli_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/cli"
	"ml-api-accelerator/stacks/internal/awstest/resolver"
)

const dnsConfig = "testdata/dns.json"

// certified leads the environment to an AWS with a certificate of hand's, and a distribution that may have it.
func certified(t *testing.T, status, users string) {
	t.Helper()
	const arn = "arn:aws:acm:us-east-1:111122223333:certificate/1"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, call, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		switch {
		case call == "ListCertificates" && status == "":
			fmt.Fprint(w, `{}`)
		case call == "ListCertificates":
			fmt.Fprintf(w, `{"CertificateSummaryList": [{"CertificateArn": %q, "DomainName": "example.com"}]}`, arn)
		case call == "ListTagsForCertificate":
			fmt.Fprint(w, `{"Tags": [{"Key": "ml-api-accelerator:stack", "Value": "demo-hand"}]}`)
		case call == "DescribeCertificate":
			fmt.Fprintf(w, `{"Certificate": {"Status": %q, "InUseBy": [%s], "DomainValidationOptions": [
				{"ResourceRecord": {"Name": "_a.example.com.", "Type": "CNAME", "Value": "_b.acm-validations.aws."}}]}}`, status, users)
		default:
			fmt.Fprint(w, `<Distribution><DomainName>d111111abcdef8.cloudfront.net</DomainName><DistributionConfig><Aliases><Items>`+
				`<CNAME>example.com</CNAME><CNAME>own.example.com</CNAME></Items></Aliases></DistributionConfig></Distribution>`)
		}
	}))
	t.Cleanup(server.Close)
	someCredentials(t)
	t.Setenv("AWS_ENDPOINT_URL", server.URL)
}

// someCredentials keeps what the user has set of AWS away.
func someCredentials(t *testing.T) {
	t.Helper()
	for name, value := range map[string]string{"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_CONFIG_FILE": os.DevNull,
		"AWS_SHARED_CREDENTIALS_FILE": os.DevNull, "AWS_EC2_METADATA_DISABLED": "true", "NO_PROXY": "127.0.0.1"} {
		t.Setenv(name, value)
	}
}

const used = `"arn:aws:cloudfront::111122223333:distribution/E1"`

func TestDNS(t *testing.T) {
	seeing := resolver.Start(t, map[string]string{"_a.example.com": "_b.acm-validations.aws"})
	seeingAll := resolver.Start(t, map[string]string{"_a.example.com": "_b.acm-validations.aws", "example.com": resolver.Address,
		"api.example.com": "d111111abcdef8.cloudfront.net", "own.example.com": "elsewhere.example.net"})
	t.Cleanup(cli.SetResolvers(seeing, seeingAll))
	for name, row := range map[string]struct{ args, status, users, stdout, stderr string }{
		"before the first deploy": {"hand", "", "", `name             type   value  seen
example.com      ALIAS  -      -
api.example.com  CNAME  -      -
`, "Records that prove whose the domain is follow once the certificate is made: run this again while the first deploy waits for them, in another terminal.\n" +
			"The distribution isn't there yet: the deploy that makes it gives it its name.\n"},
		"while a deploy waits": {"hand", "PENDING_VALIDATION", "", `name             type   value                   seen
_a.example.com   CNAME  _b.acm-validations.aws  yes
example.com      ALIAS  -                       -
api.example.com  CNAME  -                       -
`, "The certificate waits for the records that begin with _. Make them now, and leave them: AWS renews the certificate by them. A deploy that waits goes on " +
			"some minutes after the world sees them.\nThe distribution isn't there yet: the deploy that makes it gives it its name.\n"},
		"deployed": {"hand", "ISSUED", used, `name             type   value                          seen
_a.example.com   CNAME  _b.acm-validations.aws         yes
example.com      ALIAS  d111111abcdef8.cloudfront.net  127.0.0.1 sees nothing
api.example.com  CNAME  d111111abcdef8.cloudfront.net  127.0.0.1 sees nothing
`, ""},
		"as a zone file": {"hand --bind", "ISSUED", used, `_a.example.com. 300 IN CNAME _b.acm-validations.aws.
; example.com. must lead to d111111abcdef8.cloudfront.net, but can't have a CNAME: use your provider's ALIAS, ANAME or flattening
api.example.com. 300 IN CNAME d111111abcdef8.cloudfront.net.
`, ""},
		"not issued": {"hand --bind", "VALIDATION_TIMED_OUT", "", `_a.example.com. 300 IN CNAME _b.acm-validations.aws.
; example.com ALIAS: not known before the deploy
; api.example.com CNAME: not known before the deploy
`, "AWS doesn't issue the certificate (VALIDATION_TIMED_OUT): mend that, and make another one with terraform apply -replace=aws_acm_certificate.edge.\n" +
			"The distribution isn't there yet: the deploy that makes it gives it its name.\n"},
		"offline": {"hand --offline", "ISSUED", used, `name             type   value  seen
example.com      ALIAS  -      -
api.example.com  CNAME  -      -
`, "Records that prove whose the domain is follow once the certificate is made: run this again while the first deploy waits for them, in another terminal.\n"},
		"a certificate of yours": {"own", "ISSUED", used, `name             type   value                          seen
own.example.com  CNAME  d111111abcdef8.cloudfront.net  127.0.0.1 sees nothing, 127.0.0.1 sees elsewhere.example.net
`, ""},
		"a zone, in which Terraform makes them": {"zone --offline", "", "", `name              type   value  seen
zone.example.com  ALIAS  -      -
`, "Terraform makes these records, as A, AAAA and HTTPS where they lead to the distribution.\n"},
	} {
		t.Run(name, func(t *testing.T) {
			certified(t, row.status, row.users)
			code, stdout, stderr := run(append([]string{"dns", "-c", dnsConfig}, strings.Fields(row.args)...)...)
			require.Zero(t, code, stderr)
			require.Equal(t, row.stdout, stdout)
			require.Equal(t, row.stderr, stderr)
		})
	}
}

func TestDNSAsJSON(t *testing.T) {
	t.Cleanup(cli.SetResolvers(resolver.Start(t, map[string]string{"_a.example.com": "_b.acm-validations.aws"})))
	certified(t, "ISSUED", "")
	code, stdout, stderr := run("dns", "hand", "--json", "-c", dnsConfig)
	require.Zero(t, code, stderr)
	require.JSONEq(t, `[
		{"name": "_a.example.com", "type": "CNAME", "value": "_b.acm-validations.aws", "purpose": "validation", "madeBy": "you",
			"resolvers": [{"resolver": "127.0.0.1", "seen": true, "instead": null}]},
		{"name": "example.com", "type": "ALIAS", "value": null, "purpose": "alias", "madeBy": "you", "resolvers": []},
		{"name": "api.example.com", "type": "CNAME", "value": null, "purpose": "alias", "madeBy": "you", "resolvers": []}]`, stdout)
	code, stdout, _ = run("dns", "zone", "--json", "--offline", "-c", dnsConfig)
	require.Zero(t, code)
	require.JSONEq(t, `[{"name": "zone.example.com", "type": "ALIAS", "value": null, "purpose": "alias", "madeBy": "terraform", "resolvers": []}]`, stdout)
}

// TestDNSWithoutAWS prints what is known, and says why no more is.
func TestDNSWithoutAWS(t *testing.T) {
	someCredentials(t)
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	code, stdout, stderr := run("dns", "hand", "-c", dnsConfig)
	require.Zero(t, code)
	require.Contains(t, stdout, "api.example.com  CNAME  -      -\n")
	require.Contains(t, stderr, "warning: AWS couldn't be asked what it has chosen: AWS credentials: there are none; set AWS_PROFILE, or sign in (aws sso login)\n")
	require.NotContains(t, stderr, "isn't there yet")
}

// TestDNSOfASilentAWS says so in the words of the other commands.
func TestDNSOfASilentAWS(t *testing.T) {
	someCredentials(t)
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then does the server see that the client has gone
		<-r.Context().Done()
	}))
	defer silent.Close()
	t.Setenv("AWS_ENDPOINT_URL", silent.URL)
	defer cli.SetStoreTimeout(50 * time.Millisecond)()
	code, _, stderr := run("dns", "hand", "-c", dnsConfig)
	require.Zero(t, code)
	require.Contains(t, stderr, "warning: AWS couldn't be asked what it has chosen: AWS doesn't answer: given up after 50ms\n")
}

// TestDNSOfAnotherAccount is refused.
func TestDNSOfAnotherAccount(t *testing.T) {
	text, err := os.ReadFile(dnsConfig)
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "cdktf.json")
	require.NoError(t, os.WriteFile(file, []byte(strings.Replace(string(text), `"id": "111122223333"`, `"id": "999922223333"`, 1)), 0o600))
	certified(t, "ISSUED", used)
	code, stdout, stderr := run("dns", "hand", "-c", file)
	require.Equal(t, 1, code)
	require.Empty(t, stdout)
	require.Equal(t, "environments.hand.account.id: is 999922223333, but your AWS credentials are those of account 111122223333\n", stderr)
}

func TestDNSOfNothing(t *testing.T) {
	code, stdout, stderr := run("dns", "dev", "-c", dnsConfig)
	require.Equal(t, 1, code)
	require.Empty(t, stdout)
	require.Equal(t, "environments.dev.domain.aliases: has none, so callers use the name that CloudFront assigns, which needs no records\n", stderr)
}

// TestZonesPolicy prints what the role of the zones is made of, and which role it trusts.
func TestZonesPolicy(t *testing.T) {
	type statement struct {
		Action, Resource []string
		Condition        map[string]map[string][]string
	}
	var role struct {
		AssumeRolePolicyDocument struct {
			Version   string
			Statement []struct {
				Effect, Action string
				Principal      map[string]string
			}
		}
		PolicyDocument struct{ Statement []statement }
	}
	actions := func(args ...string) (all []string) {
		code, stdout, stderr := run(append([]string{"policy", "-c", dnsConfig}, args...)...)
		require.Zero(t, code, stderr)
		require.NoError(t, json.Unmarshal([]byte(stdout), &role))
		for _, s := range role.PolicyDocument.Statement {
			all = append(all, s.Action...)
		}
		return all
	}
	require.Equal(t, []string{"route53:ChangeResourceRecordSets", "route53:GetChange", "route53:GetHostedZone", "route53:ListResourceRecordSets"},
		actions("zone", "--dns"))
	require.Equal(t, []string{"arn:aws:route53:::hostedzone/Z0123456789ABC"}, role.PolicyDocument.Statement[0].Resource)
	require.Equal(t, []string{"_*.zone.example.com", "zone.example.com"},
		role.PolicyDocument.Statement[0].Condition["ForAllValues:StringLike"]["route53:ChangeResourceRecordSetsNormalizedRecordNames"])
	trusted := role.AssumeRolePolicyDocument.Statement
	require.Len(t, trusted, 1)
	require.Equal(t, "Allow sts:AssumeRole", trusted[0].Effect+" "+trusted[0].Action)
	require.Equal(t, map[string]string{"AWS": "arn:aws:iam::111122223333:role/deploy"}, trusted[0].Principal)

	require.Equal(t, []string{"route53:GetHostedZone", "route53:ListResourceRecordSets"}, actions("zone", "--dns", "--plan"))
	require.Equal(t, "arn:aws:iam::ACCOUNT:role/PLANNER", role.AssumeRolePolicyDocument.Statement[0].Principal["AWS"])
	_, _, stderr := run("policy", "zone", "--dns", "--plan", "-c", dnsConfig)
	require.Contains(t, stderr, "warning: put the ARN of the role with which Terraform runs in the place of arn:aws:iam::ACCOUNT:role/PLANNER\n")

	for flag, want := range map[string]string{"--plan": "arn:aws:iam::444455556666:role/dns-plan", "--fresh": "arn:aws:iam::444455556666:role/dns"} {
		_, stdout, _ := run("policy", "zone", flag, "-c", dnsConfig)
		require.Contains(t, stdout, fmt.Sprintf("%q", want))
		require.NotContains(t, stdout, "route53:")
	}

	out := t.TempDir()
	code, stdout, stderr := run("policy", "zone", "--dns", "-o", out, "-c", dnsConfig)
	require.Zero(t, code, stderr)
	for _, name := range []string{"zone-dns-trust.json", "zone-dns-1.json"} {
		require.Contains(t, stdout, filepath.Join(out, name))
		text, err := os.ReadFile(filepath.Join(out, name))
		require.NoError(t, err)
		require.Contains(t, string(text), `"Version": "2012-10-17"`)
	}
	for want, args := range map[string][]string{
		"environments.hand.domain.hostedZoneRoleArn: isn't set, so the hosted zones are in the account of the environment\n":             {"hand", "--dns"},
		"policy takes an environment with --dns: state has neither callers nor access logs nor a domain nor a page: policy prod --dns\n": {"state", "--dns"},
		"--dns and --keys exclude each other: give one of them\n":                                                                        {"zone", "--dns", "--keys"},
	} {
		code, _, stderr := run(append([]string{"policy", "-c", dnsConfig}, args...)...)
		require.NotZero(t, code)
		require.Contains(t, stderr, want)
	}
}
