package stacks_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/shared/cloudfront"
)

// guardedPaths are routes with a list of addresses.
var guardedPaths = []string{"/admin/*", "/ops", "/v1/a?c", "*.gguf", "/v1/*/tune", "/a+b/*", "/secret*", "/v1/users/?*/keys*", "/index.html"}

// guardedEdge is a distribution in which only 192.0.2.0/24 gets at these.
func guardedEdge(t *testing.T) *edge.Distribution {
	t.Helper()
	var routes []string
	for _, path := range guardedPaths {
		routes = append(routes, fmt.Sprintf(`{"path": %q, "allowedIPs": ["192.0.2.0/24"]}`, path))
	}
	c := backendConfig(t, `"api": {"domainName": "backend.example.net"}, "firewall": {"enabled": true},
		"distribution": {"defaultRootObject": "index.html", "ipv6": false}, "routes": [`+strings.Join(routes, ",")+`]`)
	d, err := edge.Parse(synthesizeConfig(t, c)["demo-dev"])
	require.NoError(t, err)
	return d
}

var (
	insider  = netip.MustParseAddr("192.0.2.1")
	outsider = netip.MustParseAddr("203.0.113.1")
)

// TestOutsidersDoNotGetAtPaths holds the web ACL to refuse what CloudFront takes for a guarded route, and what a backend
// may take for one, and to let in the rest.
func TestOutsidersDoNotGetAtPaths(t *testing.T) {
	d := guardedEdge(t)
	for path, want := range map[string]string{ // whom the firewall refuses
		"/admin/": "outsiders", "/admin/x": "outsiders", "/admin": "outsiders", "/ADMIN/x": "outsiders", "/%61dmin/x": "outsiders", "/%2561dmin/x": "outsiders",
		"/%u0061dmin/": "outsiders", "//admin//x": "outsiders", "/admin;a=b/x": "outsiders", "/admin%3Bx/": "outsiders", "/admin%2Fx": "outsiders",
		"/admin%3Fx": "outsiders", "/admin%23": "outsiders", "/ops": "outsiders", "/ops/": "outsiders", "/ops;a": "outsiders", "/OPS%3fx": "outsiders",
		"/secretive": "outsiders", "/v1/abc": "outsiders", "/v1/a%20c": "outsiders", "/a+b/x": "outsiders", "/a%2Bb/x": "outsiders", "/a%20b/": "outsiders",
		"/": "outsiders", "//": "outsiders", "/index.html": "outsiders", "/models/x.GGUF": "outsiders", "/v1/m/tune/": "outsiders",
		"/v1/users/%20/keys": "outsiders", "/v1/users/a/keys/b": "outsiders",

		"/admin/..%2Fpublic": "all", "/%61dmin/%2e%2e%2fpublic": "all", "/x/../admin/": "all", "/x/%252e%252e/admin/": "all", "/..;/admin/": "all", "/;a/admin/": "all",
		`/\admin/`: "all", "/x%5c..%5cadmin/": "all", "/admin%00.png": "all", "/adm%0Ain/": "all", "/%25252561dmin/": "all", "/./admin/x": "all", "/admin/.": "all",

		"/administrators": "nobody", "/x/admin/y": "nobody", "/opsy": "nobody", "/x/ops": "nobody", "/v1/chat/completions": "nobody", "/v1/models/org%2Fname": "nobody",
		"/v1/models/a%252Fb": "nobody", "/.well-known/x": "nobody", "/v1/b/c": "nobody", "/v1/audio": "outsiders", "/100%25": "nobody", "/v1/tune": "nobody", "/v1/users/keys": "nobody",
		"/v1//chat": "nobody", "/v1/...": "nobody", "/v1/b;b=c/d": "nobody", "/v1/%C3%A9": "nobody",
	} {
		refuses := func(ip netip.Addr) bool {
			answer := d.Decide(edge.Request{URL: path, IP: ip}).Answer
			return answer != nil && answer.Reason == "firewall"
		}
		got := map[[2]bool]string{{true, false}: "outsiders", {true, true}: "all", {}: "nobody"}[[2]bool{refuses(outsider), refuses(insider)}]
		require.Equal(t, want, got, path)
	}
}

// TestNoSpellingGetsPast writes guarded paths in many ways: whatever CloudFront or a backend makes of one, it is refused
// if that is a guarded path.
func TestNoSpellingGetsPast(t *testing.T) {
	d := guardedEdge(t)
	random := rand.New(rand.NewPCG(1, 2))
	guarded := 0
	for range 40_000 {
		path := misspelt(random, guardedPaths[random.IntN(len(guardedPaths))])
		toCloudFront := d.Route(d.Object(path)).Path != "*"
		if !toCloudFront && !slices.ContainsFunc(readings(path), isGuarded) {
			continue
		}
		guarded++
		answer := d.Decide(edge.Request{URL: path, IP: outsider}).Answer
		require.NotNil(t, answer, "%q gets in; CloudFront: %v", path, toCloudFront)
		require.Equal(t, "firewall", answer.Reason, path)
	}
	require.Greater(t, guarded, 10_000)
}

