package awstest

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// make creates a resource and returns its id and ETag.
func (c *cdn) make(path, body string) (id, etag string) {
	c.t.Helper()
	a := cf(c.t, c.s, "POST", path, body)
	require.Less(c.t, a.status, 300, a.text)
	return a.body.get("Id"), a.etag
}

// cdn is a stand-in with one of everything and a distribution that uses it.
type cdn struct {
	t *testing.T
	s *Server

	identity, control, cache, headers, key, group, function string // ids
	etags                                                   map[string]string
}

const cachePolicyXML = `<CachePolicyConfig><Name>test</Name><MinTTL>0</MinTTL><DefaultTTL>60</DefaultTTL><MaxTTL>600</MaxTTL></CachePolicyConfig>`

func newCDN(t *testing.T) *cdn {
	c := &cdn{t: t, s: start(t), etags: map[string]string{}}
	add := func(path, body string) string {
		id, etag := c.make(path, body)
		c.etags[path+"/"+id] = etag
		return id
	}
	c.identity = add("origin-access-identity/cloudfront", `<CloudFrontOriginAccessIdentityConfig><CallerReference>1</CallerReference></CloudFrontOriginAccessIdentityConfig>`)
	c.control = add("origin-access-control", `<OriginAccessControlConfig><Name>test</Name></OriginAccessControlConfig>`)
	c.cache = add("cache-policy", cachePolicyXML)
	c.headers = add("response-headers-policy", `<ResponseHeadersPolicyConfig><Name>test</Name></ResponseHeadersPolicyConfig>`)
	c.key = add("public-key", `<PublicKeyConfig><Name>test</Name><EncodedKey>k</EncodedKey></PublicKeyConfig>`)
	c.group = add("key-group", `<KeyGroupConfig><Name>test</Name><Items><PublicKey>`+c.key+`</PublicKey></Items></KeyGroupConfig>`)
	a := cf(t, c.s, "POST", "function", `<CreateFunctionRequest><Name>test</Name><FunctionConfig><Runtime>cloudfront-js-2.0</Runtime></FunctionConfig><FunctionCode>eA==</FunctionCode></CreateFunctionRequest>`)
	require.Equal(t, 201, a.status, a.text)
	c.function, c.etags["function/test"] = "test", a.etag
	return c
}

// config is a distribution that uses all of the above.
func (c *cdn) config() *node {
	behavior := func(name string) *node {
		return el(name, leaf("TargetOriginId", "api"), leaf("CachePolicyId", c.cache), leaf("ResponseHeadersPolicyId", c.headers),
			el("TrustedKeyGroups", leaf("Enabled", "true"), leaf("Quantity", "1"), el("Items", leaf("KeyGroup", c.group))),
			el("FunctionAssociations", el("Items", el("FunctionAssociation", leaf("FunctionARN", "arn:aws:cloudfront::"+AccountID+":function/"+c.function)))),
			el("AllowedMethods", el("Items", leaf("Method", "GET"), leaf("Method", "HEAD"))))
	}
	origin := func(id string) *node {
		return el("Origin", leaf("Id", id), leaf("DomainName", id+".example.com"))
	}
	owned, legacy := origin("models"), origin("legacy")
	owned.set(leaf("OriginAccessControlId", c.control))
	legacy.set(el("S3OriginConfig", leaf("OriginAccessIdentity", "origin-access-identity/cloudfront/"+c.identity)))
	member := func(id string) *node { return el("OriginGroupMember", leaf("OriginId", id)) }
	return el("DistributionConfig", leaf("CallerReference", uuid()), leaf("Comment", "a & b"), leaf("Enabled", "true"),
		leaf("HttpVersion", "http2"),
		el("Origins", leaf("Quantity", "3"), el("Items", origin("api"), owned, legacy)),
		el("OriginGroups", leaf("Quantity", "1"), el("Items", el("OriginGroup", leaf("Id", "pair"),
			el("Members", leaf("Quantity", "2"), el("Items", member("api"), member("models")))))),
		behavior("DefaultCacheBehavior"),
		el("CacheBehaviors", leaf("Quantity", "1"), el("Items", behavior("CacheBehavior"))))
}

