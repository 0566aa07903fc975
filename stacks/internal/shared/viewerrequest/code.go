// Package viewerrequest writes the CloudFront function that knows the API's callers by their keys, and leads a share of
// them to a canary.
package viewerrequest

import (
	_ "embed"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/template"
)

// Options are the parts that the function has: keys, a canary, or both.
type Options struct {
	KeyHeader  string // in lower case; "": no keys
	ForwardKey bool   // the backend receives the key
	Canary     *Canary
	CORS       *CORS // nil: no page of another origin can read a refusal
	// The routes to the API in their order, of which the function guards those that are stricter than the default one.
	Routes []Route
	// Whether something is put before each path, which no path may leave.
	OriginPath bool

	Public      bool
	Strip       string
	ForwardHost bool
}

// HasStore reports whether the function reads a key value store.
func (o Options) HasStore() bool { return o.KeyHeader != "" && !o.Public || o.Canary != nil }

// CORS says which pages can read a refusal.
type CORS struct {
	AllowOrigins     []string
	AllowCredentials bool
}

// Any reports whether all pages can.
func (c CORS) Any() bool { return slices.Contains(c.AllowOrigins, "*") }

// Pattern is a regular expression of the origins that can: * stands for any part of a host or a port, and without a
// scheme any will do (CloudFront Developer Guide, Understand response headers policies, the table of
// Access-Control-Allow-Origin).
func (c CORS) Pattern() string {
	patterns := make([]string, len(c.AllowOrigins))
	for i, origin := range c.AllowOrigins {
		scheme, rest, found := strings.Cut(origin, "://")
		if scheme += `:\/\/`; !found {
			scheme, rest = `(\w+:\/\/)?`, origin
		}
		host, port, _ := strings.Cut(rest, ":")
		switch {
		case port == "*", port == "" && !found && strings.HasPrefix(host, "*."):
			port = `(:\d*)?`
		case port != "":
			port = ":" + strings.ReplaceAll(port, "*", `\d*`)
		}
		patterns[i] = scheme + strings.ReplaceAll(regexp.QuoteMeta(host), `\*`, `[\w.-]*`) + port
	}
	return "^(" + strings.Join(patterns, "|") + ")$"
}

// Route is one of the API's.
type Route struct {
	Path   string
	Signed bool // only signed URLs are let in
	Reads  bool // only GET, HEAD and OPTIONS are let in
	Public bool
}

// The bits of how strict a route is, as the function has them.
const (
	signedRoute  = 1
	readingRoute = 2
)

// Strictness is how strict the route is, in bits.
func (r Route) Strictness() int {
	bits := 0
	if r.Signed {
		bits |= signedRoute
	}
	if r.Reads {
		bits |= readingRoute
	}
	return bits
}

// Pattern is a regular expression of the paths that the route matches.
func (r Route) Pattern() string {
	text := regexp.QuoteMeta("/" + strings.TrimPrefix(r.Path, "/"))
	return "^" + strings.NewReplacer(`\*`, ".*", `\?`, ".", "/", `\/`).Replace(text) + "$"
}

// Guarded are the routes up to the last that is stricter than the default one.
func (o Options) Guarded() []Route {
	for i := len(o.Routes); i > 0; i-- {
		if o.Routes[i-1].Strictness() != 0 {
			return o.Routes[:i]
		}
	}
	return nil
}

// Guards reports whether the function answers 400 to some paths.
func (o Options) Guards() bool { return o.OriginPath || len(o.Guarded()) > 0 }

// Canary is the second backend.
type Canary struct {
	Origin  string
	Percent int // of the callers, until the store says otherwise
	// The origin that the canary's requests fail over to, and on which statuses; "": none.
	Failover   string
	FailoverOn []int
}

// Bearer reports whether the key has a scheme before it.
func (o Options) Bearer() bool { return o.KeyHeader == "authorization" }

// Read returns what code says of its options that the edge's treatment of a request depends on: the header of the keys,
// whether the backend gets them, and the canary, without the statuses that fail over. Code that isn't of this package
// says nothing of them.
func Read(code string) (o Options) {
	constants := map[string]string{}
	for _, found := range constant.FindAllStringSubmatch(code, -1) {
		constants[found[1]] = found[2]
	}
	o.KeyHeader = constants["KEY_HEADER"]
	o.ForwardKey = o.KeyHeader != "" && !strings.Contains(code, "\n  delete headers[KEY_HEADER];\n")
	if origin := constants["CANARY_ORIGIN"]; origin != "" {
		o.Canary = &Canary{Origin: origin, Failover: constants["FAILOVER_ORIGIN"]}
		o.Canary.Percent, _ = strconv.Atoi(constants["CANARY_PERCENT"])
	}
	return o
}

var constant = regexp.MustCompile(`(?m)^const ([A-Z_]+) = '?([\w-]+)'?;$`)

//go:embed function.js.tmpl
var source string

var script = template.Must(template.New("function.js").Parse(source))

// Code is the function's JavaScript.
func Code(o Options) string {
	var code strings.Builder
	if err := script.Execute(&code, o); err != nil {
		panic(err) // the template and its values are this package's
	}
	return code.String()
}
