package cli_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/awstest"
)

const credentials = "testdata/credentials.json"

// dev runs a command on dev of the configuration with credentials, and returns what it prints.
func dev(t *testing.T, args ...string) (stdout, stderr string) {
	t.Helper()
	code, stdout, stderr := run(append(args, "-c", credentials)...)
	require.Zero(t, code, stderr)
	return stdout, stderr
}

func TestCredentialCommands(t *testing.T) {
	s := deployedStores(t, devsStore)
	s.PutPair(devsStore, "credential-former", "sk-former")
	const long = "bedrock-api-key-"
	secret := long + strings.Repeat("x", 1500)
	withStdin(t, secret+"\r\n")
	stdout, stderr := dev(t, "credential", "set", "dev")
	require.Equal(t, "api gets the credential within seconds, in Authorization\n", stdout)
	require.Empty(t, stderr)
	pairs := s.Pairs(devsStore)
	require.Len(t, pairs, 3)
	tail := strings.Split(pairs["credential-api"], "\n")[1]
	require.Equal(t, secret, strings.Split(pairs["credential-api"], "\n")[0]+pairs[tail])

	withStdin(t, "sk-canary")
	stdout, _ = dev(t, "credential", "set", "dev", "--backend", "api-canary")
	require.Equal(t, "api-canary gets the credential within seconds, in Authorization\n", stdout)

	day := time.Now().UTC().Format("2006-01-02")
	stdout, stderr = dev(t, "credential", "list", "dev")
	require.Regexp(t, `^backend     state    since \(UTC\)       header
api         set      `+day+` \d\d:\d\d  Authorization
api-canary  set      `+day+` \d\d:\d\d  Authorization
embeddings  missing  -                 x-api-key
former      unused   -                 -
$`, stdout)
	require.Equal(t, "warning: embeddings: its callers are answered 503 until it has a credential: credential set dev --backend embeddings\n", stderr)

	// Another one replaces all parts, in one change.
	s.ResetCalls()
	withStdin(t, "sk-short\n")
	stdout, _ = dev(t, "credential", "set", "dev")
	require.Equal(t, "api gets the credential within seconds, in Authorization\n", stdout)
	require.Len(t, s.CallsTo("cloudfront-keyvaluestore:UpdateKeys"), 1)
	pairs = s.Pairs(devsStore)
	require.Len(t, pairs, 3)
	require.Regexp(t, `^sk-short\n\n\d{10}$`, pairs["credential-api"])

	stdout, _ = dev(t, "credential", "list", "dev", "--json")
	var listed []map[string]any
	require.NoError(t, json.Unmarshal([]byte(stdout), &listed))
	require.Len(t, listed, 4)
	require.Equal(t, map[string]any{"backend": "embeddings", "state": "missing", "since": nil, "header": "x-api-key"}, listed[2])
	require.Equal(t, map[string]any{"backend": "former", "state": "unused", "since": nil, "header": nil}, listed[3])
	require.Regexp(t, "^"+day+"T.*Z$", listed[0]["since"])

	stdout, _ = dev(t, "credential", "remove", "dev")
	require.Equal(t, "api has no credential in the key value store now: its callers are answered 503 within seconds\n", stdout)
	stdout, _ = dev(t, "credential", "remove", "dev", "--backend", "former")
	require.Equal(t, "former has no credential in the key value store now\n", stdout)
	code, stdout, stderr := run("credential", "remove", "dev", "-c", credentials)
	require.Equal(t, 1, code)
	require.Empty(t, stdout)
	require.Equal(t, "api: has no credential in the key value store; there are those of api-canary\n", stderr)
	require.Len(t, s.Pairs(devsStore), 1)

	s.PutPair(devsStore, "credential-api", "sk-half\ncredential-api.gone")
	stdout, stderr = dev(t, "credential", "list", "dev")
	require.Contains(t, stdout, "api         damaged  -                 Authorization\n")
	require.Contains(t, stderr, "warning: api: its callers are answered 503")
}

// TestExplainCredentials says what is sent in place of the caller's key, to each of the servers that may be asked.
func TestExplainCredentials(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for a synthesis")
	}
	for args, want := range map[string][]string{
		"POST /v1/chat --caller alice": {"Authorization: Bearer (credential from the key value store)\n",
			"which knows the caller as alice, doesn't send it to the canary and adds the credential of api in Authorization\n"},
		"POST /v1/chat --caller alice --in-canary": {"adds the credential of api-canary in Authorization\n"},
		"GET /v1/models --caller alice": {"  fails over to api-failover as second.example.com on 500, 502, 503, 504\n",
			"  there Authorization: Bearer (secret example/second)\n"},
		"POST /v1/embeddings --caller alice": {"X-Api-Key: (credential from the key value store)\n", "adds the credential of embeddings in X-Api-Key\n"},
		"POST /images/x --caller alice":      {"X-Key: Key (secret example/images)\n", "which knows the caller as alice\n"},
		"GET /plain/x --caller alice --json": {`"X-Caller": "alice"`},
		"OPTIONS /v1/chat -H Origin:https://app.example.com -H Access-Control-Request-Method:POST": {
			"is answered with 204 No Content: the function example-dev-api answers the preflight, which the backend doesn't get\n",
			"runs    example-dev-api, which answers the preflight\n"},
	} {
		stdout, _ := dev(t, append([]string{"explain", "dev"}, strings.Fields(args)...)...)
		for _, text := range want {
			require.Contains(t, stdout, text, args)
		}
		if !strings.Contains(args, "--json") { // which has the request, too
			require.NotContains(t, stdout, "(key of alice)", args)
		}
		if strings.Contains(args, "plain") {
			require.NotContains(t, stdout, "credential", args)
		}
	}
}

