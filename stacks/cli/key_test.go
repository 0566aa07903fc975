package cli_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/cli"
	"ml-api-accelerator/stacks/internal/awstest"
	"ml-api-accelerator/stacks/internal/callers"
	"ml-api-accelerator/stacks/internal/names"
)

const (
	keyed     = "testdata/keys.json"
	devsStore = "example-dev-api"
)

// deployedStores is a stand-in of AWS, to which the environment leads, with the store of each environment named.
func deployedStores(t *testing.T, stores ...string) *awstest.Server {
	t.Helper()
	s := awstest.StartCloudFront(t)
	for key, value := range s.Env() {
		t.Setenv(key, value)
	}
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

func TestKeyList(t *testing.T) {
	s := deployedStores(t, devsStore)
	code, stdout, stderr := run("key", "list", "dev", "-c", keyed)
	require.Zero(t, code, stderr)
	require.Equal(t, "dev has no keys\n", stdout)

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
	require.JSONEq(t, `{"keys": [
		{"name": "alice", "id": "`+first+`", "added": "2026-01-31T12:30:00Z", "expires": "2026-01-31T13:30:00Z", "expired": true},
		{"name": "alice", "id": "`+second+`", "added": "2026-01-31T13:30:00Z", "expires": "2926-01-31T12:30:00Z", "expired": false},
		{"name": "bob", "id": "`+bob+`", "added": "2026-01-31T12:30:00Z", "expires": null, "expired": false}], "foreign": ["redirects"]}`, stdout)
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
		lost := losing(t, os.Getenv("AWS_ENDPOINT_URL"))
		t.Setenv("AWS_ENDPOINT_URL_CLOUDFRONT_KEYVALUESTORE", lost.URL)
		code, _, stderr := run("key", command, "dev", "alice", "-c", keyed)
		require.Zero(t, code, stderr)
		require.NotContains(t, stderr, "older key")
		require.Len(t, s.Pairs(devsStore), map[string]int{"add": 1, "remove": 0}[command])
	}
}

// losing passes everything on, and loses the answer to the first change.
func losing(t *testing.T, to string) *httptest.Server {
	t.Helper()
	at, err := url.Parse(to)
	require.NoError(t, err)
	lost := false
	proxy := httputil.NewSingleHostReverseProxy(at)
	proxy.ModifyResponse = func(r *http.Response) error {
		if r.Request.Method == http.MethodPost && !lost {
			lost = true
			return fmt.Errorf("lost")
		}
		return nil
	}
	proxy.ErrorHandler = func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) }
	server := httptest.NewServer(proxy)
	t.Cleanup(func() {
		server.Close()
		require.True(t, lost)
	})
	return server
}

func TestKeyRefuses(t *testing.T) {
	s := deployedStores(t, devsStore, "example-elsewhere-api")
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"list", "prod"}, `environment "prod": not found; there are dev, elsewhere, open, plain`},
		{[]string{"list", "plain"}, "environments.plain.api: has neither keys nor canary, so there is no key value store"},
		{[]string{"add", "open", "alice"}, "environments.open.api.keys: isn't there, so the edge asks nobody for a key; configure it, and deploy"},
		{[]string{"list", "open"}, "open: has no key value store example-open-api in the account of your AWS credentials; deploy it first: cdktf deploy example-open"},
		{[]string{"list", "elsewhere"}, "environments.elsewhere.account.id: is 999999999999, but your AWS credentials are those of account 111122223333"},
		{[]string{"add", "elsewhere", "alice"}, "environments.elsewhere.account.id: is 999999999999, but your AWS credentials are those of account 111122223333"},
		{[]string{"add", "dev", "a b"}, `name "a b": must be 1 to 64 letters, digits and . _ @ -, beginning with a letter or a digit`},
		{[]string{"add", "dev", "alice", "--expires", "soon"}, `expiry "soon": must be a day like `},
		{[]string{"add", "dev"}, "accepts 2 arg(s), received 1"},
		{[]string{"remove", "dev", "alice"}, "alice: has no key; nobody has"},
		{[]string{"remove", "dev", "alice", "--id", "1", "--all"}, "if any flags in the group [id all] are set none of the others can be"},
		{[]string{"lits", "dev"}, `unknown command "lits" for "ml-api-accelerator key"`},
	} {
		code, stdout, stderr := run(append(append([]string{"key"}, c.args...), "-c", keyed)...)
		require.Equal(t, 1, code)
		require.Empty(t, stdout)
		require.Contains(t, stderr, c.want)
		require.Equal(t, 1, strings.Count(stderr, "\n"), stderr)
	}
	for _, name := range []string{devsStore, "example-elsewhere-api"} {
		require.Empty(t, s.Pairs(name))
	}
}

