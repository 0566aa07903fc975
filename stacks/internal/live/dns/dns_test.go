package dns_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/awstest/resolver"
	"ml-api-accelerator/stacks/internal/live/dns"
)

const edge = "d111111abcdef8.cloudfront.net"

func TestRecords(t *testing.T) {
	proof := dns.Record{Name: "_a.example.com", Type: "CNAME", Value: "_b.acm-validations.aws", Purpose: dns.Validation}
	alias := func(name, kind, value string) dns.Record { return dns.Record{name, kind, value, dns.Alias} }
	aliases := []string{"example.com", "*.example.com", "one.co.uk", "api.one.co.uk"}
	known := dns.Deployed{Validation: []dns.Record{proof}, Distribution: edge}
	require.Equal(t, []dns.Record{
		proof, alias("example.com", "ALIAS", edge), alias("*.example.com", "CNAME", edge),
		alias("one.co.uk", "ALIAS", edge), alias("api.one.co.uk", "CNAME", edge),
	}, dns.Records(aliases, false, known))
	require.Equal(t, []dns.Record{alias("a.example.com", "ALIAS", "")}, dns.Records([]string{"a.example.com"}, true, dns.Deployed{}))
	require.Equal(t, `_a.example.com. 300 IN CNAME _b.acm-validations.aws.
; example.com. must lead to d111111abcdef8.cloudfront.net, but can't have a CNAME: use your provider's ALIAS, ANAME or flattening
*.example.com. 300 IN CNAME d111111abcdef8.cloudfront.net.
`, dns.ZoneFile(dns.Records(aliases[:2], false, known)))
	require.Equal(t, "; a.example.com CNAME: not known before the deploy\n",
		dns.ZoneFile(dns.Records([]string{"a.example.com"}, false, dns.Deployed{})))
}

// TestSee asks a resolver that knows all of it, one that knows other things, and one that doesn't answer.
func TestSee(t *testing.T) {
	right := resolver.Start(t, map[string]string{
		"_a.example.com": "_b.acm-validations.aws", "api.example.com": "EDGE.example.net", "edge.example.net": edge, edge: resolver.Address,
		"any-name.example.com": edge, "example.com": resolver.Address,
	})
	wrong := resolver.Start(t, map[string]string{
		"_a.example.com": "_old.acm-validations.aws", "api.example.com": "elsewhere.example.net", "elsewhere.example.net": "last.example.net",
		"last.example.net": resolver.Address, "any-name.example.com": resolver.Address,
	})
	records := dns.Records([]string{"api.example.com", "*.example.com", "example.com"}, false, dns.Deployed{Distribution: edge,
		Validation: []dns.Record{{"_a.example.com", "CNAME", "_b.acm-validations.aws", dns.Validation}}})
	const host = "127.0.0.1"
	yes := dns.Sight{host, true, ""}
	not := func(instead string) dns.Sight { return dns.Sight{host, false, instead} }
	require.Equal(t, [][]dns.Sight{
		{yes, not("_old.acm-validations.aws")}, {yes, not("last.example.net")}, {yes, not(dns.Addresses)}, {yes, not(dns.Nothing)},
	}, dns.See(t.Context(), records, []string{right, wrong}))

	soon, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	require.Equal(t, [][]dns.Sight{{not(dns.NoAnswer)}}, dns.See(soon, records[:1], []string{resolver.StartDeaf(t)}))
	require.Equal(t, [][]dns.Sight{nil}, dns.See(t.Context(), dns.Records([]string{"a.example.com"}, false, dns.Deployed{}), []string{right}))
}

// acm answers calls by their last part, and CloudFront's by their path.
func acm(t *testing.T, answers map[string]string) aws.Config {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		call := r.URL.Path
		if target := r.Header.Get("X-Amz-Target"); target != "" {
			_, call, _ = strings.Cut(target, ".")
		}
		answer, known := answers[call]
		if !known {
			w.WriteHeader(http.StatusBadRequest)
			answer = `{"__type": "com.amazonaws.acm#AccessDeniedException", "Message": "User isn't authorized to perform: ` + call + `"}`
		}
		fmt.Fprint(w, answer)
	}))
	t.Cleanup(server.Close)
	return aws.Config{BaseEndpoint: &server.URL, HTTPClient: http.DefaultClient,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "a", SecretAccessKey: "b"}, nil
		})}
}

