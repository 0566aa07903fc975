package viewerrequest

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge/function"
)

// Each variant leaves room in the 10 KB that CloudFront takes, is accepted, and says nothing of the parts that it
// doesn't have.
func TestVariants(t *testing.T) {
	parts := map[string]func(Options) bool{
		"KEY_HEADER":    func(o Options) bool { return len(o.KeyHeaders) != 0 && (!o.Public || !o.ForwardKey) },
		"KEY_HEADERS":   func(o Options) bool { return len(o.KeyHeaders) > 1 && (!o.Public || !o.ForwardKey) },
		"differ":        func(o Options) bool { return len(o.KeyHeaders) > 1 && !o.Public },
		"x-caller'] = ": func(o Options) bool { return len(o.KeyHeaders) != 0 && !o.Public },
		"caller.name":   func(o Options) bool { return len(o.KeyHeaders) != 0 && !o.Public },
		"isPreflight": func(o Options) bool {
			return (len(o.KeyHeaders) != 0 && !o.Public || o.Canary != nil) && (o.Credential == nil || o.CORS != nil)
		},
		"preflightAnswer": func(o Options) bool { return o.Credential != nil && o.CORS != nil && !o.Public },
		"pause":           func(o Options) bool { return o.Pausable },
		"logCustomData":   func(o Options) bool { return o.LogCaller && o.TellsApart() },
		"addCredential": func(o Options) bool {
			return o.Credential != nil && o.Credential.Entry != "" || o.Canary != nil && o.Canary.Credential != nil
		},
		"kvs":                  func(o Options) bool { return len(o.KeyHeaders) != 0 && !o.Public || o.Canary != nil || o.Pausable },
		"import":               func(o Options) bool { return len(o.KeyHeaders) != 0 && !o.Public || o.Canary != nil || o.Pausable },
		"crypto":               func(o Options) bool { return len(o.KeyHeaders) != 0 && !o.Public || o.Canary != nil },
		"x-forwarded-host":     func(o Options) bool { return o.ForwardHost },
		"PREFIX":               func(o Options) bool { return o.Strip != "" },
		"x-forwarded-prefix":   func(o Options) bool { return o.Strip != "" },
		"INDEX":                func(o Options) bool { return o.Page != nil && o.Page.Index != "" },
		"withSlash":            func(o Options) bool { return o.Page != nil && o.Page.Index == "" },
		"rawQueryString":       func(o Options) bool { return o.Page != nil && o.Page.Index == "" },
		"JSON":                 func(o Options) bool { return o.ReadsStore() || o.Guards() || o.Strip != "" },
		"ROUTES":               func(o Options) bool { return len(o.Guarded()) > 0 },
		"isMisread":            func(o Options) bool { return o.Guards() },
		"clean.above":          func(o Options) bool { return o.OriginPath },
		"/chat":                func(Options) bool { return false }, // behind the last strict route
		"delete headers[KEY":   func(o Options) bool { return len(o.KeyHeaders) == 1 && !o.ForwardKey },
		"bearer":               func(o Options) bool { return o.Bearer() && !o.Public },
		"www-authenticate":     func(o Options) bool { return o.Bearer() && !o.Public },
		"access-control-allow": func(o Options) bool { return o.CORS != nil },
		"CANARY":               func(o Options) bool { return o.Canary != nil },
		"percent":              func(o Options) bool { return o.Canary != nil },
		"viewer.ip":            func(o Options) bool { return o.Canary != nil && (len(o.KeyHeaders) == 0 || o.Public) },
		"selectRequestOrigin":  func(o Options) bool { return o.Canary != nil && o.Canary.Failover == "" },
		"FAILOVER":             func(o Options) bool { return o.Canary != nil && o.Canary.Failover != "" },
		"createRequestOrigin":  func(o Options) bool { return o.Canary != nil && o.Canary.Failover != "" },
		"console":              func(Options) bool { return false },
		"\n\n\n":               func(Options) bool { return false },
		" \n":                  func(Options) bool { return false },
	}
	for name, options := range variants {
		code := Code(options)
		require.Less(t, len(code), 9500, name)
		require.Regexp(t, `^[^\n].*`, code, name)
		_, err := function.Compile("f", code)
		require.NoError(t, err, name)
		for part, has := range parts {
			require.Equal(t, has(options), strings.Contains(code, part), "%s: %s", name, part)
		}
	}
}

func BenchmarkRun(b *testing.B) {
	program := compiled(b, Options{KeyHeaders: []string{"authorization"}, CORS: &pages, Canary: &failover})
	store := entries("sk-alice", alice)
	store["canary"] = "100"
	event := get("authorization", "Bearer sk-alice", "user-agent", "curl/8.5.0", "accept", "*/*", "origin", "https://app.example.com")
	for b.Loop() {
		if result, err := program.Run(event, store); err != nil || result.Origin == nil {
			b.Fatal(result, err)
		}
	}
}

// TestRead: what is read of the code are the options that it was made of.
func TestRead(t *testing.T) {
	for name, o := range variants {
		want := Options{KeyHeaders: o.KeyHeaders, ForwardKey: o.ForwardKey, Public: o.Public, Strip: o.Strip, ForwardHost: o.ForwardHost, Page: o.Page}
		if o.Public && o.ForwardKey { // then the function has nothing to do with keys
			want.KeyHeaders, want.ForwardKey = nil, false
		}
		if o.Canary != nil {
			want.Canary = &Canary{Origin: o.Canary.Origin, Percent: o.Canary.Percent, Failover: o.Canary.Failover,
				Credential: o.Canary.Credential}
		}
		if o.Credential != nil && o.Credential.Entry != "" { // otherwise the function has nothing to do with it
			want.Credential = o.Credential
		}
		require.Equal(t, want, Read(Code(o)), name)
	}
	require.Equal(t, Options{}, Read("const other = 'a'; function handler(event) { return event.request; }"))
}