// TestAccessDenied tells what to do about it; the second is what AWS says to a session token of version 1.
func TestAccessDenied(t *testing.T) {
	s := deployedStores(t, devsStore)
	s.DenyNext("cloudfront:DescribeKeyValueStore")
	code, _, stderr := run("key", "list", "dev", "-c", keyed)
	require.Equal(t, 1, code)
	require.Equal(t, "AWS denies access: User is not authorized to perform this action\n  policy dev --keys prints the IAM policy that key and canary need\n", stderr)

	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Amzn-ErrorType", "AccessDeniedException")
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, `{"Message": "Authentication failed"}`)
	}))
	defer refusing.Close()
	t.Setenv("AWS_ENDPOINT_URL_CLOUDFRONT_KEYVALUESTORE", refusing.URL)
	t.Setenv("AWS_SESSION_TOKEN", "token")
	code, _, stderr = run("key", "list", "dev", "-c", keyed)
	require.Equal(t, 1, code)
	require.Contains(t, stderr, "AWS refuses your credentials: Authentication failed\n  Temporary ones must come from a Regional endpoint of STS")
	require.NotContains(t, stderr, "token\n")
}

// TestKeyTimeout gives up on an AWS that doesn't answer.
func TestKeyTimeout(t *testing.T) {
	deployedStores(t)
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer silent.Close()
	t.Setenv("AWS_ENDPOINT_URL", silent.URL)
	defer cli.SetStoreTimeout(50 * time.Millisecond)()
	code, _, stderr := run("key", "list", "dev", "-c", keyed)
	require.Equal(t, 1, code)
	require.Equal(t, "AWS doesn't answer: given up after 50ms\n", stderr)
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

// TestKeysPolicy allows what the commands were seen to do, and nothing more.
func TestKeysPolicy(t *testing.T) {
	s := deployedStores(t, devsStore)
	for _, args := range [][]string{{"key", "add", "dev", "alice"}, {"key", "list", "dev"}, {"key", "remove", "dev", "alice"},
		{"canary", "dev"}, {"canary", "dev", "10"}, {"canary", "dev", "--reset"}} {
		code, _, stderr := run(append(args, "-c", keyed)...)
		require.Zero(t, code, stderr)
	}
	var done []string
	for _, call := range s.Calls() {
		done = append(done, call.Name())
	}
	slices.Sort(done)
	code, stdout, stderr := run("policy", "dev", "--keys", "-c", keyed)
	require.Zero(t, code, stderr)
	require.Contains(t, stderr, "once example-dev-api is there, put its id, which CloudFront chooses, in the place of the last *")
	var policy struct {
		Statement []struct{ Action, Resource []string }
	}
	require.NoError(t, json.Unmarshal([]byte(stdout), &policy))
	require.Len(t, policy.Statement, 1)
	require.ElementsMatch(t, slices.Compact(done), policy.Statement[0].Action)
	require.Equal(t, []string{"arn:aws:cloudfront::111122223333:key-value-store/*"}, policy.Statement[0].Resource)

	for want, args := range map[string][]string{
		"environments.plain.api: has neither keys nor canary, so there is no key value store\n": {"plain", "--keys"},
		`environment "state": not found`:                            {"state", "--keys"},
		"if any flags in the group [plan keys] are set none of the": {"dev", "--keys", "--plan"},
	} {
		code, _, stderr := run(append([]string{"policy", "-c", keyed}, args...)...)
		require.Equal(t, 1, code)
		require.Contains(t, stderr, want)
	}
}

// TestStoreIsTheDeployedOne holds the name that the commands look for to the one that the stack has.
func TestStoreIsTheDeployedOne(t *testing.T) {
	text, err := os.ReadFile("../testdata/everything-full.tf.json")
	require.NoError(t, err)
	var stack struct {
		Resource struct {
			Store map[string]struct{ Name string } `json:"aws_cloudfront_key_value_store"`
		}
	}
	require.NoError(t, json.Unmarshal(text, &stack))
	require.Equal(t, names.KeyValueStore("everything-full"), stack.Resource.Store["api"].Name)
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
