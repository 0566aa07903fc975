package cloudfront_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/awstest/xmltree"
	shared "ml-api-accelerator/stacks/internal/shared/cloudfront"
)

func TestDistributionRefusals(t *testing.T) {
	type element = *xmltree.Element
	c := newCDN(t)
	behavior := func(config element) element { return config.At("DefaultCacheBehavior") }
	methods := func(names string) element {
		var list []element
		for _, name := range strings.Fields(names) {
			list = append(list, xmltree.Leaf("Method", name))
		}
		return items("AllowedMethods", list...)
	}
	const all = "GET HEAD OPTIONS PUT POST PATCH DELETE"
	grpc := xmltree.New("GrpcConfig", xmltree.Leaf("Enabled", "true"))
	logs := func(bucket string) element {
		return xmltree.New("Logging", xmltree.Leaf("Enabled", "true"), xmltree.Leaf("Bucket", bucket+".s3.amazonaws.com"))
	}
	aliased := func(config element) { config.Set(items("Aliases", xmltree.Leaf("CNAME", "a.example.com"))) }
	certified := func(arn string) element {
		return xmltree.New("ViewerCertificate", xmltree.Leaf("ACMCertificateArn", arn))
	}

	for name, test := range map[string]struct {
		code, message string
		spoil         func(config element)
	}{
		"no such origin":  {"NoSuchOrigin", "", func(c element) { behavior(c).Set(xmltree.Leaf("TargetOriginId", "x")) }},
		"no such member":  {"NoSuchOrigin", "", func(c element) { c.Find("OriginGroupMember")[0].Set(xmltree.Leaf("OriginId", "x")) }},
		"no cache policy": {"NoSuchCachePolicy", "", func(c element) { behavior(c).Set(xmltree.Leaf("CachePolicyId", "x")) }},
		"no headers":      {"NoSuchResponseHeadersPolicy", "", func(c element) { behavior(c).Set(xmltree.Leaf("ResponseHeadersPolicyId", "x")) }},
		"no request":      {"NoSuchOriginRequestPolicy", "", func(c element) { behavior(c).Set(xmltree.Leaf("OriginRequestPolicyId", "x")) }},
		"no key group":    {"TrustedKeyGroupDoesNotExist", "", func(c element) { c.Find("KeyGroup")[0].Text = "x" }},
		"no identity":     {"InvalidOriginAccessIdentity", "", func(c element) { c.Find("OriginAccessIdentity")[0].Text = "x" }},
		"no control":      {"InvalidOriginAccessControl", "", func(c element) { c.Find("OriginAccessControlId")[0].Text = "x" }},
		"no VPC origin":   {"EntityNotFound", "", func(c element) { c.Find("VpcOriginId")[0].Text = "x" }},
		"POST to a group": {"InvalidArgument", "associated with an origin group", func(c element) {
			behavior(c).Set(xmltree.Leaf("TargetOriginId", "pair"))
			behavior(c).Set(methods(all))
		}},
		"101 origins": {"TooManyOrigins", "more origins", func(c element) {
			origins := c.At("Origins", "Items")
			for i := len(origins.Kids); i < 101; i++ {
				origins.Kids = append(origins.Kids, xmltree.New("Origin", xmltree.Leaf("Id", fmt.Sprint(i)), xmltree.Leaf("DomainName", "a.example.com")))
			}
		}},
		"odd methods":   {"InvalidArgument", "AllowedMethods", func(c element) { behavior(c).Set(methods("GET HEAD POST")) }},
		"gRPC, no POST": {"InvalidArgument", "gRPC", func(c element) { behavior(c).Set(grpc) }},
		"gRPC, HTTP/1": {"InvalidArgument", "gRPC", func(c element) {
			c.Set(xmltree.Leaf("HttpVersion", "http1.1"))
			behavior(c).Set(methods(all))
			behavior(c).Set(grpc)
		}},
		"none, with countries": {"InvalidGeoRestrictionParameter", "", func(c element) {
			c.Set(xmltree.New("Restrictions", xmltree.New("GeoRestriction", xmltree.Leaf("RestrictionType", "none"), xmltree.Leaf("Quantity", "1"))))
		}},
		"no log bucket":    {"InvalidArgument", "valid S3 bucket", func(c element) { c.Set(logs("absent")) }},
		"log bucket, ACLs": {"InvalidArgument", "ACL access", func(c element) { c.Set(logs("closed")) }},
		"alias, no TLS":    {"InvalidViewerCertificate", "alternate domain", aliased},
		"no certificate":   {"InvalidViewerCertificate", "doesn't exist", func(c element) { c.Set(certified(issued + "-not")) }},
		"no web ACL":       {"InvalidWebACLId", "", func(c element) { c.Set(xmltree.Leaf("WebACLId", "x")) }},
	} {
		t.Run(name, func(t *testing.T) {
			config := c.config()
			test.spoil(config)
			a := c.post(config)
			require.Equal(t, test.code, a.code, a.text)
			require.Contains(t, a.body.Get("Error", "Message"), test.message)
		})
	}
	require.Empty(t, c.api.Resources()["Distribution"])
	config := c.config()
	config.Set(logs("logs"))
	config.Set(certified(issued))
	aliased(config)
	require.Equal(t, 201, c.post(config).status)
	config.Set(xmltree.Leaf("CallerReference", "another"))
	require.Equal(t, "CNAMEAlreadyExists", c.post(config).code)
}

