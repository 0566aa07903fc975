// Package text says what a distribution does with a request in words.
package text

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/policy"
	"ml-api-accelerator/stacks/internal/edge/signed"
	"ml-api-accelerator/stacks/internal/edge/webacl"
	"ml-api-accelerator/stacks/internal/shared/format"
	"ml-api-accelerator/stacks/internal/shared/names"
	"ml-api-accelerator/stacks/internal/terminal"
)

// Of is a decision as a person reads it: the verdict first, then the route and why, the key, the origin and the answer.
func Of(d edge.Decision) string {
	out := Verdict(d) + "\n"
	section := func(title string, lines ...string) {
		for _, line := range lines {
			if line != "" {
				out += fmt.Sprintf("%-8s%s\n", title, terminal.Harmless(line))
				title = ""
			}
		}
	}
	var others []string
	for _, tried := range d.Tried[:max(len(d.Tried)-1, 0)] {
		others = append(others, tried.Path)
	}
	section("route", d.Route+when(isPublic(d), ", public: needs no API key"), listed("not", others),
		when(d.Signature != signed.None, "signature "+string(d.Signature)))
	section("from", From(d))
	section("runs", ran(d))
	if d.Origin != nil {
		key, origin := d.Cache.Key, d.Origin
		section("path", stripped(d))
		section("key", strings.TrimSuffix(key.Path+"?"+key.Query, "?"))
		section("", valueLines(key.Headers)...)
		section("", listed("cookies", sortedKeys(key.Cookies)), listed("compressed as", key.Encodings))
		section("shared", "with "+Whom(d))
		section("origin", origin.Name()+" as "+origin.Host)
		section("", valueLines(origin.Headers)...)
		section("", listed("without the caller's", lost(d)), noWebSocket(d))
		section("", listed("CloudFront's own", sortedKeys(origin.Sets)), listed("cookies", sortedKeys(origin.Cookies)),
			Waiting(d.Behavior.Origin),
			when(origin.Failover != nil, "fails over to "+Failover(origin.Failover)))
		section("", ThereInstead(origin)...)
	}
	section("answer", append(headerLines(d.Response.Headers), when(takesCookies(d), "without Set-Cookie"),
		when(d.Origin != nil, errors(d.Response)))...)
	return out
}

// Verdict is the decision in one line.
func Verdict(d edge.Decision) string {
	if d.Answer != nil {
		return fmt.Sprintf("is answered with %d %s: %s", d.Answer.Status,
			cmp.Or(http.StatusText(d.Answer.Status), "Request Header Too Large"), Why(d))
	}
	return Why(d)
}

// Why says why CloudFront answers itself, or who does instead.
func Why(d edge.Decision) string { return terminal.Harmless(why(d)) }

func why(d edge.Decision) string {
	if d.Answer == nil {
		return fmt.Sprintf("goes to %s as %s, %s", d.Origin.Name(), d.Origin.URL, Keeping(d))
	}
	switch d.Answer.Reason {
	case "redirect":
		return cmp.Or(when(d.Answer.Location != "", "to "+string(d.Answer.Location)), "only HTTPS is let in")
	case "method":
		return d.Request.Method + " isn't let in here"
	case "signature":
		return "the signature is " + string(d.Signature)
	case "key", "function":
		return whyFunction(d)
	case "firewall":
		return "the rule " + d.Answer.Rule + " of the firewall refuses it" + whyFirewall(d)
	case "country":
		return "callers from " + d.Request.Country + " aren't let in (distribution.geoRestriction)"
	case "length":
		if d.Answer.Status == edge.StatusHeadersTooLong {
			return fmt.Sprintf("the URL and the headers are longer than the %d bytes that CloudFront takes",
				edge.MaxRequestBytes)
		}
		return fmt.Sprintf("the URL is longer than the %d bytes that CloudFront takes", edge.MaxURLBytes)
	}
	return "the host is none of the distribution's"
}

// From says from where a request must come to get in; empty: from anywhere that isn't blocked.
func From(d edge.Decision) string {
	allowed := d.AllowedIPs()
	return when(allowed != nil, "only "+webacl.Text(allowed))
}

// whyFirewall says what a rule of the firewall is about, as far as it isn't in its name.
func whyFirewall(d edge.Decision) string {
	switch ip, allowed := d.Request.IP, d.AllowedIPs(); {
	case d.Answer.Rule == names.AmbiguousPath:
		return ": servers read such a path in several ways"
	case allowed != nil && ip.IsValid():
		return fmt.Sprintf(": %s, not %s", webacl.Only(allowed), ip)
	}
	return ""
}

