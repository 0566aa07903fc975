package cli_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

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
		require.Equal(t, 1, code)
		require.Empty(t, stdout)
		require.Equal(t, c.want+"\n", stderr)
	}
	require.Equal(t, "five", s.Pairs(devsStore)["canary"])
}
