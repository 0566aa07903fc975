package cli_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/cli"
	"ml-api-accelerator/stacks/internal/awstest"
	"ml-api-accelerator/stacks/internal/edge/function"
	"ml-api-accelerator/stacks/internal/shared/callers"
	"ml-api-accelerator/stacks/internal/shared/viewerrequest"
)

const (
	keyed     = "testdata/keys.json"
	devsStore = "example-dev-api"
)

// deployedStores is a stand-in of AWS, to which the environment leads, with the store of each environment named.
func deployedStores(t *testing.T, stores ...string) *awstest.Server {
	t.Helper()
	s := awstest.StartCloudFront(t)
	s.Setenv(t)
	for _, name := range stores {
		s.CreateKeyValueStore(t, name)
	}
	return s
}

// keep puts a key into dev's store and returns its id.
func keep(s *awstest.Server, key, name string, created, expires time.Time) string {
	k := callers.Key{Hash: callers.Hash(key), Name: name, Created: created, Expires: expires}
	s.PutPair(devsStore, k.Hash, k.Value())
	return k.ID()
}

func TestKeyCompletion(t *testing.T) {
	for _, args := range [][]string{{"key", "add", "-c", keyed, ""}, {"key", "list", "-c", keyed, ""}, {"key", "remove", "-c", keyed, ""}, {"canary", "-c", keyed, ""}} {
		_, stdout, _ := run(append([]string{"__completeNoDesc"}, args...)...)
		require.Equal(t, "dev\nelsewhere\nopen\nplain\n:4\n", stdout)
	}
	for _, args := range [][]string{{"key", "add", "-c", keyed, "dev", ""}, {"key", "remove", "dev", "a", "--id", ""}, {"key", "add", "dev", "a", "--expires", ""}} {
		_, stdout, _ := run(append([]string{"__completeNoDesc"}, args...)...)
		require.Equal(t, ":4\n", stdout)
	}
}

// withStdin has a command read a text.
func withStdin(t *testing.T, text string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "stdin")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	f, err := os.Open(file)
	require.NoError(t, err)
	before := os.Stdin
	os.Stdin = f
	t.Cleanup(func() {
		os.Stdin = before
		_ = f.Close()
	})
}

func TestKeyAdd(t *testing.T) {
	s := deployedStores(t, devsStore)
	code, stdout, stderr := run("key", "add", "dev", "alice", "-c", keyed)
	require.Zero(t, code, stderr)
	require.Regexp(t, `^sk-[A-Za-z0-9_-]{43}\n$`, stdout, "the key alone, to be piped")
	key := strings.TrimSpace(stdout)
	hash := callers.Hash(key)
	require.Equal(t, "added alice's key "+hash[:8]+": the edge takes it within seconds; it never expires\nKeep it: it can't be printed again.\n", stderr)
	stored := s.Pairs(devsStore)
	require.Len(t, stored, 1)
	require.Regexp(t, `^\{"name":"alice","created":\d+\}$`, stored[hash])
	require.NotContains(t, fmt.Sprint(stored), key)

	code, _, stderr = run("key", "add", "dev", "alice", "-c", keyed, "--expires", "2999-12-31")
	require.Zero(t, code, stderr)
	require.Regexp(t, `^added alice's key [0-9a-f]{8}: the edge takes it within seconds; it expires on 2999-12-31 23:59 UTC
Keep it: it can't be printed again.
alice has 1 older key, too; once the new one is in use: key remove dev alice --id `+hash[:8]+"\n$", stderr)
	require.Len(t, s.Pairs(devsStore), 2)
}

