// Package expect holds what a distribution does with requests to what its environment expects.
package expect

import (
	"fmt"
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/text"
)

// Check returns what isn't as expected, and a warning of the routes that no expectation reaches.
func Check(environment string, expectations []config.Expectation, d *edge.Distribution) []config.Problem {
	var problems []config.Problem
	reached := map[string]bool{}
	for i, e := range expectations {
		decision := d.Decide(Request(e))
		reached[decision.Route] = true
		if saysNothing(e) && decision.Answer != nil {
			problems = append(problems, config.Unmet(config.Warning, environment, fmt.Sprintf(
				"says nothing: CloudFront answers this with %d itself; name a caller or sign the request, or expect that status",
				decision.Answer.Status), i))
		}
		for _, u := range unmet(e, decision, d) {
			problems = append(problems, config.Unmet(config.Hard, environment, u.message,
				append([]any{i}, u.steps...)...))
		}
	}
	if missing := unreached(d, reached); len(expectations) > 0 && len(missing) > 0 {
		problems = append(problems, config.Unmet(config.Warning, environment,
			"says nothing of "+strings.Join(missing, ", ")+": expect something of a request to each route"))
	}
	return problems
}

// saysNothing reports whether an expectation only says that nothing is cached, which is so of whatever CloudFront refuses.
func saysNothing(e config.Expectation) bool {
	isFalse := func(b *bool) bool { return b == nil || !*b }
	return isFalse(e.Cached) && isFalse(e.Shared) && e.Route == "" && e.Origin == "" && e.Status == 0 &&
		len(e.Forwards) == 0 && len(e.Adds) == 0
}

// Request is the one that an expectation is about.
func Request(e config.Expectation) edge.Request {
	method, url := e.MethodAndURL()
	from, _ := netip.ParseAddr(e.From) // none: it is let in
	return edge.Request{
		Method: method, URL: url, Headers: maps.Clone(e.Headers), Caller: e.Caller, Canary: e.Canary, IP: from,
	}
}

func unreached(d *edge.Distribution, reached map[string]bool) []string {
	var list []string
	for _, b := range d.Behaviors {
		if !reached[b.Path] {
			list = append(list, b.Path)
		}
	}
	return list
}

// difference is one from what is expected, at a place below the expectation.
type difference struct {
	message string
	steps   []any
}

// unmet returns the differences. What CloudFront answers itself reaches no origin, so that nothing is cached and
// nothing forwarded: the first of these differences stands for all.
func unmet(e config.Expectation, d edge.Decision, by *edge.Distribution) []difference {
	var list []difference
	explained := false
	for _, u := range differences(e, d, by) {
		if d.Answer != nil && fromAnswer[u.steps[0].(string)] {
			if explained {
				continue
			}
			explained = true
			u.message += instead(e, d)
		}
		list = append(list, u)
	}
	return list
}

// fromAnswer are the fields that can't be as expected where CloudFront answers itself.
var fromAnswer = map[string]bool{"origin": true, "status": true, "cached": true, "shared": true, "forwards": true}

// instead says what to expect of a request that CloudFront refuses.
func instead(e config.Expectation, d edge.Decision) string {
	switch d.Answer.Reason {
	case "signature", "method", "redirect", "firewall":
		if e.Status == 0 {
			return fmt.Sprintf(`; if that is meant, expect "status": %d instead`, d.Answer.Status)
		}
	}
	return ""
}

