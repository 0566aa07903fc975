package expect

import (
	"maps"
	"slices"
	"strings"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/text"
)

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
	case d.Function != nil && d.Function.Function.Canary != nil && d.Function.Function.Canary.ID == expected:
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
