package cloudfront_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/awstest/xmltree"
)

const passes = "function handler(event) { return event.request; }"

// functionXML is the body of CreateFunction, and of UpdateFunction, which takes no name.
func functionXML(name, runtime, code string, stores ...string) string {
	associations := items("KeyValueStoreAssociations")
	for _, arn := range stores {
		associations.At("Items").Kids = append(associations.At("Items").Kids, xmltree.New("KeyValueStoreAssociation", xmltree.Leaf("KeyValueStoreARN", arn)))
	}
	return text(xmltree.New("CreateFunctionRequest", xmltree.Leaf("Name", name), xmltree.Leaf("FunctionCode", base64.StdEncoding.EncodeToString([]byte(code))),
		xmltree.New("FunctionConfig", xmltree.Leaf("Comment", ""), xmltree.Leaf("Runtime", runtime), associations)))
}

const runtime2 = "cloudfront-js-2.0"

// makeFunction makes a function that isn't published and returns its ARN and ETag.
func (c *cdn) makeFunction(name string, stores ...string) (arn, etag string) {
	c.t.Helper()
	a := c.call(http.MethodPost, "function", functionXML(name, runtime2, passes, stores...))
	require.Equal(c.t, 201, a.status, a.text)
	return a.body.Get("FunctionMetadata", "FunctionARN"), a.etag
}

// publish publishes a function.
func (c *cdn) publish(name, etag string) {
	c.t.Helper()
	a := c.call(http.MethodPost, "function/"+name+"/publish", "", "If-Match", etag)
	require.Equal(c.t, 200, a.status, a.text)
	require.Equal(c.t, "LIVE", a.body.Get("FunctionMetadata", "Stage"))
}

// running is a distribution's configuration whose default behavior runs functions.
func (c *cdn) running(event string, arns ...string) *xmltree.Element {
	config := c.config()
	var list []*xmltree.Element
	for _, arn := range arns {
		list = append(list, xmltree.New("FunctionAssociation", xmltree.Leaf("EventType", event), xmltree.Leaf("FunctionARN", arn)))
	}
	config.At("DefaultCacheBehavior").Set(items("FunctionAssociations", list...))
	return config
}

func TestAFunctionIsChangedThenPublished(t *testing.T) {
	c := newCDN(t)
	arn, first := c.makeFunction("api")
	require.Equal(t, "arn:aws:cloudfront::111122223333:function/api", arn)
	describe := func(stage string) answer {
		return c.call(http.MethodGet, "function/api/describe?Stage="+stage, "")
	}
	status := func() string { return describe("DEVELOPMENT").body.Get("Status") }
	require.Equal(t, "NoSuchFunctionExists", describe("LIVE").code)
	require.Equal(t, "UNPUBLISHED", status())
	require.Empty(t, c.api.FunctionCode("api"))
	c.publish("api", first)
	require.Equal(t, first, describe("").etag, "publishing makes no new version")
	require.Equal(t, "UNASSOCIATED", status())
	require.Equal(t, passes, c.api.FunctionCode("api"))

	id, etag := c.make("distribution", text(c.running("viewer-request", arn)))
	require.Equal(t, "DEPLOYED", status())
	const other = "async function handler(event) { return event.request; }"
	update := strings.Replace(functionXML("", runtime2, other), "<Comment></Comment>", "<Comment>changed</Comment>", 1)
	changed := c.call(http.MethodPut, "function/api", update, "If-Match", first)
	require.Equal(t, 200, changed.status, changed.text)
	require.Equal(t, "UNPUBLISHED", status())
	require.Equal(t, passes, c.api.FunctionCode("api"), "LIVE is as it was")
	require.Empty(t, describe("LIVE").body.Get("FunctionConfig", "Comment"))
	require.Equal(t, "changed", describe("DEVELOPMENT").body.Get("FunctionConfig", "Comment"))
	require.Equal(t, other, c.call(http.MethodGet, "function/api", "").text)
	require.Equal(t, passes, c.call(http.MethodGet, "function/api?Stage=LIVE", "").text)
	stale := c.call(http.MethodPost, "function/api/publish", "", "If-Match", first)
	require.Equal(t, "PreconditionFailed", stale.code)
	current := describe("").etag
	c.publish("api", current)
	require.Equal(t, other, c.api.FunctionCode("api"))

	remove := func() answer { return c.call(http.MethodDelete, "function/api", "", "If-Match", current) }
	require.Equal(t, "FunctionInUse", remove().code)
	require.Equal(t, 200, c.call(http.MethodPut, "distribution/"+id+"/config", text(c.config()), "If-Match", etag).status)
	require.Equal(t, 204, remove().status)
	require.Equal(t, "NoSuchFunctionExists", describe("").code)
}

func TestTheVersionOfAnUpdateHasItsOwnHeader(t *testing.T) {
	c := newCDN(t)
	_, etag := c.makeFunction("api")
	changed := c.call(http.MethodPut, "function/api", functionXML("", runtime2, passes), "If-Match", etag)
	require.Empty(t, changed.etag)
	require.Equal(t, c.call(http.MethodGet, "function/api/describe", "").etag, changed.header.Get("ETtag"))
}