// Keeping says whether the answer is cached, and for how long.
func Keeping(d edge.Decision) string {
	switch c := d.Cache; {
	case c.Store:
		return "cached " + Kept(d.Behavior.CachePolicy)
	case c.MaxTTLSeconds == 0:
		return "not cached: no cache on this route"
	case d.Request.Method == http.MethodGet:
		return "not cached: a WebSocket"
	}
	return fmt.Sprintf("not cached: %s is none of the cached methods", d.Request.Method)
}

// Whom says who else can get the cached answer.
func Whom(d edge.Decision) string {
	if !d.Shared.Others && len(d.Shared.Same) == 0 {
		return "nobody"
	}
	list := slices.DeleteFunc(slices.Clone(d.Shared.Same), func(name string) bool {
		return name == prefixHeader && d.Function != nil && d.Function.Strip != "" // the same for all who ask for this URL
	})
	who, verb := "callers", "send"
	switch f := d.Function; {
	case d.Shared.Others && len(d.Behavior.Keys) > 0:
		who = "all whose signature is valid"
	case d.Shared.Others && f != nil && f.Caller != "":
		who = "all whose API key is known"
	case d.Shared.Others && len(list) == 0:
		return "everyone"
	case d.Shared.Others:
		who = "all"
	}
	var same, missing []string
	for _, name := range list {
		_, sent := d.Sent(name)
		switch {
		case d.Cache.Key.Headers[name].Kind == edge.NotSent, name == "Cookie" && len(d.Cache.Key.Cookies) == 0:
			missing = append(missing, name)
			continue
		case !sent:
			verb = "have" // the edge makes it
		}
		same = append(same, name)
	}
	what := slices.DeleteFunc([]string{listed("the same", same), listed("no", missing)},
		func(s string) bool { return s == "" })
	if len(what) == 0 {
		return who
	}
	return who + " who " + verb + " " + strings.Join(what, " and ")
}

// prefixHeader tells the origin what a function strips.
const prefixHeader = "X-Forwarded-Prefix"

// Kept says for how long answers are cached.
func Kept(p policy.Cache) string {
	return fmt.Sprintf("for %d s, or from %d to %d s as the origin says", max(p.DefaultTTL, p.MinTTL), p.MinTTL,
		p.MaxTTL)
}

// Waiting says how patient CloudFront is with an origin.
func Waiting(o *edge.Origin) string {
	return fmt.Sprintf("waits %d s for an answer, tries to connect %s for %d s",
		o.ReadTimeout, format.Count(o.ConnectionAttempts, "time"), o.ConnectionTimeout)
}

// Failover says what is asked if an origin fails; empty: nothing.
func Failover(f *edge.FailoverRequest) string {
	if f == nil {
		return ""
	}
	return fmt.Sprintf("%s as %s on %s", f.Request.Name(), f.Request.Host,
		strings.Trim(strings.ReplaceAll(fmt.Sprint(f.On), " ", ", "), "[]"))
}

// ThereInstead says which headers of the configuration the second origin gets otherwise than the first.
func ThereInstead(o *edge.OriginRequest) []string {
	if o.Failover == nil {
		return nil
	}
	other := map[string]edge.Value{}
	second := o.Failover.Request.Headers
	for name, value := range second {
		if value != o.Headers[name] {
			other[name] = value
		}
	}
	for name := range o.Headers {
		if _, sent := second[name]; !sent {
			other[name] = edge.Value{Kind: edge.NotSent}
		}
	}
	lines := valueLines(other)
	for i, line := range lines {
		lines[i] = "there " + line
	}
	return lines
}

