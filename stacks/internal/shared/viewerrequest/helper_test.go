package viewerrequest

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge/function"
)

var now = time.Unix(1764000000, 0)

// Every variant that a stack can have.
var variants = map[string]Options{
	"keys":                        {KeyHeaders: []string{"authorization"}},
	"keys, forwarded":             {KeyHeaders: []string{"authorization"}, ForwardKey: true},
	"keys, CORS":                  {KeyHeaders: []string{"authorization"}, CORS: &pages},
	"keys, another header":        {KeyHeaders: []string{"x-api-key"}, CORS: &pages},
	"canary":                      {Canary: &stable},
	"canary, failover":            {Canary: &failover},
	"keys and canary":             {KeyHeaders: []string{"authorization"}, Canary: &stable},
	"keys and canary, everything": {KeyHeaders: []string{"x-api-key"}, ForwardKey: true, CORS: &pages, Canary: &failover, Routes: guarded, OriginPath: true},
	"canary, guarded":             {Canary: &stable, Routes: guarded},
	"keys, below a path":          {KeyHeaders: []string{"authorization"}, OriginPath: true},
	"keys, nothing to guard":      {KeyHeaders: []string{"authorization"}, Routes: []Route{{Path: "/v1/*"}}},
	"keys in two headers":         {KeyHeaders: both},
	"keys in bare headers":        {KeyHeaders: []string{"x-api-key", "api-key"}, ForwardKey: true},
	"public":                      {KeyHeaders: []string{"authorization"}, Public: true, Routes: open},
	"public, two headers":         {KeyHeaders: both, Public: true, Routes: open, CORS: &CORS{AllowOrigins: []string{"*"}}},
	"public, keys forwarded":      {KeyHeaders: both, Public: true, ForwardKey: true, Routes: open, OriginPath: true},
	"public, canary":              {KeyHeaders: both, Public: true, Routes: open, Canary: &stable},
	"a bucket's":                  {Strip: "/adapters"},
	"a bucket's, CORS":            {Strip: "/a/b", CORS: &pages},
	"stripped":                    {KeyHeaders: []string{"authorization"}, Strip: "/llm", Routes: below},
	"stripped, below a path":      {Strip: "/llm", OriginPath: true},
	"host":                        {ForwardHost: true},
	"a page's":                    {Page: &Page{Index: "/ui/index.html"}},
	"a page's, stripped":          {Page: &Page{Index: "/index.html"}, Strip: "/ui", CORS: &pages},
	"a page's folders":            {Page: &Page{}},
	"a page's folders, stripped":  {Page: &Page{}, Strip: "/docs"},
	"keys, pausable":              {KeyHeaders: []string{"authorization"}, Pausable: true, LogCaller: true},
	"canary, pausable":            {Canary: &stable, Pausable: true, LogCaller: true},
	"public, pausable":            {KeyHeaders: both, Public: true, Routes: open, Pausable: true, LogCaller: true, CORS: &pages},
	"credential":                  {KeyHeaders: []string{"authorization"}, Credential: &kept},
	"credential, CORS":            {KeyHeaders: []string{"x-api-key"}, Credential: &kept, CORS: &CORS{AllowOrigins: []string{"*"}, AllowMethods: []string{"GET"}}},
	"the origin's credential":     {KeyHeaders: []string{"authorization"}, Credential: &Credential{}, CORS: &pages},
	"credential, canary without":  {KeyHeaders: []string{"authorization"}, Credential: &kept, Canary: &stable},
	"canary's credential":         {KeyHeaders: []string{"authorization"}, Canary: &paid},
	"everything":                  fullest,
	"everything, public":          publicOf(fullest),
}

// The longest functions that there are: with all options, and a few routes to guard.
var fullest = Options{
	KeyHeaders: []string{"authorization", "x-api-key", "api-key"}, CORS: &pages, Canary: &fullestCanary, Routes: below, OriginPath: true,
	Strip: "/llm", ForwardHost: true, Pausable: true, LogCaller: true, Credential: &kept,
}

var fullestCanary = Canary{
	Origin: "api-canary", Percent: 25, Failover: "api-failover", FailoverOn: []int{500, 502, 503, 504}, Credential: &other,
}

func publicOf(o Options) Options {
	o.Public, o.Credential = true, nil // everyone would spend it
	return o
}