func TestAStoreOutlivesItsFunctions(t *testing.T) {
	c := newCDN(t)
	store, storeETag := c.makeStore("api")
	_, etag := c.makeFunction("api", store)
	c.publish("api", etag)
	remove := func() answer { return c.call(http.MethodDelete, "key-value-store/api", "", "If-Match", storeETag) }
	require.Equal(t, "CannotDeleteEntityWhileInUse", remove().code)
	require.Equal(t, 409, remove().status)
	changed := c.call(http.MethodPut, "function/api", functionXML("", runtime2, passes), "If-Match", etag)
	require.Equal(t, "CannotDeleteEntityWhileInUse", remove().code, "LIVE still reads it")
	c.publish("api", changed.header.Get("ETtag"))
	require.Equal(t, 204, remove().status)
}

func TestFunctionRefusals(t *testing.T) {
	c := newCDN(t)
	store, _ := c.makeStore("store")
	_, etag := c.makeFunction("api", store)
	long := passes + strings.Repeat(" ", 10*1024-len(passes))
	for name, test := range map[string]struct {
		body, code string
		status     int
	}{
		"same name":     {functionXML("api", runtime2, passes), "FunctionAlreadyExists", 409},
		"name":          {functionXML("my.api", runtime2, passes), "MalformedXML", 400},
		"long name":     {functionXML(strings.Repeat("a", 65), runtime2, passes), "MalformedXML", 400},
		"runtime":       {functionXML("a", "cloudfront-js-3.0", passes), "MalformedXML", 400},
		"no code":       {functionXML("a", runtime2, ""), "InvalidArgument", 400},
		"no JavaScript": {functionXML("a", runtime2, "function handler(event) {"), "InvalidArgument", 400},
		"too long":      {functionXML("a", runtime2, long+" "), "FunctionSizeLimitExceeded", 413},
		"no such store": {functionXML("a", runtime2, passes, store+"-not"), "InvalidArgument", 400},
		"two stores":    {functionXML("a", runtime2, passes, store, store), "InvalidArgument", 400},
		"old runtime":   {functionXML("a", "cloudfront-js-1.0", passes, store), "InvalidArgument", 400},
		"no comment":    {strings.Replace(functionXML("a", runtime2, passes), "<Comment></Comment>", "", 1), "InvalidArgument", 400},
		"longest":       {functionXML("longest", runtime2, long), "", 201},
	} {
		t.Run(name, func(t *testing.T) {
			a := c.call(http.MethodPost, "function", test.body)
			require.Equal(t, test.code, a.code, a.text)
			require.Equal(t, test.status, a.status)
			if test.code != "" && test.code != "FunctionAlreadyExists" && !strings.Contains(name, "name") {
				a = c.call(http.MethodPut, "function/api", test.body, "If-Match", etag)
				require.Equal(t, test.code, a.code, a.text)
			}
		})
	}
	require.Equal(t, "MalformedXML", c.call(http.MethodGet, "function/api?Stage=TEST", "").code)
	for _, call := range [][2]string{{"PUT", "function/api"}, {"POST", "function/api/publish"}, {"DELETE", "function/api"}} {
		body := functionXML("", runtime2, passes)
		require.Equal(t, "InvalidIfMatchVersion", c.call(call[0], call[1], body).code, call)
		require.Equal(t, "PreconditionFailed", c.call(call[0], call[1], body, "If-Match", "ETVPDKIKX0DER").code, call)
	}
}

func TestFunctionQuotas(t *testing.T) {
	c := newCDN(t)
	store, _ := c.makeStore("store")
	var etag string
	for i := range 10 {
		_, etag = c.makeFunction(fmt.Sprint("reads-", i), store)
	}
	eleventh := c.call(http.MethodPost, "function", functionXML("reads-10", runtime2, passes, store))
	require.Equal(t, "InvalidArgument", eleventh.code, eleventh.text)
	again := c.call(http.MethodPut, "function/reads-9", functionXML("", runtime2, passes, store), "If-Match", etag)
	require.Equal(t, 200, again.status, again.text)
	for i := range 90 {
		c.makeFunction(fmt.Sprint("f-", i))
	}
	require.Equal(t, "TooManyFunctions", c.call(http.MethodPost, "function", functionXML("f-90", runtime2, passes)).code)
}

func TestFunctionAssociationRefusals(t *testing.T) {
	c := newCDN(t)
	published, etag := c.makeFunction("published")
	c.publish("published", etag)
	draft, _ := c.makeFunction("draft")
	lambda := c.running("viewer-request", published)
	lambda.At("DefaultCacheBehavior").Set(items("LambdaFunctionAssociations", xmltree.New("LambdaFunctionAssociation",
		xmltree.Leaf("EventType", "viewer-response"), xmltree.Leaf("LambdaFunctionARN", "arn:aws:lambda:us-east-1:111122223333:function:a:1"))))
	for name, config := range map[string]*xmltree.Element{
		"not there":     c.running("viewer-request", published+"-not"),
		"not published": c.running("viewer-request", draft),
		"two":           c.running("viewer-request", published, published),
		"origin":        c.running("origin-request", published),
		"with a Lambda": lambda,
	} {
		a := c.post(config)
		require.Equal(t, "InvalidFunctionAssociation", a.code, name+a.text)
		require.Equal(t, 400, a.status)
	}
	both := c.running("viewer-request", published)
	both.At("DefaultCacheBehavior", "FunctionAssociations", "Items").Kids = append(both.At("DefaultCacheBehavior", "FunctionAssociations", "Items").Kids,
		c.running("viewer-response", published).Find("FunctionAssociation")...)
	require.Equal(t, 201, c.post(both).status, "one for each event")
}

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
