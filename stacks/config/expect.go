package config

import (
	"errors"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"ml-api-accelerator/stacks/internal/shared/callers"
	"ml-api-accelerator/stacks/internal/shared/names"
)

// Expectation is what the deployed edge must do with a request. It is held to at every synthesis.
type Expectation struct {
	Request  string
	Headers  map[string]string
	Caller   string
	Canary   bool
	Route    string
	Origin   string
	Status   int
	Cached   *bool
	Shared   *bool
	Forwards []string
	Adds     map[string]string
}

func (e *Expectation) declare(f *fields) {
	f.text("request", &e.Request, "Method and path, or URL, of the request.").required().
		matches(ruleExpectation, requestLine, "be a method and a path or URL, like POST /v1/chat/completions")
	f.textsByName("headers", &e.Headers, "Headers of the request.").
		namesMatch(ruleExpectation, headerNameSized, aHeaderNameSized)
	f.text("caller", &e.Caller, "Name of a caller whose key the request has (api.keys); without it, one that nobody knows, or none.").
		matches(ruleExpectation, callers.Name, "be the name of a caller, of 1 to 64 letters, digits and . _ @ -, a letter or digit first")
	f.boolean("canary", &e.Canary, "The caller is among those who get the canary (api.canary).")
	f.text("route", &e.Route, "Path of the route that must be chosen; * is the default route.")
	f.text("origin", &e.Origin, "Where the request must go.").oneOf(ruleExpectation, OriginAPI, OriginCanary, OriginModels)
	f.integer("status", &e.Status, "Status that CloudFront must answer with itself, such as 403 for a request without a signature; 0: any, or none.").
		between(ruleExpectation, Range{0, 599})
	f.optionalBoolean("cached", &e.Cached, "Whether the answer may come from the cache.")
	f.optionalBoolean("shared", &e.Shared, "Whether callers with another credential (Authorization, cookies, an API key) can get the same cached answer; false as well where nothing is cached.")
	f.texts("forwards", &e.Forwards, "Headers that must reach the origin if the caller sends them.").Items.matches(ruleExpectation, headerName, aHeaderName)
	f.textsByName("adds", &e.Adds, "Headers that must be added to the answer, with their values.").
		namesMatch(ruleExpectation, headerNameSized, aHeaderNameSized)
}

// requestLine has a character after the // of a URL, so that there is a host.
var requestLine = regexp.MustCompile(`^[A-Z]+ (/|https?://[^/\s])\S*$`)

// MethodAndURL are those of the request; the URL may be only a path.
func (e Expectation) MethodAndURL() (method, url string) {
	method, url, _ = strings.Cut(e.Request, " ")
	return method, url
}

func (e Expectation) check(r *report, at path, domain Domain) {
	if _, target := e.MethodAndURL(); target != "" {
		if _, err := url.Parse(target); err != nil {
			r.must(ruleExpectation, at.field("request"), "must have a URL that is well-formed, got %q: %v", target, errors.Unwrap(err))
		}
		if _, rest, hasHost := strings.Cut(target, "://"); hasHost && target[0] != '/' {
			host := rest[:strings.IndexAny(rest+"/", "/?#")]
			checkHost(r, at.field("request"), host, domain)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(e.Headers)) {
		if strings.EqualFold(name, "Host") && e.Headers[name] != "" {
			checkHost(r, at.field("headers").key(name), e.Headers[name], domain)
		}
	}
	empty := e.Route == "" && e.Origin == "" && e.Status == 0 && e.Cached == nil && e.Shared == nil && len(e.Forwards) == 0 && len(e.Adds) == 0
	if empty {
		r.must(ruleExpectation, at, "must expect something: route, origin, status, cached, shared, forwards or adds")
	}
}

// checkHost holds the host of a request, which may have a port, to lead to the environment's own distribution.
// CloudFront's names lead to those of all its customers, who share its addresses.
func checkHost(r *report, at path, host string, domain Domain) {
	name := strings.ToLower(strings.TrimSuffix(host, ":"+port.FindString(host)))
	own := func(alias string) bool {
		below, wild := strings.CutPrefix(alias, "*")
		return alias == name || wild && strings.HasSuffix(name, below) && !strings.ContainsAny(name, "@:\\")
	}
	who := "whoever owns that name answers"
	switch {
	case name == names.PlaceholderHost, slices.ContainsFunc(domain.Aliases, own):
		return
	case strings.HasSuffix(strings.TrimSuffix(name, "."), ".cloudfront.net"):
		who = "all customers of CloudFront have such names"
	}
	r.must(ruleExpectedHost, at, "must be for a host of this environment, got %q: %s; leave the host out, or write one of domain.aliases", host, who)
}

// port is that at the end of a host.
var port = regexp.MustCompile(`[0-9]+$`)

// Unmet is a problem of what an environment expects, which only its stack tells. The steps lead to a place below
// expect: names of fields, and indexes.
func Unmet(class Class, environment, message string, steps ...any) Problem {
	at := path{environments, environment, "expect"}.join(steps)
	return Problem{Path: at.String(), Rule: ruleExpected.ID, Class: class, Message: message, at: at}
}
