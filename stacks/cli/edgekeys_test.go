package cli_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/awstest"
	"ml-api-accelerator/stacks/internal/edge/function"
	"ml-api-accelerator/stacks/internal/shared/callers"
	"ml-api-accelerator/stacks/internal/shared/viewerrequest"
)

// atEdge is the function of an environment, which reads what the commands wrote.
type atEdge struct {
	t        *testing.T
	function *function.Program
	stored   *awstest.Server
}

func newEdge(t *testing.T, s *awstest.Server) atEdge {
	t.Helper()
	program, err := function.Compile("api", viewerrequest.Code(viewerrequest.Options{KeyHeader: "authorization",
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