var (
	both = []string{"authorization", "x-api-key"}
	// Public routes between others.
	open = []Route{
		{Path: "/docs/private/*"}, {Path: "/docs/*", Public: true}, {Path: "/files/*", Public: true, Reads: true}, {Path: "/files/signed/*", Signed: true},
		{Path: "/v1/models*", Public: true}, {Path: "/", Public: true}, {Path: "/health*", Public: true}, {Path: "/v1/*"},
	}
	// The same paths below a prefix that is stripped.
	below = []Route{
		{Path: "/llm/private/*", Signed: true}, {Path: "/llm/v1/models*", Reads: true, Public: true}, {Path: "/llm/keys*"},
		{Path: "/llm*", Public: true}, {Path: "/private/*", Signed: true}, {Path: "/admin"},
	}
	stable = Canary{Origin: "api-canary", Percent: 25}
	// An open route before a strict one, one that only reads, and two open ones behind.
	guarded = []Route{
		{Path: "/private/open/*"}, {Path: "/private/*", Signed: true}, {Path: "v1/models*", Reads: true}, {Path: "/admin", Signed: true, Reads: true},
		{Path: "/v1/chat/*"},
	}
	pages = CORS{
		AllowOrigins: []string{"https://app.example.com", "https://*.example.org"}, AllowMethods: []string{"GET", "POST"},
		AllowHeaders: []string{"Authorization", "Content-Type"}, AllowCredentials: true, MaxAgeSeconds: 600,
	}
	kept     = Credential{Entry: "credential-api", Header: "authorization", Scheme: "Bearer"}
	other    = Credential{Entry: "credential-api-canary", Header: "x-api-key"}
	paid     = Canary{Origin: "api-canary", Percent: 25, Credential: &other}
	failover = Canary{Origin: "api-canary", Percent: 25, Failover: "api-failover", FailoverOn: []int{500, 502, 503, 504}}
)

func compiled(t testing.TB, o Options) *function.Program {
	t.Helper()
	program, err := function.Compile("f", Code(o))
	require.NoError(t, err)
	return program
}

// entries are a store's: the hash of each key with its value.
func entries(pairs ...string) function.Map {
	made := function.Map{}
	for i := 0; i < len(pairs); i += 2 {
		made[hash(pairs[i])] = pairs[i+1]
	}
	return made
}

// withCredentials adds those of the backends to a store.
func withCredentials(store function.Map) function.Map {
	store["credential-api"], store["credential-api-canary"] = "sk-provider", "sk-other-"+"\ncredential-api-canary-1"
	store["credential-api-canary-1"] = "provider"
	return store
}

func hash(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}

// failing is a store that can't be reached after a number of reads, for some times.
type failing struct {
	function.Map
	after int
	times int // 0: always
}

func (f *failing) Get(key string) (string, bool, error) {
	if f.after--; f.after < 0 && (f.times == 0 || -f.after <= f.times) {
		return "", false, errors.New("unreachable")
	}
	return f.Map.Get(key)
}

// get is a request with headers, given as names and values in turn.
func get(headers ...string) function.Event {
	e := function.Event{Method: "GET", URI: "/v1/models", IP: "198.51.100.11", Time: now}
	e.Headers = map[string][]string{"host": {"api.example.com"}}
	for i := 0; i < len(headers); i += 2 {
		e.Headers[headers[i]] = append(e.Headers[headers[i]], headers[i+1])
	}
	return e
}

// through is a request whose path leads to the function, and goes on from there.
func through(o Options, e function.Event) function.Event {
	return with(e, func(e *function.Event) {
		if e.URI = o.Strip + e.URI; o.Redirects() {
			e.URI += "/"
		}
	})
}

// with changes a request.
func with(e function.Event, change func(*function.Event)) function.Event {
	e.Headers = maps.Clone(e.Headers)
	change(&e)
	return e
}

// told is a result in a line: the status of an answer, or the caller that goes on.
func told(result function.Result) string {
	if result.Response != nil {
		return fmt.Sprint(result.Response.Status)
	}
	text := "on"
	for _, name := range []string{"x-caller", "x-canary"} {
		for _, value := range result.Headers[name] {
			text += " " + name + "=" + value
		}
	}
	if result.Origin != nil {
		text += fmt.Sprint(" to ", result.Origin.IDs, result.Origin.FailoverOn)
	}
	return text
}
