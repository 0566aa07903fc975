package keyvaluestore_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func puts(n, length int) string {
	var list []string
	for i := range n {
		list = append(list, fmt.Sprintf(`{"Key": "k%d", "Value": "%s"}`, i, strings.Repeat("v", length)))
	}
	return `{"Puts": [` + strings.Join(list, ",") + `]}`
}

// TestUpdateRefusals holds the stand-in to the CloudFront API Reference, UpdateKeys, and the Developer Guide, Quotas on
// key value stores.
func TestUpdateRefusals(t *testing.T) {
	c := newClient(t)
	key := func(bytes int) string {
		return `{"Puts": [{"Key": "` + strings.Repeat("k", bytes) + `", "Value": "v"}]}`
	}
	const unknown, wrong, limit = "ResourceNotFoundException", "ValidationException", "ServiceQuotaExceededException"
	for name, test := range map[string]struct{ body, code string }{
		"nothing":         {`{}`, wrong},
		"no JSON":         {`{`, wrong},
		"no value":        {`{"Puts": [{"Key": "a"}]}`, wrong},
		"no key":          {`{"Puts": [{"Value": "a"}]}`, wrong},
		"twice":           {`{"Puts": [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]}`, wrong},
		"unknown":         {`{"Puts": [{"Key": "a", "Value": "1"}], "Deletes": [{"Key": "b"}]}`, unknown},
		"51 keys":         {puts(51, 1), limit},
		"key":             {key(513), limit},
		"value":           {puts(1, 1025), limit},
		"3 MB":            {`{"Puts": [` + strings.Repeat(" ", 3<<20) + `{"Key": "a", "Value": "1"}]}`, limit},
		"longest key":     {key(512), ""},
		"50 large values": {puts(50, 1024), ""},
	} {
		t.Run(name, func(t *testing.T) {
			before := c.api.Pairs(arn)
			a := c.update(test.body)
			require.Equal(t, test.code, a.code, a.fields)
			if test.code != "" {
				require.Equal(t, map[string]int{unknown: 404, wrong: 400, limit: 402}[test.code], a.status)
				require.Equal(t, before, c.api.Pairs(arn), "all or nothing")
			}
		})
	}
	c.api.Put(arn, "both", "1")
	require.Equal(t, wrong, c.update(`{"Puts": [{"Key": "both", "Value": "1"}], "Deletes": [{"Key": "both"}]}`).code)
	require.Equal(t, unknown, c.call("DELETE", "/keys/none", "", "If-Match", c.etag()).code)
}

func TestAStoreIsFullAt5MB(t *testing.T) {
	c := newClient(t)
	for i := range 5100 {
		c.api.Put(arn, fmt.Sprintf("key-%04d", i), strings.Repeat("v", 1020)) // 1,028 bytes
	}
	put := func() answer {
		return c.call("PUT", "/keys/one-more", `{"Value": "`+strings.Repeat("v", 100)+`"}`, "If-Match", c.etag())
	}
	require.Equal(t, "ServiceQuotaExceededException", put().code)
	require.Equal(t, 200, c.call("DELETE", "/keys/key-0000", "", "If-Match", c.etag()).status)
	require.Equal(t, 200, put().status)
}

func TestWritesNeedTheCurrentVersion(t *testing.T) {
	c := newClient(t)
	stale := c.etag()
	c.api.Put(arn, "a", "1")
	for _, call := range [][3]string{{"PUT", "/keys/a", `{"Value": "2"}`}, {"DELETE", "/keys/a", ""}, {"POST", "/keys", puts(1, 1)}} {
		a := c.call(call[0], call[1], call[2], "If-Match", stale)
		require.Equal(t, "ConflictException", a.code, call)
		require.Equal(t, http.StatusConflict, a.status)
		require.Equal(t, "ValidationException", c.call(call[0], call[1], call[2]).code, call)
	}
	require.Equal(t, map[string]string{"a": "1"}, c.api.Pairs(arn))
}

func TestReadRefusals(t *testing.T) {
	c := newClient(t)
	for _, query := range []string{"MaxResults=0", "MaxResults=51", "MaxResults=x", "NextToken=x"} {
		require.Equal(t, "ValidationException", c.call("GET", "/keys?"+query, "").code, query)
	}
	c.api.Provision(arn)
	require.Equal(t, "ConflictException", c.call("GET", "", "").code, "it is provisioning")
	c.api.Delete(arn)
	require.Equal(t, "ResourceNotFoundException", c.call("GET", "", "").code)
}

func TestRequestsNeedSignatureVersion4A(t *testing.T) {
	c := newClient(t)
	const version4 = "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260101/us-east-1/cloudfront-keyvaluestore/aws4_request, " +
		"SignedHeaders=host;x-amz-date, Signature=0"
	for name, headers := range map[string][]string{
		"version 4":      {"Authorization", version4},
		"none":           {"Authorization", ""},
		"no Region":      {"X-Amz-Region-Set", ""},
		"Region aside":   {"Authorization", strings.Replace(signed, ";x-amz-region-set", "", 1)},
		"date aside":     {"Authorization", strings.Replace(signed, ";x-amz-date", "", 1)},
		"other service":  {"Authorization", strings.Replace(signed, "cloudfront-keyvaluestore", "cloudfront", 1)},
		"scoped to one":  {"Authorization", strings.Replace(signed, "/cloudfront-keyvaluestore", "/us-east-1/cloudfront-keyvaluestore", 1)},
		"another method": {"Authorization", strings.Replace(signed, "AWS4-ECDSA-P256-SHA256", "AWS4-HMAC-SHA256", 1)},
	} {
		a := c.call("GET", "", "", headers...)
		require.Equal(t, "InvalidSignatureException", a.code, name)
		require.Equal(t, http.StatusForbidden, a.status)
	}
}
