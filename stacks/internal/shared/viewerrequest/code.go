// Package viewerrequest writes the CloudFront function that runs before a request is looked up in the cache: it knows
// the API's callers by their keys, leads a share of them to a canary, takes a prefix away from paths, finds the files of
// a page, and refuses paths that a backend may take for others.
//
// What a request costs: that everything can be paused, one read of the store; a known key one read and one hash, an
// unknown one two reads. A canary adds one read, or two where the store has no share for it, and one hash; a credential
// from the store one read for each 1,000 of its characters. The rest reads nothing and hashes nothing. Guarded
// routes cost a few regular expressions each, for each way of reading the path.
package viewerrequest

import (
	_ "embed"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/template"
)

// Options are the parts that the function has.
type Options struct {
	// Those that may have the API key, in lower case; the first that is there counts, and others mustn't have another
	// key. None: there are no keys.
	KeyHeaders []string
	ForwardKey bool // the backend receives the key
	// Nobody needs a key on the routes of this function, though they do on others. Keys are still taken away.
	Public bool
	// One or more segments that are taken away from the beginning of paths, such as /llm. What lies beside them, such as
	// /llmx, stays as it is. It has no character that JavaScript or a header would have escaped.
	Strip string
	// The backend receives the caller's Host in X-Forwarded-Host.
	ForwardHost bool
	Canary      *Canary
	Credential  *Credential // that the backend gets, from the store or otherwise; nil: none
	CORS        *CORS       // nil: no page of another origin can read a refusal
	// All requests are refused while the store says so.
	Pausable bool
	// The access log gets the name of the caller, and whether the canary got the request.
	LogCaller bool
	// The routes to the API in their order. The function guards those that are stricter than its own.
	Routes []Route
	// Whether the origin puts something before each path, which no path may leave.
	OriginPath bool
	Page       *Page // that the bucket of these routes has; nil: it has objects
}

// Page says which file of a page is served under a path without one of its own, which is one without a dot behind the
// last slash.
type Page struct {
	// The one under which the bucket has the page, such as /index.html, for each such path: the page decides what it
	// shows there. Empty: under /docs/ there is /docs/index.html, to which /docs is redirected.
	Index string
}

// Credential is the key that a backend gets in place of the caller's.
type Credential struct {
	Entry  string // of the store that has it; empty: the origin adds it, and the function only keeps preflights away
	Header string // in lower case
	Scheme string // before it; may be empty
}

// CORS says which pages can read a refusal, and what they may send.
type CORS struct {
	AllowOrigins     []string
	AllowMethods     []string
	AllowHeaders     []string
	AllowCredentials bool
	MaxAgeSeconds    int
}

// Methods are those that pages may use.
func (c CORS) Methods() string { return strings.Join(c.AllowMethods, ", ") }

// Headers are those that pages may send.
func (c CORS) Headers() string { return strings.Join(c.AllowHeaders, ", ") }

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
	Public bool // no API key is needed, where others need one
}

// The bits of how strict a route is, as the function has them.
const (
	signedRoute  = 1
	readingRoute = 2
	keyRoute     = 4
)

