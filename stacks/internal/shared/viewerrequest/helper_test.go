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
	"keys":                        {KeyHeader: "authorization"},
	"keys, forwarded":             {KeyHeader: "authorization", ForwardKey: true},
	"keys, CORS":                  {KeyHeader: "authorization", CORS: &pages},
	"keys, another header":        {KeyHeader: "x-api-key", CORS: &pages},
	"canary":                      {Canary: &stable},
	"canary, failover":            {Canary: &failover},
	"keys and canary":             {KeyHeader: "authorization", Canary: &stable},
	"keys and canary, everything": {KeyHeader: "x-api-key", ForwardKey: true, CORS: &pages, Canary: &failover, Routes: guarded, OriginPath: true},
	"canary, guarded":             {Canary: &stable, Routes: guarded},
	"keys, below a path":          {KeyHeader: "authorization", OriginPath: true},
	"keys, nothing to guard":      {KeyHeader: "authorization", Routes: []Route{{Path: "/v1/*"}}},
}

var (
	stable = Canary{Origin: "api-canary", Percent: 25}
	// An open route before a strict one, one that only reads, and two open ones behind.
	guarded = []Route{
		{Path: "/private/open/*"}, {Path: "/private/*", Signed: true}, {Path: "v1/models*", Reads: true}, {Path: "/admin", Signed: true, Reads: true},
		{Path: "/v1/chat/*"},
	}
	pages    = CORS{AllowOrigins: []string{"https://app.example.com", "https://*.example.org"}, AllowCredentials: true}
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
