package callers_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/shared/callers"
)

var then = time.Date(2026, 11, 24, 12, 30, 15, 0, time.UTC)

// hash is one that begins as told.
func hash(begin string) string { return begin + strings.Repeat("0", 64-len(begin)) }

func key(begin, name string, days int) callers.Key {
	return callers.Key{Hash: hash(begin), Name: name, Created: then.AddDate(0, 0, days)}
}

// TestValue is the format that the function reads.
func TestValue(t *testing.T) {
	k := callers.Key{Hash: hash("ab"), Name: "alice@example.com", Created: then}
	require.Equal(t, `{"name":"alice@example.com","created":1795523415}`, k.Value())
	k.Expires = then.Add(time.Hour)
	require.Equal(t, `{"name":"alice@example.com","created":1795523415,"expires":1795527015}`, k.Value())
	require.Equal(t, []callers.Key{k}, callers.Read(map[string]string{k.Hash: k.Value()}).Keys)
	require.Equal(t, "ab000000", k.ID())
}

func TestExpired(t *testing.T) {
	k := callers.Key{Expires: then}
	require.False(t, k.Expired(then.Add(-time.Nanosecond)))
	require.True(t, k.Expired(then), "the function refuses it from this second on")
	require.False(t, callers.Key{}.Expired(then))
}

func TestReadSorts(t *testing.T) {
	keys := []callers.Key{key("3", "alice", 0), key("1", "alice", 1), key("2", "bob", -1)}
	entries := map[string]string{callers.CanaryEntry: "25"}
	for _, k := range keys {
		entries[k.Hash] = k.Value()
	}
	require.Equal(t, callers.Content{Keys: keys}, callers.Read(entries))
}

// TestReadTellsForeign has entries that the commands never write, whatever the function makes of them.
func TestReadTellsForeign(t *testing.T) {
	foreign := map[string]string{
		"something":                         `{"name":"alice","created":1}`,
		strings.ToUpper(hash("ab")):         `{"name":"alice","created":1}`,
		hash("1"):                           `alice`,
		hash("2"):                           `{"created":1}`,
		hash("3"):                           `{"name":"no name","created":1}`,
		hash("4"):                           `{"name":"alice","created":"yesterday"}`,
		"ab" + strings.Repeat("\u0000", 62): "",
	}
	require.ElementsMatch(t, keysOf(foreign), callers.Read(foreign).Foreign)
	require.Empty(t, callers.Read(foreign).Keys)

	at0 := callers.Read(map[string]string{hash("5"): `{"name":"alice","created":1,"expires":0}`}).Keys
	require.Len(t, at0, 1)
	require.True(t, at0[0].Expired(then))
}

func keysOf(entries map[string]string) []string {
	var keys []string
	for key := range entries {
		keys = append(keys, key)
	}
	return keys
}

func TestCheckAdd(t *testing.T) {
	var c callers.Content
	for i := range 5 {
		k := key(fmt.Sprint(i), "alice", i)
		require.NoError(t, c.CheckAdd(k))
		c.Keys = append(c.Keys, k)
	}
	c.Foreign = []string{hash("f")}
	require.EqualError(t, c.CheckAdd(key("a", "alice", 9)),
		"alice: has 5 keys already (00000000, 10000000, 20000000, 30000000, 40000000), and no more are allowed; remove one first")
	require.NoError(t, c.CheckAdd(key("a", "bob", 9)))
	require.EqualError(t, c.CheckAdd(key("3", "bob", 9)), "the key: is there already, as alice's key 30000000")
	require.EqualError(t, c.CheckAdd(key("f", "bob", 9)), "the key: is there already, in an entry that the commands didn't write")
}

func TestChoose(t *testing.T) {
	c := callers.Content{Keys: []callers.Key{key("aaaaaaaa", "alice", 0), key("bbbbbbbb1", "alice", 1), key("bbbbbbbb2", "alice", 2), key("cccccccc", "bob", 0)}}
	for _, r := range []struct {
		removal callers.Removal
		chosen  []string
		err     string
	}{
		{callers.Removal{Name: "bob"}, []string{"cccccccc"}, ""},
		{callers.Removal{Name: "bob", All: true}, []string{"cccccccc"}, ""},
		{callers.Removal{Name: "bob", ID: "cccccccc"}, []string{"cccccccc"}, ""},
		{callers.Removal{Name: "alice", ID: "aaaaaaaa"}, []string{"aaaaaaaa"}, ""},
		{callers.Removal{Name: "alice", ID: "bbbbbbbb2"}, []string{"bbbbbbbb2"}, ""},
		{callers.Removal{Name: "alice", All: true}, []string{"aaaaaaaa", "bbbbbbbb1", "bbbbbbbb2"}, ""},
		{callers.Removal{Name: "alice"}, nil, "alice: has 3 keys, aaaaaaaa, bbbbbbbb, bbbbbbbb; say which with --id, or --all"},
		{callers.Removal{Name: "alice", ID: "bbbbbbbb"}, nil, "alice: has 2 keys that begin with bbbbbbbb; remove them together, with --all"},
		{callers.Removal{Name: "alice", ID: "cccccccc"}, nil, "alice: has no key cccccccc; there are aaaaaaaa, bbbbbbbb, bbbbbbbb"},
		{callers.Removal{Name: "bob", ID: "cccc"}, nil, "bob: has no key cccc; there are cccccccc"},
		{callers.Removal{Name: "carol"}, nil, "carol: has no key; there are keys of alice, bob"},
	} {
		chosen, err := c.Choose(r.removal)
		if r.err != "" {
			require.EqualError(t, err, r.err)
			continue
		}
		require.NoError(t, err)
		var hashes []string
		for _, begin := range r.chosen {
			hashes = append(hashes, hash(begin))
		}
		require.Equal(t, hashes, callers.Hashes(chosen))
	}
	_, err := callers.Content{}.Choose(callers.Removal{Name: "carol"})
	require.EqualError(t, err, "carol: has no key; nobody has")
	for i := range 10 {
		c.Keys = append(c.Keys, key("d", fmt.Sprint("more", i), 0))
	}
	_, err = c.Choose(callers.Removal{Name: "carol"})
	require.EqualError(t, err, "carol: has no key")
}

func TestWithout(t *testing.T) {
	c := callers.Content{Keys: []callers.Key{key("1", "alice", 0), key("2", "alice", 1), key("3", "bob", 1)}}
	require.Equal(t, []callers.Key{key("2", "alice", 1)}, c.Without(c.Keys[:1]).Of("alice"))
	require.Len(t, c.Keys, 3)
}
