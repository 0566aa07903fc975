package config

import (
	"slices"
	"strings"
)

// checkBackend holds the API to have one kind of backend, and that one to its rules.
func (a API) checkBackend(r *report, at path, env Environment) {
	kinds := 0
	if a.DomainName != "" {
		kinds++
		checkOriginDomain(r, at.field("domainName"), a.DomainName)
	}
	if len(a.Regions) > 0 {
		kinds++
		a.checkRegions(r, at, env)
	} else if a.OriginAlias != "" {
		r.must("O13", at.field("originAlias"), "needs api.regions")
	}
	if a.VPCOrigin != (VPCOrigin{}) {
		kinds++
		a.checkVPCOrigin(r, at.field("vpcOrigin"), env)
	}
	if kinds != 1 {
		r.must("O1", at, "must have exactly one of domainName, regions and vpcOrigin, got %d", kinds)
	}
	if a.DomainName == placeholderDomain {
		r.warn("O3", at.field("domainName"), "is still the placeholder %q: every call will be answered 502", placeholderDomain)
	}
	a.checkFailover(r, at.field("failover"), env)
}

func (a API) checkRegions(r *report, at path, env Environment) {
	if len(a.Regions) < 2 {
		r.must("O13", at.field("regions"), "must have at least 2 regions, got %d", len(a.Regions))
	}
	if a.OriginAlias == "" {
		r.must("O13", at.field("originAlias"), "is required with api.regions")
	} else {
		checkOriginDomain(r, at.field("originAlias"), a.OriginAlias)
	}
	if a.OriginAlias != "" && slices.Contains(env.Domain.Aliases, a.OriginAlias) {
		r.must("D10", at.field("originAlias"), "must differ from domain.aliases: CloudFront would call itself, got %q", a.OriginAlias)
	}
	if env.Domain.HostedZoneID == "" {
		r.must("O13", at.field("regions"), "needs domain.hostedZoneId, where the records are made")
	}
	names := make([]string, len(a.Regions))
	for i, region := range a.Regions {
		names[i] = region.Region
		where := at.field("regions").index(i)
		checkRegion(r, where.field("region"), region.Region)
		checkOriginDomain(r, where.field("domainName"), region.DomainName)
		if !strings.HasPrefix(region.HealthPath, "/") {
			r.must("O13", where.field("healthPath"), `must begin with "/", got %q`, region.HealthPath)
		}
		r.length("O13", where.field("healthPath"), healthPathLength, region.HealthPath)
	}
	for _, i := range repeated(names, exactly) {
		r.must("O13", at.field("regions").index(i).field("region"), "must not repeat %q", names[i])
	}
}

func (a API) checkVPCOrigin(r *report, at path, env Environment) {
	checkOriginDomain(r, at.field("domainName"), a.VPCOrigin.DomainName)
	shape := loadBalancerARN
	if strings.HasPrefix(a.VPCOrigin.LoadBalancerARN, "arn:aws:ec2:") {
		shape = instanceARN
	}
	checkARN(r, "O14", at.field("loadBalancerArn"), a.VPCOrigin.LoadBalancerARN, shape.in(env.Region), env.Account.ID)
}

func (a API) checkFailover(r *report, at path, env Environment) {
	if a.Failover.DomainName == "" {
		return
	}
	domain := at.field("domainName")
	checkOriginDomain(r, domain, a.Failover.DomainName)
	if a.Failover.DomainName == a.DomainName || a.Failover.DomainName == a.OriginAlias {
		r.must("O11", domain, "must differ from the API's, got %q for both", a.Failover.DomainName)
	}
	if a.VPCOrigin != (VPCOrigin{}) {
		r.must("O14", at, "must be absent with api.vpcOrigin")
	}
	if !slices.ContainsFunc(env.Routes, func(route Route) bool { return route.Failover }) {
		r.warn("U1", at, "has no effect: no route has failover")
	}
}

func (a API) checkShield(r *report, at path) {
	checkRegion(r, at, a.ShieldRegion)
	if slices.Contains(regions, a.ShieldRegion) && !slices.Contains(shieldRegions, a.ShieldRegion) {
		r.warn("O12", at, "was no region of Origin Shield when this list was made: %s", strings.Join(shieldRegions, ", "))
	}
}
