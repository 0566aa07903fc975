package callers_test

import (
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge/function"
	"ml-api-accelerator/stacks/internal/shared/callers"
	"ml-api-accelerator/stacks/internal/shared/viewerrequest"
)

// change makes in a store what setting or removing a credential says, as an update of the store would.
func change(t *testing.T, entries, put map[string]string, gone []string) {
	t.Helper()
	for key, value := range put {
		require.NotContains(t, gone, key, "CloudFront refuses to put and delete one key at once")
		require.LessOrEqual(t, len(value), 1024)
		require.LessOrEqual(t, len(key), 512)
		entries[key] = value
	}
	for _, key := range gone {
		require.Contains(t, entries, key)
		delete(entries, key)
	}
}

// sent is what the function of an environment sends to a backend for a caller, and the status if it refuses.
func sent(t *testing.T, entries map[string]string, backend string) (text string, status int) {
	t.Helper()
	program, err := function.Compile("f", viewerrequest.Code(viewerrequest.Options{
		KeyHeaders: []string{"x-api-key"}, Pausable: true,
		Credential: &viewerrequest.Credential{Entry: callers.CredentialEntry(backend), Header: "authorization", Scheme: "Bearer"},
	}))
	require.NoError(t, err)
	store := function.Map(maps.Clone(entries))
	alice := callers.Key{Hash: callers.Hash("sk-alice"), Name: "alice", Created: then}
	store[alice.Hash] = alice.Value()
	result, err := program.Run(function.Event{
		Method: "GET", URI: "/v1/models", Time: then, IP: "198.51.100.11", Headers: map[string][]string{"x-api-key": {"sk-alice"}},
	}, store)
	require.NoError(t, err)
	if result.Response != nil {
		return "", result.Response.Status
	}
	return strings.Join(result.Headers["authorization"], ", "), 0
}

// TestCredential has the function send each credential that the store was given, however long it is.
func TestCredential(t *testing.T) {
	entries := map[string]string{"pause": ""}
	for _, c := range []struct{ length, entries int }{
		{1, 1}, {1012, 1}, {1013, 2}, {1014, 2}, {4096, 5}, {2000, 2}, {1100, 2}, {40, 1}, {3001, 4},
	} {
		text := strings.Repeat("0123456789abcdef", 256)[:c.length-1] + "~"
		put, gone := callers.SetCredential(entries, "api", text, then)
		change(t, entries, put, gone)
		got, status := sent(t, entries, "api")
		require.Zero(t, status)
		require.Equal(t, "Bearer "+text, got)
		require.Equal(t, []callers.Credential{{Backend: "api", Since: then, Whole: true}}, callers.Read(entries).Credentials)
		require.Empty(t, callers.Read(entries).Foreign)
		require.Len(t, entries, 1+c.entries, "former parts are gone, for %d", c.length)
	}
}

// TestCredentialChanges has requests see parts of the change of a long credential: they send all of one, or nothing.
func TestCredentialChanges(t *testing.T) {
	before, after := strings.Repeat("a", 3000), strings.Repeat("b", 3500)
	old, _ := callers.SetCredential(nil, "api", before, then)
	put, gone := callers.SetCredential(old, "api", after, then)
	changes := len(put) + len(gone)
	require.Greater(t, changes, 5)
	for seen := range 1 << changes {
		entries, i := maps.Clone(old), 0
		for key, value := range put {
			if seen&(1<<i) != 0 {
				entries[key] = value
			}
			i++
		}
		for _, key := range gone {
			if seen&(1<<i) != 0 {
				delete(entries, key)
			}
			i++
		}
		if got, status := sent(t, entries, "api"); status == 0 {
			require.Contains(t, []string{"Bearer " + before, "Bearer " + after}, got)
		} else {
			require.Equal(t, http.StatusServiceUnavailable, status)
		}
	}
}

