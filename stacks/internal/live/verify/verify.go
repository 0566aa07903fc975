// Package verify sends what an environment expects to a live distribution, or to one that is served on this machine,
// and judges what can be seen from outside.
package verify

import (
	"context"
	"crypto/tls"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/expect"
	"ml-api-accelerator/stacks/internal/edge/policy"
	"ml-api-accelerator/stacks/internal/shared/callers"
)

// Options say where the requests go, and how.
type Options struct {
	URL *url.URL // scheme and host of the distribution
	// A host, perhaps with a port, to which connections go instead of the URL's; empty: the URL's.
	ConnectTo string
	// A server that is asked directly, too; nil: none.
	Origin *url.URL

	Headers    map[string]string // added to every request
	Keys       map[string]string // of callers, by their names
	Timeout    time.Duration     // for the first byte of each answer
	SendWrites bool              // sends requests that change data at an origin

	TLS  *tls.Config // nil: the system's
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Verdict is what became of an expectation.
type Verdict string

// The verdicts.
const (
	OK      Verdict = "ok"
	Broken  Verdict = "broken"
	Skipped Verdict = "skipped" // nothing of it could be judged
)

// Result is what was seen of one expectation. Its JSON is read by people's scripts.
type Result struct {
	Request string  `json:"request"`
	Verdict Verdict `json:"verdict"`
	// The answers of the distribution, and of the server that was asked directly; nil: there is none.
	First  *Answer `json:"first"`
	Second *Answer `json:"second"`
	Direct *Answer `json:"direct"`

	Broken  []config.Problem `json:"broken"`
	Skipped []config.Problem `json:"skipped"`
	// What is expected that can't be seen from outside: route, origin, forwards, canary.
	Unseen []string `json:"unseen"`
}

// verifier sends the expectations of one environment.
type verifier struct {
	Options

	environment string
	by          *edge.Distribution
	edge        *sender
	origin      *sender
	reached     bool // whether its very URL has been
}

// Run sends each expectation, after telling of it. It ends early only if the distribution can't be reached at all.
func Run(ctx context.Context, environment string, expected []config.Expectation, by *edge.Distribution, o Options, tell func(string)) ([]Result, error) {
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
	j := &judge{
		Expectation: e, environment: v.environment, index: i, secrets: v.secrets(),
		Result: Result{Request: e.Request, Broken: []config.Problem{}, Skipped: []config.Problem{}, Unseen: unseen(e)},
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

// mostTries is how often a hit is waited for: a request doesn't always meet the server of an edge location that has the
// answer.
const mostTries = 3

// again repeats a request that the cache may answer, until it does if that is expected.
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

// direct asks the API's server itself what CloudFront asks it for. It is never judged.
func (v *verifier) direct(ctx context.Context, p plan, j *judge) {
	o := p.decision.Origin
	if v.Origin == nil || o == nil || p.decision.Behavior.Origin.S3 {
		return
	}
	u, err := url.Parse(o.URL)
	if err != nil {
		return // a bucket's, in which no name is known
	}
	u.Scheme, u.Host = v.Origin.Scheme, v.Origin.Host
	if p.secrets && u.Scheme == "http" && !isPrivate(u.Hostname()) {
		j.Direct = &Answer{Error: "not asked: --origin must be https, for the keys and headers"}
		return
	}
	headers := withoutHost(p.headers)
	if f := p.decision.Function; f != nil {
		if _, passed := o.Headers[policy.HeaderName(f.Function.KeyHeader)]; !passed {
			headers = without(headers, f.Function.KeyHeader) // the edge takes it away
		}
	}
	answer, failed := v.origin.send(ctx, p.method, u.String(), headers, false)
	if failed != nil {
		answer = &Answer{Error: j.say(failed.Error())}
	}
	j.Direct = answer
}

func unseen(e config.Expectation) []string {
	list := []string{}
	for name, expected := range map[string]bool{"route": e.Route != "", "origin": e.Origin != "", "forwards": len(e.Forwards) > 0, "canary": e.Canary} {
		if expected {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return list
}

// plan is how an expectation is sent, and what the distribution must do with it.
type plan struct {
	method, url string
	headers     map[string]string
	decision    edge.Decision
	// Whether it is sent a second time, for which the cache may have the answer.
	again bool
	// Whether it goes to the very scheme and host of --url.
	own bool
	// Whether it has a key or a header that the expectation itself doesn't have.
	secrets bool
	// Why it isn't sent; empty: it is.
	why string
}

// plan decides twice about a request that writes: with the headers that are added to every request, a distribution that
// lets it through by mistake would have it change data.
func (v *verifier) plan(e config.Expectation) plan {
	request := expect.Request(e)
	request.Time = time.Now()
	if e.Caller != "" && v.Keys[e.Caller] == "" {
		return plan{why: fmt.Sprintf("not sent: it needs the key of %[1]s; give it in VERIFY_KEYS, %[1]s=KEY", e.Caller)}
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
		p.why = "not sent: whoever owns that host answers"
	case decision.Answer == nil && writes && !v.SendWrites:
		p.why = fmt.Sprintf("not sent: %s reaches %s, where it may cost money or change data; --send-writes sends it", p.method, decision.Origin.ID)
	default:
		v.locate(&p, e, request)
	}
	return p
}

// added are the headers that are added to a request, without a key where one counts: an expectation says whose it is. A
// request by HTTP gets none: what is redirected needs none, and everyone on the way would read them.
func (v *verifier) added(d edge.Decision) map[string]string {
	if d.Answer != nil && d.Answer.Reason == "redirect" {
		return nil
	}
	if d.Function == nil || d.Function.Function.KeyHeader == "" {
		return v.Headers
	}
	return without(v.Headers, d.Function.Function.KeyHeader)
}

// withKey adds the key of a caller where a function asks for it, unless the expectation has a header of its own in that
// place. What is answered before, such as a request by HTTP, needs no key, and would show it to others.
func (v *verifier) withKey(headers map[string]string, caller string, d edge.Decision) map[string]string {
	if caller == "" || d.Function == nil || d.Function.Function.KeyHeader == "" {
		return headers
	}
	name := policy.HeaderName(d.Function.Function.KeyHeader)
	if _, own := headers[name]; !own {
		headers[name] = callers.InHeader(name, v.Keys[caller])
	}
	return headers
}

// merged are headers of which the expectation's own count.
func merged(added, own map[string]string) map[string]string {
	headers := map[string]string{}
	for _, list := range []map[string]string{added, own} {
		for name, value := range list {
			headers[http.CanonicalHeaderKey(name)] = value
		}
	}
	return headers
}

func withoutHost(headers map[string]string) map[string]string { return without(headers, "Host") }

func without(headers map[string]string, gone string) map[string]string {
	headers = maps.Clone(headers)
	maps.DeleteFunc(headers, func(name, _ string) bool { return strings.EqualFold(name, gone) })
	return headers
}

// clock notes when a request was under way. It is told by the goroutines of the connection.
type clock struct {
	mutex                 sync.Mutex
	connected, sent, came time.Time
}

func (c *clock) watch(ctx context.Context) context.Context {
	note := func(when *time.Time) {
		c.mutex.Lock()
		defer c.mutex.Unlock()
		*when = time.Now()
	}
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn:              func(httptrace.GotConnInfo) { note(&c.connected) },
		WroteRequest:         func(httptrace.WroteRequestInfo) { note(&c.sent) },
		GotFirstResponseByte: func() { note(&c.came) },
	})
}

// isConnected reports whether there was a connection at all.
func (c *clock) isConnected() bool {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return !c.connected.IsZero()
}

// answer is when the first byte came, and how many milliseconds that took; an answer may come before all of the request
// is written.
func (c *clock) answer() (came time.Time, milliseconds float64) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	from := c.sent
	if from.IsZero() || from.After(c.came) {
		from = c.connected
	}
	return c.came, float64(c.came.Sub(from).Microseconds()) / 1000
}