func TestCachePolicyRefusals(t *testing.T) {
	c := newCDN(t)
	post := func(times, key string) string {
		return c.call(http.MethodPost, "cache-policy", `<CachePolicyConfig><Name>x</Name>`+times+
			`<ParametersInCacheKeyAndForwardedToOrigin>`+key+`</ParametersInCacheKeyAndForwardedToOrigin></CachePolicyConfig>`).code
	}
	const off = `<MinTTL>0</MinTTL><DefaultTTL>0</DefaultTTL><MaxTTL>0</MaxTTL>`
	require.Equal(t, "InvalidArgument", post(`<MinTTL>5</MinTTL><DefaultTTL>1</DefaultTTL><MaxTTL>9</MaxTTL>`, ""))
	require.Equal(t, "InvalidArgument", post(off, `<EnableAcceptEncodingGzip>true</EnableAcceptEncodingGzip>`))
	require.Equal(t, "InvalidArgument", post(off, `<HeadersConfig><HeaderBehavior>whitelist</HeaderBehavior></HeadersConfig>`))
	const keyed = `<HeadersConfig><HeaderBehavior>whitelist</HeaderBehavior><Headers><Quantity>1</Quantity><Items><Name>CloudFront-Viewer-TLS</Name></Items></Headers></HeadersConfig>`
	require.Equal(t, "InvalidArgument", post(`<MinTTL>0</MinTTL><DefaultTTL>1</DefaultTTL><MaxTTL>9</MaxTTL>`, keyed))
	require.Equal(t, "", post(off, `<HeadersConfig><HeaderBehavior>none</HeaderBehavior></HeadersConfig>`))
}

func TestOriginRequestPolicyRefusals(t *testing.T) {
	c := newCDN(t)
	for name, r := range map[string]struct{ behavior, header, want string }{
		"a credential":              {"whitelist", "authorization", "InvalidArgument"},
		"one that only sounds so":   {"whitelist", "X-Authorization", ""},
		"all but the credential":    {"allExcept", "Authorization", ""},
		"all and one of CloudFront": {"allViewerAndWhitelistCloudFront", "CloudFront-Viewer-Country", ""},
	} {
		a := c.call(http.MethodPost, "origin-request-policy", `<OriginRequestPolicyConfig><Name>`+r.behavior+r.header+`</Name><HeadersConfig><HeaderBehavior>`+r.behavior+
			`</HeaderBehavior><Headers><Quantity>1</Quantity><Items><Name>`+r.header+`</Name></Items></Headers></HeadersConfig></OriginRequestPolicyConfig>`)
		require.Equal(t, r.want, a.code, "%s: %s", name, a.text)
		if r.want != "" {
			require.Equal(t, 400, a.status)
			require.Equal(t, "The parameter Headers contains authorization that is not allowed.", a.body.Get("Error", "Message"))
		}
	}
}

