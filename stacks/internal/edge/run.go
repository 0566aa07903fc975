package edge

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"

	"ml-api-accelerator/stacks/internal/edge/function"
	"ml-api-accelerator/stacks/internal/edge/policy"
	"ml-api-accelerator/stacks/internal/shared/callers"
)

// Run is what a function did with a request.
type Run struct {
	Name string `json:"name"`
	// Whose the request's key is; empty: no known one's.
	Caller string `json:"caller"`
	// Whether the request goes to the canary.
	Canary bool `json:"canary"`

	Function *Function `json:"-"`
}

// run has the function of the route change the request, choose another origin, or answer.
func (d *Decision) run(f *Function, r Request) {
	d.Function = &Run{Name: f.Name, Function: f}
	event := d.viewer.event(r)
	key := f.present(event, r.Caller)
	if key.madeUp {
		d.Request.Headers = maps.Clone(d.Request.Headers)
		d.Request.Headers[policy.HeaderName(f.KeyHeader)] = key.shown
	}
	store := r.Store
	if len(f.KeyValueStores) == 0 {
		store = nil
	} else if store == nil {
		store = f.store(key, r)
	}
	result, err := f.program.Run(event, store)
	switch {
	case err != nil:
		d.fail(err)
	case result.Response != nil:
		d.answer(f, result.Response)
	default:
		d.goOn(f, result, event, key)
	}
}

// goOn does what a function made of a request.
func (d *Decision) goOn(f *Function, result function.Result, event function.Event, key key) {
	if f.KeyHeader != "" {
		d.Function.Caller = strings.Join(result.Headers[callers.CallerHeader], ", ")
	}
	if key.madeUp && result.Headers[f.KeyHeader] != nil {
		result.Headers[f.KeyHeader] = []string{key.shown}
		d.viewer.madeUpKey = policy.HeaderName(f.KeyHeader)
	}
	d.viewer.become(result, event)
	if result.Origin != nil {
		d.choose(f, result.Origin)
	}
}

// fail is what CloudFront answers for a function that fails (HTTP 502 status code (Bad Gateway), CloudFront function validation error;
// HTTP 503 status code (Service Unavailable), Lambda@Edge or CloudFront Function execution error).
func (d *Decision) fail(err error) {
	d.Answer = &Answer{Status: http.StatusServiceUnavailable, Reason: "function", Cause: err.Error()}
	if failure := (*function.Error)(nil); errors.As(err, &failure) {
		d.Answer.Status, d.Answer.Cause = failure.Status, failure.Message
	}
}

// answer is what a function answers in place of CloudFront.
func (d *Decision) answer(f *Function, response *function.Response) {
	d.Answer = &Answer{Status: response.Status, Reason: "function", Response: response}
	if f.KeyHeader != "" && (response.Status == http.StatusUnauthorized || response.Status == http.StatusServiceUnavailable) {
		d.Answer.Reason = "key"
	}
	d.Response.own = []policy.AddedHeader{}
	for _, name := range slices.Sorted(maps.Keys(response.Headers)) {
		added := policy.AddedHeader{Name: policy.HeaderName(name), Value: strings.Join(response.Headers[name], ", "), Override: true}
		d.Response.own = append(d.Response.own, added)
	}
}

// choose puts the origins that a function chose in the place of the route's. It can choose only those that the distribution has (Helper
// methods for origin modification).
func (d *Decision) choose(f *Function, chosen *function.Origin) {
	for _, id := range chosen.IDs {
		if f.origins[id] == nil {
			d.fail(&function.Error{Status: http.StatusBadGateway, Message: "chose " + id + ", which is no origin of the distribution"})
			return
		}
	}
	b := *d.Behavior
	b.Origin, b.Failover = f.origins[chosen.IDs[0]], nil
	if len(chosen.IDs) > 1 {
		b.Failover = &Failover{f.origins[chosen.IDs[1]], chosen.FailoverOn}
	}
	if b.Origin.S3 != d.Behavior.Origin.S3 {
		b.errorSeconds = b.keptErrors()
	}
	d.Function.Canary = f.Canary != nil && b.Origin == f.Canary
	d.Behavior = &b
}
