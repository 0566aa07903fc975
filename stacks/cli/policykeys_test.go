package cli_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

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
		`environment "state": not found`:                                 {"state", "--keys"},
		"if any flags in the group [plan keys logs] are set none of the": {"dev", "--keys", "--plan"},
	} {
		code, _, stderr := run(append([]string{"policy", "-c", keyed}, args...)...)
		require.Equal(t, 1, code)
		require.Contains(t, stderr, want)
	}
}
