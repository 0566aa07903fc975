package config

import (
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"ml-api-accelerator/stacks/config/declare"
	"ml-api-accelerator/stacks/internal/shared/callers"
	"ml-api-accelerator/stacks/internal/shared/names"
)

// Expectation is what the deployed edge must do with a request. It is held to at every synthesis.
type Expectation struct {
	Request  string
	Headers  map[string]string
	Caller   string
	Canary   bool
	From     string
	Route    string
	Origin   string
	Status   int
	Cached   *bool
	Shared   *bool
	Forwards []string
	Adds     map[string]string
}

// Declare implements [declare.Section].
func (e *Expectation) Declare(f *declare.Fields) {
	f.Text("request", &e.Request, "Method and path, or method and URL, of the request.").Required().
		Matches(ruleExpectation, requestLine, "be a method and a path or URL, like POST /v1/chat/completions").
		Explain(requestMeant)
	f.TextsByName("headers", &e.Headers, "Headers of the request.").
		NamesMatch(ruleExpectation, headerNameSized, aHeaderNameSized)
	f.Text("caller", &e.Caller,
		"Name of the caller whose API key the request has (api.keys). Without it, the key is unknown or missing.").
		Matches(ruleExpectation, callers.Name,
			"be the name of a caller, of 1 to 64 letters, digits and . _ @ -, a letter or digit first")
	f.Boolean("canary", &e.Canary, "Whether the caller is in the canary's share (api.canary).")
	f.Text("from", &e.From, "Address that the request comes from, for the firewall's lists. Without one, they let it in.").
		Matches(ruleExpectation, addressSigns, "be an address like 192.0.2.7 or 2001:db8::7")
	f.Text("route", &e.Route, "Path of the route that must match; * is the default route.")
	f.Text("origin", &e.Origin,
		"Origin that must get the request: api, api-canary, models, web, or a name in backends or buckets.")
	f.Integer("status", &e.Status,
		"Status that CloudFront must answer with itself, such as 403 for a request without a signature. 0: any, or none.").
		Between(ruleExpectation, 0, 599)
	f.OptionalBoolean("cached", &e.Cached, "Whether the answer may come from the cache.")
	f.OptionalBoolean("shared", &e.Shared,
		"Whether callers with another credential (Authorization, cookies, an API key) can get the same cached answer. "+
			"Where nothing is cached, it is false.")
	f.Texts("forwards", &e.Forwards,
		"Headers that must reach the origin if the caller sends them.").Items.Matches(ruleExpectation, headerName,
		aHeaderName)
	f.TextsByName("adds", &e.Adds, "Headers that must be added to the answer, with their values.").
		NamesMatch(ruleExpectation, headerNameSized, aHeaderNameSized)
}

// addressSigns are those of which addresses are.
var addressSigns = regexp.MustCompile(`^[0-9a-fA-F.:]*$`)

// requestLine has a character after the // of a URL, so that there is a host.
var requestLine = regexp.MustCompile(`^[A-Z]+ (/|https?://[^/\s])\S*$`)

// requestMeant says which request somebody means who leaves the method out, or writes it in small letters.
func requestMeant(value any) string {
	text, _ := value.(string)
	method, path, found := strings.Cut(text, " ")
	if !found {
		method, path = "GET", text
	}
	if request := strings.ToUpper(method) + " " + path; request != text && requestLine.MatchString(request) {
		return fmt.Sprintf(": write %q", request)
	}
	return ""
}

// MethodAndURL are those of the request; the URL may be only a path.
func (e Expectation) MethodAndURL() (method, url string) {
	method, url, _ = strings.Cut(e.Request, " ")
	return method, url
}

func (e Expectation) check(r *declare.Report, at declare.Path, aliases []string) {
	if _, target := e.MethodAndURL(); target != "" {
		if _, err := url.Parse(target); err != nil {
			r.Must(ruleExpectation, at.Field("request"), "must have a well-formed URL, got %q: %v", target, errors.Unwrap(err))
		}
		if _, rest, hasHost := strings.Cut(target, "://"); hasHost && target[0] != '/' {
			host := rest[:strings.IndexAny(rest+"/", "/?#")]
			checkHost(r, at.Field("request"), host, aliases)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(e.Headers)) {
		if strings.EqualFold(name, "Host") && e.Headers[name] != "" {
			checkHost(r, at.Field("headers").Field(name), e.Headers[name], aliases)
		}
	}
	if e.From != "" && addressSigns.MatchString(e.From) {
		if ip, err := netip.ParseAddr(e.From); err != nil {
			r.Must(ruleExpectation, at.Field("from"), "must be an address like 192.0.2.7 or 2001:db8::7, got %q", e.From)
		} else if IsPrivate(ip) {
			r.Warn(ruleExpectation, at.Field("from"), "is a private address, and CloudFront sees public ones only, such as that "+
				"of your VPN or proxy, got %q", e.From)
		}
	}
	empty := e.Route == "" && e.Origin == "" && e.Status == 0 && e.Cached == nil && e.Shared == nil &&
		len(e.Forwards) == 0 && len(e.Adds) == 0
	if empty {
		r.Must(ruleExpectation, at, "must expect something: route, origin, status, cached, shared, forwards or adds")
	}
}

// checkHost holds the host of a request, which may have a port, to lead to the environment's own distribution.
// CloudFront's names lead to those of all its customers, who share its addresses.
func checkHost(r *declare.Report, at declare.Path, host string, aliases []string) {
	name := strings.ToLower(strings.TrimSuffix(host, ":"+port.FindString(host)))
	own := func(alias string) bool {
		below, wild := strings.CutPrefix(alias, "*")
		return alias == name || wild && strings.HasSuffix(name, below) && !strings.ContainsAny(name, "@:\\")
	}
	who := "whoever owns that name answers"
	switch {
	case name == names.PlaceholderHost, slices.ContainsFunc(aliases, own):
		return
	case strings.HasSuffix(strings.TrimSuffix(name, "."), ".cloudfront.net"):
		who = "such names belong to any CloudFront customer"
	}
	r.Must(ruleExpectedHost, at,
		"must be for a host of this environment, got %q: %s; omit the host, or use one of domain.aliases", host, who)
}

// port is that at the end of a host.
var port = regexp.MustCompile(`[0-9]+$`)

// Unmet is a problem of what an environment expects, which only its stack tells. The steps lead to a place below
// expect: names of fields, and indexes.
func Unmet(class Class, environment, message string, steps ...any) Problem {
	at := declare.Path{environments, environment, "expect"}.Join(steps)
	return Problem{Path: at.String(), Rule: ruleExpected.ID, Class: class, Message: message, At: at}
}
