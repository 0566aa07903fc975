package cli_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

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