// TestCredentialsApart has backends whose names begin alike.
func TestCredentialsApart(t *testing.T) {
	entries := map[string]string{}
	names := []string{"api", "api-canary", "api-0123456789abcdef", "embeddings"}
	for _, name := range names {
		put, gone := callers.SetCredential(entries, name, name+strings.Repeat("x", 2000), then)
		change(t, entries, put, gone)
	}
	change(t, entries, nil, callers.RemoveCredential(entries, "api"))
	_, status := sent(t, entries, "api")
	require.Equal(t, http.StatusServiceUnavailable, status)
	for _, name := range names[1:] {
		got, status := sent(t, entries, name)
		require.Zero(t, status)
		require.Equal(t, "Bearer "+name+strings.Repeat("x", 2000), got)
		change(t, entries, nil, callers.RemoveCredential(entries, name))
	}
	require.Empty(t, entries)
}

func TestReadCredential(t *testing.T) {
	entries := map[string]string{
		"credential-bare": "sk-x", "credential-half": "sk-x\ncredential-half.gone", "credential-late": "sk-x\n\nlater",
		"credential-round": "sk-x\ncredential-round",
	}
	require.Equal(t, []callers.Credential{{Backend: "bare", Whole: true}, {Backend: "half"}, {Backend: "late", Whole: true}, {Backend: "round"}},
		callers.Read(entries).Credentials)
}

func TestCheckCredential(t *testing.T) {
	for _, text := range []string{"x", "sk-~!", strings.Repeat("k", 4096), "Bearer"} {
		require.NoError(t, callers.CheckCredential(text, "Bearer"))
	}
	const visible = "the credential: must be one line of visible ASCII characters, without spaces"
	for _, c := range []struct{ text, scheme, want string }{
		{"", "Bearer", "the credential: is empty"},
		{"bearer sk-1", "Bearer", `the credential: must come without "Bearer", which the edge puts before it`},
		{"Key sk-1", "Key", `the credential: must come without "Key", which the edge puts before it`},
		{"Bearer sk-1", "", `the credential: must come without "Bearer"; a word before it is the field scheme of the configuration`},
		{"sk-1 ", "", visible}, {"sk\n1", "", visible}, {"sk\t1", "", visible}, {"sk-é", "", visible}, {"\ufeffsk", "", visible},
		{strings.Repeat("k", 4097), "", "the credential: must have at most 4096 characters"},
	} {
		require.EqualError(t, callers.CheckCredential(c.text, c.scheme), c.want)
	}
}

// TestPause has the function refuse what the store says, and hold it to what it reads.
func TestPause(t *testing.T) {
	p := callers.Pause{Since: then, Message: `Back at "10:00" <UTC>.`}
	require.Equal(t, `{"since":1795523415,"message":"Back at \"10:00\" <UTC>."}`, p.Value())
	require.Equal(t, &p, callers.Read(map[string]string{"pause": p.Value()}).Pause)
	entries := map[string]string{"credential-api": "sk-x", "pause": p.Value()}
	_, status := sent(t, entries, "api")
	require.Equal(t, http.StatusServiceUnavailable, status)
	for value, paused := range map[string]bool{
		`{"message":"x"}`: true, "": false, "{": false, "1": false, `{"since":1}`: false, `{"since":1,"message":""}`: false,
	} {
		entries["pause"] = value
		_, status := sent(t, entries, "api")
		require.Equal(t, paused, status == http.StatusServiceUnavailable, value)
		require.Equal(t, paused, callers.ReadPause(value) != nil, value)
	}
	require.True(t, callers.ReadPause(`{"message":"x"}`).Since.IsZero())
}

func TestCheckMessage(t *testing.T) {
	for _, text := range []string{"x", callers.DefaultMessage, strings.Repeat("\U0001f680", 240), strings.Repeat(`"`, 240), strings.Repeat("<", 240)} {
		require.NoError(t, callers.CheckMessage(text))
		require.LessOrEqual(t, len(callers.Pause{Since: time.Now(), Message: text}.Value()), 1024)
	}
	for text, want := range map[string]string{
		"": "must say something", "  ": "must say something", strings.Repeat("é", 241): "must have at most 240 characters, got 241",
		"a\nb": "must be one line of printable characters", "a\x1b[1m": "must be one line of printable characters",
		"\xff": "must be one line of printable characters", "a\u202eb": "must be one line of printable characters",
	} {
		require.EqualError(t, callers.CheckMessage(text), want)
	}
}
