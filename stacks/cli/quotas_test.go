package cli_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/awstest"
)

const quotasConfig = "testdata/quotas.json"

// account leads the test to an account that has AWS's defaults, of all but two quotas that Service Quotas doesn't know.
func account(t *testing.T) *awstest.Server {
	t.Helper()
	server := awstest.StartServiceQuotas(t)
	server.Setenv(t)
	for _, q := range []struct {
		service, code, name string
		value               float64
		fixed               bool
	}{
		{"cloudfront", "L-00000001", "Something else", 1, false},
		{"cloudfront", "L-00000002", "Alternate domain names (CNAMEs) per distribution", 100, false},
		{"cloudfront", "L-00000003", "Keep-alive timeout per origin", 300, false},
		{"cloudfront", "L-00000004", "custom headers: maximum number of custom headers that you can configure CloudFront to add to origin requests", 30, false},
		{"cloudfront", "L-00000005", "Origins per distribution", 100, false},
		{"cloudfront", "L-00000006", "Headers per cache policy", 10, false},
		{"cloudfront", "L-00000007", "Query strings per cache policy", 10, true},
		{"cloudfront", "L-00000008", "Cookies per cache policy", 10, false},
		{"cloudfront", "L-00000009", "Headers per origin request policy", 10, false},
		{"cloudfront", "L-00000010", "Cache behaviors per distribution", 75, false}, // by another code than is known, which
		{"cloudfront", "L-F432D044", "Of something else", 1, false},
		{"cloudfront", "L-AECE9FA7", "Response timeout per origin", 120, false},
		{"cloudfront", "L-9EBD26CA", "Public keys in a single key group", 5, false},
		{"cloudfront", "L-D64DA6E2", "Key groups per AWS account", 10, false},
		{"cloudfront", "L-7D134442", "Cache policies per AWS account", 20, false},
		{"cloudfront", "L-C3659C43", "Origin request policies per AWS account", 20, false},
		{"cloudfront", "L-CF0D4FC5", "Response headers policies per AWS account", 20, false},
		{"acm", "L-FB94F0B0", "Domain names per ACM certificate", 10, false},
	} {
		server.Quotas().SetDefault(q.service, q.code, q.name, q.value, !q.fixed)
	}
	return server
}

const (
	unknownQuotas = "Not in Service Quotas under a name that is known here, and within AWS's defaults: publicKeys, keyValueStores, ipSets.\n"
	askForTimeout = "aws service-quotas request-service-quota-increase --service-code cloudfront --region us-east-1 --quota-code L-AECE9FA7 --desired-value 180\n"
)

// table is what is asked for, by the configuration, beside what AWS has.
func table(stdout string) (rows map[string][]string, rest string) {
	text, rest, _ := strings.Cut(stdout, "\n\n")
	rows = map[string][]string{}
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		if fields := strings.Fields(line); len(fields) > 0 {
			rows[fields[0]] = fields[1:]
		}
	}
	return rows, rest
}

func TestQuotas(t *testing.T) {
	server := account(t)
	code, stdout, stderr := run("quotas", "long", "-c", quotasConfig)
	require.Equal(t, 1, code, "the account has too little")
	require.Equal(t, unknownQuotas, stderr)
	require.True(t, strings.HasPrefix(stdout, "quota                          asked  account  cdktf.json  code\n"+
		"originReadTimeoutSeconds       180    120      120         L-AECE9FA7\n"), stdout)
	rows, rest := table(stdout)
	require.Equal(t, "To ask AWS for more:\n\n"+askForTimeout, rest)
	for name, want := range map[string][]string{
		"behaviors":               {"3", "75", "75", "L-00000010"}, // found by its name
		"aliases":                 {"0", "100", "100", "L-00000002"},
		"originCustomHeaders":     {"0", "30", "30", "L-00000004"},
		"cachePolicyQueryStrings": {"3", "10", "10", "L-00000007"},
		"cachePolicyHeaders":      {"2", "10", "10", "L-00000006"},
		"cachePolicies":           {"3", "20", "20", "L-7D134442"}, // with the other environment of the account
		"keyValueStores":          {"1", "-", "200", "-"},
	} {
		require.Equal(t, want, rows[name], name)
	}
	require.Len(t, rows, 20)

	for value, line := range map[float64]string{180: `"originReadTimeoutSeconds": 180`, 240: `"originReadTimeoutSeconds": 240`} {
		server.Quotas().Apply("cloudfront", "L-AECE9FA7", value)
		code, stdout, stderr = run("quotas", "long", "-c", quotasConfig)
		require.Zero(t, code, stderr)
		_, rest = table(stdout)
		require.Equal(t, "AWS has raised these. In quotas of long, in cdktf.json:\n\n  "+line+"\n", rest)
		require.Equal(t, unknownQuotas+"The account has all that long asks for, as far as it could be read.\n", stderr)
	}
}

