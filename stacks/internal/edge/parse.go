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
	"net/netip"
	"slices"
	"strings"

	"ml-api-accelerator/stacks/internal/edge/block"
	"ml-api-accelerator/stacks/internal/edge/policy"
	"ml-api-accelerator/stacks/internal/edge/webacl"
	"ml-api-accelerator/stacks/internal/shared/names"
)

// Distribution is a CloudFront distribution with all that it refers to.
type Distribution struct {
	Domain            string // its own name; AWS chooses another one
	Aliases           []string
	Behaviors         []Behavior         // in the order CloudFront tries them; the default one is the last
	Origins           map[string]*Origin // by their ids
	DefaultRootObject string
	Errors            map[int]ErrorResponse // by the origin's status
	// "none", or whether the countries are let in ("whitelist") or not ("blacklist")
	GeoType      string
	GeoLocations []string
	HTTPVersion  string
	WebACL       string      // empty: no firewall
	LogsCookies  bool        // in its access log
	Addresses    *webacl.ACL // nil: no rule goes by addresses and paths, or none is known

	// What overrides set and the model can't read.
	Unread []block.Unread

	// Whether every host leads to it, as on a developer's machine.
	AnyHost bool
}

// AllowedAt returns the ranges that requests of a behavior must come from to get in, judged by one path that its pattern
// matches; nil: from anywhere that isn't blocked.
func (d *Distribution) AllowedAt(b Behavior) []netip.Prefix {
	return d.Addresses.Allowed("/" + strings.NewReplacer("*", "-", "?", "-").Replace(strings.TrimPrefix(b.Path, "/")))
}

// Countries says from where requests get in; empty: from everywhere.
func (d *Distribution) Countries() string {
	switch d.GeoType {
	case "whitelist":
		return "only from " + strings.Join(d.GeoLocations, ", ")
	case "blacklist":
		return "not from " + strings.Join(d.GeoLocations, ", ")
	}
	return ""
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
	Function                      *Function          // nil: none runs
	CachePolicy                   policy.Cache
	OriginRequestPolicy           policy.OriginRequest
	ResponseHeadersPolicy         policy.ResponseHeaders

	errors       map[int]ErrorResponse
	errorSeconds map[int]int
}

// ErrorResponse is what callers get for an error of the origin (empty: the error), and the seconds it is kept at least.
type ErrorResponse struct {
	MinTTL, ResponseCode int
	ResponsePage         string
}

// ErrNoDistribution is what Parse returns for a stack without one.
var ErrNoDistribution = errors.New("there is no aws_cloudfront_distribution in the stack")

// Parse reads the distribution of a synthesized stack, cdk.tf.json. What the model doesn't know is an error that names
// it, unless an override sets it.
func Parse(text []byte) (*Distribution, error) {
	s, err := block.Parse(text)
	if err != nil {
		return nil, err
	}
	p := parser{s}
	found := p.Resource["aws_cloudfront_distribution"]
	if len(found) == 0 {
		return nil, ErrNoDistribution
	}
	if len(found) > 1 {
		p.Fail("aws_cloudfront_distribution", "must be one, got %d", len(found))
	}
	name := slices.Sorted(maps.Keys(found))[0]
	d := p.distribution(p.Read("aws_cloudfront_distribution."+name, found[name]))
	d.Unread, err = p.Finish()
	return d, err
}

// parser reads the parts of a distribution.
type parser struct{ *block.Stack }

func (p parser) distribution(b *block.Block) *Distribution {
	for _, name := range []string{"default_cache_behavior", "enabled", "origin"} {
		if !b.Has(name) {
			p.Break(b.At+"."+name, "is missing, and no distribution goes without it")
		}
	}
	geo := b.Child("restrictions").Child("geo_restriction")
	d := &Distribution{
		Domain:  names.PlaceholderHost,
		Aliases: b.Texts("aliases"), DefaultRootObject: b.Text("default_root_object"), Origins: map[string]*Origin{},
		Errors:  map[int]ErrorResponse{},
		GeoType: geo.Text("restriction_type"), GeoLocations: geo.Texts("locations"),
		HTTPVersion: cmp.Or(b.Text("http_version"), "http2"), WebACL: b.Text("web_acl_id"),
	}
	if !b.Flag("enabled") {
		p.Fail(b.At+".enabled", "must be true: what is off answers nothing")
	}
	for _, e := range b.Children("custom_error_response") {
		// Where no TTL is said the Terraform provider says 0 (hashicorp/aws, expandCustomErrorResponse).
		d.Errors[e.Number("error_code", 0)] = ErrorResponse{e.Number("error_caching_min_ttl", 0),
			e.Number("response_code", 0), e.Text("response_page_path")}
	}
	d.Addresses = webacl.Read(p.Stack, b.At+".web_acl_id", d.WebACL)
	targets := p.targets(b, d)
	for _, ordered := range b.Children("ordered_cache_behavior") {
		d.Behaviors = append(d.Behaviors, p.behavior(ordered, ordered.Text("path_pattern"), targets, d))
	}
	d.Behaviors = append(d.Behaviors, p.behavior(b.Child("default_cache_behavior"), "*", targets, d))
	logging := b.Child("logging_config")
	d.LogsCookies = logging.Flag("include_cookies")
	logging.Ignore("bucket", "prefix")
	b.Ignore("is_ipv6_enabled", "price_class", "retain_on_delete", "tags", "viewer_certificate", "wait_for_deployment")
	return d
}

