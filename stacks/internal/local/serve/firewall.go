package serve

import (
	"net/http"
	"net/netip"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/function"
	"ml-api-accelerator/stacks/internal/edge/webacl"
)

// firewall has the limits of a web ACL: its lists of addresses are the distribution's, and its managed rules aren't
// simulated. It counts exactly, which AWS WAF doesn't (AWS WAF Developer Guide, Rate-based rule caveats).
type firewall struct{ rules []*rateRule }

// rateRule limits the requests of each caller.
type rateRule struct {
	config.RateLimit

	expression *regexp.Regexp // nil: its path needs none
	mutex      sync.Mutex
	callers    map[string]*count
	swept      int64 // the slot in which callers were last forgotten
}

// count has the requests of one caller in each slot of a sliding window.
type count struct {
	slots  [windowSlots]int
	newest int64
}

const (
	slotSeconds = 10
	windowSlots = config.RateWindowSeconds / slotSeconds
)

// newFirewall makes the rules of a web ACL, or none if it isn't enabled. A rule that was in the former one goes on
// counting; one that has changed begins anew (AWS WAF Developer Guide, Rate-based rule caveats).
func newFirewall(w config.Firewall, former *firewall) *firewall {
	f := &firewall{}
	if !w.Enabled {
		return f
	}
	for _, limit := range w.RateLimits() {
		if rule := former.rule(limit); rule != nil {
			f.rules = append(f.rules, rule)
			continue
		}
		rule := &rateRule{RateLimit: limit, callers: map[string]*count{}}
		if limit.Path != nil && limit.Path.Match().Expression != "" {
			rule.expression = regexp.MustCompile(limit.Path.Match().Expression)
		}
		f.rules = append(f.rules, rule)
	}
	return f
}

// rule returns the one that holds callers to a limit; nil: there is none.
func (f *firewall) rule(limit config.RateLimit) *rateRule {
	if f == nil {
		return nil
	}
	same := func(r *rateRule) bool { return reflect.DeepEqual(r.RateLimit, limit) }
	if i := slices.IndexFunc(f.rules, same); i >= 0 {
		return f.rules[i]
	}
	return nil
}

// refuse returns the firewall's answer to a request of which no list of addresses says anything; nil: it is let in.
// Rules are tried in the order of the web ACL, and a request that one of them refuses doesn't count for those after it.
func (f *firewall) refuse(r *http.Request, target string, ip netip.Addr, now time.Time) *edge.Answer {
	ip = ip.Unmap()
	if len(f.rules) == 0 {
		return nil
	}
	seen := pathSeen(target)
	for _, rule := range f.rules {
		caller, counts := rule.caller(r.Header, seen, ip)
		if counts && rule.count(caller, now) > rule.Requests {
			response := &function.Response{
				Status: http.StatusTooManyRequests, Body: config.TooManyRequests, Headers: map[string][]string{
					"content-type": {"application/json"}, "retry-after": {strconv.Itoa(config.RateWindowSeconds)},
				},
			}
			return &edge.Answer{Status: response.Status, Reason: "firewall", Rule: rule.Name, Response: response}
		}
	}
	return nil
}

// caller returns for whom a request counts, if it does.
func (rule *rateRule) caller(header http.Header, path string, ip netip.Addr) (caller string, counts bool) {
	if rule.Path != nil && !rule.matches(path) {
		return "", false
	}
	if rule.Header == "" {
		return ip.String(), true
	}
	value := strings.Join(header.Values(rule.Header), ",")
	if rule.Missing {
		return ip.String(), value == ""
	}
	return spaces.ReplaceAllString(strings.ToLower(value), " "), value != ""
}

// spaces are compressed to one, so that "Bearer  a" counts as "bearer a" (AWS WAF Developer Guide, Text
// transformations).
var spaces = regexp.MustCompile(`\s+`)

func (rule *rateRule) matches(path string) bool {
	switch match := rule.Path.Match(); {
	case rule.expression != nil:
		return rule.expression.MatchString(path)
	case match.Begins != "":
		return strings.HasPrefix(path, match.Begins)
	default:
		return path == match.Exactly
	}
}

// pathSeen returns a path as the rules compare it: decoded, normalized and in lower case.
func pathSeen(target string) string {
	target, _, _ = strings.Cut(target, "?")
	decoded := strings.ReplaceAll(webacl.Decode(target), `\`, "/")
	clean := path.Clean("/" + decoded)
	if strings.HasSuffix(decoded, "/") && clean != "/" {
		clean += "/"
	}
	return strings.ToLower(clean)
}

// count adds a request, and returns how many the caller has sent within the window.
func (rule *rateRule) count(caller string, now time.Time) int {
	rule.mutex.Lock()
	defer rule.mutex.Unlock()
	slot := now.Unix() / slotSeconds
	if slot > rule.swept {
		rule.swept = slot
		for name, c := range rule.callers {
			if c.newest <= slot-windowSlots {
				delete(rule.callers, name)
			}
		}
	}
	c := rule.callers[caller]
	if c == nil {
		c = &count{newest: slot}
		rule.callers[caller] = c
	}
	for ; c.newest < slot; c.newest++ {
		c.slots[(c.newest+1)%windowSlots] = 0
	}
	c.slots[slot%windowSlots]++
	sum := 0
	for _, n := range c.slots {
		sum += n
	}
	return sum
}
