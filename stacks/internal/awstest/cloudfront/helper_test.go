package cloudfront_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/awstest/cloudfront"
	"ml-api-accelerator/stacks/internal/awstest/keyvaluestore"
	"ml-api-accelerator/stacks/internal/awstest/xmltree"
)

const account = "111122223333"

// surroundings has a bucket that takes no ACLs, one that does, and an issued certificate.
type surroundings struct{}

const issued = "arn:aws:acm:us-east-1:" + account + ":certificate/issued"

func (surroundings) BucketExists(name string) bool     { return name == "closed" || name == "logs" }
func (surroundings) BucketTakesACLs(name string) bool  { return name == "logs" }
func (surroundings) CertificateIssued(arn string) bool { return arn == issued }
func (surroundings) WebACLExists(string) bool          { return false }
func (surroundings) EnterVPC(arn string) string {
	if arn == nowhereARN {
		return "There is no load balancer"
	}
	return ""
}

const nowhereARN = "arn:aws:elasticloadbalancing:us-east-1:" + account + ":loadbalancer/app/nowhere/1"

// answer is what a call got.
type answer struct {
	status int
	etag   string
	code   string // of an error
	body   *xmltree.Element
	text   string
	header http.Header
}

// cdn is a CloudFront with one of everything and a distribution's configuration that uses it.
type cdn struct {
	t     *testing.T
	api   *cloudfront.API
	pairs *keyvaluestore.API

	identity, control, cache, headers, key, group, vpc string // ids
	etags                                              map[string]string
}

const cachePolicyXML = `<CachePolicyConfig><Name>test</Name><MinTTL>0</MinTTL><DefaultTTL>60</DefaultTTL><MaxTTL>600</MaxTTL></CachePolicyConfig>`

func newCDN(t *testing.T) *cdn {
	pairs := keyvaluestore.New()
	c := &cdn{t: t, api: cloudfront.New(account, surroundings{}, pairs), pairs: pairs, etags: map[string]string{}}
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
	c.vpc = add("vpc-origin", `<CreateVpcOriginRequest><VpcOriginEndpointConfig><Name>test</Name></VpcOriginEndpointConfig></CreateVpcOriginRequest>`)
	return c
}

// call makes a call; headers come in pairs.
func (c *cdn) call(method, path, body string, headers ...string) answer {
	c.t.Helper()
	request := httptest.NewRequest(method, "/2020-05-31/"+path, strings.NewReader(body))
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	recorder := httptest.NewRecorder()
	c.api.Serve(recorder, request, cloudfront.Action(request), []byte(body))
	response := recorder.Result()
	text, err := io.ReadAll(response.Body)
	require.NoError(c.t, err)
	a := answer{status: response.StatusCode, etag: response.Header.Get("Etag"), text: string(text), header: response.Header}
	if root, err := xmltree.Parse(text); err == nil {
		a.body, a.code = root, root.Get("Error", "Code")
	}
	return a
}

// make creates a resource and returns its id and ETag.
func (c *cdn) make(path, body string) (id, etag string) {
	c.t.Helper()
	a := c.call(http.MethodPost, path, body)
	require.Less(c.t, a.status, 300, a.text)
	return a.body.Get("Id"), a.etag
}

// post creates a distribution.
func (c *cdn) post(config *xmltree.Element) answer {
	c.t.Helper()
	return c.call(http.MethodPost, "distribution", text(config))
}

func text(element *xmltree.Element) string { return string(element.Render("")) }

// config is a distribution that uses all of the above.
func (c *cdn) config() *xmltree.Element {
	behavior := func(name string) *xmltree.Element {
		return xmltree.New(name, xmltree.Leaf("TargetOriginId", "api"), xmltree.Leaf("CachePolicyId", c.cache),
			xmltree.Leaf("ResponseHeadersPolicyId", c.headers), items("TrustedKeyGroups", xmltree.Leaf("KeyGroup", c.group)),
			items("AllowedMethods", xmltree.Leaf("Method", "GET"), xmltree.Leaf("Method", "HEAD")))
	}
	origin := func(id string, more *xmltree.Element) *xmltree.Element {
		return xmltree.New("Origin", xmltree.Leaf("Id", id), xmltree.Leaf("DomainName", id+".example.com"), more)
	}
	member := func(id string) *xmltree.Element {
		return xmltree.New("OriginGroupMember", xmltree.Leaf("OriginId", id))
	}
	return xmltree.New("DistributionConfig", xmltree.Leaf("CallerReference", c.t.Name()), xmltree.Leaf("Comment", "a & b"),
		xmltree.Leaf("Enabled", "true"), xmltree.Leaf("HttpVersion", "http2"),
		items("Origins",
			origin("api", xmltree.New("VpcOriginConfig", xmltree.Leaf("VpcOriginId", c.vpc))),
			origin("models", xmltree.Leaf("OriginAccessControlId", c.control)),
			origin("legacy", xmltree.New("S3OriginConfig", xmltree.Leaf("OriginAccessIdentity", "origin-access-identity/cloudfront/"+c.identity)))),
		items("OriginGroups", xmltree.New("OriginGroup", xmltree.Leaf("Id", "pair"), items("Members", member("api"), member("models")))),
		behavior("DefaultCacheBehavior"),
		items("CacheBehaviors", behavior("CacheBehavior")))
}

func items(name string, list ...*xmltree.Element) *xmltree.Element {
	return xmltree.New(name, xmltree.New("Items", list...))
}
