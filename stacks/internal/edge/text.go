package edge

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// Text is the decision as a person reads it: the verdict first, then the route and why, the key, the origin and the answer.
func (d Decision) Text() string {
	out := d.Verdict() + "\n"
	section := func(title string, lines ...string) {
		for _, line := range lines {
			if line != "" {
				out += fmt.Sprintf("%-8s%s\n", title, line)
				title = ""
			}
		}
	}
	var others []string
	for _, tried := range d.Tried[:max(len(d.Tried)-1, 0)] {
		others = append(others, tried.Path)
	}
	section("route", d.Route, listed("not", others), when(d.Signature != SignatureNone, "signature "+string(d.Signature)))
	if d.Origin != nil {
		key, origin := d.Cache.Key, d.Origin
		section("key", withQuery(key.Path, key.Query))
		section("", headerLines(key.Headers)...)
		section("", listed("cookies", sortedKeys(key.Cookies)), listed("compressed as", key.Encodings))
		section("origin", origin.ID+" as "+origin.Host)
		section("", headerLines(origin.Headers)...)
		section("", listed("CloudFront's own", sortedKeys(origin.Sets)), listed("cookies", sortedKeys(origin.Cookies)), origin.patience(),
			when(origin.Failover != nil, "fails over to "+origin.Failover.describe()))
	}
	section("answer", append(headerLines(d.Response.Headers), when(d.Origin != nil, "errors are cached: "+d.Response.errors()))...)
	return out
}

// Verdict is the decision in one line.
func (d Decision) Verdict() string {
	if d.Answer != nil {
		return fmt.Sprintf("is answered with %d %s: %s", d.Answer.Status, http.StatusText(d.Answer.Status), d.whyAnswered())
	}
	return fmt.Sprintf("goes to %s as %s, %s", d.Origin.ID, d.Origin.URL, d.keeping())
}

func (d Decision) whyAnswered() string {
	switch d.Answer.Reason {
	case "redirect":
		return cmp.Or(when(d.Answer.Location != "", "to "+d.Answer.Location), "only HTTPS is let in")
	case "method":
		return d.Request.Method + " isn't let in here"
	case "signature":
		return "the signature is " + string(d.Signature)
	}
	return "the host is none of the distribution's"
}

func (d Decision) keeping() string {
	switch c := d.Cache; {
	case c.Store:
		return fmt.Sprintf("cached for %d s, or from %d to %d s as the origin says", max(c.DefaultTTLSeconds, c.MinTTLSeconds), c.MinTTLSeconds, c.MaxTTLSeconds)
	case c.MaxTTLSeconds == 0:
		return "not cached: no cache on this route"
	case d.Request.Method == http.MethodGet:
		return "not cached: a WebSocket"
	}
	return fmt.Sprintf("not cached: %s is none of the cached methods", d.Request.Method)
}

func (o *OriginRequest) patience() string {
	return fmt.Sprintf("waits %d s for an answer, tries to connect %d times for %d s",
		o.ReadTimeoutSeconds, o.ConnectionAttempts, o.ConnectionTimeoutSeconds)
}

func (f *FailoverRequest) describe() string {
	if f == nil {
		return ""
	}
	return fmt.Sprintf("%s as %s on %s", f.ID, f.Request.Host, strings.Trim(strings.ReplaceAll(fmt.Sprint(f.On), " ", ", "), "[]"))
}

// errors says how long errors are kept, in the order of the seconds.
func (r Response) errors() string {
	bySeconds := map[int][]string{}
	for _, status := range slices.Sorted(maps.Keys(r.ErrorSeconds)) {
		bySeconds[r.ErrorSeconds[status]] = append(bySeconds[r.ErrorSeconds[status]], fmt.Sprint(status))
	}
	var parts []string
	for _, seconds := range slices.Sorted(maps.Keys(bySeconds)) {
		parts = append(parts, fmt.Sprintf("%s for %d s", strings.Join(bySeconds[seconds], ", "), seconds))
	}
	return strings.Join(parts, "; ")
}

func headerLines(headers map[string]string) []string {
	var lines []string
	for _, name := range sortedKeys(headers) {
		lines = append(lines, name+": "+headers[name])
	}
	return lines
}

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }

func listed(what string, list []string) string {
	return when(len(list) > 0, what+" "+strings.Join(list, ", "))
}
