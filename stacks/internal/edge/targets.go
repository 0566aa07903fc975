package edge

import (
	"fmt"
	"strings"

	"ml-api-accelerator/stacks/internal/edge/block"
	"ml-api-accelerator/stacks/internal/edge/policy"
	"ml-api-accelerator/stacks/internal/shared/stackjson"
)

// target is what a behavior sends its requests to: an origin, and one that is asked if the first fails.
type target struct {
	origin   *Origin
	failover *Failover
}

// targets are the origins and origin groups by their ids.
func (p parser) targets(b *block.Block, d *Distribution) map[string]target {
	targets := map[string]target{}
	for _, o := range b.Children("origin") {
		made := p.origin(o)
		d.Origins[made.ID] = made
		targets[made.ID] = target{origin: made}
	}
	for _, group := range b.Children("origin_group") {
		members := group.Children("member")
		if len(members) != 2 {
			p.Fail(group.At+".member", "must be two origins, got %d", len(members))
			continue
		}
		first, second := targets[members[0].Text("origin_id")].origin, targets[members[1].Text("origin_id")].origin
		if first == nil || second == nil {
			p.Fail(group.At+".member", "must be origins of the distribution")
			continue
		}
		f := &Failover{Origin: second}
		for _, status := range block.List[float64](group.Child("failover_criteria"), "status_codes") {
			f.On = append(f.On, int(status))
		}
		targets[group.Text("origin_id")] = target{first, f}
	}
	return targets
}

// origin has what CloudFront takes where nothing is said (CloudFront Developer Guide, Origin settings). How long it
// waits for a bucket's answer can't be changed (Request and response behavior for Amazon S3 origins, Origin response
// timeout).
func (p parser) origin(b *block.Block) *Origin {
	domain, bucket := p.domainName(b)
	o := &Origin{
		ID: b.Text("origin_id"), Domain: domain, Path: b.Text("origin_path"), SignedBy: p.signer(b),
		CustomHeaders: map[string]Value{},
		Protocol:      "match-viewer", HTTPPort: 80, HTTPSPort: 443,
		ConnectionAttempts: b.Number("connection_attempts", 3), ConnectionTimeout: b.Number("connection_timeout", 10),
	}
	for _, h := range b.Children("custom_header") {
		o.CustomHeaders[policy.HeaderName(h.Text("name"))] = p.headerValue(h)
	}
	custom, vpc := b.Child("custom_origin_config"), b.Child("vpc_origin_config")
	timeouts, endpoint := custom, custom
	switch {
	case vpc.Has("vpc_origin_id"):
		resource := p.Resolve(vpc.At+".vpc_origin_id", vpc.Text("vpc_origin_id"), "aws_cloudfront_vpc_origin")
		resource.Ignore("tags", "timeouts")
		timeouts = vpc
		if endpoints := resource.Children("vpc_origin_endpoint_config"); len(endpoints) == 1 {
			endpoint = endpoints[0]
		}
	case !custom.Has("origin_protocol_policy"):
		o.S3, o.CORS = true, p.bucketCORS(bucket)
	}
	o.ReadTimeout, o.KeepaliveTimeout = timeouts.Number("origin_read_timeout", 30),
		timeouts.Number("origin_keepalive_timeout", 5)
	if !o.S3 {
		o.Protocol, o.HTTPPort, o.HTTPSPort = endpoint.Text("origin_protocol_policy"), endpoint.Number("http_port", 80),
			endpoint.Number("https_port", 443)
		endpoint.Ignore("origin_ssl_protocols", "arn", "name")
	}
	b.Ignore("origin_shield")
	return o
}

// domainName is a text, or AWS's to choose: that of a bucket, whose address it has too, of a load balancer or of a
// function's URL, each shown by the name that it belongs to. A record says its own.
func (p parser) domainName(b *block.Block) (name, bucket string) {
	at, value := b.At+".domain_name", b.Text("domain_name")
	if !strings.Contains(value, "${") {
		return value, ""
	}
	if url, _, found := strings.Cut(value, functionDomain); found {
		_, args := p.Find(at, url, "aws_lambda_function_url")
		function := fmt.Sprint(args["function_name"])
		return fmt.Sprintf("(function %s)", function[strings.LastIndex(function, ":")+1:]), ""
	}
	r, _ := stackjson.Refers(value)
	switch r.Kind {
	case "aws_lb":
		_, args := p.Find(at, value, r.Kind)
		balancer := strings.Split(fmt.Sprint(args["arn"]), "/") // …:loadbalancer/app/name/id
		return fmt.Sprintf("(load balancer %s)", balancer[max(0, len(balancer)-2)]), ""
	case "aws_route53_record":
		_, args := p.Find(at, value, r.Kind)
		return fmt.Sprint(args["name"]), ""
	}
	bucket, args := p.Find(at, value, "aws_s3_bucket")
	if name, named := args["bucket"]; named {
		return fmt.Sprintf("(bucket %v)", name), bucket
	}
	return fmt.Sprintf("(bucket %v…)", args["bucket_prefix"]), bucket
}

// functionDomain follows the id of a function URL, before its Region (Lambda Developer Guide, Creating and managing
// Lambda function URLs).
const functionDomain = ".lambda-url."

// headerValue is a text, or the secret that an expression takes it from.
func (p parser) headerValue(b *block.Block) Value {
	before, value, expression := strings.Cut(b.Text("value"), "${")
	if !expression {
		return Plain(before)
	}
	_, secret := p.Find(b.At+".value", "${"+value, "aws_secretsmanager_secret_version")
	return Value{Secret, fmt.Sprint(secret["secret_id"]), before}
}

// signer names who signs the requests to a bucket; empty: nobody does.
func (p parser) signer(b *block.Block) string {
	if value := b.Text("origin_access_control_id"); value != "" {
		control := p.Resolve(b.At+".origin_access_control_id", value, "aws_cloudfront_origin_access_control")
		control.Ignore("description", "origin_access_control_origin_type", "signing_protocol")
		if control.Text("signing_behavior") == "never" {
			return ""
		}
		return "the origin access control"
	}
	s3 := b.Child("s3_origin_config")
	if value := s3.Text("origin_access_identity"); value != "" {
		p.Resolve(s3.At+".origin_access_identity", value, "aws_cloudfront_origin_access_identity")
		return "the origin access identity"
	}
	return ""
}
