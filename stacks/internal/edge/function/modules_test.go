package function

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestStore(t *testing.T) {
	store := Map{"text": "a", "json": `{"a":[1]}`, "empty": "", "broken": "{"}
	for _, c := range []struct {
		code, want string
		store      Store
	}{
		{"await cf.kvs().get('text')", "a", store},
		{"await cf.kvs('an-id').get('text')", "a", store},
		{"await cf.kvs().get('empty')", "", store},
		{"await cf.kvs().get('json')", `{"a":[1]}`, store},
		{"await cf.kvs().get('json', {format: 'string'})", `{"a":[1]}`, store},
		{"(await cf.kvs().get('json', {format: 'json'})).a[0]", "1", store},
		{"await cf.kvs().get('broken', {format: 'json'})", "fails", store},
		{"await cf.kvs().get('text', {format: 'bytes'})", "fails", store},
		{"await cf.kvs().get('absent')", "fails", store},
		{"await cf.kvs().get('__proto__')", "fails", store},
		{"await cf.kvs().exists('text')", "true", store},
		{"await cf.kvs().exists('empty')", "true", store},
		{"await cf.kvs().exists('absent')", "false", store},
		{"cf.kvs().exists('text') instanceof Promise", "true", store},
		{"cf.kvs().get('text') instanceof Promise", "true", store},
		{"await cf.kvs().get('text')", "fails", unreachable{}},
		{"await cf.kvs().exists('text')", "fails", unreachable{}},
	} {
		body := "try { const a = " + c.code + "; return {statusCode: 200, body: '' + a}; } catch (e) { return {statusCode: 200, body: 'fails'}; }"
		require.Equal(t, c.want, answered(t, body, example(), c.store), c.code)
	}
}

func TestOrigins(t *testing.T) {
	group := func(ids, criteria string) string {
		return "cf.createRequestOriginGroup({originIds: " + ids + ", failoverCriteria: " + criteria + "});"
	}
	two, statuses := "[{originId: 'a'}, {originId: 'b'}]", "{statusCodes: [500, 503]}"
	for _, c := range []struct {
		code string
		want *Origin // nil: it throws
	}{
		{"cf.selectRequestOriginById('a');", &Origin{IDs: []string{"a"}}},
		{"cf.selectRequestOriginById('a'); cf.selectRequestOriginById('b');", &Origin{IDs: []string{"b"}}},
		{group(two, statuses), &Origin{IDs: []string{"a", "b"}, FailoverOn: []int{500, 503}}},
		{"cf.selectRequestOriginById();", nil},
		{"cf.selectRequestOriginById('');", nil},
		{"cf.selectRequestOriginById({originId: 'a'});", nil},
		{"cf.selectRequestOriginById('a', {hostHeader: 'b'});", nil},
		{group("['a', 'b']", statuses), nil},
		{group("[{originId: 'a'}]", statuses), nil},
		{group("[{originId: 'a'}, {originId: 'a'}]", statuses), nil},
		{group("[{originId: 'a'}, {originId: 'b'}, {originId: 'c'}]", statuses), nil},
		{group("[{originId: 'a'}, {originId: 'b', originOverrides: {}}]", statuses), nil},
		{group(two, "[500]"), nil},
		{group(two, "{statusCodes: []}"), nil},
		{group(two, "{statusCodes: [501]}"), nil},
		{group(two, "{statusCodes: ['500']}"), nil},
		{group(two, "{}"), nil},
		{group(two, statuses+", selectionCriteria: 'media-quality-score'"), nil},
		{"cf.createRequestOriginGroup();", nil},
	} {
		result, err := handled(t, c.code+" return request;", example(), nil)
		if c.want == nil {
			require.Error(t, err, c.code)
			require.Equal(t, 503, statusOf(t, err), c.code)
			continue
		}
		require.NoError(t, err, c.code)
		require.Equal(t, c.want, result.Origin, c.code)
	}
}

func TestCrypto(t *testing.T) {
	for code, want := range map[string]string{
		// RFC 1321, FIPS 180-4 and RFC 4231 have these.
		"createHash('md5').update('abc').digest('hex')":                                     "900150983cd24fb0d6963f7d28e17f72",
		"createHash('sha1').update('abc').digest('hex')":                                    "a9993e364706816aba3e25717850c26c9cd0d89d",
		"createHash('sha256').update('a').update('bc').digest('hex')":                       "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
		"createHash('sha256').update('abc').digest('base64')":                               "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=",
		"createHash('sha256').update('abc').digest('base64url')":                            "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0",
		"createHmac('sha256', 'Jefe').update('what do ya want for nothing?').digest('hex')": "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
		"createHash('sha256').update('é').digest('hex')":                                    "4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c",
		"createHash('sha256').update(new Uint8Array([97, 98, 99])).digest('base64url')":     "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0",
		"createHash('sha512')":                              "fails",
		"createHash('sha256').update(5)":                    "fails",
		"createHash('sha256').update('abc').digest()":       "fails",
		"createHash('sha256').update('abc').digest('utf8')": "fails",
		"(function (h) { h.digest('hex'); return h.update('a'); })(require('crypto').createHash('md5'))": "fails",
	} {
		if code[0] != '(' {
			code = "require('crypto')." + code
		}
		body := "try { return {statusCode: 200, body: " + code + "}; } catch (e) { return {statusCode: 200, body: 'fails'}; }"
		require.Equal(t, want, answered(t, body, example(), nil), code)
	}
}
