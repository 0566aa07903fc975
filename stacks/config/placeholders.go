package config

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
)

// shippedBucket and shippedZone are those of the shipped cdktf.json.
const (
	shippedBucket = "ml-api-terraform-state"
	shippedZone   = "Z0123456789ABC"
)

// exampleAccounts are the account ids of AWS's documentation.
var exampleAccounts = []string{"111122223333", "123456789012", "444455556666", "000000000000"}

// exampleDomain reports whether a name is at or below one that is nobody's (RFC 2606, Reserved Example Second Level Domain
// Names), or that of the shipped cdktf.json.
func exampleDomain(name string) bool {
	name = strings.ToLower(name)
	return name == placeholderDomain || slices.ContainsFunc([]string{"example.com", "example.net", "example.org"}, func(domain string) bool {
		return name == domain || strings.HasSuffix(name, "."+domain)
	})
}

// checkPlaceholders warns of what only stands for a value of the user's own.
func (c Config) checkPlaceholders(r *report) {
	warn := func(at path, value, instead string) {
		if slices.ContainsFunc(r.problems, func(p Problem) bool { return p.at.equal(at) && p.Class == Hard }) {
			return // it has to change in any case
		}
		r.warn(rulePlaceholderDomain, at, "is a placeholder, %q: give %s", value, instead)
	}
	if c.State.Bucket == shippedBucket {
		warn(path{"state", "bucket"}, c.State.Bucket, "a name of your own, since bucket names are unique across all of AWS")
	}
	for _, name := range c.EnvironmentNames() {
		e, at := c.Environments[name], path{environments}.key(name)
		of := func(at path, domain, written, instead string) {
			if exampleDomain(domain) {
				warn(at, written, instead)
			}
		}
		domains := func(at path, name, instead string) { of(at, name, name, instead) }
		api, backend := at.field("api"), "the name of your backend, or every call is answered 502"
		domains(api.field("domainName"), e.API.DomainName, backend)
		domains(api.field("failover").field("domainName"), e.API.Failover.DomainName, "the name of your second backend")
		domains(api.field("canary").field("domainName"), e.API.canaryName(), "the name of your new version")
		domains(api.field("vpcOrigin").field("domainName"), e.API.VPCOrigin.DomainName, "the name on your backend's certificate")
		domains(api.field("originAlias"), e.API.OriginAlias, "a name of your own domain")
		for i, region := range e.API.Regions {
			domains(api.field("regions").index(i).field("domainName"), region.DomainName, backend)
		}
		for i, alias := range e.Domain.Aliases {
			of(at.field("domain").field("aliases").index(i), strings.TrimPrefix(alias, "*."), alias, "a name of your own domain")
		}
		if e.CORS != nil {
			for i, origin := range e.CORS.AllowOrigins {
				of(at.field("cors").field("allowOrigins").index(i), originHost(origin), origin, "the origin of your pages")
			}
		}
		for i, email := range e.Monitoring.Emails {
			_, domain, _ := strings.Cut(email, "@")
			of(at.field("monitoring").field("emails").index(i), domain, email, "an address at which somebody reads alarms")
		}
		if e.Domain.HostedZoneID == shippedZone {
			warn(at.field("domain").field("hostedZoneId"), shippedZone, "the id of your domain's hosted zone")
		}
		if slices.Contains(exampleAccounts, e.Account.ID) {
			warn(at.field("account").field("id"), e.Account.ID, "the id of your account")
		}
	}
}

// originHost is the host of one of CloudFront's patterns of origins.
func originHost(origin string) string {
	if _, rest, found := strings.Cut(origin, "://"); found {
		origin = rest
	}
	host, _, _ := strings.Cut(origin, ":")
	return strings.TrimPrefix(host, "*.")
}

// shippedKey is the SHA-256 of the public key, as its SubjectPublicKeyInfo, that the shipped cdktf.json once had: whoever has its
// private half signs what it verifies.
const shippedKey = "5abeb12634c713adba98f10314f405a5a51e3e8ba235c5f59757ebc2948ae873"

func isShippedKey(der []byte) bool {
	sum := sha256.Sum256(der)
	return hex.EncodeToString(sum[:]) == shippedKey
}