func TestKeyAddFromStdin(t *testing.T) {
	s := deployedStores(t, devsStore)
	const existing = "an-existing-key-of-alice"
	withStdin(t, existing+"\r\n")
	code, stdout, stderr := run("key", "add", "dev", "alice", "--stdin", "-c", keyed)
	require.Zero(t, code, stderr)
	require.Empty(t, stdout)
	require.Equal(t, "added alice's key "+callers.Hash(existing)[:8]+": the edge takes it within seconds; it never expires\n", stderr)
	require.Contains(t, s.Pairs(devsStore), callers.Hash(existing))
	for text, want := range map[string]string{
		existing:                        "the key: is there already, as alice's key " + callers.Hash(existing)[:8],
		"short":                         "the key: must have 20 to 512 characters, got 5",
		"":                              "the key: must have 20 to 512 characters, got 0",
		strings.Repeat("k", 10000):      "the key: must have 20 to 512 characters, got 4096",
		existing + " " + existing:       "the key: must be one line of visible ASCII characters, without spaces",
		existing + "\n" + existing:      "the key: must be one line of visible ASCII characters, without spaces",
		"Bearer an-existing-key-of-bob": `the key: must come without "Bearer", which callers put before it`,
	} {
		withStdin(t, text)
		code, _, stderr := run("key", "add", "dev", "bob", "--stdin", "-c", keyed)
		require.Equal(t, 1, code)
		require.Equal(t, want+"\n", stderr)
	}
	require.Len(t, s.Pairs(devsStore), 1)
}

// TestKeyIsNotLostSilently has nowhere to print the key to.
func TestKeyIsNotLostSilently(t *testing.T) {
	s := deployedStores(t, devsStore)
	var problems bytes.Buffer
	require.Equal(t, 1, cli.Run([]string{"key", "add", "dev", "alice", "-c", keyed}, full{}, &problems))
	require.Len(t, s.Pairs(devsStore), 1)
	require.Regexp(t, `^the key couldn't be printed, and is lost: key remove dev alice --id [0-9a-f]{8} \(no space\)\n$`, problems.String())
}

// full is where nothing can be written.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space") }

func TestKeyList(t *testing.T) {
	s := deployedStores(t, devsStore)
	code, stdout, stderr := run("key", "list", "dev", "-c", keyed)
	require.Zero(t, code, stderr)
	require.Equal(t, "dev has no keys; to make one: key add dev alice\n", stdout)

	at := time.Date(2026, 1, 31, 12, 30, 0, 0, time.UTC)
	bob := keep(s, "bob's", "bob", at, time.Time{})
	second := keep(s, "alice's second", "alice", at.Add(time.Hour), at.AddDate(900, 0, 0))
	first := keep(s, "alice's first", "alice", at, at.Add(time.Hour))
	s.PutPair(devsStore, "canary", "25")
	s.PutPair(devsStore, "redirects", "/a")
	code, stdout, stderr = run("key", "list", "dev", "-c", keyed)
	require.Zero(t, code, stderr)
	require.Equal(t, "name   id        added (UTC)       expires (UTC)\n"+
		"alice  "+first+"  2026-01-31 12:30  2026-01-31 13:30, expired\n"+
		"alice  "+second+"  2026-01-31 13:30  2926-01-31 12:30\n"+
		"bob    "+bob+"  2026-01-31 12:30  never\n", stdout)
	require.Equal(t, "warning: the key value store also has what these commands didn't write: redirects\n", stderr)

	code, stdout, stderr = run("key", "list", "dev", "-c", keyed, "-json")
	require.Zero(t, code, stderr)
	require.Equal(t, "warning: the key value store also has what these commands didn't write: redirects\n", stderr)
	require.JSONEq(t, `[
		{"name": "alice", "id": "`+first+`", "added": "2026-01-31T12:30:00Z", "expires": "2026-01-31T13:30:00Z", "expired": true},
		{"name": "alice", "id": "`+second+`", "added": "2026-01-31T13:30:00Z", "expires": "2926-01-31T12:30:00Z", "expired": false},
		{"name": "bob", "id": "`+bob+`", "added": "2026-01-31T12:30:00Z", "expires": null, "expired": false}]`, stdout)
}

