package dns

import (
	"cmp"
	"context"
	"encoding/xml"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"

	"ml-api-accelerator/stacks/internal/live/awsclient"
	"ml-api-accelerator/stacks/internal/shared/names"
)

// Deployed is what AWS has chosen for an environment.
type Deployed struct {
	Certificate  bool   // whether there is one, which
	Waits        bool   // waits for records, or
	Failed       string // was never issued; empty: none of both
	Validation   []Record
	Distribution string // its domain name; empty: there is none that has the aliases
}

// Wanted says whose records are asked for.
type Wanted struct {
	Aliases        []string
	CertificateARN string // empty: the stack's own
	Stack          string
	Account        string // empty: any
}

// Region is where the certificates of distributions are.
const Region = "us-east-1"

// Ask asks ACM and CloudFront. It works while a deploy waits for the certificate: Terraform has no outputs by then, and
// may not have written its state. The certificate knows which distribution uses it.
func Ask(ctx context.Context, cfg aws.Config, want Wanted) (known Deployed, err error) {
	as, err := awsclient.Credentials(ctx, cfg)
	if err != nil {
		return Deployed{}, err
	}
	c := client{cfg, as}
	certificates := []string{want.CertificateARN}
	if want.CertificateARN == "" {
		if certificates, err = c.ownCertificates(ctx, want); err != nil {
			return Deployed{}, err
		}
	}
	for _, certificate := range certificates {
		if err := c.add(ctx, &known, certificate, want); err != nil {
			return Deployed{}, err
		}
	}
	return known, nil
}

// waits is the status of a certificate that waits for its records (ACM API Reference, CertificateDetail).
const waits = "PENDING_VALIDATION"

// client calls AWS.
type client struct {
	aws.Config
	as aws.Credentials
}

// ownCertificates returns the ARNs of the stack's certificates. While one takes the place of another there are two.
func (c client) ownCertificates(ctx context.Context, want Wanted) (own []string, err error) {
	input := map[string]any{"CertificateStatuses": []string{waits, "ISSUED", "FAILED", "VALIDATION_TIMED_OUT"}}
	for {
		var page struct {
			CertificateSummaryList []struct{ CertificateArn, DomainName string }
			NextToken              string
		}
		if err := awsclient.CallACM(ctx, c.Config, c.as, Region, "ListCertificates", input, &page); err != nil {
			return nil, err
		}
		for _, found := range page.CertificateSummaryList {
			if !slices.Contains(want.Aliases, found.DomainName) {
				continue
			}
			is, err := c.isOf(ctx, found.CertificateArn, want.Stack)
			if err != nil {
				return nil, err
			}
			if is {
				own = append(own, found.CertificateArn)
			}
		}
		if page.NextToken == "" {
			return own, nil
		}
		input["NextToken"] = page.NextToken
	}
}

func (c client) isOf(ctx context.Context, certificate, stack string) (bool, error) {
	var answer struct{ Tags []struct{ Key, Value string } }
	err := awsclient.CallACM(ctx, c.Config, c.as, Region, "ListTagsForCertificate",
		map[string]string{"CertificateArn": certificate}, &answer)
	for _, tag := range answer.Tags {
		if tag.Key == names.StackTag && tag.Value == stack {
			return true, err
		}
	}
	return false, err
}

// add adds what a certificate tells.
func (c client) add(ctx context.Context, known *Deployed, certificate string, want Wanted) error {
	parsed, err := arn.Parse(certificate)
	if err != nil {
		return err
	}
	if err := awsclient.CheckAccount(parsed.AccountID, want.Account); err != nil {
		return err
	}
	var answer struct {
		Certificate struct {
			Status, FailureReason   string
			InUseBy                 []string
			DomainValidationOptions []struct {
				ResourceRecord struct{ Name, Type, Value string } // empty for seconds after the request
			}
		}
	}
	if err := awsclient.CallACM(ctx, c.Config, c.as, Region, "DescribeCertificate",
		map[string]string{"CertificateArn": certificate}, &answer); err != nil {
		return err
	}
	known.Certificate = true
	switch answer.Certificate.Status {
	case waits:
		known.Waits = true
	case "FAILED", "VALIDATION_TIMED_OUT":
		known.Failed = cmp.Or(answer.Certificate.FailureReason, answer.Certificate.Status)
	}
	for _, option := range answer.Certificate.DomainValidationOptions {
		r := Record{absolute(option.ResourceRecord.Name), option.ResourceRecord.Type, absolute(option.ResourceRecord.Value),
			Validation}
		// One record validates a name and its wildcard. Those of a given certificate are its owner's.
		if r.Name != "" && want.CertificateARN == "" && !slices.Contains(known.Validation, r) {
			known.Validation = append(known.Validation, r)
		}
	}
	for _, user := range answer.Certificate.InUseBy {
		_, id, is := strings.Cut(user, ":distribution/")
		if !is || known.Distribution != "" {
			continue
		}
		if known.Distribution, err = c.distribution(ctx, id, want.Aliases); err != nil {
			return err
		}
	}
	return nil
}

// absolute returns a name without the dot at its end.
func absolute(name string) string { return strings.TrimSuffix(name, ".") }

// distribution returns the domain name of a distribution that has one of the aliases; empty: it has none. An alias is of
// one distribution only.
func (c client) distribution(ctx context.Context, id string, aliases []string) (string, error) {
	at, body, err := awsclient.GetCloudFront(ctx, c.Config, c.as, "distribution", id)
	if err != nil {
		return "", err
	}
	var d struct {
		DomainName string
		Aliases    []string `xml:"DistributionConfig>Aliases>Items>CNAME"`
	}
	if err := xml.Unmarshal(body, &d); err != nil || d.DomainName == "" {
		return "", fmt.Errorf("%s: the answer isn't the description of a distribution; check AWS_ENDPOINT_URL", at)
	}
	if !slices.ContainsFunc(aliases, func(alias string) bool { return slices.Contains(d.Aliases, alias) }) {
		return "", nil
	}
	return d.DomainName, nil
}
