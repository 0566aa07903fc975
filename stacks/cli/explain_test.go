package cli_test

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/cloudfront/sign"
	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/traffic/questions"
)

// explained is a configuration for these tests.
const explained = "testdata/explain.json"

func TestExplainJSON(t *testing.T) {
	if testing.Short() {
		t.Skip("Node.js takes seconds")
	}
	code, stdout, stderr := run("explain", "prod", "GET", "https://api.example.com/v1/models?limit=5", "-H", "Origin: https://app.example.com", "--json", "-c", explained)
	require.Zero(t, code, stderr)
	const want = `{
		"request": {"method": "GET", "url": "https://api.example.com/v1/models?limit=5", "headers": {"Origin": "https://app.example.com"}},
		"tried": [{"route": "/v1/embeddings*", "matches": false}, {"route": "/v1/models*", "matches": true}],
		"route": "/v1/models*",
		"answer": null,
		"signature": "none",
		"function": null,
		"cache": {
			"lookup": true, "store": true, "minTTLSeconds": 0, "defaultTTLSeconds": 60, "maxTTLSeconds": 300,
			"key": {"path": "/v1/models", "query": "limit=5", "headers": {"Authorization": null}, "cookies": {}, "encodings": ["br", "gzip"]}},
		"shared": {"others": false, "same": ["Authorization"]},
		"origin": {
			"id": "api", "url": "https://inference.example.com/v1/models?limit=5", "host": "inference.example.com",
			"headers": {"Authorization": null, "X-Origin-Verify": "(secret ml-api/prod/origin-verify)"}, "cookies": {},
			"failover": {"id": "api-failover", "on": [500, 502, 503, 504]},
			"readTimeoutSeconds": 120, "connectionAttempts": 2, "connectionTimeoutSeconds": 5},
		"response": {
			"headers": {
				"Referrer-Policy": "strict-origin-when-cross-origin", "Strict-Transport-Security": "max-age=31536000",
				"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY"},
			"errorSeconds": {"404": 0, "414": 0, "500": 0, "501": 0, "502": 0, "503": 0, "504": 0}},
		"allowedIPs": null
	}`
	require.Equal(t, withoutSpace(want), withoutSpace(stdout), "the names and their order are what people's scripts read")
}

// withoutSpace leaves the order of JSON as it is.
func withoutSpace(text string) string { return strings.Join(strings.Fields(text), "") }