// Errors says how long errors are kept, in the order of the seconds.
func Errors(r edge.Response) string {
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

func errors(r edge.Response) string {
	for _, seconds := range r.ErrorSeconds {
		if seconds > 0 {
			return "errors are cached: " + Errors(r)
		}
	}
	return "errors aren't cached"
}

// connection are the headers of the caller's connection, and those that CloudFront writes itself in place of the
// caller's.
var connection = []string{"Accept-Encoding", "Connection", "Host", "Upgrade", "Via", "X-Forwarded-For"}

// lost are the headers of the request that don't reach the API, and that nobody took away on purpose.
func lost(d edge.Decision) []string {
	var names []string
	for name := range d.Request.Headers {
		name = policy.HeaderName(name)
		_, left := d.Header(name)
		reaches := d.Behavior.Forwards(name)
		if name == "Cookie" {
			reaches = d.Behavior.ForwardsCookies()
		}
		if left && !reaches && !d.Behavior.Origin.S3 && !slices.Contains(connection, name) &&
			d.Origin.Headers[name] == (edge.Value{}) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// noWebSocket says that none opens, for want of what it takes (CloudFront Developer Guide, Use WebSockets with
// CloudFront distributions).
func noWebSocket(d edge.Decision) string {
	opens := d.Behavior.Forwards("Sec-WebSocket-Key") && d.Behavior.Forwards("Sec-WebSocket-Version")
	return when(d.IsWebSocket() && !opens,
		"no WebSocket opens: neither keyHeaders nor forwardHeaders have Sec-WebSocket-Key and Sec-WebSocket-Version")
}

// takesCookies reports whether the API's answer loses its cookies.
func takesCookies(d edge.Decision) bool {
	return d.Origin != nil && !d.Behavior.Origin.S3 && !d.Behavior.ForwardsCookies()
}

func headerLines(headers map[string]string) []string {
	var lines []string
	for _, name := range sortedKeys(headers) {
		lines = append(lines, name+": "+headers[name])
	}
	return lines
}

func valueLines(headers map[string]edge.Value) []string {
	var lines []string
	for _, name := range sortedKeys(headers) {
		if headers[name].Kind == edge.NotSent {
			lines = append(lines, name+" (not sent)")
		} else {
			lines = append(lines, name+": "+headers[name].String())
		}
	}
	return lines
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func listed(what string, list []string) string {
	return when(len(list) > 0, what+" "+strings.Join(list, ", "))
}

func when(condition bool, text string) string {
	if condition {
		return text
	}
	return ""
}

// ran says which function ran and what it did; empty: none did.
func ran(d edge.Decision) string {
	f := d.Function
	switch {
	case f == nil:
		return ""
	case d.Answer != nil && d.Answer.Cause != "":
		return f.Name + ", which fails"
	case d.Answer != nil && d.Answer.Reason == "key" && d.Answer.Status == 401:
		return fmt.Sprintf("%s, which needs a known key in %s and refuses the request", f.Name,
			strings.Join(f.Function.KeyNames(), " or "))
	case d.Answer != nil && d.Answer.Reason == "key":
		return f.Name + ", which can't read what it needs from the key value store"
	case answersPreflight(d):
		return f.Name + ", which answers the preflight"
	case d.Answer != nil:
		return f.Name + ", which answers"
	}
	var did []string
	if f.Caller != "" {
		did = append(did, "knows the caller as "+f.Caller)
	}
	if f.Function.ChecksKeys() && f.Caller == "" {
		did = append(did, "lets a preflight pass without a key")
	}
	if f.Public {
		did = append(did, "asks for no key")
	}
	if f.Canary {
		did = append(did, "sends it to the canary, "+f.Function.Canary.Name())
	} else if f.Function.Canary != nil {
		did = append(did, "doesn't send it to the canary")
	}
	for _, name := range sortedKeys(d.Origin.Headers) {
		if d.Origin.Headers[name].Kind == edge.Credential {
			did = append(did, fmt.Sprintf("adds the credential of %s in %s", d.Origin.Name(), name))
		}
	}
	if len(did) == 0 {
		return f.Name
	}
	last := len(did) - 1
	if last > 1 {
		did = []string{strings.Join(did[:last], ", "), did[last]}
	}
	return f.Name + ", which " + strings.Join(did, " and ")
}

// isPublic reports whether the route lets everyone in, although others ask for a key.
func isPublic(d edge.Decision) bool { return d.Function != nil && d.Function.Public }

// stripped says what a function made of the path; empty: it is as it was.
func stripped(d edge.Decision) string {
	if d.Function == nil || d.Function.From == "" {
		return ""
	}
	var how []string
	if prefix := string(d.Function.Strip); prefix != "" {
		how = append(how, prefix+" is stripped")
	}
	if from := string(d.Function.From); d.Function.Function.Page != nil && edge.IsFolder(from) {
		how = append(how, "paths that aren't files get the page")
	}
	changed := string(d.Function.From) + " → " + d.Cache.Key.Path
	if len(how) > 0 {
		changed += ": " + strings.Join(how, ", and ")
	}
	return changed
}

// whyFunction says why a function answers or fails, in the words that its caller reads if it has some.
func whyFunction(d edge.Decision) string {
	if d.Answer.Cause != "" {
		return fmt.Sprintf("the function %s fails: %s", d.Function.Name, d.Answer.Cause)
	}
	var body struct{ Error struct{ Message string } }
	if err := json.Unmarshal([]byte(d.Answer.Response.Body), &body); err == nil && body.Error.Message != "" {
		return strings.TrimSuffix(body.Error.Message, ".")
	}
	if answersPreflight(d) {
		return fmt.Sprintf("the function %s answers the preflight, which the backend doesn't get", d.Function.Name)
	}
	if to := d.Answer.Response.Headers["location"]; len(to) == 1 {
		return fmt.Sprintf("the function %s redirects to %s", d.Function.Name, to[0])
	}
	return fmt.Sprintf("the function %s answers", d.Function.Name)
}

// answersPreflight reports whether a function says itself what pages may send.
func answersPreflight(d edge.Decision) bool {
	return d.Answer != nil && d.Answer.Response != nil &&
		d.Answer.Response.Headers["access-control-allow-methods"] != nil
}