// Strictness is how strict a route is, in bits. Who needs a key anyway has it on all routes: only a function of public
// ones looks at that bit.
func (o Options) Strictness(r Route) int {
	bits := 0
	if o.Public && !r.Public {
		bits |= keyRoute
	}
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

// DefaultStrictness is that of all paths without a route.
func (o Options) DefaultStrictness() int { return o.Strictness(Route{}) }

// Guarded are the routes up to the last that isn't as strict as the default one.
func (o Options) Guarded() []Route {
	for i := len(o.Routes); i > 0; i-- {
		if o.Strictness(o.Routes[i-1]) != o.DefaultStrictness() {
			return o.Routes[:i]
		}
	}
	return nil
}

// Guards reports whether the function refuses paths that can be read in several ways.
func (o Options) Guards() bool { return o.OriginPath || len(o.Guarded()) > 0 }

// Canary is the second backend.
type Canary struct {
	Origin  string
	Percent int // of the callers, until the store says otherwise
	// The origin that the canary's requests fail over to, and on which statuses; "": none.
	Failover   string
	FailoverOn []int
	Credential *Credential // nil: none
}

// ChecksKeys reports whether only callers with a known key are let in.
func (o Options) ChecksKeys() bool { return len(o.KeyHeaders) > 0 && !o.Public }

// ReadsStore reports whether the function needs a key value store.
func (o Options) ReadsStore() bool { return o.TellsApart() || o.Pausable }

// TellsApart reports whether the function treats callers differently.
func (o Options) TellsApart() bool { return o.ChecksKeys() || o.Canary != nil }

// Refuses reports whether the function refuses some requests itself.
func (o Options) Refuses() bool { return o.ReadsStore() || o.Guards() || o.Strip != "" }

// Redirects reports whether the function leads some requests to the path with a slash at its end.
func (o Options) Redirects() bool { return o.Page != nil && o.Page.Index == "" }

// Preflights reports whether the function treats preflights in a way of their own. Where the backend gets a credential
// and no page may call, they are like any other request.
func (o Options) Preflights() bool {
	return o.TellsApart() && (o.Credential == nil || o.CORS != nil || !o.ChecksKeys())
}

// AnswersPreflights reports whether the function answers preflights.
func (o Options) AnswersPreflights() bool {
	return o.Preflights() && o.Credential != nil && o.CORS != nil
}

// Readable reports whether the function makes answers that pages are to read.
func (o Options) Readable() bool { return o.CORS != nil && o.Refuses() }

// StoredCredential is what the function sends to the stable backend; nil: nothing.
func (o Options) StoredCredential() *Credential { return stored(o.Credential) }

// CanaryCredential is what the function sends to the canary; nil: nothing.
func (o Options) CanaryCredential() *Credential {
	if o.Canary == nil {
		return nil
	}
	return stored(o.Canary.Credential)
}

func stored(c *Credential) *Credential {
	if c == nil || c.Entry == "" {
		return nil
	}
	return c
}

// SendsCredential reports whether the function sends one from the store.
func (o Options) SendsCredential() bool {
	return o.StoredCredential() != nil || o.CanaryCredential() != nil
}

// Bearer reports whether a key may have a scheme before it.
func (o Options) Bearer() bool { return slices.Contains(o.KeyHeaders, authorization) }

const authorization = "authorization"

// Forwarded are the ends of the X-Forwarded- headers that only the function sets.
func (o Options) Forwarded() string {
	var list []string
	if o.Strip != "" {
		list = append(list, "prefix")
	}
	if o.ForwardHost {
		list = append(list, "host")
	}
	return strings.Join(list, "|")
}

// touchesKeys reports whether the function looks at the headers of keys.
func (o Options) touchesKeys() bool { return !o.Public || !o.ForwardKey }

// Header is the only header with keys, if there is just one that the function looks at.
func (o Options) Header() string {
	if o.touchesKeys() && len(o.KeyHeaders) == 1 {
		return o.KeyHeaders[0]
	}
	return ""
}

// Headers are those with keys, if there are several that the function looks at.
func (o Options) Headers() []string {
	if o.touchesKeys() && len(o.KeyHeaders) > 1 {
		return o.KeyHeaders
	}
	return nil
}

// Keyed says in which headers callers send a key.
func (o Options) Keyed() string {
	list := slices.Clone(o.KeyHeaders)
	if i := slices.Index(list, authorization); i >= 0 {
		list[i] = "Authorization: Bearer KEY"
	}
	return strings.Join(list, " or ")
}

// Read returns what code says of its options that the edge's treatment of a request depends on: the headers of the
// keys, whether the backend gets them, what is public, stripped and a page's, credentials from the store, and the
// canary, without the statuses that fail over. Code that isn't of this package says nothing of them.
func Read(code string) (o Options) {
	constants := map[string]string{}
	for _, found := range constant.FindAllStringSubmatch(code, -1) {
		constants[found[1]] = found[2]
	}
	for _, found := range quoted.FindAllStringSubmatch(constants["KEY_HEADER"]+constants["KEY_HEADERS"], -1) {
		o.KeyHeaders = append(o.KeyHeaders, found[1])
	}
	o.ForwardKey = o.KeyHeaders != nil && !strings.Contains(code, "delete headers[KEY_HEADER]") &&
		!strings.Contains(code, "KEY_HEADERS.forEach(name => delete")
	o.Public = strings.HasPrefix(code, publicNote) || strings.Contains(code, "\n"+publicNote)
	o.Strip = strings.Trim(constants["PREFIX"], "'")
	if index := strings.Trim(constants["INDEX"], "'"); index != "" || strings.Contains(code, folderIndex) {
		o.Page = &Page{Index: index}
	}
	o.ForwardHost = strings.Contains(code, "headers['x-forwarded-host'] = ")
	if origin := strings.Trim(constants["CANARY_ORIGIN"], "'"); origin != "" {
		o.Canary = &Canary{Origin: origin, Failover: strings.Trim(constants["FAILOVER_ORIGIN"], "'")}
		o.Canary.Percent, _ = strconv.Atoi(constants["CANARY_PERCENT"])
		o.Canary.Credential = readCredential(constants["CANARY_CREDENTIAL"])
	}
	o.Credential = readCredential(constants["CREDENTIAL"])
	return o
}

func readCredential(code string) *Credential {
	found := quoted.FindAllStringSubmatch(code, -1)
	if len(found) != 3 {
		return nil
	}
	return &Credential{Entry: found[0][1], Header: found[1][1], Scheme: strings.TrimSuffix(found[2][1], " ")}
}

var (
	constant = regexp.MustCompile(`(?m)^const ([A-Z_]+) = (.*);$`)
	quoted   = regexp.MustCompile(`'([^']*)'`)
)

// folderIndex is how the function finds the file of a folder.
const folderIndex = "request.uri += 'index.html'"

// FolderIndex is that line, for the template.
func (Options) FolderIndex() string { return folderIndex }

// publicNote is the comment on a function of public routes.
const publicNote = "// No API key is needed here.\n"

// PublicNote is that comment, for the template.
func (Options) PublicNote() string { return publicNote }

//go:embed function.js.tmpl
var source string

var script = template.Must(template.New("function.js").Parse(source))

// Code is the function's JavaScript.
func Code(o Options) string {
	var code strings.Builder
	if err := script.Execute(&code, o); err != nil {
		panic(err) // the template and its values are this package's
	}
	return strings.TrimRight(code.String(), "\n") + "\n"
}
