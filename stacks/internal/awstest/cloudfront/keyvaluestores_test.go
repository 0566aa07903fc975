package cloudfront_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func storeXML(name, comment string) string {
	return `<CreateKeyValueStoreRequest><Name>` + name + `</Name><Comment>` + comment + `</Comment></CreateKeyValueStoreRequest>`
}

// makeStore makes a key value store and returns its ARN and ETag.
func (c *cdn) makeStore(name string) (arn, etag string) {
	c.t.Helper()
	a := c.call(http.MethodPost, "key-value-store", storeXML(name, ""))
	require.Equal(c.t, 201, a.status, a.text)
	return a.body.Get("ARN"), a.etag
}

func TestAStoreIsProvisionedFirst(t *testing.T) {
	c := newCDN(t)
	arn, _ := c.makeStore("api")
	require.Regexp(t, `^arn:aws:cloudfront::111122223333:key-value-store/[0-9a-f-]{36}$`, arn)
	require.Equal(t, arn, c.api.KeyValueStore("api"))
	var statuses []string
	for range 3 {
		statuses = append(statuses, c.call(http.MethodGet, "key-value-store/api", "").body.Get("Status"))
	}
	require.Equal(t, []string{"PROVISIONING", "READY", "READY"}, statuses)
	c.makeStore("other")
	ready := c.call(http.MethodGet, "key-value-store?Status=READY", "").body
	require.Equal(t, "1", ready.Get("Quantity"))
	require.Equal(t, "api", ready.List()[0].Get("Name"))
	require.Len(t, c.call(http.MethodGet, "key-value-store", "").body.List(), 2)
}

func TestTheVersionOfAStoreIsNotThatOfItsPairs(t *testing.T) {
	c := newCDN(t)
	arn, etag := c.makeStore("api")
	c.pairs.Put(arn, "key", "value")
	const update = `<UpdateKeyValueStoreRequest><Comment>keys</Comment></UpdateKeyValueStoreRequest>`
	changed := c.call(http.MethodPut, "key-value-store/api", update, "If-Match", etag)
	require.Equal(t, 200, changed.status, changed.text)
	require.Equal(t, "keys", c.call(http.MethodGet, "key-value-store/api", "").body.Get("Comment"))
	require.Equal(t, map[string]string{"key": "value"}, c.pairs.Pairs(arn))

	require.Equal(t, "PreconditionFailed", c.call(http.MethodDelete, "key-value-store/api", "", "If-Match", etag).code)
	require.Equal(t, 204, c.call(http.MethodDelete, "key-value-store/api", "", "If-Match", changed.etag).status)
	require.Nil(t, c.pairs.Pairs(arn), "the pairs go with the store")
	c.makeStore("api")
	require.Empty(t, c.pairs.Pairs(c.api.KeyValueStore("api")))
}

func TestKeyValueStoreRefusals(t *testing.T) {
	c := newCDN(t)
	_, etag := c.makeStore("api")
	for name, test := range map[string]struct{ body, code string }{
		"same name":    {storeXML("api", ""), "EntityAlreadyExists"},
		"no name":      {storeXML("", ""), "MalformedXML"},
		"space":        {storeXML("the api", ""), "MalformedXML"},
		"long name":    {storeXML(strings.Repeat("a", 65), ""), "MalformedXML"},
		"long comment": {storeXML("b", strings.Repeat("a", 129)), "MalformedXML"},
	} {
		require.Equal(t, test.code, c.call(http.MethodPost, "key-value-store", test.body).code, name)
	}
	imported := strings.Replace(storeXML("b", ""), "<Comment>", "<ImportSource><SourceType>S3</SourceType></ImportSource><Comment>", 1)
	require.Equal(t, "NotImplemented", c.call(http.MethodPost, "key-value-store", imported).code)
	update := func(comment, etag string) string {
		return c.call(http.MethodPut, "key-value-store/api", `<UpdateKeyValueStoreRequest><Comment>`+comment+`</Comment></UpdateKeyValueStoreRequest>`, "If-Match", etag).code
	}
	require.Equal(t, "InvalidIfMatchVersion", update("", ""))
	require.Equal(t, "PreconditionFailed", update("", "ETVPDKIKX0DER"))
	require.Equal(t, "MalformedXML", update(strings.Repeat("a", 129), etag))
	for i := range 199 {
		c.makeStore(fmt.Sprint("store-", i))
	}
	require.Equal(t, "EntityLimitExceeded", c.call(http.MethodPost, "key-value-store", storeXML("too-many", "")).code)
}