const (
	own    = "arn:aws:acm:us-east-1:111122223333:certificate/own"
	listed = `{"CertificateSummaryList": [{"CertificateArn": "` + own + `", "DomainName": "api.example.com"},
		{"CertificateArn": "arn:aws:acm:us-east-1:111122223333:certificate/other", "DomainName": "other.example.com"}]}`
	tagged  = `{"Tags": [{"Key": "team", "Value": "ml"}, {"Key": "ml-api-accelerator:stack", "Value": "demo-dev"}]}`
	pending = `{"Certificate": {"Status": "PENDING_VALIDATION", "InUseBy": [], "DomainValidationOptions": [
		{"DomainName": "api.example.com", "ResourceRecord": {"Name": "_a.api.example.com.", "Type": "CNAME", "Value": "_b.acm-validations.aws."}},
		{"DomainName": "*.api.example.com", "ResourceRecord": {"Name": "_a.api.example.com.", "Type": "CNAME", "Value": "_b.acm-validations.aws."}},
		{"DomainName": "b.example.com"}]}}`
	issued = `{"Certificate": {"Status": "ISSUED", "InUseBy": ["arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/a/1",
		"arn:aws:cloudfront::111122223333:distribution/E1", "arn:aws:cloudfront::111122223333:distribution/E2"]}}`
	another = `<Distribution><Id>E1</Id><DomainName>d999.cloudfront.net</DomainName><DistributionConfig><Aliases><Quantity>0</Quantity></Aliases></DistributionConfig></Distribution>`
	ours    = `<Distribution><Id>E2</Id><DomainName>` + edge + `</DomainName><DistributionConfig><Aliases><Quantity>1</Quantity><Items><CNAME>api.example.com</CNAME></Items></Aliases>
		</DistributionConfig></Distribution>`
)

func TestAsk(t *testing.T) {
	want := dns.Wanted{Aliases: []string{"api.example.com", "*.api.example.com", "b.example.com"}, Stack: "demo-dev", Account: "111122223333"}
	record := dns.Record{Name: "_a.api.example.com", Type: "CNAME", Value: "_b.acm-validations.aws", Purpose: dns.Validation}
	rows := map[string]struct {
		answers map[string]string
		want    dns.Deployed
	}{
		"nothing yet":                 {map[string]string{"ListCertificates": `{}`}, dns.Deployed{}},
		"another stack's certificate": {map[string]string{"ListCertificates": listed, "ListTagsForCertificate": `{"Tags": [{"Key": "ml-api-accelerator:stack", "Value": "demo-prod"}]}`}, dns.Deployed{}},
		"waiting": {map[string]string{"ListCertificates": listed, "ListTagsForCertificate": tagged, "DescribeCertificate": pending},
			dns.Deployed{Certificate: true, Waits: true, Validation: []dns.Record{record}}},
		"not issued": {map[string]string{"ListCertificates": listed, "ListTagsForCertificate": tagged,
			"DescribeCertificate": `{"Certificate": {"Status": "FAILED", "FailureReason": "CAA_ERROR"}}`}, dns.Deployed{Certificate: true, Failed: "CAA_ERROR"}},
		"too late": {map[string]string{"ListCertificates": listed, "ListTagsForCertificate": tagged,
			"DescribeCertificate": `{"Certificate": {"Status": "VALIDATION_TIMED_OUT"}}`}, dns.Deployed{Certificate: true, Failed: "VALIDATION_TIMED_OUT"}},
		"in use": {map[string]string{"ListCertificates": listed, "ListTagsForCertificate": tagged, "DescribeCertificate": issued,
			"/2020-05-31/distribution/E1": another, "/2020-05-31/distribution/E2": ours}, dns.Deployed{Certificate: true, Distribution: edge}},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			known, err := dns.Ask(t.Context(), acm(t, row.answers), want)
			require.NoError(t, err)
			require.Equal(t, row.want, known)
		})
	}
	given := want
	given.CertificateARN = own
	known, err := dns.Ask(t.Context(), acm(t, map[string]string{"DescribeCertificate": pending}), given)
	require.NoError(t, err)
	require.Equal(t, dns.Deployed{Certificate: true, Waits: true}, known, "its records are its owner's")
}

func TestAskFails(t *testing.T) {
	want := dns.Wanted{Aliases: []string{"api.example.com"}, Stack: "demo-dev", Account: "999922223333"}
	for text, answers := range map[string]map[string]string{
		"User isn't authorized to perform: ListCertificates":                     {},
		"User isn't authorized to perform: ListTagsForCertificate":               {"ListCertificates": listed},
		"the credentials are those of account 111122223333, not of 999922223333": {"ListCertificates": listed, "ListTagsForCertificate": tagged},
		"the answer isn't that of ACM; check AWS_ENDPOINT_URL":                   {"ListCertificates": "<html>"},
	} {
		_, err := dns.Ask(t.Context(), acm(t, answers), want)
		require.ErrorContains(t, err, text)
	}
	want.Account = ""
	_, err := dns.Ask(t.Context(), acm(t, map[string]string{"ListCertificates": listed, "ListTagsForCertificate": tagged, "DescribeCertificate": issued,
		"/2020-05-31/distribution/E1": "<html>"}), want)
	require.ErrorContains(t, err, "/2020-05-31/distribution/E1: the answer isn't the description of a distribution; check AWS_ENDPOINT_URL")
}

// TestAskTurnsPages goes on where an answer says so.
func TestAskTurnsPages(t *testing.T) {
	pages := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if pages++; strings.Contains(string(body), `"NextToken":"more"`) {
			fmt.Fprint(w, `{"CertificateSummaryList": []}`)
			return
		}
		fmt.Fprint(w, `{"CertificateSummaryList": [], "NextToken": "more"}`)
	}))
	t.Cleanup(server.Close)
	cfg := acm(t, nil)
	cfg.BaseEndpoint = &server.URL
	_, err := dns.Ask(t.Context(), cfg, dns.Wanted{})
	require.NoError(t, err)
	require.Equal(t, 2, pages)
}