func TestExplain(t *testing.T) {
	if testing.Short() {
		t.Skip("Node.js takes seconds")
	}
	for _, r := range []struct {
		args string
		want string // the first line
	}{
		{"prod", "path             methods           origin                  cached                            signed"},
		{"prod GET /v1/chat", "goes to api as https://inference.example.com/v1/chat, not cached: no cache on this route"},
		{"dev POST https://d111111abcdef8.cloudfront.net/v1/chat",
			"goes to api as https://your-backend-endpoint.amazonaws.com/v1/chat, not cached: no cache on this route"},
		{"prod GET http://api.example.com/", "is answered with 301 Moved Permanently: to https://api.example.com/"},
		{"prod GET https://www.example.com/", "is answered with 403 Forbidden: the host is none of the distribution's"},
	} {
		code, stdout, stderr := run(append(append([]string{"explain"}, strings.Fields(r.args)...), "-c", explained)...)
		require.Zero(t, code, stderr)
		first, _, _ := strings.Cut(stdout, "\n")
		require.Equal(t, r.want, first, r.args)
		require.NotContains(t, stderr, "warning", "the synthesis tells them")
	}
	for args, want := range map[string]string{
		"prod":               "path         methods           origin                                cached                            signed  API key",
		"prod POST /v1/chat": "is answered with 401 Unauthorized: Send an API key in the header Authorization: Bearer KEY",
		"prod POST /v1/chat -H Authorization:x --caller alice": "is answered with 401 Unauthorized: Send an API key in the header Authorization: Bearer KEY",
		"prod POST /v1/chat --caller alice":                    "goes to api as https://inference.example.com/v1/chat, not cached: no cache on this route",
		"prod POST /v1/chat --caller alice --in-canary":        "goes to api-canary as https://inference-next.example.com/v1/chat, not cached: no cache on this route",
	} {
		code, stdout, stderr := run(append(append([]string{"explain"}, strings.Fields(args)...), "-c", "testdata/callers.json")...)
		require.Zero(t, code, stderr)
		first, _, _ := strings.Cut(stdout, "\n")
		require.Equal(t, want, first, args)
	}
	code, stdout, stderr := run("explain", "dev", "--json", "-c", explained)
	require.Zero(t, code, stderr)
	require.Equal(t, withoutSpace(`[
		{"route": "/models/*", "methods": ["GET", "HEAD", "OPTIONS"], "origin": "models", "canary": null, "failover": null,
			"cachedMethods": ["GET", "HEAD"], "minTTLSeconds": 1, "defaultTTLSeconds": 86400, "maxTTLSeconds": 31536000, "signed": false, "apiKey": false, "public": false, "strip": null, "index": null, "allowedIPs": null},
		{"route": "*", "methods": ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"], "origin": "api", "canary": null, "failover": null,
			"cachedMethods": [], "minTTLSeconds": 0, "defaultTTLSeconds": 0, "maxTTLSeconds": 0, "signed": false, "apiKey": false, "public": false, "strip": null, "index": null, "allowedIPs": null}
	]`), withoutSpace(stdout))
}

// TestExplainLists has the names of lists in the key and at the origin, and no others; and a key in any of its headers.
func TestExplainLists(t *testing.T) {
	if testing.Short() {
		t.Skip("Node.js takes seconds")
	}
	file := filepath.Join(t.TempDir(), "cdktf.json")
	require.NoError(t, os.WriteFile(file, []byte(`{"context": {"accelerator": {
		"name": "lists", "state": {"bucket": "lists-terraform-state", "region": "us-east-1"},
		"environments": {"prod": {"region": "us-east-1",
			"api": {"domainName": "inference.example.com", "keys": {"header": ["Authorization", "x-api-key"]}},
			"routes": [{"path": "/v1/models*", "methods": "read", "cache": {"queryStrings": ["version", "model"], "cookies": ["theme"]}}]}}
	}}}`), 0o600))
	explained := func(args ...string) string {
		code, stdout, stderr := run(append([]string{"explain", "prod", "GET", "/v1/models?utm=1&model=a&Version=2&version=3", "-c", file}, args...)...)
		require.Zero(t, code, stderr)
		return stdout
	}
	got := explained("--caller", "alice", "-H", "Cookie: theme=dark; session=1")
	require.Contains(t, got, "goes to api as https://inference.example.com/v1/models?model=a&version=3, cached")
	require.Contains(t, got, "\nkey     /v1/models?model=a&version=3\n        X-Caller: alice\n        cookies theme\n")
	require.NotContains(t, got, "session")
	require.NotContains(t, got, "Authorization")
	require.Contains(t, explained(), "needs a known key in Authorization or X-Api-Key and refuses the request")
	require.Contains(t, explained("--caller", "alice", "-H", "X-Api-Key: mine"), "knows the caller as alice")
	require.Contains(t, explained("--caller", "alice", "-H", "X-Api-Key: mine", "-H", "Authorization: Bearer other"),
		"is answered with 401 Unauthorized: The API keys in authorization, x-api-key differ. Send one")
}

