package config

import (
	"slices"
	"strings"
)

// Domain is the own name of the API. Its certificate and records are made in a Route 53 hosted zone,
// or the certificate is given and the records are yours.
type Domain struct {
	Aliases        []string
	HostedZoneID   string
	CertificateARN string
}

func (d *Domain) declare(f *fields) {
	f.texts("aliases", &d.Aliases, "Names callers use instead of CloudFront's; * may stand for the whole first label.").
		Items.length(ruleD1, domainLength)
	f.text("hostedZoneId", &d.HostedZoneID, "Route 53 hosted zone in which the certificate is validated and the alias records are made.").
		matches(ruleD10, hostedZoneID, "be Z and 1 to 31 of A-Z and 0-9")
	f.confidential("certificateArn", &d.CertificateARN, "Certificate of ACM in us-east-1 to use instead.")
}

func (d Domain) check(r *report, at path, account string, quotas Quotas) {
	aliases := at.field("aliases")
	r.overQuota(ruleD1, aliases, len(d.Aliases), quotas.Aliases, " aliases", "aliases")
	for i, alias := range d.Aliases {
		r.domain(ruleD1, aliases.index(i), alias, true)
		checkIssued(r, aliases.index(i), strings.TrimPrefix(alias, "*."))
	}
	if d.HostedZoneID != "" && len(d.Aliases) > 0 {
		checkCertificate(r, aliases, d.Aliases, quotas)
	}
	for _, i := range repeated(d.Aliases, exactly) {
		r.must(ruleD1, aliases.index(i), "must not repeat %q", d.Aliases[i])
	}
	switch given := d.HostedZoneID != "" || d.CertificateARN != ""; {
	case d.HostedZoneID != "" && d.CertificateARN != "":
		r.must(ruleD2, at, "must have hostedZoneId or certificateArn, got both")
	case len(d.Aliases) > 0 && !given:
		r.must(ruleD2, at, "must have hostedZoneId or certificateArn for its aliases, got none")
	case len(d.Aliases) == 0 && given:
		r.must(ruleD2, at, "must have aliases with hostedZoneId or certificateArn, got none")
	}
	if d.HostedZoneID == cloudFrontZone {
		r.must(ruleD13, at.field("hostedZoneId"), "must be the zone of your domain, got that of CloudFront's own names, %s", cloudFrontZone)
	}
	if d.CertificateARN != "" {
		checkARN(r, ruleD3, at.field("certificateArn"), d.CertificateARN, certificateARN, account)
	}
}

// checkIssued holds an alias to be a name for which its user can get a certificate.
func checkIssued(r *report, at path, name string) {
	for _, suffix := range []string{"amazonaws.com", "amazonaws.com.cn", "cloudfront.net", "elasticbeanstalk.com", "on.aws", "awsapprunner.com"} {
		if name == suffix || strings.HasSuffix(name, "."+suffix) {
			r.must(ruleD14, at, "must be a name of yours: AWS owns %s, and nobody else gets a certificate for a name below it, got %q", suffix, name)
			return
		}
	}
	if isDomain(name) && privateName(name) {
		r.warn(ruleD14, at, "is no name of the public DNS: no authority issues a certificate for it, got %q", name)
	}
}

// cloudFrontZone has the names of all distributions: what an alias record names as its target (Route 53 API Reference,
// AliasTarget).
const cloudFrontZone = "Z2FDTNDATAQYW2"

// MostCommonNameOctets is the longest first name of a certificate (ACM API Reference, RequestCertificate).
const MostCommonNameOctets = 64

// checkCertificate holds the aliases to what a certificate of ACM can name. Its first name is one that is short enough.
func checkCertificate(r *report, at path, aliases []string, quotas Quotas) {
	r.overQuota(ruleD11, at, len(aliases), quotas.CertificateNames, " names in a certificate", "certificateNames")
	shortest := slices.MinFunc(aliases, func(a, b string) int { return len(a) - len(b) })
	if len(shortest) > MostCommonNameOctets && len(shortest) <= domainLength.Max {
		r.must(ruleD11, at, "must have a name of at most %d characters, which a certificate needs as its first, got %q as the shortest", MostCommonNameOctets, shortest)
	}
}

// checkTLS warns of a TLS version that CloudFront ignores because it uses its own certificate.
func (d Domain) checkTLS(r *report, at path, version string) {
	if len(d.Aliases) == 0 && version != newestTLS {
		r.warn(ruleD4, at, "has no effect without domain.aliases: with its own certificate CloudFront accepts TLSv1 and later")
	}
}
