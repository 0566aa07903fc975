package config

import "strings"

// VPCOrigin is a backend in a private subnet.
type VPCOrigin struct {
	LoadBalancerARN string
	DomainName      string
}

func (v *VPCOrigin) declare(f *fields) {
	f.confidential("loadBalancerArn", &v.LoadBalancerARN, "ARN of the application or network load balancer, or of the instance.")
	f.text("domainName", &v.DomainName, "Name on the backend's certificate.").length(ruleO2, domainLength)
}

func (a API) checkVPCOrigin(r *report, at path, env Environment) {
	if a.VPCOrigin.DomainName == "" {
		r.must(ruleO2, at.field("domainName"), "is required with loadBalancerArn")
	}
	checkOriginDomain(r, at.field("domainName"), a.VPCOrigin.DomainName)
	shape := loadBalancerARN
	if strings.HasPrefix(a.VPCOrigin.LoadBalancerARN, "arn:aws:ec2:") {
		shape = instanceARN
	}
	checkARN(r, ruleO14, at.field("loadBalancerArn"), a.VPCOrigin.LoadBalancerARN, shape, env.Account.ID)
}
