package edge

import (
	"fmt"
	"strings"
)

// target is what a behavior sends its requests to: an origin, and one that is asked if the first fails.
type target struct {
	origin   *Origin
	failover *Failover
}

// targets are the origins and origin groups by their ids.
func (p *parser) targets(b *block) map[string]target {
	targets := map[string]target{}
	for _, o := range b.children("origin") {
		made := p.origin(o)
		targets[made.ID] = target{origin: made}
	}
	for _, group := range b.children("origin_group") {
		members := group.children("member")
		if len(members) != 2 {
			p.fail(group.at+".member", "must be two origins, got %d", len(members))
			continue
		}
		first, second := targets[members[0].text("origin_id")].origin, targets[members[1].text("origin_id")].origin
		if first == nil || second == nil {
			p.fail(group.at+".member", "must be origins of the distribution")
			continue
		}
		f := &Failover{Origin: second}
		for _, status := range list[float64](group.child("failover_criteria"), "status_codes") {
			f.On = append(f.On, int(status))
		}
		targets[group.text("origin_id")] = target{first, f}
	}
	return targets
}

// origin has what CloudFront takes where nothing is said (CloudFront Developer Guide, Origin settings). How long it waits for
// a bucket's answer can't be changed (Request and response behavior for Amazon S3 origins, Origin response timeout).
func (p *parser) origin(b *block) *Origin {
	o := &Origin{
		ID: b.text("origin_id"), Domain: p.domainName(b), Path: b.text("origin_path"), SignedBy: p.signer(b), CustomHeaders: map[string]string{},
		Protocol: "match-viewer", HTTPPort: 80, HTTPSPort: 443,
		ConnectionAttempts: b.number("connection_attempts", 3), ConnectionTimeout: b.number("connection_timeout", 10),
	}
	for _, h := range b.children("custom_header") {
		o.CustomHeaders[canonicalName(h.text("name"))] = p.headerValue(h)
	}
	custom, vpc := b.child("custom_origin_config"), b.child("vpc_origin_config")
	timeouts, endpoint := custom, custom
	switch {
	case vpc.has("vpc_origin_id"):
		resource := p.resolve(vpc.at+".vpc_origin_id", vpc.text("vpc_origin_id"), "aws_cloudfront_vpc_origin")
		resource.ignore("tags", "timeouts")
		timeouts = vpc
		if endpoints := resource.children("vpc_origin_endpoint_config"); len(endpoints) == 1 {
			endpoint = endpoints[0]
		}
	case !custom.has("origin_protocol_policy"):
		o.S3 = true
	}
	o.ReadTimeout, o.KeepaliveTimeout = timeouts.number("origin_read_timeout", 30), timeouts.number("origin_keepalive_timeout", 5)
	if !o.S3 {
		o.Protocol, o.HTTPPort, o.HTTPSPort = endpoint.text("origin_protocol_policy"), endpoint.number("http_port", 80), endpoint.number("https_port", 443)
		endpoint.ignore("origin_ssl_protocols", "arn", "name")
	}
	b.ignore("origin_shield")
	return o
}

// domainName is AWS's to choose for a bucket, and shown by the bucket's.
func (p *parser) domainName(b *block) string {
	value := b.text("domain_name")
	if !strings.Contains(value, "${") {
		return value
	}
	_, bucket := p.find(b.at+".domain_name", value, "aws_s3_bucket")
	if name, named := bucket["bucket"]; named {
		return fmt.Sprintf("(bucket %v)", name)
	}
	return fmt.Sprintf("(bucket %v…)", bucket["bucket_prefix"])
}

// headerValue shows a secret by its name.
func (p *parser) headerValue(b *block) string {
	value := b.text("value")
	if !strings.Contains(value, "${") {
		return value
	}
	_, secret := p.find(b.at+".value", value, "aws_secretsmanager_secret_version")
	return fmt.Sprintf("(secret %v)", secret["secret_id"])
}

// signer names who signs the requests to a bucket; empty: nobody does.
func (p *parser) signer(b *block) string {
	if value := b.text("origin_access_control_id"); value != "" {
		control := p.resolve(b.at+".origin_access_control_id", value, "aws_cloudfront_origin_access_control")
		control.ignore("description", "origin_access_control_origin_type", "signing_protocol")
		return when(control.text("signing_behavior") != "never", "the origin access control")
	}
	s3 := b.child("s3_origin_config")
	if value := s3.text("origin_access_identity"); value != "" {
		p.resolve(s3.at+".origin_access_identity", value, "aws_cloudfront_origin_access_identity")
		return "the origin access identity"
	}
	return ""
}
