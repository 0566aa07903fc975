package config

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"ml-api-accelerator/stacks/config/declare"
)

// Domain is the own name of the API. Its certificate and records are made in a Route 53 hosted zone,
// or the certificate is given and the records are yours.
type Domain struct {
	Aliases        []string
	HostedZoneID   string
	CertificateARN string
}

// Declare implements [declare.Section].
func (d *Domain) Declare(f *declare.Fields) {
	f.Texts("aliases", &d.Aliases,
		"Names that callers use instead of CloudFront's; * may stand for the whole first label.").
		Items.Length(ruleAliases, 1, mostDomain)
	f.Text("hostedZoneId", &d.HostedZoneID,
		"Route 53 hosted zone in which the certificate is validated and the alias records are created.").
		Matches(ruleHostedZone, hostedZoneID, "be the id of a hosted zone, like Z0123456789ABC, "+
			"which aws route53 list-hosted-zones-by-name prints after /hostedzone/").
		Explain(func(value any) string {
			text, _ := value.(string)
			if _, id, found := strings.Cut(text, "hostedzone/"); found && hostedZoneID.MatchString(id) {
				return fmt.Sprintf(": write %q", id)
			}
			return ""
		})
	f.Confidential("certificateArn", &d.CertificateARN, "ACM certificate in us-east-1 to use instead of a new one.")
}

func (d Domain) check(r *declare.Report, at declare.Path, account string, quotas Quotas) {
	aliases := at.Field("aliases")
	overQuota(r, ruleAliases, aliases, len(d.Aliases), quotas.Aliases, " aliases", "aliases")
	for i, alias := range d.Aliases {
		checkDomain(r, ruleAliases, aliases.Index(i), alias, true)
		checkIssued(r, aliases.Index(i), strings.TrimPrefix(alias, "*."))
	}
	if d.HostedZoneID != "" && len(d.Aliases) > 0 {
		checkCertificate(r, aliases, d.Aliases, quotas)
	}
	for _, i := range repeated(d.Aliases, exactly) {
		r.Must(ruleAliases, aliases.Index(i), "must not repeat %q", d.Aliases[i])
	}
	switch given := d.HostedZoneID != "" || d.CertificateARN != ""; {
	case d.HostedZoneID != "" && d.CertificateARN != "":
		r.Must(ruleAliasCertificate, at, "must have either hostedZoneId or certificateArn, got both")
	case len(d.Aliases) > 0 && !given:
		r.Must(ruleAliasCertificate, at, "must have either hostedZoneId or certificateArn for its aliases, got neither")
	case len(d.Aliases) == 0 && given:
		r.Must(ruleAliasCertificate, at, "must have aliases, which hostedZoneId and certificateArn are for, got none")
	}
	if d.HostedZoneID == cloudFrontZone {
		r.Must(ruleOneZone, at.Field("hostedZoneId"),
			"must be the zone of your domain, got that of CloudFront's own names, %s", cloudFrontZone)
	}
	if d.CertificateARN != "" {
		checkARN(r, ruleCertificateARN, at.Field("certificateArn"), d.CertificateARN, certificateARN, account)
	}
}

// checkIssued holds an alias to be a name for which its user can get a certificate.
func checkIssued(r *declare.Report, at declare.Path, name string) {
	for _, suffix := range []string{"amazonaws.com", "amazonaws.com.cn", "cloudfront.net", "elasticbeanstalk.com",
		"on.aws", "awsapprunner.com"} {
		if name == suffix || strings.HasSuffix(name, "."+suffix) {
			r.Must(rulePublicAliases, at,
				"must be a name of yours: AWS owns %s, and nobody else gets a certificate for a name below it, got %q", suffix,
				name)
			return
		}
	}
	if isDomain(name) && privateName(name) {
		r.Warn(rulePublicAliases, at,
			"isn't a public DNS name: no public authority issues a certificate for it, got %q", name)
	}
}

// cloudFrontZone has the names of all distributions: what an alias record names as its target (Route 53 API Reference,
// AliasTarget).
const cloudFrontZone = "Z2FDTNDATAQYW2"

// MostCommonNameOctets is the longest first name of a certificate (ACM API Reference, RequestCertificate).
const MostCommonNameOctets = 64

// checkCertificate holds the aliases to what a certificate of ACM can name. Its first name is one that is short enough.
func checkCertificate(r *declare.Report, at declare.Path, aliases []string, quotas Quotas) {
	overQuota(r, ruleCertificateNames, at, len(aliases), quotas.CertificateNames, " names in a certificate",
		"certificateNames")
	shortest := slices.MinFunc(aliases, func(a, b string) int { return len(a) - len(b) })
	if len(shortest) > MostCommonNameOctets && len(shortest) <= mostDomain {
		r.Must(ruleCertificateNames, at,
			"must have a name of at most %d characters, which a certificate needs as its common name, got %q as the shortest",
			MostCommonNameOctets, shortest)
	}
}

// checkTLS warns of a TLS version that CloudFront ignores because it uses its own certificate.
func (d Domain) checkTLS(r *declare.Report, at declare.Path, version string) {
	if len(d.Aliases) == 0 && version != newestTLS {
		r.Warn(ruleMinimumTLSVersion, at,
			"has no effect without domain.aliases: with its own certificate CloudFront accepts TLSv1 and later")
	}
}

// oneZone reports whether some hosted zone can have both names: what they end with alike is a domain that somebody can
// have. The suffixes of companies, such as github.io, are domains that these have.
func oneZone(a, b string) bool {
	as, bs := strings.Split(a, "."), strings.Split(b, ".")
	n := 0
	for n < min(len(as), len(bs)) && as[len(as)-1-n] == bs[len(bs)-1-n] {
		n++
	}
	common := strings.Join(as[len(as)-n:], ".")
	suffix, icann := publicsuffix.PublicSuffix(common)
	return n > 1 && (suffix != common || !icann)
}