func TestKeyRemove(t *testing.T) {
	s := deployedStores(t, devsStore)
	at := time.Date(2026, 1, 31, 12, 30, 0, 0, time.UTC)
	first, second := keep(s, "first", "alice", at, time.Time{}), keep(s, "second", "alice", at.Add(time.Hour), time.Time{})
	third := keep(s, "third", "alice", at.Add(2*time.Hour), time.Time{})
	bob := keep(s, "bob's", "bob", at, time.Time{})

	code, _, stderr := run("key", "remove", "dev", "alice", "-c", keyed)
	require.Equal(t, 1, code)
	require.Equal(t, fmt.Sprintf("alice: has 3 keys, %s, %s, %s; say which with --id, or --all\n", first, second, third), stderr)
	require.Len(t, s.Pairs(devsStore), 4)

	code, stdout, stderr := run("key", "remove", "dev", "alice", "-c", keyed, "-id", second)
	require.Zero(t, code, stderr)
	require.Equal(t, "removed alice's key "+second+": the edge refuses it within seconds\n", stdout)

	code, stdout, stderr = run("key", "remove", "dev", "alice", "-c", keyed, "--all")
	require.Zero(t, code, stderr)
	require.Equal(t, fmt.Sprintf("removed alice's key %s: the edge refuses it within seconds\nremoved alice's key %s: the edge refuses it within seconds\n"+
		"alice has no key now\n", first, third), stdout)

	code, stdout, stderr = run("key", "remove", "dev", "bob", "-c", keyed)
	require.Zero(t, code, stderr)
	require.Equal(t, "removed bob's key "+bob+": the edge refuses it within seconds\nbob has no key now\n", stdout)
	require.Empty(t, s.Pairs(devsStore))
}

// TestLostAnswers has a key be added and removed, and the answers not come: the next attempt finds it done.
func TestLostAnswers(t *testing.T) {
	s := deployedStores(t, devsStore)
	for _, command := range []string{"add", "remove"} {
		lost := awstest.LoseFirstAnswer(t, os.Getenv("AWS_ENDPOINT_URL"))
		t.Setenv("AWS_ENDPOINT_URL_CLOUDFRONT_KEYVALUESTORE", lost.URL)
		code, _, stderr := run("key", command, "dev", "alice", "-c", keyed)
		require.Zero(t, code, stderr)
		require.NotContains(t, stderr, "older key")
		require.Len(t, s.Pairs(devsStore), map[string]int{"add": 1, "remove": 0}[command])
	}
}

func TestCanary(t *testing.T) {
	s := deployedStores(t, devsStore)
	for _, step := range []struct {
		args []string
		want string
		kept string
	}{
		{[]string{}, "dev: 5 % of the callers get the canary, as configured", ""},
		{[]string{"25"}, "dev: 25 % of the callers get the canary within seconds (before: 5 %)", "25"},
		{[]string{}, "dev: 25 % of the callers get the canary, as set with this command (configured: 5 %)", "25"},
		{[]string{"07"}, "dev: 7 % of the callers get the canary within seconds (before: 25 %)", "7"},
		{[]string{"100"}, "dev: 100 % of the callers get the canary within seconds (before: 7 %)", "100"},
		{[]string{"0"}, "dev: 0 % of the callers get the canary within seconds (before: 100 %)", "0"},
		{[]string{"--reset"}, "dev: 5 % of the callers get the canary within seconds, as configured (before: 0 %)", ""},
		{[]string{"-reset"}, "dev: 5 % of the callers get the canary, as configured", ""},
	} {
		code, stdout, stderr := run(append([]string{"canary", "dev", "-c", keyed}, step.args...)...)
		require.Zero(t, code, stderr)
		require.Equal(t, step.want+"\n", stdout)
		require.Equal(t, step.kept, s.Pairs(devsStore)["canary"])
	}
	s.PutPair(devsStore, "canary", "five")
	_, stdout, _ := run("canary", "dev", "-c", keyed)
	require.Equal(t, "dev: 0 % of the callers get the canary, since the key value store has \"five\" for it (configured: 5 %)\n", stdout)

	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"dev", "101"}, `percent: must be a whole number from 0 to 100, got "101"`},
		{[]string{"dev", "007"}, `percent: must be a whole number from 0 to 100, got "007"`},
		{[]string{"dev", "5%"}, `percent: must be a whole number from 0 to 100, got "5%"`},
		{[]string{"dev", "5", "--reset"}, "--reset: takes no percent; the configured one counts again"},
		{[]string{"plain"}, "environments.plain.api.canary: isn't there, so all callers get the same backend; configure it, and deploy"},
		{[]string{"elsewhere", "5"}, "environments.elsewhere.api.canary: isn't there, so all callers get the same backend; configure it, and deploy"},
	} {
		code, stdout, stderr := run(append([]string{"canary", "-c", keyed}, c.args...)...)
		require.NotZero(t, code)
		require.Empty(t, stdout)
		require.Equal(t, c.want+"\n", stderr)
	}
	require.Equal(t, "five", s.Pairs(devsStore)["canary"])
}

