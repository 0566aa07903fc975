// Package verify sends the requests of an environment's expectations to a distribution, live or served on this machine,
// and judges what can be seen from outside.
package verify

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/expect"
	"ml-api-accelerator/stacks/internal/shared/callers"
)

// Options say where the requests go, and how.
type Options struct {
	URL *url.URL // scheme and host of the distribution
	// A host, perhaps with a port, to connect to; empty: the URL's.
	ConnectTo string
	// Servers of backends by their names, which are asked directly, too.
	Origins map[string]*url.URL

	Headers    map[string]string // added to every request
	Keys       map[string]string // API keys by the names of their callers
	Timeout    time.Duration     // for the first byte of each answer
	SendWrites bool              // also send requests that may change data at an origin

	TLS  *tls.Config // nil: the system's
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Verdict says whether an expectation is met.
type Verdict string

// The verdicts.
const (
	OK      Verdict = "ok"
	Broken  Verdict = "broken"
	Skipped Verdict = "skipped" // nothing of it could be judged
)

// Result is what was seen of one expectation. Its JSON is an interface for scripts.
type Result struct {
	Request Requested `json:"request"`
	Verdict Verdict   `json:"verdict"`
	// The answers of the distribution, and of the server that is asked directly; nil: there is none.
	First  *Answer `json:"first"`
	Second *Answer `json:"second"`
	Direct *Answer `json:"direct"`

	Broken  []config.Problem `json:"broken"`
	Skipped []config.Problem `json:"skipped"`
	// What is expected that can't be seen from outside: route, origin, forwards, canary.
	Unseen []string `json:"unseen"`
}

// Requested is what was asked for.
type Requested struct {
	Method string `json:"method"`
	URL    string `json:"url"`
}

func (r Requested) String() string { return r.Method + " " + r.URL }

// verifier sends the expectations of one environment.
type verifier struct {
	Options

	environment string
	by          *edge.Distribution
	edge        *sender
	origin      *sender
	reached     bool // whether anything has answered at --url
}

// Run calls tell with each request and sends it. It returns an error only if the distribution can't be reached.
func Run(
	ctx context.Context, environment string, expected []config.Expectation, by *edge.Distribution, o Options,
	tell func(string),
) ([]Result, error) {
	v := &verifier{Options: o, environment: environment, by: by, edge: newSender(o, o.address), origin: newSender(o, nil)}
	defer v.edge.close()
	defer v.origin.close()
	results := []Result{}
	for i, e := range expected {
		tell(e.Request)
		result, err := v.verify(ctx, i, e)
		if err != nil {
			return nil, err
		}
		results = append(results, result)
	}
	return results, nil
}

func (v *verifier) verify(ctx context.Context, i int, e config.Expectation) (Result, error) {
	method, url := e.MethodAndURL()
	j := &judge{
		Expectation: e, environment: v.environment, index: i, secrets: v.secrets(),
		Result: Result{
			Request: Requested{method, url}, Broken: []config.Problem{}, Skipped: []config.Problem{}, Unseen: unseen(e),
		},
	}
	p := v.plan(e)
	j.decision = p.decision
	if p.why != "" {
		j.skip(p.why)
		return j.verdict(), nil
	}
	first, err := v.edge.send(ctx, p.method, p.url, p.headers, p.again)
	switch {
	case ctx.Err() != nil:
		return Result{}, ctx.Err()
	case err != nil && !err.connected && !v.reached && p.own:
		return Result{}, unreachable(v.Options, err)
	case err != nil:
		j.fail(err.Error(), "request")
		return j.verdict(), nil
	}
	v.reached = v.reached || p.own
	j.First = first
	if !j.whose(first) {
		return j.verdict(), ctx.Err()
	}
	j.adds(first)
	if p.again {
		j.cached(first, v.again(ctx, p, first, j))
	} else {
		j.once(first)
	}
	v.direct(ctx, p, j)
	return j.verdict(), ctx.Err()
}

// mostTries is how often a request is repeated for a hit: not every server of an edge location has the answer.
const mostTries = 3

// again repeats a request that the cache may answer; several times if a hit is expected and doesn't come.
func (v *verifier) again(ctx context.Context, p plan, first *Answer, j *judge) []*Answer {
	answers := []*Answer{first}
	for range mostTries {
		next, err := v.edge.send(ctx, p.method, p.url, p.headers, true)
		if err != nil {
			return append(answers, &Answer{Error: j.say(err.Error())})
		}
		if answers = append(answers, next); !j.waitsForHit(first, next) {
			break
		}
	}
	return answers
}

// direct sends a backend's server what CloudFront asks it for, with the path as a function left it. The answer isn't
// judged.
func (v *verifier) direct(ctx context.Context, p plan, j *judge) {
	o := p.decision.Origin
	if o == nil || v.Origins[o.Name()] == nil {
		return
	}
	u, err := url.ParseRequestURI("/" + strings.TrimPrefix(o.Target, "/"))
	if err != nil {
		j.Direct = &Answer{Error: "not asked: " + j.say(errors.Unwrap(err).Error())}
		return
	}
	u.Scheme, u.Host = v.Origins[o.Name()].Scheme, v.Origins[o.Name()].Host
	if p.secrets && u.Scheme == "http" && !isPrivate(u.Hostname()) {
		j.Direct = &Answer{Error: "not asked: --origin must be https, for the keys and headers"}
		return
	}
	headers := without(p.headers, "Host")
	if f := p.decision.Function; f != nil {
		for _, name := range f.Function.KeyNames() {
			if _, passed := o.Headers[name]; !passed {
				headers = without(headers, name) // the edge doesn't pass it on
			}
		}
	}
	answer, failed := v.origin.send(ctx, p.method, u.String(), headers, false)
	if failed != nil {
		answer = &Answer{Error: j.say(failed.Error())}
	}
	answer.Lacked = lacked(o, headers)
	j.Direct = answer
}

// lacked are the headers that only CloudFront can send: with a secret, a credential or its signature.
func lacked(o *edge.OriginRequest, sent map[string]string) []string {
	var list []string
	for _, headers := range []map[string]edge.Value{o.Headers, o.Sets} {
		for name, value := range headers {
			only := value.Kind == edge.Secret || value.Kind == edge.Credential || value.Kind == edge.Signed
			if _, has := sent[http.CanonicalHeaderKey(name)]; only && !has {
				list = append(list, name)
			}
		}
	}
	slices.Sort(list)
	return list
}

func unseen(e config.Expectation) []string {
	list := []string{}
	for _, field := range []struct {
		name     string
		expected bool
	}{{"canary", e.Canary}, {"forwards", len(e.Forwards) > 0}, {"origin", e.Origin != ""}, {"route", e.Route != ""}} {
		if field.expected {
			list = append(list, field.name)
		}
	}
	return list
}

// plan is how a request is sent, and what the distribution must do with it.
type plan struct {
	method, url string
	headers     map[string]string
	decision    edge.Decision
	again       bool   // whether it is sent again, since the cache may have the answer then
	own         bool   // whether it goes to the scheme and host of --url
	secrets     bool   // whether it has a key or a header that isn't in the expectation
	why         string // why it isn't sent; empty: it is
}

// plan decides twice on a request that writes, unless CloudFront must refuse it: with keys and headers, it would change
// data at the origin if the distribution let it through by mistake.
func (v *verifier) plan(e config.Expectation) plan {
	request := expect.Request(e)
	request.Time = time.Now()
	if e.Caller != "" && v.Keys[e.Caller] == "" {
		return plan{why: fmt.Sprintf("not sent: it needs the key of %[1]s; give it in VERIFY_KEYS, %[1]s=KEY", e.Caller)}
	}
	if e.From != "" {
		return plan{why: "not sent: it is about callers from " + e.From + ", and this machine calls from its own address"}
	}
	writes := !slices.Contains([]string{http.MethodGet, http.MethodHead, http.MethodOptions}, request.Method)
	decision := v.by.Decide(request)
	if !writes || decision.Answer == nil {
		request.Headers = v.withKey(merged(v.added(decision), e.Headers), e.Caller, decision)
		decision = v.by.Decide(request)
	}
	p := plan{method: request.Method, headers: request.Headers, decision: decision}
	p.again = decision.Origin != nil && !writes && (e.Cached != nil || decision.Cache.Lookup)
	switch {
	case decision.Answer != nil && decision.Answer.Reason == "host":
		p.why = "not sent: that host isn't this distribution's, so whoever owns it would answer"
	case decision.Answer == nil && writes && !v.SendWrites:
		p.why = fmt.Sprintf("not sent: %s reaches %s, where it may cost money or change data; --send-writes sends it",
			p.method, decision.Origin.Name())
	default:
		v.locate(&p, e, request)
	}
	return p
}

// added returns the headers of --header, without the one for API keys where they are checked: the expectation says
// whose key it is. A request that is redirected to HTTPS gets none, since everyone on the way would read them.
func (v *verifier) added(d edge.Decision) map[string]string {
	if d.Answer != nil && d.Answer.Reason == "redirect" {
		return nil
	}
	if d.Function == nil {
		return v.Headers
	}
	headers := v.Headers
	for _, name := range d.Function.Function.KeyNames() {
		headers = without(headers, name)
	}
	return headers
}

// withKey adds the key of a caller where a function checks it, in the first of the headers that may have it, unless the
// expectation sets one of them. What is answered before, such as a request by HTTP, needs no key, and would show it to
// others.
func (v *verifier) withKey(headers map[string]string, caller string, d edge.Decision) map[string]string {
	if caller == "" || d.Function == nil || !d.Function.Function.ChecksKeys() {
		return headers
	}
	names := d.Function.Function.KeyNames()
	if !slices.ContainsFunc(names, func(name string) bool { _, own := headers[name]; return own }) {
		headers[names[0]] = callers.InHeader(names[0], v.Keys[caller])
	}
	return headers
}

// merged returns both headers; those of the expectation win.
func merged(added, own map[string]string) map[string]string {
	headers := map[string]string{}
	for _, list := range []map[string]string{added, own} {
		for name, value := range list {
			headers[http.CanonicalHeaderKey(name)] = value
		}
	}
	return headers
}

func without(headers map[string]string, gone string) map[string]string {
	headers = maps.Clone(headers)
	maps.DeleteFunc(headers, func(name, _ string) bool { return strings.EqualFold(name, gone) })
	return headers
}

// locate sets the URL of a request. One that names a host asks for that host at the address of --url, as curl does with
// --connect-to: the DNS may lead elsewhere, and CloudFront tells distributions apart by the host that is asked for
// (CloudFront Developer Guide, Use custom URLs by adding alternate domain names).
func (v *verifier) locate(p *plan, e config.Expectation, r edge.Request) {
	sent, err := url.Parse(p.decision.Request.URL)
	if err != nil {
		p.why = "not sent: " + errors.Unwrap(err).Error()
		return
	}
	_, target := e.MethodAndURL()
	absolute := !strings.HasPrefix(target, "/")
	plain := absolute && sent.Scheme == "http"
	switch {
	case plain && v.URL.Scheme == "http" && p.decision.Answer != nil && p.decision.Answer.Reason == "redirect":
		p.why = "not sent: an http --url redirects nothing; try serve --tls, with an https --url"
		return
	case !plain || v.URL.Scheme == "http":
		sent.Scheme = v.URL.Scheme
	}
	if hosted := without(r.Headers, "Host"); !absolute && len(hosted) == len(r.Headers) {
		sent.Host = v.URL.Host
	}
	p.secrets = len(r.Headers) > len(merged(nil, e.Headers))
	at, _ := v.place()
	switch {
	case !v.owns(sent):
		p.why = fmt.Sprintf("not sent: %s is neither an alias nor the host of --url or --connect-to, "+
			"so whoever owns it would answer, and read the keys", sent.Host)
		return
	case p.secrets && sent.Scheme == "http" && !isPrivate(at):
		p.why = "not sent: everyone on the way to " + at + " could read the keys and headers; --url must be https"
		return
	}
	p.headers = without(r.Headers, "Host")
	p.own = sent.Scheme == v.URL.Scheme && sent.Host == v.URL.Host
	p.url = sent.String()
}

// owns reports whether a URL can only lead to this distribution: all customers of CloudFront share its addresses, and
// the host decides whose distribution answers. Hosts must be ASCII, since others are mapped before they are looked up.
func (v *verifier) owns(u *url.URL) bool {
	if u.User != nil || strings.ContainsFunc(u.Host, func(r rune) bool { return r > unicode.MaxASCII }) {
		return false
	}
	host, at := strings.ToLower(u.Hostname()), strings.ToLower(v.URL.Hostname())
	usual := u.Port() == "" || u.Port() == map[string]string{"http": "80", "https": "443"}[u.Scheme]
	if !usual && u.Port() != v.URL.Port() {
		return false
	}
	to, _ := v.place()
	return host == at || host == strings.ToLower(to) || v.by.HasAlias(host)
}

// isPrivate reports whether a host is on this machine or in a private network. Names without a dot are.
func isPrivate(host string) bool {
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.IsLoopback() || ip.IsPrivate()
	}
	return !strings.Contains(host, ".")
}

// CheckURL returns an error unless a URL is a scheme and a host, and no more.
func CheckURL(u *url.URL) error {
	more := strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil
	if u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || more {
		return errors.New("must be a scheme and a host, like https://api.example.com")
	}
	return nil
}