// TestReadme has the output that the READMEs show.
func TestReadme(t *testing.T) {
	if testing.Short() {
		t.Skip("Node.js takes seconds")
	}
	for file, request := range map[string][]string{
		"../../README.md":           {"explain", "prod", "GET", "/v1/models"},
		"../docs/try-and-verify.md": {"explain", "prod", "GET", "/v1/models?limit=5", "-H", "Origin: https://app.example.com", "--caller", "alice"},
	} {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		_, shown, found := strings.Cut(string(text), "$ go run . explain prod GET ")
		require.True(t, found, file)
		command, shown, _ := strings.Cut(shown, "\n")
		shown, _, _ = strings.Cut(shown, "```")
		code, stdout, stderr := run(append(request, "-c", "testdata/readme.json")...)
		require.Zero(t, code, stderr)
		if _, lines, limited := strings.Cut(command, " | head -n "); limited {
			n, err := strconv.Atoi(lines)
			require.NoError(t, err, file)
			stdout = strings.Join(slices.Collect(strings.Lines(stdout))[:n], "")
		}
		require.Equal(t, stdout, shown, file)
	}
}

// TestExplainRefuses says in one line what is wrong.
func TestExplainRefuses(t *testing.T) {
	if testing.Short() {
		t.Skip("Node.js takes seconds")
	}
	const takes = "explain takes an environment, or an environment, a method and a URL: explain prod GET /v1/models"
	for _, r := range []struct {
		args []string
		want string
	}{
		{nil, takes},
		{[]string{"prod", "/v1/models"}, takes},
		{[]string{"prod", "GET", "/", "Origin: a"}, takes},
		{[]string{"prdo", "GET", "/"}, `environment "prdo": not found (did you mean prod?); there are dev, prod`},
		{[]string{"state"}, `environment "state": not found; there are dev, prod`},
		{[]string{"prod", "BREW", "/"}, `method "BREW": not found; there are GET, HEAD, OPTIONS, PUT, POST, PATCH, DELETE`},
		{[]string{"prod", "get", "/"}, `method "get": not found (did you mean GET?); there are GET, HEAD, OPTIONS, PUT, POST, PATCH, DELETE`},
		{[]string{"prod", "GET", "http://[::1"}, `URL "http://[::1": missing ']' in host`},
		{[]string{"prod", "GET", "/", "-H", "Origin"}, `header "Origin": must be like "Name: value"`},
		{[]string{"prod", "GET", "/", "--time", "noon"}, `--time: must be such as 2026-01-31T12:00:00Z, 2026-01-31 (UTC), or 30m, 12h or 90d from now, got "noon"`},
		{[]string{"prod", "GET", "/", "--country", "UK"}, `--country: must be an ISO 3166-1 alpha-2 code such as DE or GB, got "UK"`},
		{[]string{"prod", "--country", "DE"}, "--country needs a request: explain prod GET /v1/models"},
		{[]string{"prod", "-H", "Origin: a"}, "--header needs a request: explain prod GET /v1/models"},
		{[]string{"prod", "--time", "2030-01-31T12:00:00Z"}, "--time needs a request: explain prod GET /v1/models"},
		{[]string{"prod", "--caller", "alice"}, "--caller needs a request: explain prod GET /v1/models"},
		{[]string{"prod", "GET", "/", "--caller", "alice"}, "--caller needs api.keys: without them the edge knows no callers"},
		{[]string{"prod", "GET", "/", "--in-canary"}, "--in-canary needs api.canary"},
		{[]string{"prod", "GET", "/", "--canary"}, "--in-canary needs api.canary"},
	} {
		code, stdout, stderr := run(append(append([]string{"explain"}, r.args...), "-c", explained)...)
		require.Equal(t, 2, code)
		require.Empty(t, stdout)
		require.Equal(t, r.want, lastLine(stderr), "%v", r.args)
		require.NotContains(t, stderr, "warning")
	}
}

// lastLine leaves out what is said of Node.js before.
func lastLine(text string) string {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	return lines[len(lines)-1]
}

