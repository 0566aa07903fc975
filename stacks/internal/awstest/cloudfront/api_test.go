package cloudfront_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/awstest/xmltree"
)

func TestVersionsAreChecked(t *testing.T) {
	c := newCDN(t)
	path := "cache-policy/" + c.cache
	first := c.etags[path]
	require.Equal(t, "InvalidIfMatchVersion", c.call(http.MethodPut, path, cachePolicyXML).code)
	require.Equal(t, "InvalidIfMatchVersion", c.call(http.MethodDelete, path, "").code)
	changed := c.call(http.MethodPut, path, cachePolicyXML, "If-Match", first)
	require.Equal(t, 200, changed.status, changed.text)
	require.NotEqual(t, first, changed.etag)
	require.Equal(t, changed.etag, c.call(http.MethodGet, path, "").etag)
	stale := c.call(http.MethodPut, path, cachePolicyXML, "If-Match", first)
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
		require.Equal(t, test[1], c.call(http.MethodPost, path, test[0]).code, path)
	}
	orphan := c.call(http.MethodPost, "key-group", `<KeyGroupConfig><Name>x</Name><Items><PublicKey>K0</PublicKey></Items></KeyGroupConfig>`)
	require.Equal(t, "InvalidArgument", orphan.code, orphan.text)
}

func TestMissingOnesAreMissed(t *testing.T) {
	c := newCDN(t)
	for path, code := range map[string]string{
		"distribution/E0":                          "NoSuchDistribution",
		"distributions/E0/monitoring-subscription": "NoSuchDistribution",
		"cache-policy/x":                           "NoSuchCachePolicy",
		"origin-access-identity/cloudfront/E0":     "NoSuchCloudFrontOriginAccessIdentity",
		"origin-access-control/E0":                 "NoSuchOriginAccessControl",
		"key-group/x":                              "NoSuchResource",
		"public-key/K0":                            "NoSuchPublicKey",
		"vpc-origin/vo_0":                          "EntityNotFound",
		"key-value-store/x":                        "EntityNotFound",
		"function/x":                               "NoSuchFunctionExists",
		"function/x/describe":                      "NoSuchFunctionExists",
		"tagging?Resource=arn":                     "NoSuchResource",
	} {
		a := c.call(http.MethodGet, path, "")
		require.Equal(t, code, a.code, path)
		require.Equal(t, 404, a.status, path)
	}
	require.Equal(t, "NotImplemented", c.call(http.MethodGet, "streaming-distribution/x", "").code)
}

func TestDistributionIsAnsweredComplete(t *testing.T) {
	c := newCDN(t)
	tagged := xmltree.New("DistributionConfigWithTags", c.config(),
		items("Tags", xmltree.New("Tag", xmltree.Leaf("Key", "a"), xmltree.Leaf("Value", "1"))))
	made := c.call(http.MethodPost, "distribution?WithTags", text(tagged))
	require.Equal(t, 201, made.status, made.text)
	id, arn := made.body.Get("Id"), made.body.Get("ARN")
	require.Equal(t, "Deployed", made.body.Get("Status"))
	require.Regexp(t, `^d[0-9a-z]{13}\.cloudfront\.net$`, made.body.Get("DomainName"))
	require.Equal(t, "a & b", made.body.Get("DistributionConfig", "Comment"))
	require.Equal(t, "3", made.body.Find("Origin")[0].Get("ConnectionAttempts"))
	require.Equal(t, made.text, string(c.api.XML("Distribution", id)))
	require.Equal(t, []string{id}, c.api.Resources()["Distribution"])

	c.call(http.MethodPost, "tagging?Operation=Tag&Resource="+arn, "<Tags><Items><Tag><Key>b</Key><Value>2</Value></Tag></Items></Tags>")
	c.call(http.MethodPost, "tagging?Operation=Untag&Resource="+arn, "<TagKeys><Items><Key>a</Key></Items></TagKeys>")
	tags := c.call(http.MethodGet, "tagging?Resource="+arn, "").body.Find("Key")
	require.Len(t, tags, 1)
	require.Equal(t, "b", tags[0].Text)
}

func TestMonitoringSubscription(t *testing.T) {
	c := newCDN(t)
	id, _ := c.make("distribution", text(c.config()))
	call := func(method string) answer {
		return c.call(method, "distributions/"+id+"/monitoring-subscription", "<MonitoringSubscription/>")
	}
	require.Equal(t, "NoSuchMonitoringSubscription", call(http.MethodGet).code)
	require.Equal(t, 200, call(http.MethodPost).status)
	require.Equal(t, "MonitoringSubscriptionAlreadyExists", call(http.MethodPost).code)
	require.Equal(t, "MonitoringSubscription", call(http.MethodGet).body.Name)
	require.Equal(t, 200, call(http.MethodDelete).status)
	require.Equal(t, "NoSuchMonitoringSubscription", call(http.MethodDelete).code)
}
