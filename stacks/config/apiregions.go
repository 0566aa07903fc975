package config

import (
	"regexp"
	"strings"
)

// Region is a backend in one region.
type Region struct {
	Region     string
	DomainName string
	HealthPath string
}

func (region *Region) declare(f *fields) {
	f.text("region", &region.Region, "AWS region that callers' latency is measured to.").required().named(ruleN2, regions, aRegion)
	f.text("domainName", &region.DomainName, "DNS name of the backend.").required().length(ruleO2, domainLength)
	f.text("healthPath", &region.HealthPath, "Path that answers 2xx or 3xx over HTTPS while the backend is healthy.").required().
		length(ruleO13, Range{1, 255}).
		matches(ruleO13, regexp.MustCompile(`^/|^$`), beginsWithASlash)
}

func (a API) checkRegions(r *report, at path, env Environment) {
	if len(a.Regions) < 2 {
		r.must(ruleO13, at.field("regions"), "must have at least 2 regions, got %d", len(a.Regions))
	}
	if a.OriginAlias == "" {
		r.must(ruleO13, at.field("originAlias"), "is required with api.regions")
	}
	checkOriginDomain(r, at.field("originAlias"), a.OriginAlias)
	if env.Domain.HostedZoneID == "" {
		r.must(ruleO13, at.field("regions"), "needs domain.hostedZoneId, where the records are made")
	}
	names, backends := make([]string, len(a.Regions)), make([]string, len(a.Regions))
	for i, region := range a.Regions {
		names[i], backends[i] = region.Region, region.DomainName
		where := at.field("regions").index(i)
		checkOriginDomain(r, where.field("domainName"), region.DomainName)
		if a.OriginAlias != "" && strings.EqualFold(region.DomainName, a.OriginAlias) {
			r.must(ruleD10, where.field("domainName"), "must differ from api.originAlias, which leads to it, got %q for both", region.DomainName)
		}
	}
	for _, i := range repeated(backends, strings.ToLower) {
		r.warn(ruleO13, at.field("regions").index(i).field("domainName"), "is the backend of an earlier region as well: callers of both reach the same one, got %q", backends[i])
	}
	for _, i := range repeated(names, exactly) {
		r.must(ruleO13, at.field("regions").index(i).field("region"), "must not repeat %q", names[i])
	}
}
