package config

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"golang.org/x/net/publicsuffix"

	"ml-api-accelerator/stacks/config/declare"
)

// Domain is the own name of the API. Its certificate and records are made in Route 53 hosted zones, or its certificate
// is made and the records are yours, or both are yours.
type Domain struct {
	Aliases               []string
	HostedZoneID          string
	HostedZones           map[string]string
	HostedZoneRoleARN     string
	HostedZonePlanRoleARN string
	DNS                   string
	CertificateARN        string
}

// DNSManual means that whoever deploys makes the records.
const DNSManual = "manual"

// Declare implements [declare.Section].
func (d *Domain) Declare(f *declare.Fields) {
	f.Texts("aliases", &d.Aliases,
		"Names that callers use instead of CloudFront's; * may stand for the whole first label.").
		Items.Length(ruleAliases, 1, mostDomain)
	f.Text("hostedZoneId", &d.HostedZoneID,
		"Route 53 hosted zone in which the certificate is validated and the alias records are created.").
		Matches(ruleHostedZone, hostedZoneID, aHostedZoneID).
		Explain(zoneMeant)
	f.TextsByName("hostedZones", &d.HostedZones,
		"Instead of hostedZoneId where aliases are of several domains: the id of the hosted zone of each domain. A name "+
			"belongs to the longest domain that it ends with.").
		Values.Matches(ruleHostedZone, hostedZoneID, aHostedZoneID).
		Explain(zoneMeant)
	f.Confidential("hostedZoneRoleArn", &d.HostedZoneRoleARN,
		"IAM role of the account that has the hosted zones, if that is another one. Terraform assumes it to make records.")
	f.Confidential("hostedZonePlanRoleArn", &d.HostedZonePlanRoleARN,
		"IAM role of that account that the GitHub workflows assume to plan. It only reads.")
	f.Text("dns", &d.DNS,
		`"manual" if your DNS isn't Route 53: you make the records that the command dns prints, and the deploy waits for the `+
			"certificate.").
		Named(ruleAliasCertificate, []string{DNSManual}, `be "manual", or left out`)
	f.Confidential("certificateArn", &d.CertificateARN, "ACM certificate in us-east-1 to use instead of a new one.")
}

const aHostedZoneID = "be the id of a hosted zone, like Z0123456789ABC, " +
	"which aws route53 list-hosted-zones-by-name prints after /hostedzone/"

// InRoute53 reports whether records are made in hosted zones.
func (d Domain) InRoute53() bool { return d.HostedZoneID != "" || len(d.HostedZones) > 0 }

// MakesCertificate reports whether a certificate is made for the aliases.
func (d Domain) MakesCertificate() bool { return d.InRoute53() || d.DNS == DNSManual }

// Zone returns the hosted zone that a name belongs to; empty: there is none.
func (d Domain) Zone(name string) string {
	return cmp.Or(d.HostedZones[d.zoneDomain(name)], d.HostedZoneID)
}

// zoneDomain returns the domain of HostedZones that a name belongs to.
func (d Domain) zoneDomain(name string) (longest string) {
	name = strings.ToLower(strings.TrimPrefix(name, "*."))
	for domain := range d.HostedZones {
		if atOrBelow(name, domain) && len(domain) > len(longest) {
			longest = domain
		}
	}
	return longest
}

func atOrBelow(name, domain string) bool {
	return name == domain || strings.HasSuffix(name, "."+domain)
}

func (d Domain) check(r *declare.Report, at declare.Path, account string, quotas Quotas) {
	aliases := at.Field("aliases")
	overQuota(r, ruleAliases, aliases, len(d.Aliases), quotas.Aliases, " aliases", "aliases")
	for i, alias := range d.Aliases {
		checkDomain(r, ruleAliases, aliases.Index(i), alias, true)
		checkIssued(r, aliases.Index(i), strings.TrimPrefix(alias, "*."))
	}
	if d.MakesCertificate() && len(d.Aliases) > 0 {
		checkCertificate(r, aliases, d.Aliases, quotas)
	}
	for _, i := range repeated(d.Aliases, exactly) {
		r.Must(ruleAliases, aliases.Index(i), "must not repeat %q", d.Aliases[i])
	}
	switch given := d.given(); {
	case len(given) > 1:
		r.Must(ruleAliasCertificate, at, "must have only one of hostedZoneId, hostedZones, dns and certificateArn, got %s",
			declare.Listed(given, "and"))
	case len(d.Aliases) > 0 && len(given) == 0:
		r.Must(ruleAliasCertificate, at, "must have one of hostedZoneId, hostedZones, dns and certificateArn for its aliases, "+
			`got none; "dns": "manual" is for domains whose DNS isn't Route 53`)
	case len(d.Aliases) == 0 && len(given) > 0:
		r.Must(ruleAliasCertificate, at, "must have aliases, which %s is for, got none", given[0])
	}
	for _, domain := range slices.Sorted(maps.Keys(d.HostedZones)) {
		where := at.Field("hostedZones").Field(domain)
		checkDomain(r, ruleHostedZone, where, domain, true)
		if strings.HasPrefix(domain, "*.") || domain == "" {
			r.Must(ruleHostedZone, where, "must have the name of a domain, like example.com, got %q", domain)
		}
	}
	for _, zone := range d.zonePlaces() {
		if owner := zoneOwner(zone.name); owner != "" {
			r.Must(ruleOneZone, at.Join(zone.at), "must be the zone of your domain, got that of %s's own names, %s", owner, zone.name)
		}
	}
	d.checkZoneRoles(r, at)
	if d.CertificateARN != "" {
		checkARN(r, ruleCertificateARN, at.Field("certificateArn"), d.CertificateARN, certificateARN, account)
	}
}