// misspelt is a path that a pattern matches, or nearly does, with some of its signs written otherwise.
func misspelt(random *rand.Rand, pattern string) string {
	pick := func(of ...string) string { return of[random.IntN(len(of))] }
	path := "/" + strings.TrimPrefix(pattern, "/")
	for strings.ContainsAny(path, "*?") {
		path = strings.Replace(path, path[strings.IndexAny(path, "*?"):][:1],
			pick("", "a", "7", "x/y", "%20", "%2F", "..%2F", "%", "é", "%00", ";p", "/../", "%2e%2e", "%2561", "b%0a", ".", "/"), 1)
	}
	var text strings.Builder
	for _, c := range []byte(path) {
		switch sign := string(c); random.IntN(24) {
		case 0:
			fmt.Fprintf(&text, "%%%02x", c)
		case 1:
			fmt.Fprintf(&text, "%%25%02X", c)
		case 2:
			text.WriteString(strings.ToUpper(sign))
		case 3:
			if c == '/' {
				sign = pick("//", "/./", "/x/../", `\`, ";a/", ";a=b/", "/;a/", "%2f", "%5C", "/%2e/", "/y/%2E%2e/", "/..;/", "%252F")
			}
			text.WriteString(sign)
		default:
			text.WriteString(sign)
		}
	}
	if spelt := text.String() + pick("", "", "", "", "/", ";", "%3f", "%23x", "/.", "%00", "//"); spelt[0] == '/' {
		return spelt
	}
	return "/" + text.String()
}

// isGuarded reports whether a path is one of a guarded route, in whatever case. A backend knows no default root object.
func isGuarded(path string) bool {
	return slices.ContainsFunc(guardedPaths, func(pattern string) bool {
		return cloudfront.Match(strings.ToLower(strings.TrimPrefix(pattern, "/")), strings.ToLower(strings.TrimPrefix(path, "/")))
	})
}

var (
	octet      = regexp.MustCompile(`%[0-9a-fA-F]{2}`)
	parameters = regexp.MustCompile(`[;?#][^/]*`)
	dots       = regexp.MustCompile(`/\.{0,2}$`)
)

// readings are what servers make of a path: decoded once or several times, without parameters, with other slashes,
// without dot segments, without a slash at the end, and all of it in any order.
func readings(path string) []string {
	forms := []string{path}
	for i := 0; i < len(forms) && i < 64; i++ {
		form := forms[i]
		for _, other := range []string{
			withoutDots(form), strings.ReplaceAll(form, `\`, "/"), parameters.ReplaceAllString(form, ""),
			octet.ReplaceAllStringFunc(form, func(code string) string {
				c, _ := strconv.ParseUint(code[1:], 16, 8)
				return string([]byte{byte(c)})
			}),
		} {
			if len(other) > 1 && strings.HasSuffix(other, "/") && !slices.Contains(forms, strings.TrimSuffix(other, "/")) {
				forms = append(forms, strings.TrimSuffix(other, "/"))
			}
			if !slices.Contains(forms, other) {
				forms = append(forms, other)
			}
		}
	}
	return forms
}

func withoutDots(path string) string {
	var kept []string
	for _, segment := range strings.Split(path, "/") {
		switch segment {
		case "", ".":
		case "..":
			kept = kept[:max(len(kept)-1, 0)]
		default:
			kept = append(kept, segment)
		}
	}
	clean := "/" + strings.Join(kept, "/")
	if len(kept) > 0 && dots.MatchString(path) {
		clean += "/"
	}
	return clean
}

// TestAddressRules are in the order that the lists promise: who alone gets in comes first, and then still all other
// rules.
func TestAddressRules(t *testing.T) {
	c := backendConfig(t, `"api": {"domainName": "backend.example.net"}, "distribution": {"ipv6": false},
		"routes": [{"path": "/admin*", "allowedIPs": ["192.0.2.0/28"]}],
		"firewall": {"enabled": true, "onlyAllowedIPs": true, "allowedIPs": ["192.0.2.0/24", "2001:db8::/32"], "blockedIPs": ["192.0.2.7/32"]}`)
	names := func(c config.Config) (list []string) {
		acl := parse(t, synthesizeConfig(t, c)["demo-dev"]).Resource["aws_wafv2_web_acl"]["edge"]
		for i, rule := range items(acl["rule"]) {
			require.EqualValues(t, i, rule["priority"])
			action := "block"
			if at(rule, "action", "allow") != nil {
				action = "allow"
			}
			list = append(list, strings.TrimSuffix(action+" "+rule["name"].(string), "-"))
		}
		return list
	}
	managed := []string{"block AWSManagedRulesAmazonIpReputationList", "block AWSManagedRulesKnownBadInputsRuleSet", "block AWSManagedRulesCommonRuleSet", "block rate-limit"}
	require.Equal(t, append([]string{"block only-allowed", "block ambiguous-path", "block allowed-admin-all-e340d138", "block blocked-IPV4"}, managed...), names(c))

	e := c.Environments["dev"]
	e.Firewall.OnlyAllowedIPs, e.Firewall.BlockedIPs, e.Routes[0].AllowedIPs = false, nil, nil
	c.Environments["dev"] = e
	require.Equal(t, append([]string{"allow allowed-IPV4", "allow allowed-IPV6"}, managed...), names(c))
}
