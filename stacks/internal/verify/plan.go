package verify

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/expect"
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
	// Why it isn't sent; empty: it is.
	why string
}

// plan decides twice about a request that writes: with the headers that are added to every request, a distribution that lets
// it through by mistake would have it change data.
func (v *verifier) plan(e config.Expectation) plan {
	request := expect.Request(e)
	request.Time = time.Now()
	writes := !slices.Contains([]string{http.MethodGet, http.MethodHead, http.MethodOptions}, request.Method)
	decision := v.by.Decide(request)
	if !writes || decision.Answer == nil {
		request.Headers = merged(v.Headers, e.Headers)
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

func withoutHost(headers map[string]string) map[string]string {
	headers = maps.Clone(headers)
	maps.DeleteFunc(headers, func(name, _ string) bool { return http.CanonicalHeaderKey(name) == "Host" })
	return headers
}