// given are the fields that say where the certificate and the records come from.
func (d Domain) given() (fields []string) {
	for field, is := range map[string]bool{
		"hostedZoneId": d.HostedZoneID != "", "hostedZones": len(d.HostedZones) > 0, "dns": d.DNS != "",
		"certificateArn": d.CertificateARN != "",
	} {
		if is {
			fields = append(fields, field)
		}
	}
	slices.Sort(fields)
	return fields
}

func (d Domain) checkZoneRoles(r *declare.Report, at declare.Path) {
	role, plan := at.Field("hostedZoneRoleArn"), at.Field("hostedZonePlanRoleArn")
	if d.HostedZoneRoleARN != "" {
		checkARN(r, ruleARN, role, d.HostedZoneRoleARN, roleARN, "")
		if !d.InRoute53() {
			r.Warn(ruleHasEffect, role, "has no effect but one: without hostedZoneId or hostedZones, the next deploy can still "+
				"remove the records that were made with it; then take it out")
		}
	}
	if d.HostedZonePlanRoleARN != "" {
		checkARN(r, ruleARN, plan, d.HostedZonePlanRoleARN, roleARN, "")
		if d.HostedZoneRoleARN == "" {
			r.Warn(ruleHasEffect, plan, "has no effect without hostedZoneRoleArn")
		}
	}
}

// zonePlaces are the hosted zones that are given, as names, with their places in domain.
func (d Domain) zonePlaces() (list []zoned) {
	if d.HostedZoneID != "" {
		list = append(list, zoned{d.HostedZoneID, declare.Path{"hostedZoneId"}})
	}
	for _, domain := range slices.Sorted(maps.Keys(d.HostedZones)) {
		list = append(list, zoned{d.HostedZones[domain], declare.Path{"hostedZones", domain}})
	}
	return list
}

// zoneAccount is the account in which an environment changes hosted zones; empty: it isn't known.
func (e Environment) zoneAccount() string {
	for _, role := range []string{e.Domain.HostedZoneRoleARN, e.Account.RoleARN} {
		if of, err := arn.Parse(role); err == nil {
			return of.AccountID
		}
	}
	return e.Account.ID
}

// isApex reports whether a name is a domain itself, at which a hosted zone begins. The suffixes of companies, such as
// github.io, are in zones of these.
func (d Domain) isApex(name string) bool {
	name = strings.ToLower(name)
	apex, err := publicsuffix.EffectiveTLDPlusOne(name)
	_, icann := publicsuffix.PublicSuffix(name)
	return d.HostedZones[name] != "" || err == nil && icann && apex == name
}

// zoned is a name for which a record is made.
type zoned struct {
	name string // as it is written
	at   declare.Path
}

// zonedNames are the well-written names for which records are made in hosted zones.
func (e Environment) zonedNames(at declare.Path) (names []zoned) {
	for i, alias := range e.Domain.Aliases {
		names = append(names, zoned{alias, at.Field("domain").Field("aliases").Index(i)})
	}
	for _, of := range e.BackendNames() {
		backend, of := e.Backend(of)
		if len(backend.Regions) > 0 {
			names = append(names, zoned{backend.OriginAlias, at.Join(of).Field("originAlias")})
		}
		if backend.LoadBalancer != nil {
			names = append(names, zoned{backend.LoadBalancer.DomainName, at.Join(of).Field("loadBalancer").Field("domainName")})
		}
	}
	return slices.DeleteFunc(names, func(n zoned) bool { return !isDomain(strings.TrimPrefix(n.name, "*.")) })
}

// checkHostedZones holds each name to lie in a zone, and each zone to have a name.
func (e Environment) checkHostedZones(r *declare.Report, at declare.Path) {
	d := e.Domain
	if d.HostedZoneRoleARN != "" && d.HostedZonePlanRoleARN == "" && e.Account.PlanRoleARN != "" {
		r.Warn(ruleZonePlanRole, at.Field("domain").Field("hostedZoneRoleArn"), "needs hostedZonePlanRoleArn beside it: the "+
			"workflows plan with account.planRoleArn, never with a role that changes records, and can't read the zone without one")
	}
	domains := slices.Sorted(maps.Keys(d.HostedZones))
	wrong := func(domain string) bool { return domainFault(domain, true) != "" }
	if len(domains) == 0 || slices.ContainsFunc(domains, wrong) {
		return
	}
	used := map[string]bool{}
	for _, n := range e.zonedNames(at) {
		domain := d.zoneDomain(n.name)
		used[domain] = true
		if domain == "" {
			r.Must(ruleZones, n.at, "must be a name at or below a domain of domain.hostedZones, where its records are made, "+
				"got %q; there are %s", n.name, declare.Listed(domains, "and"))
		}
	}
	for _, domain := range domains {
		if !used[domain] && isDomain(domain) {
			r.Warn(ruleZones, at.Field("domain").Field("hostedZones").Field(domain),
				"has no effect: no alias, originAlias or loadBalancer.domainName belongs to it")
		}
	}
}

// checkIssued holds an alias to be a name for which its user can get a certificate.
func checkIssued(r *declare.Report, at declare.Path, name string) {
	for _, suffix := range []string{"amazonaws.com", "amazonaws.com.cn", "cloudfront.net", "elasticbeanstalk.com",
		"on.aws", "awsapprunner.com"} {
		if atOrBelow(name, suffix) {
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