func differences(e config.Expectation, d edge.Decision, by *edge.Distribution) []difference {
	var list []difference
	differs := func(expected, is any, why string, steps ...any) {
		list = append(list, difference{fmt.Sprintf("expected %v, is %v: %s", expected, is, why), steps})
	}
	if e.Route != "" && e.Route != d.Route {
		differs(e.Route, orNone(d.Route), whyRoute(e.Route, d, by), "route")
	}
	if e.Origin != "" && (d.Origin == nil || e.Origin != originOf(d)) {
		differs(e.Origin, originOf(d), whyOrigin(e.Origin, d), "origin")
	}
	if e.Status != 0 && d.Answer == nil {
		list = append(list, difference{fmt.Sprintf("expected %d, but CloudFront doesn't answer this itself, it %s; say in \"origin\" who must answer",
			e.Status, text.Why(d)), []any{"status"}})
	} else if e.Status != 0 && e.Status != d.Answer.Status {
		differs(e.Status, d.Answer.Status, whyAnswer(d), "status")
	}
	if cached := d.Cache != nil && d.Cache.Lookup; e.Cached != nil && *e.Cached != cached {
		differs(*e.Cached, cached, whyCached(d), "cached")
	}
	if e.Shared != nil && *e.Shared != d.Shared.Others {
		differs(*e.Shared, d.Shared.Others, whyShared(d), "shared")
	}
	for i, name := range e.Forwards {
		if d.Origin == nil || !d.Behavior.Forwards(name) || !passed(name, e, d, by) {
			list = append(list, difference{fmt.Sprintf("expected %s to reach the origin, doesn't: %s", name,
				whyForwards(name, d)), []any{"forwards", i}})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(e.Adds)) {
		if value, added := find(d.Response.Headers, name); !added {
			differs(e.Adds[name], "none", whyAdds(d), "adds", name)
		} else if value != e.Adds[name] {
			differs(e.Adds[name], value, "that is what "+d.Route+" adds", "adds", name)
		}
	}
	return list
}

// passed reports whether a function, if one runs, lets a header through that the caller may send, or sets it.
func passed(name string, e config.Expectation, d edge.Decision, by *edge.Distribution) bool {
	if d.Function == nil {
		return true
	}
	if value, set := d.Header(name); set && value != "" {
		return true
	}
	if f := d.Function.Function; f.ChecksKeys() && f.HasKey(name) {
		return f.ForwardsKey // another value is no known key
	}
	r := Request(e)
	if r.Headers == nil {
		r.Headers = map[string]string{}
	}
	r.Headers[name] = "sent"
	with := by.Decide(r)
	value, _ := with.Header(name)
	return with.Origin != nil && value == "sent"
}

func find(headers map[string]string, name string) (value string, found bool) {
	for other, value := range headers {
		if http.CanonicalHeaderKey(other) == http.CanonicalHeaderKey(name) {
			return value, true
		}
	}
	return "", false
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

func originOf(d edge.Decision) string {
	if d.Origin == nil {
		return "none"
	}
	return d.Origin.Name()
}

func whyRoute(expected string, d edge.Decision, by *edge.Distribution) string {
	same := func(b edge.Behavior) bool { return b.Path == expected }
	switch {
	case !slices.ContainsFunc(by.Behaviors, same):
		return "there is no such route"
	case d.Route == "":
		return text.Why(d)
	case slices.ContainsFunc(d.Tried, func(t edge.Tried) bool { return t.Path == expected }):
		return "the path doesn't match"
	}
	return "that comes first"
}

func whyOrigin(expected string, d edge.Decision) string {
	switch {
	case d.Origin == nil:
		return whyAnswer(d)
	case d.Function != nil && d.Function.Canary:
		return "the caller gets the canary"
	case d.Function != nil && d.Function.Function.Canary != nil && d.Function.Function.Canary.Name() == expected:
		return `the caller isn't among those who get the canary: add "canary": true`
	}
	return "the route is " + d.Route
}

// whyAnswer says how a request gets past a function that needs a key.
func whyAnswer(d edge.Decision) string {
	if d.Answer != nil && d.Answer.Reason == "key" && d.Request.Caller == "" {
		return `needs a known key: add "caller"`
	}
	return text.Why(d)
}

func whyCached(d edge.Decision) string {
	if d.Cache == nil {
		return whyAnswer(d)
	}
	return strings.TrimPrefix(text.Keeping(d), "not cached: ")
}

func whyShared(d edge.Decision) string {
	if d.Cache == nil || !d.Cache.Store {
		return whyCached(d)
	}
	return "cached for " + text.Whom(d)
}

func whyForwards(name string, d edge.Decision) string {
	if d.Origin == nil {
		return whyAnswer(d)
	}
	if d.Behavior.Forwards(name) {
		return "the function " + d.Function.Name + " takes it away"
	}
	if d.Behavior.Forwards("Any-Other") {
		return d.Route + " passes on others"
	}
	names := slices.Concat(d.Behavior.CachePolicy.Headers.Names, d.Behavior.OriginRequestPolicy.Headers.Names)
	names = slices.DeleteFunc(names, func(name string) bool { return !d.Behavior.Forwards(name) })
	slices.Sort(names)
	return d.Route + " passes on " + listed(slices.Compact(names))
}

func whyAdds(d edge.Decision) string {
	if d.Route == "" || d.Answer != nil && d.Answer.Response != nil {
		return whyAnswer(d)
	}
	return d.Route + " adds " + listed(slices.Sorted(maps.Keys(d.Response.Headers)))
}

func listed(names []string) string {
	if len(names) == 0 {
		return "nothing"
	}
	return strings.Join(names, ", ")
}
