package awstest

import (
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var certificateARN = regexp.MustCompile(`arn:aws:acm:[^"]+`)

const eventually, tick = 10 * time.Second, 50 * time.Millisecond

func TestVersionsAreChecked(t *testing.T) {
	c := newCDN(t)
	path := "cache-policy/" + c.cache
	first := c.etags[path]
	require.Equal(t, "InvalidIfMatchVersion", cf(t, c.s, "PUT", path, cachePolicyXML).code)
	require.Equal(t, "InvalidIfMatchVersion", cf(t, c.s, "DELETE", path, "").code)
	changed := cf(t, c.s, "PUT", path, cachePolicyXML, "If-Match", first)
	require.Equal(t, 200, changed.status, changed.text)
	require.NotEqual(t, first, changed.etag)
	require.Equal(t, changed.etag, c.s.ETag("CachePolicy", c.cache))
	stale := cf(t, c.s, "PUT", path, cachePolicyXML, "If-Match", first)
	require.Equal(t, "PreconditionFailed", stale.code)
	require.Equal(t, 412, stale.status)
}

func TestNamesAreUnique(t *testing.T) {
	c := newCDN(t)
	for path, test := range map[string][2]string{
		"cache-policy":            {cachePolicyXML, "CachePolicyAlreadyExists"},
		"response-headers-policy": {`<ResponseHeadersPolicyConfig><Name>test</Name></ResponseHeadersPolicyConfig>`, "ResponseHeadersPolicyAlreadyExists"},
		"origin-access-control":   {`<OriginAccessControlConfig><Name>test</Name></OriginAccessControlConfig>`, "OriginAccessControlAlreadyExists"},
		"public-key":              {`<PublicKeyConfig><Name>test</Name></PublicKeyConfig>`, "PublicKeyAlreadyExists"},
		"key-group":               {`<KeyGroupConfig><Name>test</Name></KeyGroupConfig>`, "KeyGroupAlreadyExists"},
	} {
		require.Equal(t, test[1], cf(t, c.s, "POST", path, test[0]).code, path)
	}
	orphan := cf(t, c.s, "POST", "key-group", `<KeyGroupConfig><Name>x</Name><Items><PublicKey>K0</PublicKey></Items></KeyGroupConfig>`)
	require.Equal(t, "InvalidArgument", orphan.code, orphan.text)
}

func TestMissingOnesAreMissed(t *testing.T) {
	s := start(t)
	for path, code := range map[string]string{
		"distribution/E0":                          "NoSuchDistribution",
		"distribution/E0/config":                   "NoSuchDistribution",
		"distributions/E0/monitoring-subscription": "NoSuchDistribution",
		"cache-policy/x":                           "NoSuchCachePolicy",
		"origin-access-identity/cloudfront/E0":     "NoSuchCloudFrontOriginAccessIdentity",
		"origin-access-control/E0":                 "NoSuchOriginAccessControl",
		"key-group/x":                              "NoSuchResource",
		"public-key/K0":                            "NoSuchPublicKey",
		"vpc-origin/vo_0":                          "EntityNotFound",
		"function/x":                               "NoSuchFunctionExists",
		"tagging?Resource=arn":                     "NoSuchResource",
	} {
		a := cf(t, s, "GET", path, "")
		require.Equal(t, code, a.code, path)
		require.Equal(t, 404, a.status, path)
	}
	require.Equal(t, "NotImplemented", cf(t, s, "GET", "streaming-distribution/x", "").code)
}

func TestCachePolicyRefusals(t *testing.T) {
	s := start(t)
	post := func(times, key string) string {
		return cf(t, s, "POST", "cache-policy", `<CachePolicyConfig><Name>x</Name>`+times+
			`<ParametersInCacheKeyAndForwardedToOrigin>`+key+`</ParametersInCacheKeyAndForwardedToOrigin></CachePolicyConfig>`).code
	}
	const off = `<MinTTL>0</MinTTL><DefaultTTL>0</DefaultTTL><MaxTTL>0</MaxTTL>`
	require.Equal(t, "InvalidArgument", post(`<MinTTL>5</MinTTL><DefaultTTL>1</DefaultTTL><MaxTTL>9</MaxTTL>`, ""))
	require.Equal(t, "InvalidArgument", post(off, `<EnableAcceptEncodingGzip>true</EnableAcceptEncodingGzip>`))
	require.Equal(t, "InvalidArgument", post(off, `<HeadersConfig><HeaderBehavior>whitelist</HeaderBehavior></HeadersConfig>`))
	require.Equal(t, "", post(off, `<HeadersConfig><HeaderBehavior>none</HeaderBehavior></HeadersConfig>`))
	managed := "cache-policy/4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
	require.Equal(t, "IllegalUpdate", cf(t, s, "DELETE", managed, "", "If-Match", cf(t, s, "GET", managed, "").etag).code)
}

func TestDistributionEcho(t *testing.T) {
	c := newCDN(t)
	config := c.config()
	tagged := el("DistributionConfigWithTags", config, el("Tags", el("Items", el("Tag", leaf("Key", "a"), leaf("Value", "1")))))
	made := cf(t, c.s, "POST", "distribution?WithTags", string(tagged.render()))
	require.Equal(t, 201, made.status, made.text)
	id, arn := made.body.get("Id"), made.body.get("ARN")
	require.Equal(t, "Deployed", made.body.get("Status"))
	require.Regexp(t, `^d[0-9a-z]{13}\.cloudfront\.net$`, made.body.get("DomainName"))
	require.Equal(t, "true", made.body.get("ActiveTrustedKeyGroups", "Enabled"))
	require.Equal(t, c.key, made.body.find("KeyPairId")[0].text)
	require.Equal(t, "a & b", made.body.get("DistributionConfig", "Comment"))
	require.Equal(t, "3", made.body.find("Origin")[0].get("ConnectionAttempts"))
	require.Equal(t, made.text, string(c.s.XML("Distribution", id)))

	cf(t, c.s, "POST", "tagging?Operation=Tag&Resource="+arn, "<Tags><Items><Tag><Key>b</Key><Value>2</Value></Tag></Items></Tags>")
	cf(t, c.s, "POST", "tagging?Operation=Untag&Resource="+arn, "<TagKeys><Items><Key>a</Key></Items></TagKeys>")
	tags := cf(t, c.s, "GET", "tagging?Resource="+arn, "").body.find("Key")
	require.Len(t, tags, 1)
	require.Equal(t, "b", tags[0].text)

	batch := cf(t, c.s, "POST", "distribution/"+id+"/invalidation", `<InvalidationBatch><CallerReference>1</CallerReference></InvalidationBatch>`)
	require.Equal(t, "Completed", batch.body.get("Status"))
	require.Equal(t, batch.text, cf(t, c.s, "GET", "distribution/"+id+"/invalidation/"+batch.body.get("Id"), "").text)
}

func TestAliasesAreExclusive(t *testing.T) {
	c := newCDN(t)
	certificate := send(t, c.s, "acm", "POST", "/", `{"DomainName":"a.example.com","ValidationMethod":"DNS"}`,
		"X-Amz-Target", "CertificateManager.RequestCertificate")
	arn := certificateARN.FindString(certificate.text)
	require.NotEmpty(t, arn, certificate.text)
	require.Eventually(t, func() bool { return c.s.certificateIssued(arn) }, eventually, tick)
	aliased := func() string {
		config := c.config()
		config.set(el("Aliases", leaf("Quantity", "1"), el("Items", leaf("CNAME", "a.example.com"))))
		config.set(el("ViewerCertificate", leaf("ACMCertificateArn", arn), leaf("SSLSupportMethod", "sni-only")))
		return cf(t, c.s, "POST", "distribution", string(config.render())).code
	}
	require.Equal(t, "", aliased())
	require.Equal(t, "CNAMEAlreadyExists", aliased())
}