// TestCanaryOutlived forgets the share of a canary that is no longer there, which a next one would begin with.
func TestCanaryOutlived(t *testing.T) {
	s := deployedStores(t, devsStore)
	s.PutPair(devsStore, "canary", "100")
	text, err := os.ReadFile(keyed)
	require.NoError(t, err)
	var file map[string]any
	require.NoError(t, json.Unmarshal(text, &file))
	environments := file["context"].(map[string]any)["accelerator"].(map[string]any)["environments"].(map[string]any)
	delete(environments["dev"].(map[string]any)["api"].(map[string]any), "canary")
	text, err = json.Marshal(file)
	require.NoError(t, err)
	without := filepath.Join(t.TempDir(), "cdktf.json")
	require.NoError(t, os.WriteFile(without, text, 0o600))

	code, stdout, stderr := run("canary", "dev", "--reset", "-c", without)
	require.Zero(t, code, stderr)
	require.Equal(t, "dev: no share is kept; a next canary begins with its percent\n", stdout)
	require.NotContains(t, s.Pairs(devsStore), "canary")
	code, _, stderr = run("canary", "dev", "0", "-c", without)
	require.Equal(t, 1, code)
	require.Contains(t, stderr, "api.canary: isn't there")
	code, _, stderr = run("canary", "plain", "--reset", "-c", keyed)
	require.Equal(t, 1, code)
	require.Contains(t, stderr, "neither are api.keys")
}

// atEdge is the function of an environment, which reads what the commands wrote.
type atEdge struct {
	t        *testing.T
	function *function.Program
	stored   *awstest.Server
}

func newEdge(t *testing.T, s *awstest.Server) atEdge {
	t.Helper()
	program, err := function.Compile("api", viewerrequest.Code(viewerrequest.Options{KeyHeaders: []string{"authorization"},
		Canary: &viewerrequest.Canary{Origin: "api-canary", Percent: 5}}))
	require.NoError(t, err)
	return atEdge{t, program, s}
}

// ask sends a request with a key.
func (e atEdge) ask(key string, at time.Time) function.Result {
	e.t.Helper()
	result, err := e.function.Run(function.Event{Method: "GET", URI: "/v1/models", IP: "192.0.2.1", Time: at,
		Headers: map[string][]string{"authorization": {"Bearer " + key}}}, function.Map(e.stored.Pairs(devsStore)))
	require.NoError(e.t, err)
	return result
}

func (e atEdge) requireKnown(key, name string, at time.Time) {
	e.t.Helper()
	result := e.ask(key, at)
	require.Nil(e.t, result.Response)
	require.Equal(e.t, []string{name}, result.Headers["x-caller"])
	require.NotContains(e.t, fmt.Sprint(result.Headers), key)
}

func (e atEdge) requireRefused(key, message string, at time.Time) {
	e.t.Helper()
	result := e.ask(key, at)
	require.NotNil(e.t, result.Response)
	require.Equal(e.t, 401, result.Response.Status)
	require.Contains(e.t, result.Response.Body, message)
}