// TestSignaturesAreJudgedNow unless a time is given.
func TestSignaturesAreJudgedNow(t *testing.T) {
	if testing.Short() {
		t.Skip("Node.js takes seconds")
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	file := edited(t, "environments.prod.models", map[string]any{"signers": []any{map[string]any{"name": "a", "publicKey": publicPEM(t, key)}}})
	expired, err := sign.NewURLSigner("K2JCJMDEHXQW5F", key).Sign("https://api.example.com/models/llama.gguf", time.Now().Add(-time.Minute))
	require.NoError(t, err)
	for when, want := range map[string]string{"": "expired", time.Now().Add(-2 * time.Minute).Format(time.RFC3339): "valid"} {
		code, stdout, stderr := run("explain", "prod", "GET", expired, "--json", "-c", file, "--time", when)
		require.Zero(t, code, stderr)
		require.Contains(t, stdout, `"signature": "`+want+`"`)
	}
}

// edited is a copy of that configuration with another value at a place below context.accelerator.
func edited(t *testing.T, place string, value any) string {
	t.Helper()
	return editedAlso(t, explained, place, value)
}

func editedAlso(t *testing.T, file, place string, value any) string {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	var document map[string]any
	require.NoError(t, json.Unmarshal(text, &document))
	section := document["context"].(map[string]any)["accelerator"].(map[string]any)
	steps := strings.Split(place, ".")
	for _, step := range steps[:len(steps)-1] {
		section = section[step].(map[string]any)
	}
	section[steps[len(steps)-1]] = value
	text, err = json.MarshalIndent(document, "", "  ")
	require.NoError(t, err)
	copied := filepath.Join(t.TempDir(), "cdktf.json")
	require.NoError(t, os.WriteFile(copied, text, 0o600))
	return copied
}

// TestExplainPlans asks about a plan that is set and doesn't fit, which is an answer and no error.
func TestExplainPlans(t *testing.T) {
	file := edited(t, "environments.prod.distribution", map[string]any{"pricingPlan": "business", "priceClass": "PriceClass_100"})
	code, stdout, _ := run("check", "-c", file)
	require.Equal(t, 1, code, stdout)
	code, stdout, stderr := run("explain", "prod", "--plans", "-c", file)
	require.Zero(t, code, stderr)
	require.Empty(t, stderr)
	require.Equal(t, `free, $0 a month for 1 million requests and 100 GB: 7 things are in the way
  api.failover: must be absent: only premium includes origin failover ("Automatic origin failover")
  distribution.pricingPlan: must be business or premium: only business and premium include response headers policies of your own ("Custom response header rules"), and every distribution made here has one
  firewall: must be enabled or have a webACLArn: no plan goes without a web ACL
  logging.enabled: must be false: only pro, business and premium include access logs ("Access Logs")
  models.access: must be "control": no plan takes an origin access identity
  routes[0].cache: must be absent: only business and premium include cache policies of your own ("Custom caching rules")
  routes[1].cache: must be absent: only business and premium include cache policies of your own ("Custom caching rules")
  unsure: distribution.priceClass: may be refused: AWS's guide to plans doesn't mention price classes

pro, $15 a month for 10 million requests and 50 TB: 6 things are in the way
  api.failover: must be absent: only premium includes origin failover ("Automatic origin failover")
  distribution.pricingPlan: must be business or premium: only business and premium include response headers policies of your own ("Custom response header rules"), and every distribution made here has one
  firewall: must be enabled or have a webACLArn: no plan goes without a web ACL
  models.access: must be "control": no plan takes an origin access identity
  routes[0].cache: must be absent: only business and premium include cache policies of your own ("Custom caching rules")
  routes[1].cache: must be absent: only business and premium include cache policies of your own ("Custom caching rules")
  unsure: distribution.priceClass: may be refused: AWS's guide to plans doesn't mention price classes

business, $200 a month for 125 million requests and 50 TB: 3 things are in the way (distribution.pricingPlan)
  api.failover: must be absent: only premium includes origin failover ("Automatic origin failover")
  firewall: must be enabled or have a webACLArn: no plan goes without a web ACL
  models.access: must be "control": no plan takes an origin access identity
  unsure: distribution.priceClass: may be refused: AWS's guide to plans doesn't mention price classes

premium, $1,000 a month for 500 million requests and 50 TB: 2 things are in the way
  firewall: must be enabled or have a webACLArn: no plan goes without a web ACL
  models.access: must be "control": no plan takes an origin access identity
  unsure: distribution.priceClass: may be refused: AWS's guide to plans doesn't mention price classes

Pay-as-you-go, without a plan, takes everything.
Source: CloudFront Developer Guide, CloudFront flat-rate pricing plans, read on 2026-11-30.
`, stdout)
}

func TestExplainPlansThatFit(t *testing.T) {
	code, stdout, stderr := run("explain", "private", "--plans", "--json", "-c", "../testdata/everything.json")
	require.Zero(t, code, stderr)
	const unsure = `"unsure": [{"path": "firewall.webACLArn", "rule": "P7", "message": "may be refused: what rules it has isn't known here"}]`
	require.Contains(t, withoutSpace(stdout), withoutSpace(`{
		"plan": "business", "dollarsPerMonth": 200, "requestsPerMonth": 125000000, "transferGBPerMonth": 50000, "set": false, "fits": false,
		"inTheWay": [{"path": "models.replicaRegion", "rule": "P5", "message": "must be absent: only premium includes origin failover (\"Automatic origin failover\")"}],
		`+unsure+`
	}, {
		"plan": "premium", "dollarsPerMonth": 1000, "requestsPerMonth": 500000000, "transferGBPerMonth": 50000, "set": true, "fits": true,
		"inTheWay": [], `+unsure+`
	}]`))
	code, stdout, stderr = run("explain", "private", "--plans", "-c", "../testdata/everything.json")
	require.Zero(t, code, stderr)
	require.Contains(t, stdout, "premium, $1,000 a month for 500 million requests and 50 TB: fits, if AWS takes what is unsure (distribution.pricingPlan)\n")
}

func TestExplainPlansRefuses(t *testing.T) {
	for _, r := range []struct {
		args []string
		want string
	}{
		{[]string{"prod", "GET", "/"}, "--plans is about an environment, not a request: explain prod --plans"},
		{[]string{"prod", "--caller", "alice"}, "--caller needs a request: explain prod GET /v1/models"},
		{[]string{"prdo"}, `environment "prdo": not found (did you mean prod?); there are dev, prod`},
	} {
		code, stdout, stderr := run(append([]string{"explain", "--plans", "-c", explained}, r.args...)...)
		require.Equal(t, 2, code)
		require.Empty(t, stdout)
		require.Equal(t, r.want, lastLine(stderr))
	}
	file := edited(t, "environments.prod.distribution", map[string]any{"pricingPlan": "gold"})
	code, _, stderr := run("explain", "prod", "--plans", "-c", file)
	require.Equal(t, 1, code)
	require.Contains(t, stderr, `distribution.pricingPlan: must be one of free, pro, business, premium, got "gold"`)
}

// TestExplainError says what a detail means, and lists all.
func TestExplainError(t *testing.T) {
	code, stdout, stderr := run("explain", "--error", "origindnserror")
	require.Zero(t, code, stderr)
	require.Contains(t, stdout, "OriginDnsError: the name of the origin isn't found in the public DNS. ")
	require.Equal(t, 1, strings.Count(stdout, "\n"))
	code, stdout, stderr = run("explain", "--error", "--json")
	require.Zero(t, code, stderr)
	var list []map[string]string
	require.NoError(t, json.Unmarshal([]byte(stdout), &list))
	require.Len(t, list, len(questions.Details))
	for _, r := range []struct{ args, want string }{
		{"OriginDns", `detail "OriginDns": not found`},
		{"502", "is a status, and takes the detail"},
		{"prod OriginDnsError", "explain takes one detail of the access logs, or none: explain --error OriginDnsError"},
		{"--caller alice", "--caller needs a request: explain prod GET /v1/models"},
	} {
		code, _, stderr := run(append([]string{"explain", "--error"}, strings.Fields(r.args)...)...)
		require.NotZero(t, code)
		require.Contains(t, stderr, r.want)
	}
}

// TestExplainFrom judges a request by its address, and says without one from where it must come.
func TestExplainFrom(t *testing.T) {
	if testing.Short() {
		t.Skip("Node.js takes seconds")
	}
	file := pasted(t, "private")
	const all, few = "203.0.113.0/24, 2001:db8::/32", "203.0.113.8/29, 2001:db8:1::/48"
	for _, r := range []struct{ path, from, begins string }{
		{"/v1/chat", "", "goes to api"},
		{"/v1/chat", "203.0.113.99", "goes to api"},
		{"/v1/chat", "198.51.100.7", "is answered with 403 Forbidden: the rule only-allowed of the firewall refuses it: only " + all + " get in, not 198.51.100.7\n"},
		{"/%61dmin", "2001:db8:2::1", "is answered with 403 Forbidden: the rule allowed-admin_-all-026ceb70 of the firewall refuses it: only " + few + " get in, not 2001:db8:2::1\n"},
		{"/admin/..%2Fv1", "203.0.113.9", "is answered with 403 Forbidden: the rule ambiguous-path of the firewall refuses it: servers read such a path in several ways\n"},
	} {
		args := []string{"explain", "prod", "GET", r.path, "-c", file}
		if r.from != "" {
			args = append(args, "--from", r.from)
		}
		code, stdout, stderr := run(args...)
		require.Zero(t, code, stderr)
		require.True(t, strings.HasPrefix(stdout, r.begins), stdout)
	}
	_, stdout, _ := run("explain", "prod", "GET", "/admin/", "-c", file)
	require.Contains(t, stdout, "\nfrom    only "+few+"\n")
	_, stdout, _ = run("explain", "prod", "GET", "/", "-c", file)
	require.Contains(t, stdout, "\nfrom    only "+all+"\n")

	code, _, stderr := run("explain", "prod", "GET", "/", "--from", "::ffff:10.0.0.7", "-c", file)
	require.Zero(t, code)
	require.Contains(t, stderr, "warning: --from 10.0.0.7: is a private address, and CloudFront sees public ones only, such as that of your VPN or proxy\n")

	code, _, stderr = run("explain", "prod", "GET", "/", "--from", "192.0.2.0/24", "-c", file)
	require.Equal(t, 2, code)
	require.Equal(t, "--from: must be an address such as 192.0.2.7 or 2001:db8::7, got \"192.0.2.0/24\"\n", stderr)
}

// TestExplainCountry judges a request by its country, and says where that makes no difference.
func TestExplainCountry(t *testing.T) {
	if testing.Short() {
		t.Skip("Node.js takes seconds")
	}
	const everything = "../testdata/everything.json"
	for _, r := range []struct{ environment, country, begins, warning string }{
		{"full", "", "goes to ", ""},
		{"full", "de", "goes to ", ""},
		{"full", "US", "is answered with 403 Forbidden: callers from US aren't let in (distribution.geoRestriction)\n", ""},
		{"several", "US", "goes to ", ""},
		{"existing", "US", "goes to ", "--country makes no difference: existing lets in all countries, and no origin learns of them\n"},
	} {
		args := []string{"explain", r.environment, "POST", "/v1/tools", "--caller", "alice", "-c", everything}
		if r.environment == "existing" {
			args = slices.Delete(args, 4, 6)
		}
		if r.country != "" {
			args = append(args, "--country", r.country)
		}
		code, stdout, stderr := run(args...)
		require.Zero(t, code, stderr)
		require.True(t, strings.HasPrefix(stdout, r.begins), stdout)
		if r.warning == "" {
			require.NotContains(t, stderr, "--country")
		}
		require.Contains(t, stderr, r.warning)
	}
}
