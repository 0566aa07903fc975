package stacks

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/acmcertificate"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/acmcertificatevalidation"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/cloudfrontdistribution"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/route53record"
	"github.com/hashicorp/terraform-cdk-go/cdktf"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/shared/names"
)

type certificateProps struct {
	zones
	Names    []string
	Provider cdktf.TerraformProvider // of config.EdgeRegion, where CloudFront looks for certificates
}

// byHandTimeout is how long a deploy waits for records that somebody makes by hand. Credentials of a role last an hour,
// unless more was asked for (AWS STS API Reference, AssumeRole).
const byHandTimeout = "45m"

// newCertificate returns the ARN of the certificate of all names, if there are any: the given one, or one made here
// and validated by DNS, for which whatever uses it waits.
func newCertificate(scope constructs.Construct, id string, props certificateProps) string {
	if !props.MakesCertificate() || len(props.Names) == 0 {
		return props.CertificateARN
	}
	first, others := certificateNames(props.Names)
	certificate := rename(acmcertificate.NewAcmCertificate(scope, jsii.String(id+"-certificate"),
		&acmcertificate.AcmCertificateConfig{
			Provider:                props.Provider,
			DomainName:              jsii.String(first),
			SubjectAlternativeNames: jsii.Strings(others...),
			ValidationMethod:        jsii.String("DNS"),
			Lifecycle:               createBeforeDestroy(),
		}), id)
	validation := &acmcertificatevalidation.AcmCertificateValidationConfig{
		Provider:       props.Provider,
		CertificateArn: certificate.Arn(),
	}
	if props.InRoute53() {
		validation.ValidationRecordFqdns = jsii.Strings(newValidationRecords(scope, "validation", validationProps{
			zones: props.zones, Certificate: certificate, Domains: props.Names,
		})...)
	} else {
		validation.Timeouts = &acmcertificatevalidation.AcmCertificateValidationTimeouts{Create: jsii.String(byHandTimeout)}
	}
	validated := rename(acmcertificatevalidation.NewAcmCertificateValidation(scope, jsii.String(id+"-validated"),
		validation), id)
	return *validated.CertificateArn()
}

// zones are the hosted zones in which records are made.
type zones struct {
	config.Domain
	RecordsBy cdktf.TerraformProvider // of the account that has the zones; nil: the default one
}

// newRecord makes a record in the zone that a name belongs to.
func (z zones) newRecord(
	scope constructs.Construct, id, name string, c *route53record.Route53RecordConfig,
) route53record.Route53Record {
	c.ZoneId, c.Provider = jsii.String(z.Zone(name)), z.RecordsBy
	return route53record.NewRoute53Record(scope, jsii.String(id), c)
}

// certificateNames returns the first name that is short enough for the common name, and the others.
func certificateNames(aliases []string) (first string, others []string) {
	i := max(0, slices.IndexFunc(aliases, func(name string) bool { return len(name) <= config.MostCommonNameOctets }))
	return aliases[i], slices.Concat(aliases[:i], aliases[i+1:])
}

type validationProps struct {
	zones
	Certificate acmcertificate.AcmCertificate
	Domains     []string
}

// newValidationRecords makes the records that prove to ACM that the domains are ours, and returns their names. One
// record validates both example.com and *.example.com.
func newValidationRecords(scope constructs.Construct, id string, props validationProps) []string {
	certificate := *props.Certificate.TerraformResourceType() + "." + *props.Certificate.FriendlyUniqueId()
	var fqdns []string
	seen := map[string]bool{}
	for _, domain := range props.Domains {
		base := strings.TrimPrefix(domain, "*.")
		if seen[base] {
			continue
		}
		seen[base] = true
		record := props.newRecord(scope, id+"_"+names.Domain(base), base,
			&route53record.Route53RecordConfig{
				Name:    jsii.String(validationOption(certificate, base, "resource_record_name")),
				Type:    jsii.String(validationOption(certificate, base, "resource_record_type")),
				Records: jsii.Strings(validationOption(certificate, base, "resource_record_value")),
				Ttl:     jsii.Number(60),
				// All certificates of an account for a name share one record, so somebody may have made it by hand. No
				// other
				// environment has it: config checks that.
				AllowOverwrite: true,
			})
		fqdns = append(fqdns, *record.Fqdn())
	}
	return fqdns
}

// validationOption reads from the certificate what ACM asks for. The options are a set whose order isn't known before
// the certificate is made, so they are looked up by name; the bindings have no for-expression.
func validationOption(certificate, domain, attribute string) string {
	return fmt.Sprintf(`${[for option in %s.domain_validation_options : option.%s`+
		` if trimprefix(option.domain_name, "*.") == "%s"][0]}`, certificate, attribute, domain)
}

// viewerCertificate returns what callers see: the certificate of the aliases, or CloudFront's own.
func viewerCertificate(arn, minimumTLS string) *cloudfrontdistribution.CloudfrontDistributionViewerCertificate {
	if arn == "" {
		return &cloudfrontdistribution.CloudfrontDistributionViewerCertificate{CloudfrontDefaultCertificate: true}
	}
	return &cloudfrontdistribution.CloudfrontDistributionViewerCertificate{
		AcmCertificateArn:      jsii.String(arn),
		MinimumProtocolVersion: jsii.String(minimumTLS),
		SslSupportMethod:       jsii.String("sni-only"),
	}
}

type recordsProps struct {
	zones
	IPv6 bool
	Edge distribution
}

// newRecords points every alias to the distribution: A and AAAA for addresses, HTTPS so that a browser learns of HTTP/2
// and HTTP/3 before it connects. Without a hosted zone the user makes the records.
func newRecords(scope constructs.Construct, id string, props recordsProps) {
	if !props.InRoute53() {
		return
	}
	types := []string{"A", "HTTPS"}
	if props.IPv6 {
		types = []string{"A", "AAAA", "HTTPS"}
	}
	for _, alias := range props.Aliases {
		for _, kind := range types {
			props.newRecord(scope, id+"_"+names.Domain(alias)+"-"+kind, alias,
				&route53record.Route53RecordConfig{
					Name: jsii.String(alias),
					Type: jsii.String(kind),
					Alias: &route53record.Route53RecordAlias{
						Name:                 jsii.String(props.Edge.DomainName),
						ZoneId:               jsii.String(props.Edge.HostedZoneID),
						EvaluateTargetHealth: false,
					},
				})
		}
	}
}