func TestQuotasOfOthers(t *testing.T) {
	server := account(t)
	for name, row := range map[string]struct {
		args           []string
		prepare        func()
		code           int
		stdout, stderr string
	}{
		"nothing asked for": {args: []string{"plain"}, stderr: unknownQuotas + "The account has all that plain asks for, as far as it could be read.\n"},
		"all in the account": {code: 1, stdout: "To ask AWS for more:\n\n" + askForTimeout,
			stderr: "warning: originReadTimeoutSeconds: quotas says 300, and the account has 120: check lets through what AWS refuses\n" + unknownQuotas},
		"told more than there is": {args: []string{"told"}, stderr: "warning: originReadTimeoutSeconds: quotas says 300, and the account has 120: check lets through what AWS refuses\n" +
			unknownQuotas + "The account has all that told asks for, as far as it could be read.\n"},
		"of another account": {args: []string{"elsewhere"}, code: 1,
			stderr: "environments.elsewhere.account.id: is 444433332222, but your AWS credentials are those of account 111122223333\n"},
		"access denied": {args: []string{"long"}, prepare: func() { server.DenyNext("servicequotas:GetServiceQuota") }, code: 1,
			stderr: "AWS denies access: User is not authorized to perform this action\n  quotas takes servicequotas:GetServiceQuota, " +
				"servicequotas:GetAWSDefaultServiceQuota and servicequotas:ListAWSDefaultServiceQuotas\n"},
		"a failure": {args: []string{"long"}, prepare: func() {
			server.RefuseNext("servicequotas:GetAWSDefaultServiceQuota", 400, "IllegalArgumentException", "no")
		}, code: 1, stderr: "Service Quotas: IllegalArgumentException: no\n"},
		"too many calls": {args: []string{"plain"}, prepare: func() {
			server.RefuseNext("servicequotas:GetServiceQuota", 400, "TooManyRequestsException", "slow down")
		}, stderr: unknownQuotas + "The account has all that plain asks for, as far as it could be read.\n"},
	} {
		t.Run(name, func(t *testing.T) {
			if row.prepare != nil {
				row.prepare()
			}
			code, stdout, stderr := run(append([]string{"quotas", "-c", quotasConfig}, row.args...)...)
			require.Equal(t, row.code, code, stderr)
			require.Equal(t, row.stderr, stderr)
			_, rest := table(stdout)
			require.Equal(t, row.stdout, rest)
		})
	}
}

// What cdktf.json says already, and rightly, needs no line.
func TestQuotasThatAreTold(t *testing.T) {
	server := account(t)
	server.Quotas().Apply("cloudfront", "L-AECE9FA7", 300)
	code, stdout, stderr := run("quotas", "told", "-c", quotasConfig)
	require.Zero(t, code)
	rows, rest := table(stdout)
	require.Equal(t, []string{"60", "300", "300", "L-AECE9FA7"}, rows["originReadTimeoutSeconds"])
	require.Empty(t, rest)
	require.Equal(t, unknownQuotas+"The account has all that told asks for, as far as it could be read.\n", stderr)
}