// TestCredentialMistakes repeat nothing of a credential, and change nothing.
func TestCredentialMistakes(t *testing.T) {
	s := deployedStores(t, devsStore)
	const secret = "sk-marker-4711"
	for text, want := range map[string]string{
		"": "the credential: is empty", "\n": "the credential: is empty",
		"Bearer " + secret:                 `the credential: must come without "Bearer", which the edge puts before it`,
		secret + "\n" + secret:             "the credential: must be one line of visible ASCII characters, without spaces",
		secret + " ":                       "the credential: must be one line of visible ASCII characters, without spaces",
		secret + "\u00e9":                  "the credential: must be one line of visible ASCII characters, without spaces",
		secret + strings.Repeat("x", 5000): "the credential: must have at most 4096 characters",
	} {
		withStdin(t, text)
		code, stdout, stderr := run("credential", "set", "dev", "-c", credentials)
		require.Equal(t, 1, code)
		require.Empty(t, stdout)
		require.Equal(t, want+"\n", stderr)
	}
	others := "; --backend has one for api, api-canary, embeddings\n"
	for _, c := range []struct {
		args string
		code int
		want string
	}{
		{"set dev --backend images", 1, "environments.dev.backends.images.credential: is in the secret example/images: change it there, and deploy; " +
			`or write "store": true in place of secret` + others},
		{"set dev --backend api-failover", 1, "environments.dev.api.failover.credential: is in the secret example/second: change it there, and deploy; " +
			"that of a second backend can't be in the key value store" + others},
		{"set dev --backend plain", 1, `environments.dev.backends.plain.credential: isn't there, so the backend gets none; write {"store": true}, and deploy` + others},
		{"set dev --backend plain-failover", 1, "environments.dev.backends.plain.failover.credential: isn't there; " +
			`that of a second backend can only be in a secret: write {"secret": "NAME"}, and deploy` + others},
		{"set open", 1, "environments.open.api.credential: isn't there, so the backend gets none; write {\"store\": true}, and deploy\n"},
		{"set dev --backend embedings", 2, `--backend "embedings": not found (did you mean embeddings?); there are ` +
			"api, api-canary, api-failover, embeddings, images, plain, plain-failover\n"},
		{"list bare", 1, "environments.bare.api: has neither keys nor canary, so there is no key value store, and no credential in it\n"},
		{"remove bare", 1, "environments.bare.api: has neither keys nor canary, so there is no key value store, and no credential in it\n"},
		{"remove dev", 1, "api: has no credential in the key value store; no backend has\n"},
		{"list open", 1, "open: has no key value store example-open-api in the account of your AWS credentials; deploy it first: cdktf deploy example-open\n"},
	} {
		withStdin(t, secret)
		code, stdout, stderr := run(append(strings.Fields("credential "+c.args), "-c", credentials)...)
		require.Equal(t, c.code, code, c.args)
		require.Empty(t, stdout)
		require.Equal(t, c.want, stderr)
	}
	require.Empty(t, s.Pairs(devsStore))
}

