package config

import (
	"slices"
	"strings"
)

// Failover is the second backend.
type Failover struct {
	DomainName string
}

func (second *Failover) declare(f *fields) {
	f.text("domainName", &second.DomainName, "DNS name of the backend.").length(ruleO2, domainLength)
}

func (a API) checkFailover(r *report, at path, env Environment) {
	if a.Failover.DomainName == "" {
		return
	}
	domain := at.field("domainName")
	checkOriginDomain(r, domain, a.Failover.DomainName)
	if strings.EqualFold(a.Failover.DomainName, a.DomainName) || strings.EqualFold(a.Failover.DomainName, a.OriginAlias) {
		r.must(ruleO11, domain, "must differ from the API's, got %q for both", a.Failover.DomainName)
	}
	if a.VPCOrigin != (VPCOrigin{}) {
		r.warn(ruleO14, at, "goes with api.vpcOrigin as far as we know, but AWS documents no failover from a VPC origin: try it before you rely on it")
	}
	if !slices.ContainsFunc(env.Routes, func(route Route) bool { return route.Failover }) {
		r.warn(ruleU1, at, "has no effect: no route has failover")
	}
}