// TestEdgeKnowsWhatTheCommandsWrite runs the function on the store that the commands wrote.
func TestEdgeKnowsWhatTheCommandsWrite(t *testing.T) {
	s := deployedStores(t, devsStore)
	e := newEdge(t, s)
	e.requireRefused("sk-unknown", "unknown", time.Now())
	code, stdout, stderr := run("key", "add", "dev", "alice@example.com", "-c", keyed)
	require.Zero(t, code, stderr)
	key := strings.TrimSpace(stdout)
	e.requireKnown(key, "alice@example.com", time.Now())
	e.requireKnown(key, "alice@example.com", time.Now().AddDate(100, 0, 0))

	const existing = "!existing~key,with;all/kinds=of+signs"
	withStdin(t, existing+"\n")
	code, _, stderr = run("key", "add", "dev", "bob", "--stdin", "--expires", "2d", "-c", keyed)
	require.Zero(t, code, stderr)
	e.requireKnown(existing, "bob", time.Now().Add(47*time.Hour))
	e.requireRefused(existing, "expired", time.Now().Add(49*time.Hour))

	code, _, stderr = run("key", "remove", "dev", "alice@example.com", "-c", keyed)
	require.Zero(t, code, stderr)
	e.requireRefused(key, "unknown", time.Now())
	e.requireKnown(existing, "bob", time.Now())
}

// TestEdgeExpiresAsListed holds the list and the function to the same second.
func TestEdgeExpiresAsListed(t *testing.T) {
	s := deployedStores(t, devsStore)
	e := newEdge(t, s)
	code, stdout, stderr := run("key", "add", "dev", "alice", "--expires", "2999-01-31", "-c", keyed)
	require.Zero(t, code, stderr)
	end := time.Date(2999, 1, 31, 23, 59, 59, 0, time.UTC)
	e.requireKnown(strings.TrimSpace(stdout), "alice", end.Add(-time.Millisecond))
	e.requireRefused(strings.TrimSpace(stdout), "expired", end)

	keep(s, "expired", "bob", time.Unix(1, 0), time.Now().Add(-time.Second))
	_, stdout, _ = run("key", "list", "dev", "-c", keyed)
	require.Regexp(t, `(?m)^bob .*, expired$`, stdout)
	require.Regexp(t, `(?m)^alice .* 2999-01-31 23:59$`, stdout)
	e.requireRefused("expired", "expired", time.Now())
}

// TestEdgeGoesByTheShare asks as a hundred callers.
func TestEdgeGoesByTheShare(t *testing.T) {
	s := deployedStores(t, devsStore)
	e := newEdge(t, s)
	for i := range 100 {
		keep(s, fmt.Sprint("key-", i), fmt.Sprint("caller-", i), time.Now(), time.Time{})
	}
	in := func() (n int) {
		for i := range 100 {
			result := e.ask(fmt.Sprint("key-", i), time.Now())
			require.Equal(t, result.Origin != nil, result.Headers["x-canary"] != nil)
			if result.Origin != nil {
				require.Equal(t, []string{"api-canary"}, result.Origin.IDs)
				n++
			}
		}
		return n
	}
	configured := in()
	require.Less(t, configured, 20, "5 %")
	for share, right := range map[string]func(n int) bool{
		"100": func(n int) bool { return n == 100 },
		"0":   func(n int) bool { return n == 0 },
		"50":  func(n int) bool { return n > 30 && n < 70 },
	} {
		code, _, stderr := run("canary", "dev", share, "-c", keyed)
		require.Zero(t, code, stderr)
		require.True(t, right(in()), share)
	}
	for _, foreign := range []string{"101", "007", "1000", "-1", "1e1", "five", ""} {
		s.PutPair(devsStore, "canary", foreign)
		require.Equal(t, callers.Share(foreign), in(), foreign)
	}
	code, _, stderr := run("canary", "dev", "--reset", "-c", keyed)
	require.Zero(t, code, stderr)
	require.Equal(t, configured, in())
}
