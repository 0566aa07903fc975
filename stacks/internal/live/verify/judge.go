package verify

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/freshness"
	"ml-api-accelerator/stacks/internal/edge/policy"
	"ml-api-accelerator/stacks/internal/edge/text"
	"ml-api-accelerator/stacks/internal/edge/webacl"
	"ml-api-accelerator/stacks/internal/terminal"
)

// judge compares the answers to one expectation with the decision of the model.
type judge struct {
	config.Expectation
	Result

	environment string
	index       int
	decision    edge.Decision
	judged      bool // whether anything could be judged
	secrets     *strings.Replacer
}

// say returns a message without secrets and control characters, since it may quote the server.
func (j *judge) say(message string) string { return terminal.Harmless(j.secrets.Replace(message)) }

func (j *judge) fail(message string, steps ...any) {
	at := append([]any{j.index}, steps...)
	j.Broken = append(j.Broken, config.Unmet(config.Hard, j.environment, j.say(message), at...))
}

func (j *judge) skip(why string, steps ...any) {
	at := append([]any{j.index}, steps...)
	j.Skipped = append(j.Skipped, config.Unmet(config.Warning, j.environment, j.say(why), at...))
}

func (j *judge) verdict() Result {
	switch {
	case len(j.Broken) > 0:
		j.Verdict = Broken
	case len(j.Skipped) > 0 && !j.judged:
		j.Verdict = Skipped
	default:
		j.Verdict = OK
	}
	return j.Result
}

// whose judges who gave the answer, and its status. If it isn't what was expected, the rest says nothing.
func (j *judge) whose(a *Answer) bool {
	own, status := j.decision.Answer, field(j.Status != 0, "status")
	switch {
	case a.result() == "":
		j.fail(fmt.Sprintf("got %s without X-Cache, so not from CloudFront: check --url, "+
			"or name the distribution with --connect-to", told(a)), "request")
	case own == nil && a.by() == cloudFront:
		j.fail(fmt.Sprintf("expected an answer from %s, got %s from CloudFront itself%s: %s",
			j.decision.Origin.Name(), told(a), to(a), j.advice(a)), field(j.Origin != "", "origin"))
	case own == nil:
		return true
	case a.Status != own.Status:
		next := checkDeployed
		if a.isPaused() || j.mayBeOutside(a) {
			next = j.advice(a)
		}
		j.fail(fmt.Sprintf("expected %d (%s), got %s: %s", own.Status, text.Why(j.decision), told(a), next), status)
	case a.by() == anOrigin:
		j.fail(fmt.Sprintf("expected %d from CloudFront, got it from an origin (Server: %s): %s",
			own.Status, cmp.Or(a.header.Get("Server"), "none"), checkDeployed), status)
	case own.Location != "" && a.header.Get("Location") != string(own.Location):
		j.fail(fmt.Sprintf("expected a redirect to %s, got one%s: %s",
			own.Location, cmp.Or(to(a), " without Location"), checkDeployed), status)
	default:
		j.judged = true
		return true
	}
	return false
}

// checkDeployed is what to do about an edge that isn't as configured.
const checkDeployed = "run cdktf diff to see whether this configuration is deployed"

// advice returns what to do about an answer of CloudFront itself where an origin's is expected.
func (j *judge) advice(a *Answer) string {
	switch {
	case a.isPaused():
		return fmt.Sprintf("%s is paused; resume %[1]s ends that", j.environment)
	case j.Caller != "" && a.Status == http.StatusUnauthorized:
		return fmt.Sprintf("check the key of %s; key list %s shows the callers that have one", j.Caller, j.environment)
	case j.mayBeOutside(a):
		return fmt.Sprintf("the firewall lets in only %s here: is that where this machine calls from? logs %s refused shows "+
			"which addresses are refused", webacl.Text(j.decision.AllowedIPs()), j.environment)
	case a.Status == http.StatusForbidden, a.Status == http.StatusTooManyRequests:
		return fmt.Sprintf("logs %s refused shows what is refused", j.environment)
	case a.Status >= http.StatusInternalServerError:
		return fmt.Sprintf("check that %s runs; logs %s errors shows what fails", j.decision.Origin.Name(), j.environment)
	}
	return checkDeployed
}

// mayBeOutside reports whether an answer can be the firewall's to an address that isn't let in.
func (j *judge) mayBeOutside(a *Answer) bool {
	return a.Status == http.StatusForbidden && a.by() == cloudFront && j.decision.AllowedIPs() != nil
}

