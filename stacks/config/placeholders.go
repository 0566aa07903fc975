package config

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"ml-api-accelerator/stacks/config/declare"
)

// shippedBucket and shippedZone are those of the shipped cdktf.json.
const (
	shippedBucket = "ml-api-terraform-state"
	shippedZone   = "Z0123456789ABC"
)

// exampleAccounts are the account ids of AWS's documentation.
var exampleAccounts = []string{"111122223333", "123456789012", "444455556666", "000000000000"}

// exampleDomain reports whether a name is at or below one that is nobody's (RFC 2606, Reserved Example Second Level
// Domain Names), or that of the shipped cdktf.json.
func exampleDomain(name string) bool {
	name = strings.ToLower(name)
	return name == placeholderDomain || slices.ContainsFunc([]string{"example.com", "example.net", "example.org"},
		func(domain string) bool {
			return name == domain || strings.HasSuffix(name, "."+domain)
		})
}

// checkPlaceholders warns of what only stands for a value of the user's own.
func (c Config) checkPlaceholders(r *declare.Report) {
	warn := func(at declare.Path, value, instead string) {
		if slices.ContainsFunc(r.Problems, func(p Problem) bool { return p.At.Equal(at) && p.Class == Hard }) {
			return // it has to change in any case
		}
		r.Warn(rulePlaceholderDomain, at, "is a placeholder, %q: replace it with %s", value, instead)
	}
	if c.State.Bucket == shippedBucket {
		warn(declare.Path{"state", "bucket"}, c.State.Bucket,
			"a name of your own, since bucket names are unique across all of AWS")
	}
	for _, name := range c.EnvironmentNames() {
		e, at := c.Environments[name], declare.Path{environments}.Field(name)
		of := func(at declare.Path, domain, written, instead string) {
			if exampleDomain(domain) {
				warn(at, written, instead)
			}
		}
		domains := func(at declare.Path, name, instead string) { of(at, name, name, instead) }
		api, backend := at.Field("api"), "the name of your backend, or every call will be answered 502"
		domains(api.Field("domainName"), e.API.DomainName, backend)
		domains(api.Field("failover").Field("domainName"), e.API.Failover.DomainName, "the name of your second backend")
		domains(api.Field("canary").Field("domainName"), e.API.canaryName(), "the name of your new version")
		domains(api.Field("vpcOrigin").Field("domainName"), e.API.VPCOrigin.DomainName,
			"the name on your backend's certificate")
		domains(api.Field("originAlias"), e.API.OriginAlias, "a name of your own domain")
		domains(api.Field("loadBalancer").Field("domainName"), e.API.loadBalancerName(), "a name of your own domain")
		for i, region := range e.API.Regions {
			domains(api.Field("regions").Index(i).Field("domainName"), region.DomainName, backend)
		}
		for i, alias := range e.Domain.Aliases {
			of(at.Field("domain").Field("aliases").Index(i), strings.TrimPrefix(alias, "*."), alias, "a name of your own domain")
		}
		if e.CORS != nil {
			for i, origin := range e.CORS.AllowOrigins {
				of(at.Field("cors").Field("allowOrigins").Index(i), originHost(origin), origin, "the origin of your pages")
			}
		}
		for i, email := range e.Monitoring.Emails {
			_, domain, _ := strings.Cut(email, "@")
			of(at.Field("monitoring").Field("emails").Index(i), domain, email, "an address where somebody reads alarms")
		}
		if e.Domain.HostedZoneID == shippedZone {
			warn(at.Field("domain").Field("hostedZoneId"), shippedZone, "the id of your domain's hosted zone")
		}
		if slices.Contains(exampleAccounts, e.Account.ID) {
			warn(at.Field("account").Field("id"), e.Account.ID, "the id of your account")
		}
	}
}

// IsPlaceholder reports whether a problem is a placeholder that is left.
func IsPlaceholder(p Problem) bool { return p.Rule == rulePlaceholderDomain.ID }

// originHost is the host of one of CloudFront's patterns of origins.
func originHost(origin string) string {
	if _, rest, found := strings.Cut(origin, "://"); found {
		origin = rest
	}
	host, _, _ := strings.Cut(origin, ":")
	return strings.TrimPrefix(host, "*.")
}

// shippedKey is the SHA-256 of the public key, as its SubjectPublicKeyInfo, that the shipped cdktf.json once had:
// whoever has its private half signs what it verifies.
const shippedKey = "5abeb12634c713adba98f10314f405a5a51e3e8ba235c5f59757ebc2948ae873"

func isShippedKey(der []byte) bool {
	sum := sha256.Sum256(der)
	return hex.EncodeToString(sum[:]) == shippedKey
}
