package edge

import (
	"cmp"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"maps"
	"slices"
)

// Distribution is a CloudFront distribution with all that it refers to.
type Distribution struct {
	Domain            string // its own name; AWS chooses another one
	Aliases           []string
	Behaviors         []Behavior // in the order CloudFront tries them; the default one is the last
	DefaultRootObject string
	Errors            map[int]ErrorResponse // by the origin's status
	GeoType           string                // "none", or whether the countries are let in ("whitelist") or not ("blacklist")
	GeoLocations      []string
	HTTPVersion       string
	WebACL            string // empty: no firewall
}

// Behavior is how the requests of one path pattern are treated.
type Behavior struct {
	Path                          string // "*": the default behavior
	Origin                        *Origin
	Failover                      *Failover // nil: there is none
	ViewerProtocol                string
	AllowedMethods, CachedMethods []string
	Compress, GRPC                bool
	Keys                          []crypto.PublicKey // that sign what is let in; none: no signature is needed
	Functions                     []Function
	CachePolicy                   CachePolicy
	OriginRequestPolicy           OriginRequestPolicy
	ResponseHeadersPolicy         ResponseHeadersPolicy

	pattern      string
	errors       map[int]ErrorResponse
	errorSeconds map[int]int
}

// Function is JavaScript that runs at the edge on an event, "viewer-request" or "viewer-response".
type Function struct {
	Event, Name, Runtime, Code string
	KeyValueStores             []string
}

// ErrorResponse is what callers get for an error of the origin (empty: the error), and the seconds it is kept at least.
type ErrorResponse struct {
	MinTTL, ResponseCode int
	ResponsePage         string
}

// ErrNoDistribution is what Parse returns for a stack without one.
var ErrNoDistribution = errors.New("there is no aws_cloudfront_distribution in the stack")

// Parse reads the distribution of a synthesized stack, cdk.tf.json. What the model doesn't know is an error that names it.
func Parse(text []byte) (*Distribution, error) {
	p, err := newParser(text)
	if err != nil {
		return nil, err
	}
	found := p.stack.Resource["aws_cloudfront_distribution"]
	if len(found) == 0 {
		return nil, ErrNoDistribution
	}
	if len(found) > 1 {
		p.fail("aws_cloudfront_distribution", "must be one, got %d", len(found))
	}
	name := slices.Sorted(maps.Keys(found))[0]
	d := p.distribution(p.resource("aws_cloudfront_distribution."+name, found[name]))
	return d, p.finish()
}

func (p *parser) distribution(b *block) *Distribution {
	geo := b.child("restrictions").child("geo_restriction")
	d := &Distribution{
		Domain:  "d111111abcdef8.cloudfront.net", // as AWS's guides write it
		Aliases: b.texts("aliases"), DefaultRootObject: b.text("default_root_object"), Errors: map[int]ErrorResponse{},
		GeoType: geo.text("restriction_type"), GeoLocations: geo.texts("locations"),
		HTTPVersion: cmp.Or(b.text("http_version"), "http2"), WebACL: b.text("web_acl_id"),
	}
	if !b.flag("enabled") {
		p.fail(b.at+".enabled", "must be true: what is off answers nothing")
	}
	for _, e := range b.children("custom_error_response") {
		// Where no TTL is said the Terraform provider says 0 (hashicorp/aws, expandCustomErrorResponse).
		d.Errors[e.number("error_code", 0)] = ErrorResponse{e.number("error_caching_min_ttl", 0), e.number("response_code", 0), e.text("response_page_path")}
	}
	targets := p.targets(b)
	for _, ordered := range b.children("ordered_cache_behavior") {
		d.Behaviors = append(d.Behaviors, p.behavior(ordered, ordered.text("path_pattern"), targets, d.Errors))
	}
	d.Behaviors = append(d.Behaviors, p.behavior(b.child("default_cache_behavior"), "*", targets, d.Errors))
	b.ignore("is_ipv6_enabled", "logging_config", "price_class", "retain_on_delete", "tags", "viewer_certificate", "wait_for_deployment")
	return d
}

func (p *parser) behavior(b *block, path string, targets map[string]target, errors map[int]ErrorResponse) Behavior {
	to := targets[b.text("target_origin_id")]
	if to.origin == nil {
		p.fail(b.at+".target_origin_id", "must be an origin or an origin group")
		to.origin = &Origin{}
	}
	made := Behavior{
		Path: path, pattern: rooted(path), Origin: to.origin, Failover: to.failover, errors: errors,
		ViewerProtocol: b.text("viewer_protocol_policy"), AllowedMethods: b.texts("allowed_methods"), CachedMethods: b.texts("cached_methods"),
		Compress: b.flag("compress"), GRPC: b.child("grpc_config").flag("enabled"),
		CachePolicy:           p.cachePolicy(b.at+".cache_policy_id", b.text("cache_policy_id")),
		OriginRequestPolicy:   p.originRequestPolicy(b.at+".origin_request_policy_id", b.text("origin_request_policy_id")),
		ResponseHeadersPolicy: p.responseHeadersPolicy(b.at+".response_headers_policy_id", b.text("response_headers_policy_id")),
	}
	for _, group := range b.texts("trusted_key_groups") {
		for _, key := range p.resolve(b.at+".trusted_key_groups", group, "aws_cloudfront_key_group").texts("items") {
			made.Keys = append(made.Keys, p.publicKey(p.resolve(group, key, "aws_cloudfront_public_key")))
		}
	}
	for _, a := range b.children("function_association") {
		f := p.resolve(a.at+".function_arn", a.text("function_arn"), "aws_cloudfront_function")
		made.Functions = append(made.Functions,
			Function{a.text("event_type"), f.name, f.text("runtime"), f.text("code"), f.texts("key_value_store_associations")})
		f.ignore("publish")
	}
	b.ignore("realtime_log_config_arn")
	made.errorSeconds = made.keptErrors()
	return made
}

// publicKey takes what CloudFront takes, RSA 2048 and ECDSA 256 (CloudFront Developer Guide, Specify signers that can create
// signed URLs and signed cookies).
func (p *parser) publicKey(b *block) crypto.PublicKey {
	b.ignore("name_prefix")
	text, _ := pem.Decode([]byte(b.text("encoded_key")))
	if text == nil {
		p.fail(b.at+".encoded_key", "must be a public key in PEM format")
		return nil
	}
	key, err := x509.ParsePKIXPublicKey(text.Bytes)
	switch key.(type) {
	case *rsa.PublicKey, *ecdsa.PublicKey:
	default:
		p.fail(b.at+".encoded_key", "must be an RSA or ECDSA key: %T, %v", key, err)
	}
	return key
}