// field returns the field that a problem is about: the request, unless the expectation has a more exact one.
func field(has bool, name string) string {
	if has {
		return name
	}
	return "request"
}

func told(a *Answer) string {
	return strings.TrimSpace(fmt.Sprintf("%d %s", a.Status, http.StatusText(a.Status)))
}

func to(a *Answer) string {
	if location := a.header.Get("Location"); location != "" {
		return " to " + location
	}
	return ""
}

// adds judges the headers that CloudFront adds to the answer. Where the policy doesn't override, the origin's header
// wins, and one CORS header of the origin keeps out all of the policy's (Understand response headers policies).
func (j *judge) adds(a *Answer) {
	for _, name := range slices.Sorted(maps.Keys(j.Adds)) {
		expected, got := j.Adds[name], a.header.Values(name)
		found := cmp.Or(strings.Join(got, ", "), "none")
		hasCORS := slices.ContainsFunc(slices.Collect(maps.Keys(a.header)), isCORS)
		switch {
		case len(got) == 1 && found == expected:
			j.judged = true
		case j.decision.Origin != nil && !j.overrides(name) && (len(got) > 0 || isCORS(name) && hasCORS):
			j.skip(fmt.Sprintf("got %s from the origin, whose own headers win here", found), "adds", name)
		default:
			j.fail(fmt.Sprintf("expected %s, got %s: %s", expected, found, checkDeployed), "adds", name)
		}
	}
}

// overrides reports whether a header that CloudFront adds replaces the origin's.
func (j *judge) overrides(name string) bool {
	for h := range j.decision.Response.Added {
		if policy.HeaderName(h.Name) == policy.HeaderName(name) {
			return h.Override
		}
	}
	return true
}

func isCORS(name string) bool {
	return strings.HasPrefix(http.CanonicalHeaderKey(name), "Access-Control-")
}

// once judges the cache by the answer to a request that is sent only once.
func (j *judge) once(a *Answer) {
	if j.Cached == nil || j.decision.Origin == nil {
		return
	}
	if a.isHit() {
		j.fail(fmt.Sprintf("expected false, got %s: %s", a.XCache, checkDeployed), "cached")
		return
	}
	j.judged = true
}

func (j *judge) waitsForHit(first, last *Answer) bool {
	return j.Cached != nil && *j.Cached && !last.isHit() && j.notKept(first, last) == ""
}

// cached judges the cache by the answers to a request that was repeated.
func (j *judge) cached(first *Answer, answers []*Answer) {
	last := answers[len(answers)-1]
	j.Second = last
	hit := slices.IndexFunc(answers, (*Answer).isHit)
	switch {
	case j.Cached == nil:
	case last.Error != "":
		j.fail("the second request: "+last.Error, "request")
	case !*j.Cached && hit >= 0:
		j.fail(fmt.Sprintf("expected false, got %s: %s", answers[hit].XCache, checkDeployed), "cached")
	case !*j.Cached || hit >= 0:
		j.judged = true
	default:
		if why := j.notKept(first, last); why != "" {
			j.skip(why, "cached")
			return
		}
		j.fail(fmt.Sprintf("expected true, got %s for %d requests in a row: %s", last.XCache, len(answers), checkDeployed),
			"cached")
	}
}

// notKept returns why CloudFront may be right not to answer from its cache; empty: it should.
func (j *judge) notKept(first, last *Answer) string {
	bounds := j.decision.Behavior.Bounds(last.Status)
	life := freshness.Of(freshness.Answer{Status: last.Status, Header: last.header, Time: last.came}, bounds)
	_, ours := j.decision.Response.Headers["Cache-Control"]
	said := last.header.Get("Cache-Control")
	switch {
	case last.Status >= 400:
		return fmt.Sprintf("the origin answers %s, and X-Cache doesn't show whether an error comes from the cache",
			told(last))
	case ours:
		// CloudFront's cache doesn't go by it (Add or remove HTTP headers in CloudFront responses with a policy).
		return "the Cache-Control that CloudFront adds hides the origin's"
	case time.Duration(life.Fresh)*time.Second <= last.came.Sub(first.came):
		return fmt.Sprintf("the cache keeps this answer for only %d s (Cache-Control: %s)", life.Fresh, cmp.Or(said, "none"))
	case !first.whole:
		return fmt.Sprintf("only %d MiB, or %v, of the answer were read, so CloudFront may not keep it",
			maxBody>>20, maxBodyTime)
	}
	return ""
}
