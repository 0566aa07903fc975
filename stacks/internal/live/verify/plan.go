package verify

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/expect"
	"ml-api-accelerator/stacks/internal/edge/policy"
	"ml-api-accelerator/stacks/internal/shared/callers"
)

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

// plan decides twice about a request that writes: with the headers that are added to every request, a distribution that lets
// it through by mistake would have it change data.
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

// added are the headers that are added to a request, without a key where one counts: an expectation says whose it is. A request
// by HTTP gets none: what is redirected needs none, and everyone on the way would read them.
func (v *verifier) added(d edge.Decision) map[string]string {
	if d.Answer != nil && d.Answer.Reason == "redirect" {
		return nil
	}
	if d.Function == nil || d.Function.Function.KeyHeader == "" {
		return v.Headers
	}
	return without(v.Headers, d.Function.Function.KeyHeader)
}

// withKey adds the key of a caller where a function asks for it, unless the expectation has a header of its own in that place.
// What is answered before, such as a request by HTTP, needs no key, and would show it to others.
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