func TestDistributionRefusals(t *testing.T) {
	c := newCDN(t)
	c.s.CreateBucket(t, "closed")
	behavior := func(config *node) *node { return config.at("DefaultCacheBehavior") }
	methods := func(names string) *node {
		items := el("Items")
		for _, name := range strings.Fields(names) {
			items.kids = append(items.kids, leaf("Method", name))
		}
		return el("AllowedMethods", items)
	}
	const all = "GET HEAD OPTIONS PUT POST PATCH DELETE"
	logs := func(bucket string) *node {
		return el("Logging", leaf("Enabled", "true"), leaf("Bucket", bucket+".s3.amazonaws.com"))
	}
	aliased := func(config *node) { config.set(el("Aliases", el("Items", leaf("CNAME", "a.example.com")))) }
	certified := func(arn string) *node { return el("ViewerCertificate", leaf("ACMCertificateArn", arn)) }

	tests := map[string]struct {
		code, message string
		spoil         func(config *node)
	}{
		"no such origin":  {"NoSuchOrigin", "", func(c *node) { behavior(c).set(leaf("TargetOriginId", "x")) }},
		"no such member":  {"NoSuchOrigin", "", func(c *node) { c.find("OriginGroupMember")[0].set(leaf("OriginId", "x")) }},
		"no cache policy": {"NoSuchCachePolicy", "", func(c *node) { behavior(c).set(leaf("CachePolicyId", "x")) }},
		"no headers":      {"NoSuchResponseHeadersPolicy", "", func(c *node) { behavior(c).set(leaf("ResponseHeadersPolicyId", "x")) }},
		"no request":      {"NoSuchOriginRequestPolicy", "", func(c *node) { behavior(c).set(leaf("OriginRequestPolicyId", "x")) }},
		"no key group":    {"TrustedKeyGroupDoesNotExist", "", func(c *node) { c.find("KeyGroup")[0].text = "x" }},
		"no function":     {"InvalidFunctionAssociation", "", func(c *node) { c.find("FunctionARN")[0].text = "x" }},
		"no identity":     {"InvalidOriginAccessIdentity", "", func(c *node) { c.find("OriginAccessIdentity")[0].text = "x" }},
		"no control":      {"InvalidOriginAccessControl", "", func(c *node) { c.find("OriginAccessControlId")[0].text = "x" }},
		"no VPC origin":   {"EntityNotFound", "", func(c *node) { c.find("Origin")[0].set(el("VpcOriginConfig", leaf("VpcOriginId", "x"))) }},
		"POST to a group": {"InvalidArgument", "associated with an origin group", func(c *node) { behavior(c).set(leaf("TargetOriginId", "pair")); behavior(c).set(methods(all)) }},
		"odd methods":     {"InvalidArgument", "AllowedMethods", func(c *node) { behavior(c).set(methods("GET HEAD POST")) }},
		"gRPC, no POST":   {"InvalidArgument", "gRPC", func(c *node) { behavior(c).set(el("GrpcConfig", leaf("Enabled", "true"))) }},
		"gRPC, HTTP/1": {"InvalidArgument", "gRPC", func(c *node) {
			c.set(leaf("HttpVersion", "http1.1"))
			behavior(c).set(methods(all))
			behavior(c).set(el("GrpcConfig", leaf("Enabled", "true")))
		}},
		"no log bucket":    {"InvalidArgument", "valid S3 bucket", func(c *node) { c.set(logs("absent")) }},
		"log bucket, ACLs": {"InvalidArgument", "ACL access", func(c *node) { c.set(logs("closed")) }},
		"alias, no TLS":    {"InvalidViewerCertificate", "alternate domain", aliased},
		"no certificate":   {"InvalidViewerCertificate", "doesn't exist", func(c *node) { c.set(certified("arn:aws:acm:us-east-1:" + AccountID + ":certificate/x")) }},
		"no web ACL":       {"InvalidWebACLId", "", func(c *node) { c.set(leaf("WebACLId", "arn:aws:wafv2:us-east-1:"+AccountID+":global/webacl/x/y")) }},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			config := c.config()
			test.spoil(config)
			a := cf(t, c.s, "POST", "distribution", string(config.render()))
			require.Equal(t, test.code, a.code, a.text)
			require.Contains(t, a.body.get("Error", "Message"), test.message)
		})
	}
	require.Empty(t, c.s.Resources()["Distribution"])
	allowACLs(t, c.s, "closed")
	config := c.config()
	config.set(logs("closed"))
	c.make("distribution", string(config.render()))
}

func TestWhatIsInUseStays(t *testing.T) {
	c := newCDN(t)
	id, etag := c.make("distribution", string(c.config().render()))
	inUse := map[string]string{
		"origin-access-identity/cloudfront/" + c.identity: "CloudFrontOriginAccessIdentityInUse",
		"origin-access-control/" + c.control:              "OriginAccessControlInUse",
		"cache-policy/" + c.cache:                         "CachePolicyInUse",
		"response-headers-policy/" + c.headers:            "ResponseHeadersPolicyInUse",
		"key-group/" + c.group:                            "ResourceInUse",
		"public-key/" + c.key:                             "PublicKeyInUse",
		"function/" + c.function:                          "FunctionInUse",
		"distribution/" + id:                              "DistributionNotDisabled",
	}
	c.etags["distribution/"+id] = etag
	for path, code := range inUse {
		a := cf(t, c.s, "DELETE", path, "", "If-Match", c.etags[path])
		require.Equal(t, code, a.code, path)
	}

	config := cf(t, c.s, "GET", "distribution/"+id+"/config", "").body
	config.set(leaf("Enabled", "false"))
	path := "distribution/" + id
	disabled := cf(t, c.s, "PUT", path+"/config", string(config.render()), "If-Match", etag)
	require.Equal(t, 200, disabled.status, disabled.text)
	c.etags[path] = disabled.etag
	order := []string{path}
	for other := range inUse {
		if !strings.HasPrefix(other, "distribution/") && !strings.HasPrefix(other, "public-key/") {
			order = append(order, other)
		}
	}
	for _, path := range append(order, "public-key/"+c.key) {
		a := cf(t, c.s, "DELETE", path, "", "If-Match", c.etags[path])
		require.Equal(t, 204, a.status, path+a.text)
	}
	require.Empty(t, c.s.Resources())
}
