package viewerrequest

import (
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge/function"
)

// njs is nginx's JavaScript, of the family that CloudFront's runtime comes from: what it refuses, CloudFront may
// refuse, and what it answers must be what our engine answers. It is skipped where there is none, unless
// ACCELERATOR_NJS=required.
func TestNJS(t *testing.T) {
	program, err := exec.LookPath("njs")
	if err != nil {
		if os.Getenv("ACCELERATOR_NJS") == "required" {
			t.Fatal(err)
		}
		t.Skip("needs njs")
	}
	store := entries("sk-alice", `{"name":"alice","expires":32503680000}`, "sk-expired", `{"name":"carol","expires":1}`,
		"sk-damaged", `{"name":`, "sk-line", `{"name":"alice\n"}`)
	withCredentials(store)
	paused := function.Map{"pause": `{"since":1764000000,"message":"Back at 10:00 \"UTC\"."}`}
	all, none := function.Map{"canary": "100"}, function.Map{"canary": "0"}
	for key, value := range store {
		all[key], none[key] = value, value
	}
	noCredential := maps.Clone(store)
	delete(noCredential, "credential-api")
	damaged := function.Map{"canary": "100\n\n", "pause": "{"}
	stores := map[string]function.Store{"no share": store, "all": all, "none": none, "damaged": damaged, "paused": paused,
		"no credential": noCredential, "unreachable": &failing{}}
	events := map[string]function.Event{
		"known": get("authorization", "Bearer sk-alice", "x-api-key", "sk-alice", "accept", "a", "accept", "b",
			"x-caller", "root", "x_canary", "1"),
		"unknown":               get("authorization", "Bearer sk-mallory", "x-api-key", "sk-mallory", "origin", "https://app.example.com"),
		"expired":               get("authorization", "bearer  sk-expired", "x-api-key", "sk-expired"),
		"damaged":               get("authorization", "Bearer sk-damaged", "x-api-key", "sk-damaged"),
		"a line":                get("authorization", "Bearer sk-line", "x-api-key", "sk-line"),
		"none":                  get("origin", "https://app.example.com"),
		"a foreign page":        get("origin", "https://evil.example"),
		"two headers, one key":  get("authorization", "bearer sk-alice", "x-api-key", "sk-alice", "api-key", "sk-alice"),
		"two headers, two keys": get("authorization", "Bearer sk-alice", "x-api-key", "sk-mallory"),
		"the second header":     get("x-api-key", "sk-alice", "api-key", "sk-alice"),
		"forged":                get("x-forwarded-prefix", "/a", "x_forwarded_prefix", "/a", "x-forwarded-host", "a", "x_forwarded_host", "a"),
		"two": get("authorization", "Bearer sk-alice", "authorization", "Bearer sk-alice",
			"x-api-key", "sk-alice", "x-api-key", "sk-alice"),
		"not ASCII":      get("authorization", "Bearer sk-ålice", "x-api-key", "sk-ålice"),
		"a misread path": with(get("authorization", "Bearer sk-alice"), func(e *function.Event) { e.URI = "/v1/..%252f%5c..;/PRIVATE%0a/a" }),
		"a folder":       with(get(), func(e *function.Event) { e.URI = "/docs.v1/" }),
		"a page":         with(get(), func(e *function.Event) { e.URI = "//docs/a%20b" }),
		"a path above":   with(get("authorization", "Bearer sk-alice"), func(e *function.Event) { e.URI = "/a%2Fb/../../c" }),
		"an open path": with(get("authorization", "Bearer sk-alice", "x-api-key", "sk-alice"),
			func(e *function.Event) { e.URI = "/private/open/a/%2e/./..//b%20c/org%2Fmodel;a=b/" }),
		"preflight":              preflight("x-caller", "root"),
		"preflight with a body":  preflight("content-length", "5"),
		"preflight with cookies": with(preflight(), func(e *function.Event) { e.Cookies = map[string][]string{"a": {"1"}} }),
	}
	for name, options := range variants {
		code, asked := Code(options), map[string]function.Event{}
		for event, e := range events {
			e.Time = time.Now()
			asked[event] = e
			if options.Strip != "" {
				asked[event+", stripped"] = through(options, e)
				asked[event+", beside"] = with(e, func(e *function.Event) { e.URI = options.Strip + "x" + e.URI })
			}
		}
		order := slices.Sorted(maps.Keys(asked))
		for state, s := range stores {
			if !options.ReadsStore() && state != "all" {
				continue
			}
			t.Run(name+"/"+state, func(t *testing.T) {
				var list []function.Event
				for _, event := range order {
					list = append(list, asked[event])
				}
				results := njs(t, program, code, list, s)
				for i, event := range order {
					want, err := compiled(t, options).Run(list[i], s)
					require.NoError(t, err, event)
					require.Equal(t, want, results[i], event)
				}
			})
		}
	}
}

