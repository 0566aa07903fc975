package cli_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/awstest"
)

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
