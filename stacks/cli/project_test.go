package cli_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/cli"
	"ml-api-accelerator/stacks/internal/shared/names"
)

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
		{[]string{"add", "dev", "alice", "--expires", "soon"}, `--expires: must be such as 2026-01-31T12:00:00Z, `},
		{[]string{"add", "dev", "alice", "--expires", ""}, `--expires: must be such as 2026-01-31T12:00:00Z, `},
		{[]string{"add", "dev", "alice", "--expires", "2026-01-31"}, `--expires: must be in the future (it is `},
		{[]string{"remove", "dev", "alice", "--id", ""}, "--id: must be the id of a key, as list shows it"},
		{[]string{"add", "dev"}, "key add takes an environment and a caller's name: key add prod alice"},
		{[]string{"remove", "dev", "alice"}, "alice: has no key; nobody has"},
		{[]string{"remove", "dev", "alice", "--id", "1", "--all"}, "--id and --all exclude each other: give one of them"},
		{[]string{"lits", "dev"}, `unknown command "lits" (did you mean list?); go run . key --help lists all`},
	} {
		code, stdout, stderr := run(append(append([]string{"key"}, c.args...), "-c", keyed)...)
		require.NotZero(t, code)
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
	require.Equal(t, "AWS denies access: User is not authorized to perform this action\n  policy dev --keys prints the IAM policy that this command needs\n", stderr)

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
