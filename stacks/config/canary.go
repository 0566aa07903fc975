package config

import (
	"slices"
	"strings"

	"ml-api-accelerator/stacks/internal/shared/names"
)

// OriginCanary is where the requests of the canary's share of callers go.
const OriginCanary = names.OriginCanary

// Canary is a new version of the backend that a share of the callers gets.
type Canary struct {
	DomainName string
	Percent    int
}

func (c *Canary) declare(f *fields) {
	f.text("domainName", &c.DomainName, "DNS name of the new version; like the backend's, with the same path, port and headers.").required().
		length(ruleO2, domainLength)
	f.integer("percent", &c.Percent, "Share of the callers that get it, in percent, until the command canary sets another. Where api.keys are deployed already, begin with 0: the function changes before the distribution has the new origin.").required().
		between(ruleK5, Range{0, 100})
}

// CanaryFailsOver tells whether a route asks api.failover when the canary fails.
func (e Environment) CanaryFailsOver() bool {
	return e.API.Canary != nil && slices.ContainsFunc(e.Behaviors(), Behavior.FailsOverFromAPI)
}

func (a API) canaryName() string {
	if a.Canary == nil {
		return ""
	}
	return a.Canary.DomainName
}

func (c Canary) check(r *report, at path, api API) {
	domain := at.field("domainName")
	checkOriginDomain(r, domain, c.DomainName)
	others := []string{api.DomainName, api.OriginAlias, api.Failover.DomainName}
	for _, region := range api.Regions {
		others = append(others, region.DomainName)
	}
	if slices.ContainsFunc(others, func(other string) bool { return strings.EqualFold(c.DomainName, other) }) {
		r.must(ruleK5, domain, "must differ from the API's, its regions' and its failover's, got %q", c.DomainName)
	}
}