func TestManagedOriginRequestPolicies(t *testing.T) {
	c := newCDN(t)
	config := c.config()
	config.At("DefaultCacheBehavior").Set(xmltree.Leaf("OriginRequestPolicyId", shared.AllViewer))
	require.Equal(t, 201, c.post(config).status)
}

func TestOriginRefusals(t *testing.T) {
	c := newCDN(t)
	for origin, want := range map[string]string{"*": "", "http://localhost:*": "", "*.example.org": "", "test.*.example.org": "InvalidArgument", "https://example.*": "InvalidArgument"} {
		require.Equal(t, want, c.call(http.MethodPost, "response-headers-policy", `<ResponseHeadersPolicyConfig><Name>`+origin+`</Name><CorsConfig>
			<AccessControlAllowOrigins><Quantity>1</Quantity><Items><Origin>`+origin+`</Origin></Items></AccessControlAllowOrigins></CorsConfig></ResponseHeadersPolicyConfig>`).code, origin)
	}
}

func TestResponseHeadersRefusals(t *testing.T) {
	c := newCDN(t)
	items := func(list, item string, names ...string) string {
		text := "<" + list + "><Items>"
		for _, name := range names {
			text += "<" + item + "><Header>" + name + "</Header></" + item + ">"
		}
		return text + "</Items></" + list + ">"
	}
	eleven := strings.Split("a b c d e f g h i j k", " ")
	const custom, remove = "CustomHeadersConfig", "RemoveHeadersConfig"
	for config, want := range map[string]string{
		items(custom, "ResponseHeadersPolicyCustomHeader", eleven[1:]...): "",
		items(custom, "ResponseHeadersPolicyCustomHeader", eleven...):     "TooManyCustomHeadersInResponseHeadersPolicy",
		items(remove, "ResponseHeadersPolicyRemoveHeader", eleven...):     "TooManyRemoveHeadersInResponseHeadersPolicy",
		items(remove, "ResponseHeadersPolicyRemoveHeader", "Server"):      "",
		items(remove, "ResponseHeadersPolicyRemoveHeader", "x-amz-cf-id"): "InvalidArgument",
	} {
		require.Equal(t, want, c.call(http.MethodPost, "response-headers-policy",
			`<ResponseHeadersPolicyConfig><Name>test`+fmt.Sprint(len(config))+`</Name>`+config+`</ResponseHeadersPolicyConfig>`).code, config)
	}
}

func TestUpdateRefusals(t *testing.T) {
	c := newCDN(t)
	key := "public-key/" + c.key
	other := c.call(http.MethodPut, key+"/config", `<PublicKeyConfig><Name>test</Name><EncodedKey>other</EncodedKey></PublicKeyConfig>`, "If-Match", c.etags[key])
	require.Equal(t, "CannotChangeImmutablePublicKeyFields", other.code, other.text)

	vpc := "vpc-origin/" + c.vpc
	update := func() answer {
		return c.call(http.MethodPut, vpc, `<VpcOriginEndpointConfig><Name>test</Name><HTTPSPort>8443</HTTPSPort></VpcOriginEndpointConfig>`, "If-Match", c.etags[vpc])
	}
	unused := update()
	require.Equal(t, 200, unused.status, unused.text)
	c.etags[vpc] = unused.etag
	require.Equal(t, 201, c.post(c.config()).status)
	require.Equal(t, "CannotUpdateEntityWhileInUse", update().code)
}

