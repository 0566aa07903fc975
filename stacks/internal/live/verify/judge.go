package verify

import (
	"cmp"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/freshness"
	"ml-api-accelerator/stacks/internal/edge/policy"
	"ml-api-accelerator/stacks/internal/edge/text"
	"ml-api-accelerator/stacks/internal/terminal"
)

// judge holds the answers to one expectation to what the model decides.
type judge struct {
	config.Expectation
	Result

	environment string
	index       int
	decision    edge.Decision
	judged      bool // whether anything could be
	secrets     *strings.Replacer
}

// say is a message that may quote the server, which may have sent back what it was sent.
func (j *judge) say(message string) string { return terminal.Harmless(j.secrets.Replace(message)) }

func (j *judge) fail(message string, steps ...any) {
	j.Broken = append(j.Broken, config.Unmet(config.Hard, j.environment, j.say(message), append([]any{j.index}, steps...)...))
}

func (j *judge) skip(why string, steps ...any) {
	j.Skipped = append(j.Skipped, config.Unmet(config.Warning, j.environment, j.say(why), append([]any{j.index}, steps...)...))
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

// whose judges who gave the answer, and with which status. If it is the wrong one, nothing else tells anything.
func (j *judge) whose(a *Answer) bool {
	own := j.decision.Answer
	switch {
	case a.result() == "":
		j.fail(fmt.Sprintf("got %s without CloudFront's X-Cache: --url leads to another server", told(a)), "request")
	case own == nil && a.by() == cloudFront:
		j.fail(fmt.Sprintf("expected an answer of %s, got %s of CloudFront itself%s%s", j.decision.Origin.ID, told(a), to(a), j.unknown(a)), j.reached())
	case own == nil:
		return true
	case a.Status != own.Status:
		j.fail(fmt.Sprintf("expected %d, got %s: by the configuration, %s", own.Status, told(a), text.Why(j.decision)), j.answered())
	case a.by() == anOrigin:
		j.fail(fmt.Sprintf("expected CloudFront's %d, got an origin's (Server: %s)", own.Status, cmp.Or(a.header.Get("Server"), "none")), j.answered())
	case own.Location != "" && a.header.Get("Location") != own.Location:
		j.fail(fmt.Sprintf("expected a redirect to %s, got one%s", own.Location, cmp.Or(to(a), " to nowhere")), j.answered())
	default:
		j.judged = true
		return true
	}
	return false
}

// unknown says that it may be the key of --key that isn't the caller's.
func (j *judge) unknown(a *Answer) string {
	if j.Caller == "" || a.Status != http.StatusUnauthorized {
		return ""
	}
	return fmt.Sprintf(": is that the key of %s?", j.Caller)
}

// reached and answered are the fields that say who must answer.
func (j *judge) reached() string {
	if j.Origin != "" {
		return "origin"
	}
	return "request"
}

func (j *judge) answered() string {
	if j.Status != 0 {
		return "status"
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

// adds judges the headers that are added to the answer. Where the policy doesn't override, an origin may send its own
// instead, and one CORS header of the origin keeps out all of the policy's (Understand response headers policies).
func (j *judge) adds(a *Answer) {
	for _, name := range slices.Sorted(maps.Keys(j.Adds)) {
		expected, got := j.Adds[name], a.header.Values(name)
		found := strings.Join(got, ", ")
		switch {
		case len(got) == 1 && found == expected:
			j.judged = true
		case j.decision.Origin != nil && !j.overrides(name) && (found != "" || isCORS(name) && slices.ContainsFunc(slices.Collect(maps.Keys(a.header)), isCORS)):
			j.skip(fmt.Sprintf("got %s of the origin, whose own headers count here", cmp.Or(found, "none")), "adds", name)
		default:
			j.fail(fmt.Sprintf("expected %s, got %s", expected, cmp.Or(found, "none")), "adds", name)
		}
	}
}

// overrides reports whether the header that is added takes the place of the origin's.
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

// once judges whether a request that is sent only once stays out of the cache.
func (j *judge) once(a *Answer) {
	if j.Cached == nil || j.decision.Origin == nil {
		return
	}
	if a.isHit() {
		j.fail("expected false, got "+a.XCache, "cached")
		return
	}
	j.judged = true
}

func (j *judge) waitsForHit(first, last *Answer) bool {
	return j.Cached != nil && *j.Cached && !last.isHit() && j.notKept(first, last) == ""
}

// cached judges the answers to a request that was repeated.
func (j *judge) cached(first *Answer, answers []*Answer) {
	last := answers[len(answers)-1]
	j.Second = last
	hit := slices.IndexFunc(answers, (*Answer).isHit)
	switch {
	case j.Cached == nil:
	case last.Error != "":
		j.fail("the second request: "+last.Error, "request")
	case !*j.Cached && hit >= 0:
		j.fail("expected false, got "+answers[hit].XCache, "cached")
	case !*j.Cached || hit >= 0:
		j.judged = true
	default:
		if why := j.notKept(first, last); why != "" {
			j.skip(why, "cached")
			return
		}
		j.fail(fmt.Sprintf("expected true, got %s to %d requests in a row", last.XCache, len(answers)), "cached")
	}
}

// notKept says why CloudFront may have done right not to answer from its cache.
func (j *judge) notKept(first, last *Answer) string {
	bounds := j.decision.Behavior.Bounds(last.Status)
	life := freshness.Of(freshness.Answer{Status: last.Status, Header: last.header, Time: last.came}, bounds)
	_, ours := j.decision.Response.Headers["Cache-Control"]
	said := last.header.Get("Cache-Control")
	switch {
	case last.Status >= 400:
		return fmt.Sprintf("the origin answers %s, and X-Cache doesn't tell whether an error was kept", told(last))
	case ours:
		// It says nothing of what CloudFront does (Add or remove HTTP headers in CloudFront responses with a policy).
		return "the Cache-Control that is added hides what the origin says"
	case time.Duration(life.Fresh)*time.Second <= last.came.Sub(first.came):
		return fmt.Sprintf("such an answer is kept for only %d s (Cache-Control: %s)", life.Fresh, cmp.Or(said, "none"))
	case !first.whole:
		return fmt.Sprintf("the answer wasn't fetched to its end: after %d MiB or %v it is left", maxBody>>20, maxBodyTime)
	}
	return ""
}

// inWords leaves out of an error what a person doesn't need: what was asked for, and the ports of the connection.
func inWords(err error) error {
	var name *net.DNSError
	var certificate *tls.CertificateVerificationError
	var whole *url.Error
	var system syscall.Errno
	switch {
	case errors.As(err, &name) && name.IsNotFound:
		return fmt.Errorf("%s isn't in the DNS", name.Name)
	case errors.As(err, &certificate):
		return fmt.Errorf("the certificate isn't good: %w", certificate.Err)
	case errors.As(err, &system):
		return system
	case errors.Is(err, io.EOF):
		return errors.New("the connection was closed without an answer")
	case errors.As(err, &whole):
		return whole.Err
	}
	return err
}

func unreachable(o Options, err error) error {
	at := o.URL.String()
	if o.ConnectTo != "" {
		at += " at " + o.ConnectTo
	}
	return fmt.Errorf("%s can't be reached: %w", at, err)
}