// What AWS doesn't raise, or Service Quotas doesn't know, can't be asked for by a command.
func TestQuotasThatCanNotBeAskedFor(t *testing.T) {
	server := account(t)
	file := t.TempDir() + "/cdktf.json"
	names := `["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"]`
	require.NoError(t, os.WriteFile(file, []byte(`{"context": {"accelerator": {"name": "demo", "state": {"bucket": "demo-state", "region": "us-east-1"},
		"environments": {"dev": {"region": "us-east-1", "api": {"domainName": "a.example.net", "cache": {"queryStrings": `+names+`}}}}}}}`), 0o600))
	code, stdout, stderr := run("quotas", "dev", "-c", file)
	require.Equal(t, 1, code)
	require.Contains(t, stderr, "AWS raises these for nobody: cachePolicyQueryStrings. Ask for less, or move an environment to another account.\n")
	require.NotContains(t, stdout, "request-service-quota-increase")
	require.Empty(t, server.CallsTo("servicequotas:RequestServiceQuotaIncrease"))

	server = awstest.StartServiceQuotas(t) // which knows ACM's alone
	server.Setenv(t)
	server.Quotas().SetDefault("acm", "L-FB94F0B0", "Domain names per ACM certificate", 10, true)
	server.Quotas().SetDefault("cloudfront", "L-00000001", "Something else", 1, true)
	code, _, stderr = run("quotas", "dev", "-c", file)
	require.Zero(t, code, "nothing is known to be too little")
	require.Contains(t, stderr, "warning: cachePolicyQueryStrings: 11 is asked for, over AWS's default of 10, and Service Quotas doesn't know what the account has: ask in a support case\n")
}

func TestQuotasAsJSON(t *testing.T) {
	server := account(t)
	server.Quotas().Apply("cloudfront", "L-9EBD26CA", 8)
	code, stdout, _ := run("quotas", "long", "-c", quotasConfig, "--json")
	require.Equal(t, 1, code)
	var list []map[string]any
	require.NoError(t, json.Unmarshal([]byte(stdout), &list))
	byName := map[string]map[string]any{}
	for _, q := range list {
		byName[q["quota"].(string)] = q
	}
	require.Equal(t, map[string]any{"quota": "originReadTimeoutSeconds", "asked": 180.0, "account": 120.0, "isDefault": true, "configured": 120.0,
		"service": "cloudfront", "code": "L-AECE9FA7", "isAdjustable": true, "command": strings.TrimSpace(askForTimeout)}, list[0])
	require.Equal(t, map[string]any{"quota": "keyValueStores", "asked": 1.0, "account": nil, "isDefault": nil, "configured": 200.0,
		"service": "cloudfront", "code": nil, "isAdjustable": nil, "command": nil}, byName["keyValueStores"])
	require.Equal(t, false, byName["keyGroupKeys"]["isDefault"])
	require.Equal(t, 8.0, byName["keyGroupKeys"]["account"])
}

func TestQuotasWithoutAWS(t *testing.T) {
	someCredentials(t)
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	t.Setenv("AWS_PROFILE", "")
	const none = "AWS credentials: there are none; set AWS_PROFILE, or sign in (aws sso login)\n"
	for name, asked := range map[string]string{"long": "180", "": "60"} { // of all, those that don't say their account
		code, stdout, stderr := run(append([]string{"quotas", "-c", quotasConfig}, strings.Fields(name)...)...)
		require.Equal(t, 1, code)
		rows, rest := table(stdout)
		require.Equal(t, none, stderr)
		require.Empty(t, rest)
		require.Equal(t, []string{asked, "-", "120", "-"}, rows["originReadTimeoutSeconds"], "what is asked for needs no AWS")
		require.Len(t, rows, 20)
	}
	code, stdout, stderr := run("quotas", "long", "--json", "-c", quotasConfig)
	require.Equal(t, 1, code)
	require.Empty(t, stdout)
	require.Equal(t, none, stderr)
}

func TestQuotasOfNoEnvironment(t *testing.T) {
	code, _, stderr := run("quotas", "lon", "-c", quotasConfig)
	require.Equal(t, 2, code)
	require.Contains(t, stderr, `environment "lon": not found (did you mean long?)`)
	for name, text := range map[string]string{
		"broken":           `"api": {"domainName": "192.0.2.1"}`,
		"below a minimum":  `"api": {"domainName": "a.example.net"}, "quotas": {"origins": 5}`,
		"of other kinds":   `"api": {"domainName": "a.example.net", "readTimeoutSeconds": 0}`,
		"no configuration": `"api": 1`,
	} {
		file := t.TempDir() + "/cdktf.json"
		require.NoError(t, os.WriteFile(file, []byte(`{"context": {"accelerator": {"name": "demo", "state": {"bucket": "demo-state", "region": "us-east-1"},
			"environments": {"dev": {"region": "us-east-1", `+text+`}}}}}`), 0o600))
		code, _, stderr := run("quotas", "dev", "-c", file)
		require.Equal(t, 1, code, name)
		require.Contains(t, stderr, "environments.dev.", name)
	}
}