func TestWhatIsInUseStays(t *testing.T) {
	c := newCDN(t)
	id, etag := c.make("distribution", text(c.config()))
	distribution := "distribution/" + id
	c.etags[distribution] = etag
	for path, code := range map[string]string{
		"origin-access-identity/cloudfront/" + c.identity: "CloudFrontOriginAccessIdentityInUse",
		"origin-access-control/" + c.control:              "OriginAccessControlInUse",
		"cache-policy/" + c.cache:                         "CachePolicyInUse",
		"response-headers-policy/" + c.headers:            "ResponseHeadersPolicyInUse",
		"key-group/" + c.group:                            "ResourceInUse",
		"public-key/" + c.key:                             "PublicKeyInUse",
		"vpc-origin/" + c.vpc:                             "CannotDeleteEntityWhileInUse",
		distribution:                                      "DistributionNotDisabled",
	} {
		require.Equal(t, code, c.call(http.MethodDelete, path, "", "If-Match", c.etags[path]).code, path)
	}

	config := c.config()
	config.Set(xmltree.Leaf("Enabled", "false"))
	disabled := c.call(http.MethodPut, distribution+"/config", text(config), "If-Match", etag)
	require.Equal(t, 200, disabled.status, disabled.text)
	c.etags[distribution] = disabled.etag
	for _, path := range []string{distribution, "key-group/" + c.group, "public-key/" + c.key, "vpc-origin/" + c.vpc} {
		a := c.call(http.MethodDelete, path, "", "If-Match", c.etags[path])
		require.Less(t, a.status, 300, path+a.text)
		delete(c.etags, path)
	}
	for path := range c.etags {
		require.Equal(t, 204, c.call(http.MethodDelete, path, "", "If-Match", c.etags[path]).status, path)
	}
	require.Empty(t, c.api.Resources())
}

// TestControlsFitTheirOrigins has a control of each type sign requests to a bucket and to a function.
func TestControlsFitTheirOrigins(t *testing.T) {
	c := newCDN(t)
	control := func(kind string) *xmltree.Element {
		id, _ := c.make("origin-access-control", `<OriginAccessControlConfig><Name>`+kind+`</Name><OriginAccessControlOriginType>`+kind+`</OriginAccessControlOriginType></OriginAccessControlConfig>`)
		return xmltree.Leaf("OriginAccessControlId", id)
	}
	custom := func(protocol string) *xmltree.Element {
		return xmltree.New("CustomOriginConfig", xmltree.Leaf("OriginProtocolPolicy", protocol))
	}
	bucket, function := control("s3"), control("lambda")
	const named = "abc.lambda-url.us-east-1.on.aws"
	for name, r := range map[string]struct {
		domain     string
		more       []*xmltree.Element
		want, says string
	}{
		"a function":                     {named, []*xmltree.Element{function, custom("https-only")}, "", ""},
		"a function without TLS":         {named, []*xmltree.Element{function, custom("http-only")}, "InvalidArgument", "HTTPS only"},
		"a function's, for another name": {"api.example.com", []*xmltree.Element{function, custom("https-only")}, "InvalidArgument", "of type lambda"},
		"a bucket's, for a function":     {named, []*xmltree.Element{bucket, custom("https-only")}, "InvalidArgument", "of type s3"},
		"a bucket":                       {"a.s3.amazonaws.com", []*xmltree.Element{bucket, xmltree.New("S3OriginConfig", xmltree.Leaf("OriginAccessIdentity", ""))}, "", ""},
	} {
		config := c.config()
		config.Set(xmltree.Leaf("CallerReference", name))
		origins := config.At("Origins", "Items")
		origins.Kids = append(origins.Kids, xmltree.New("Origin", append([]*xmltree.Element{xmltree.Leaf("Id", "more"), xmltree.Leaf("DomainName", r.domain)}, r.more...)...))
		a := c.post(config)
		require.Equal(t, r.want, a.code, "%s: %s", name, a.text)
		require.Contains(t, a.text, r.says, name)
	}
}

func TestVPCOriginLeadsSomewhere(t *testing.T) {
	c := newCDN(t)
	a := c.call(http.MethodPost, "vpc-origin", `<CreateVpcOriginRequest><VpcOriginEndpointConfig><Name>other</Name><Arn>`+nowhereARN+`</Arn></VpcOriginEndpointConfig></CreateVpcOriginRequest>`)
	require.Equal(t, "InvalidArgument", a.code, a.text)
}
