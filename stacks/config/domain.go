package config

import "slices"

// Domain is the own name of the API. Its certificate and records are made in a Route 53 hosted zone,
// or the certificate is given and the records are yours.
type Domain struct {
	// Names callers use instead of CloudFront's; * may stand for the whole first label.
	Aliases []string `json:"aliases,omitempty"`
	// Route 53 hosted zone in which the certificate is validated and the alias records are made.
	HostedZoneID string `json:"hostedZoneId,omitempty"`
	// Certificate of ACM in us-east-1 to use instead.
	CertificateARN string `json:"certificateArn,omitempty"`
}

func (d Domain) check(r *report, at path, account string, quotas Quotas) {
	aliases := at.field("aliases")
	r.atMost("D1", aliases, len(d.Aliases), quotas.Aliases, " aliases", "quotas.aliases")
	for i, alias := range d.Aliases {
		r.domain("D1", aliases.index(i), alias, true)
	}
	for _, i := range repeated(d.Aliases, exactly) {
		r.must("D1", aliases.index(i), "must not repeat %q", d.Aliases[i])
	}
	switch given := d.HostedZoneID != "" || d.CertificateARN != ""; {
	case d.HostedZoneID != "" && d.CertificateARN != "":
		r.must("D2", at, "must have hostedZoneId or certificateArn, got both")
	case len(d.Aliases) > 0 && !given:
		r.must("D2", at, "must have hostedZoneId or certificateArn for its aliases, got none")
	case len(d.Aliases) == 0 && given:
		r.must("D2", at, "must have aliases with hostedZoneId or certificateArn, got none")
	}
	if d.CertificateARN != "" {
		checkARN(r, "D3", at.field("certificateArn"), d.CertificateARN, certificateARN, account)
	}
	if d.HostedZoneID != "" && !hostedZoneID.MatchString(d.HostedZoneID) {
		r.must("D10", at.field("hostedZoneId"), "must be Z and 1 to 31 of A-Z and 0-9, got %q", d.HostedZoneID)
	}
}

// checkTLS warns of a TLS version that CloudFront ignores because it uses its own certificate.
func (d Domain) checkTLS(r *report, at path, version string) {
	r.oneOf("D4", at, tlsVersions, version)
	if len(d.Aliases) == 0 && version != tlsVersions[len(tlsVersions)-1] && slices.Contains(tlsVersions, version) {
		r.warn("D4", at, "has no effect without domain.aliases: with its own certificate CloudFront accepts TLSv1 and later")
	}
}
