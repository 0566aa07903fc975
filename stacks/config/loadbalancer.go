package config

import (
	"strings"

	"ml-api-accelerator/stacks/config/declare"
)

// LoadBalancer is a public load balancer that gets a name, a record and a certificate of its own for CloudFront.
type LoadBalancer struct {
	ListenerARN     string
	DomainName      string
	SecurityGroupID string
}

// Declare implements [declare.Section].
func (l *LoadBalancer) Declare(f *declare.Fields) {
	f.Confidential("listenerArn", &l.ListenerARN,
		"ARN of its HTTPS listener (TLS, for a network load balancer), which gets the certificate beside those it has.")
	f.Text("domainName", &l.DomainName,
		"Name that CloudFront connects to. The record, and a certificate in the region of the environment, are made in "+
			"domain.hostedZoneId.").Required().Length(ruleOriginDomain, 1, mostDomain)
	f.Text("securityGroupId", &l.SecurityGroupID,
		"Security group of the load balancer, to let CloudFront in. Its list of addresses counts as 55 of the 60 rules that "+
			"a group may have.").
		Matches(ruleLoadBalancer, securityGroupID, aSecurityGroupID).
		Explain(groupMeant)
}

func (l LoadBalancer) check(r *declare.Report, at declare.Path, region, account string) {
	if l.ListenerARN == "" {
		r.Must(ruleLoadBalancer, at.Field("listenerArn"), "is required")
	} else {
		checkARN(r, ruleLoadBalancer, at.Field("listenerArn"), l.ListenerARN, listenerARN.in(region), account)
	}
	name := at.Field("domainName")
	checkOriginDomain(r, name, l.DomainName)
	checkIssued(r, name, strings.ToLower(l.DomainName))
	if n := len(l.DomainName); n > MostCommonNameOctets && n <= mostDomain {
		r.Must(ruleCertificateNames, name,
			"must have at most %d characters, which a certificate takes as its common name, got %d", MostCommonNameOctets, n)
	}
}

// loadBalancerName is the name of the load balancer that gets one, in lower case; empty: there is none.
func (b Backend) loadBalancerName() string {
	if b.LoadBalancer == nil {
		return ""
	}
	return strings.ToLower(b.LoadBalancer.DomainName)
}

// checkLoadBalancerName checks the name of a load balancer, which gets a record and a certificate, against the rest of
// the environment.
func (e Environment) checkLoadBalancerName(r *declare.Report, at declare.Path, b Backend) {
	name := b.loadBalancerName()
	if name == "" {
		return
	}
	switch {
	case e.Domain.InRoute53():
	case e.Domain.DNS == DNSManual:
		r.Must(ruleLoadBalancer, at, `must be absent with domain.dns "manual", since its record and its certificate's are made `+
			"in a hosted zone: make them yourself, and use domainName")
	default:
		r.Must(ruleLoadBalancer, at, "needs domain.hostedZoneId, where its record and its certificate's are created")
	}
	for _, alias := range e.Domain.Aliases { // an alias that is the same name is refused elsewhere
		if alias == "*."+name {
			r.Must(ruleWildcardAlias, at.Field("domainName"),
				"must not be the name below which %q is an alias: one DNS record would validate both certificates, got %q", alias,
				b.LoadBalancer.DomainName)
		}
	}
}