// TestPauseCommands follow an environment through a pause.
func TestPauseCommands(t *testing.T) {
	s := deployedStores(t, devsStore)
	const goesOn = "files from buckets go on: /models/*\n"
	day := time.Now().UTC().Format("2006-01-02")
	stdout, _ := dev(t, "resume", "dev")
	require.Equal(t, "dev isn't paused\n", stdout)
	stdout, _ = dev(t, "pause", "dev")
	require.Equal(t, "dev is paused within seconds: callers are answered 503, \"The API is paused. Try again later.\"; to end that: resume dev\n"+goesOn, stdout)
	first := s.Pairs(devsStore)["pause"]
	require.Regexp(t, `^\{"since":\d{10},"message":"The API is paused\. Try again later\."\}$`, first)

	s.ResetCalls()
	stdout, _ = dev(t, "pause", "dev")
	require.Regexp(t, "^dev is paused already since "+day+` \d\d:\d\d UTC, and callers are answered 503, "The API is paused. Try again later."; nothing was changed\n`, stdout)
	require.Empty(t, s.CallsTo("cloudfront-keyvaluestore:UpdateKeys"))

	s.PutPair(devsStore, "pause", `{"since":1764000000,"message":"Oops."}`)
	stdout, _ = dev(t, "pause", "dev", "--message", `Back at "10:00".`)
	require.Equal(t, "dev is paused already since 2025-11-24 16:00 UTC; within seconds callers are answered 503, \"Back at \\\"10:00\\\".\", and no longer \"Oops.\"\n"+goesOn, stdout)
	require.Equal(t, `{"since":1764000000,"message":"Back at \"10:00\"."}`, s.Pairs(devsStore)["pause"])

	for _, command := range []string{"key list", "canary"} {
		_, stderr := dev(t, append(strings.Fields(command), "dev")...)
		require.Equal(t, "warning: dev is paused since 2025-11-24 16:00 UTC, so callers are answered 503, \"Back at \\\"10:00\\\".\"; to end that: resume dev\n", stderr)
	}
	stdout, _ = dev(t, "pause", "dev", "--json")
	require.JSONEq(t, `{"environment": "dev", "paused": true, "pausedBefore": true, "since": "2025-11-24T16:00:00Z", "message": "Back at \"10:00\".", "routesOpen": ["/models/*"]}`, stdout)
	stdout, _ = dev(t, "resume", "dev")
	require.Equal(t, "dev lets calls through again, within seconds; it was paused since 2025-11-24 16:00 UTC\n", stdout)
	require.Empty(t, s.Pairs(devsStore))
	stdout, _ = dev(t, "resume", "dev", "--json")
	require.JSONEq(t, `{"environment": "dev", "paused": false, "pausedBefore": false, "since": null, "message": null, "routesOpen": ["/models/*"]}`, stdout)

	s.PutPair(devsStore, "pause", "{") // pauses nothing
	stdout, _ = dev(t, "pause", "dev", "--message", "x")
	require.Contains(t, stdout, "dev is paused within seconds")
	s.PutPair(devsStore, "pause", `{"message":"x"}`)
	stdout, _ = dev(t, "pause", "dev", "--message", "y")
	require.Contains(t, stdout, "dev is paused already; within")
	require.Equal(t, `{"since":0,"message":"y"}`, s.Pairs(devsStore)["pause"])
}

// TestPauseLeavesThePage, which has the default route.
func TestPauseLeavesThePage(t *testing.T) {
	deployedStores(t, "everything-web-api")
	code, stdout, stderr := run("pause", "web", "-c", "../testdata/everything.json")
	require.Zero(t, code, stderr)
	require.Contains(t, stdout, "files from buckets go on: *, /app/*, /models/*\n")
}

// TestPauseLeaves says what goes on where there is a canary, but no keys.
func TestPauseLeaves(t *testing.T) {
	s := deployedStores(t, "example-open-api")
	stdout, _ := dev(t, "pause", "open")
	require.Contains(t, stdout, "files from buckets go on: /models/*\nroutes to other backends go on: /v1/embeddings (with api.keys, they would be paused, too)\n")
	require.NotEmpty(t, s.Pairs("example-open-api"))
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"pause", "bare"}, 1, "environments.bare.api: has neither keys nor canary, so no function at the edge can refuse calls; " +
			`add "keys": {}, or a canary with "percent": 0, and deploy`},
		{[]string{"pause", "dev", "--message", ""}, 2, "--message: must say something"},
		{[]string{"pause", "dev", "--message", "a\nb"}, 2, "--message: must be one line of printable characters"},
		{[]string{"pause", "dev", "--message", strings.Repeat("x", 241)}, 2, "--message: must have at most 240 characters, got 241"},
	} {
		code, _, stderr := run(append(c.args, "-c", credentials)...)
		require.Equal(t, c.code, code)
		require.Equal(t, c.want+"\n", stderr)
	}
}

// TestLostAnswersOfCredentials has changes be made, and the answers not come: the next attempt finds them done.
func TestLostAnswersOfCredentials(t *testing.T) {
	s := deployedStores(t, devsStore)
	for i, c := range []struct{ args, want string }{
		{"credential set dev", "api gets"}, {"credential remove dev", "api has no credential"}, {"pause dev", "dev is paused within"},
		{"resume dev", "it was paused since"},
	} {
		lost := awstest.LoseFirstAnswer(t, os.Getenv("AWS_ENDPOINT_URL"))
		t.Setenv("AWS_ENDPOINT_URL_CLOUDFRONT_KEYVALUESTORE", lost.URL)
		withStdin(t, "sk-provider")
		stdout, _ := dev(t, strings.Fields(c.args)...)
		require.Contains(t, stdout, c.want)
		require.Len(t, s.Pairs(devsStore), 1-i%2, fmt.Sprint(c.args))
	}
}
