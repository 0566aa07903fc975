package stacks

import (
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/acmcertificate"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/acmcertificatevalidation"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/cloudfrontdistribution"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/route53record"
	"github.com/hashicorp/terraform-cdk-go/cdktf"

	"ml-api-accelerator/stacks/config"
)

type certificateProps struct {
	config.Domain
	Provider cdktf.TerraformProvider // of edgeRegion, where CloudFront looks for certificates
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
	options := cdktf.TerraformIterator_FromComplexList(certificate.DomainValidationOptions(), jsii.String("domain_name"))
	record := rename(route53record.NewRoute53Record(scope, jsii.String(id+"-validation"), &route53record.Route53RecordConfig{
		ForEach: options,
		ZoneId:  jsii.String(props.HostedZoneID),
		Name:    options.GetString(jsii.String("resource_record_name")),
		Type:    options.GetString(jsii.String("resource_record_type")),
		Records: &[]*string{options.GetString(jsii.String("resource_record_value"))},
		Ttl:     jsii.Number(60),
		// example.com and *.example.com are validated by the same record.
		AllowOverwrite: true,
	}), id+"-validation")
	validation := rename(acmcertificatevalidation.NewAcmCertificateValidation(scope, jsii.String(id+"-validated"),
		&acmcertificatevalidation.AcmCertificateValidationConfig{
			Provider:       props.Provider,
			CertificateArn: certificate.Arn(),
		}), id)
	validation.AddOverride(jsii.String("validation_record_fqdns"), "${values("+*record.Fqn()+")[*].fqdn}")
	return *validation.CertificateArn()
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
