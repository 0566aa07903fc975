package stacks

import (
	"fmt"
	"strings"

	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/acmcertificate"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/acmcertificatevalidation"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/cloudfrontdistribution"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/route53record"
	"github.com/hashicorp/terraform-cdk-go/cdktf"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/names"
)

type certificateProps struct {
	config.Domain
	Provider cdktf.TerraformProvider // of config.EdgeRegion, where CloudFront looks for certificates
}

// newCertificate returns the ARN of the certificate for all aliases: the given one, or one made here and
// validated by DNS; what uses it waits until it is. Without aliases there is none.
func newCertificate(scope constructs.Construct, id string, props certificateProps) string {
	if props.HostedZoneID == "" {
		return props.CertificateARN
	}
	certificate := rename(acmcertificate.NewAcmCertificate(scope, jsii.String(id+"-certificate"), &acmcertificate.AcmCertificateConfig{
		Provider:                props.Provider,
		DomainName:              jsii.String(props.Aliases[0]),
		SubjectAlternativeNames: jsii.Strings(props.Aliases[1:]...),
		ValidationMethod:        jsii.String("DNS"),
		Lifecycle:               createBeforeDestroy(),
	}), id)
	validated := rename(acmcertificatevalidation.NewAcmCertificateValidation(scope, jsii.String(id+"-validated"),
		&acmcertificatevalidation.AcmCertificateValidationConfig{
			Provider:              props.Provider,
			CertificateArn:        jsii.String(*certificate.Arn()),
			ValidationRecordFqdns: jsii.Strings(newValidationRecords(scope, certificate, props.Domain)...),
		}), id)
	return *validated.CertificateArn()
}

// newValidationRecords makes the records by which ACM sees that the domains are ours, and returns their
// names. example.com and *.example.com are validated by the same one.
func newValidationRecords(scope constructs.Construct, certificate acmcertificate.AcmCertificate, domain config.Domain) []string {
	address := *certificate.TerraformResourceType() + "." + *certificate.FriendlyUniqueId()
	var fqdns []string
	seen := map[string]bool{}
	for _, alias := range domain.Aliases {
		base := strings.TrimPrefix(alias, "*.")
		if seen[base] {
			continue
		}
		seen[base] = true
		record := "validation_" + names.Domain(base)
		made := route53record.NewRoute53Record(scope, jsii.String(record), &route53record.Route53RecordConfig{
			ZoneId:  jsii.String(domain.HostedZoneID),
			Name:    jsii.String(validationOption(address, base, "resource_record_name")),
			Type:    jsii.String(validationOption(address, base, "resource_record_type")),
			Records: jsii.Strings(validationOption(address, base, "resource_record_value")),
			Ttl:     jsii.Number(60),
			// Another certificate for the same name, in another environment say, has the same record.
			AllowOverwrite: true,
		})
		fqdns = append(fqdns, *made.Fqdn())
	}
	return fqdns
}

// validationOption reads what ACM asks for from the certificate. The options are a set whose order is not
// known before the certificate is made, so they are looked up by name.
func validationOption(certificate, domain, attribute string) string {
	return fmt.Sprintf(`${[for option in %s.domain_validation_options : option.%s if trimprefix(option.domain_name, "*.") == "%s"][0]}`,
		certificate, attribute, domain)
}

// viewerCertificate is what callers see: the certificate of the aliases, or CloudFront's own.
func viewerCertificate(certificateARN, minimumTLSVersion string) *cloudfrontdistribution.CloudfrontDistributionViewerCertificate {
	if certificateARN == "" {
		return &cloudfrontdistribution.CloudfrontDistributionViewerCertificate{CloudfrontDefaultCertificate: true}
	}
	return &cloudfrontdistribution.CloudfrontDistributionViewerCertificate{
		AcmCertificateArn:      jsii.String(certificateARN),
		MinimumProtocolVersion: jsii.String(minimumTLSVersion),
		SslSupportMethod:       jsii.String("sni-only"),
	}
}