// What CloudFront takes (CloudFront API Reference, DefaultCacheBehavior and AllowedMethods). Methods are in order.
var (
	viewerProtocols = []string{"allow-all", "https-only", "redirect-to-https"}
	methodSets      = []string{"GET HEAD", "GET HEAD OPTIONS", "DELETE GET HEAD OPTIONS PATCH POST PUT"}
)

// oneOf fails for an argument whose texts CloudFront doesn't take, in whatever order.
func (p parser) oneOf(at string, given []string, values ...string) {
	if texts := strings.Join(slices.Sorted(slices.Values(given)), " "); !slices.Contains(values, texts) {
		p.Fail(at, "is not part of the model of the edge: %q", texts)
	}
}

func (p parser) behavior(b *block.Block, path string, targets map[string]target, d *Distribution) Behavior {
	id := b.Text("target_origin_id")
	to := targets[id]
	if to.origin == nil {
		p.Break(b.At+".target_origin_id", "must be an origin or an origin group, got %q; there are %s", id,
			cmp.Or(strings.Join(slices.Sorted(maps.Keys(targets)), ", "), "none"))
		to.origin = &Origin{}
	}
	made := Behavior{
		Path: path, Origin: to.origin, Failover: to.failover, errors: d.Errors,
		ViewerProtocol: b.Text("viewer_protocol_policy"), AllowedMethods: b.Texts("allowed_methods"),
		CachedMethods: b.Texts("cached_methods"),
		Compress:      b.Flag("compress"), GRPC: b.Child("grpc_config").Flag("enabled"),
		CachePolicy: policy.ReadCache(p.Stack, b.At+".cache_policy_id", b.Text("cache_policy_id")),
		OriginRequestPolicy: policy.ReadOriginRequest(p.Stack, b.At+".origin_request_policy_id",
			b.Text("origin_request_policy_id")),
		ResponseHeadersPolicy: policy.ReadResponseHeaders(p.Stack, b.At+".response_headers_policy_id",
			b.Text("response_headers_policy_id")),
	}
	p.oneOf(b.At+".viewer_protocol_policy", []string{made.ViewerProtocol}, viewerProtocols...)
	p.oneOf(b.At+".allowed_methods", made.AllowedMethods, methodSets...)
	p.oneOf(b.At+".cached_methods", made.CachedMethods, methodSets[:2]...)
	for _, group := range b.Texts("trusted_key_groups") {
		for _, key := range p.Resolve(b.At+".trusted_key_groups", group, "aws_cloudfront_key_group").Texts("items") {
			made.Keys = append(made.Keys, p.publicKey(p.Resolve(group, key, "aws_cloudfront_public_key")))
		}
	}
	for _, a := range b.Children("function_association") {
		if made.Function != nil {
			// Restrictions on all edge functions, Combining CloudFront Functions with Lambda@Edge.
			p.Fail(b.At+".function_association", "must be one for each event")
		}
		made.Function = p.function(a, d.Origins)
	}
	b.Ignore("realtime_log_config_arn")
	made.errorSeconds = made.keptErrors()
	return made
}

// publicKey takes what CloudFront takes, RSA 2048 and ECDSA 256 (CloudFront Developer Guide, Specify signers that can
// create signed URLs and signed cookies).
func (p parser) publicKey(b *block.Block) crypto.PublicKey {
	b.Ignore("name_prefix")
	text, _ := pem.Decode([]byte(b.Text("encoded_key")))
	if text == nil {
		p.Fail(b.At+".encoded_key", "must be a public key in PEM format")
		return nil
	}
	key, err := x509.ParsePKIXPublicKey(text.Bytes)
	switch key.(type) {
	case *rsa.PublicKey, *ecdsa.PublicKey:
	default:
		p.Fail(b.At+".encoded_key", "must be an RSA or ECDSA key: %T, %v", key, err)
	}
	return key
}