// module stands in for cloudfront's: it reads the store that is put before it, and writes down which origin is chosen.
const module = `
let origin = null;
let data = '';
function read(key) {
  return entries === null ? Promise.reject(new Error('unreachable')) : Promise.resolve(entries[key]);
}
function found(value) {
  if (value === undefined) {
    throw new Error('KeyNotFound');
  }
  return value;
}
export default {
  chosen: function () {
    const last = { origin: origin, data: data };
    origin = null;
    data = '';
    return last;
  },
  logCustomData: function (text) { data = text; },
  kvs: function () {
    return {
      exists: function (key) { return read(key).then(function (value) { return value !== undefined; }); },
      get: function (key) { return read(key).then(found); }
    };
  },
  selectRequestOriginById: function (id) { origin = { IDs: [id] }; },
  createRequestOriginGroup: function (group) {
    origin = { IDs: group.originIds.map(function (member) { return member.originId; }), FailoverOn: group.failoverCriteria.statusCodes };
  }
};
`

// njs runs the code for some requests, and tells the results as our engine does.
func njs(t *testing.T, program, code string, events []function.Event, s function.Store) []function.Result {
	t.Helper()
	var stored any
	if m, is := s.(function.Map); is {
		stored = m
	}
	folder := t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(folder, name)
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		return file
	}
	write("cloudfront", "const entries = "+text(t, stored)+";"+module)
	chosen := "{}"
	if strings.HasPrefix(code, "import ") {
		chosen = "cf.chosen()"
	}
	var asked []any
	for _, e := range events {
		asked = append(asked, eventOf(e))
	}
	driver := `
` + text(t, asked) + `.reduce(function (before, event) {
  event.request.rawQueryString = function () { return event.query || undefined; };
  return before.then(function () { return handler(event); }).then(function (returned) {
    console.log(JSON.stringify({ returned: returned, did: ` + chosen + ` }));
  });
}, Promise.resolve());`
	output, err := exec.Command(program, "-p", folder, write("function.js", code+driver)).CombinedOutput()
	require.NoError(t, err, string(output))
	lines := strings.Split(strings.TrimSpace(string(output)), "\n")
	require.Len(t, lines, len(events), string(output))
	var results []function.Result
	for _, line := range lines {
		results = append(results, resultOf(t, line))
	}
	return results
}

// resultOf reads what njs wrote about one request.
func resultOf(t *testing.T, line string) function.Result {
	t.Helper()
	var answer struct {
		Returned struct {
			URI        string
			Headers    map[string]values
			Cookies    map[string]values
			StatusCode int
			Body       string
		}
		Did struct {
			Origin *function.Origin
			Data   string
		}
	}
	require.NoError(t, json.Unmarshal([]byte(line), &answer), line)
	headers, cookies := map[string][]string{}, map[string][]string{}
	for name, some := range answer.Returned.Headers {
		headers[name] = some.all()
	}
	for name, some := range answer.Returned.Cookies {
		cookies[name] = some.all()
	}
	if answer.Returned.StatusCode != 0 {
		return function.Result{Response: &function.Response{Status: answer.Returned.StatusCode, Headers: headers, Body: answer.Returned.Body}}
	}
	return function.Result{URI: answer.Returned.URI, Headers: headers, Cookies: cookies, Origin: answer.Did.Origin,
		LogData: answer.Did.Data}
}

// values are a header's, as CloudFront writes them.
type values struct {
	Value      string   `json:"value"`
	MultiValue []values `json:"multiValue,omitempty"`
}

func (v values) all() []string {
	if len(v.MultiValue) == 0 {
		return []string{v.Value}
	}
	var all []string
	for _, one := range v.MultiValue {
		all = append(all, one.Value)
	}
	return all
}

func eventOf(e function.Event) any {
	headers, cookies := fieldsOf(e.Headers), fieldsOf(e.Cookies)
	type object = map[string]any
	return object{"version": "1.0", "viewer": object{"ip": e.IP}, "query": e.Query, "request": object{
		"method": e.Method, "uri": e.URI, "querystring": object{}, "headers": headers, "cookies": cookies,
	}}
}

func fieldsOf(texts map[string][]string) map[string]values {
	fields := map[string]values{}
	for name, all := range texts {
		field := values{Value: all[0]}
		for _, text := range all {
			if len(all) > 1 {
				field.MultiValue = append(field.MultiValue, values{Value: text})
			}
		}
		fields[name] = field
	}
	return fields
}

func text(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	require.NoError(t, err)
	return string(text)
}
