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

func TestNewKey(t *testing.T) {
	seen := map[string]bool{}
	for range 100 {
		key := callers.NewKey()
		require.Regexp(t, `^sk-[A-Za-z0-9_-]{43}$`, key, "256 bits")
		require.NoError(t, callers.CheckKey(key))
		require.False(t, seen[key])
		seen[key] = true
	}
}

// TestHash has the value of FIPS 180-2, which is what the function computes.
func TestHash(t *testing.T) {
	require.Equal(t, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", callers.Hash("abc"))
}

func TestCheckKey(t *testing.T) {
	const visible, length = "the key: must be one line of visible ASCII characters, without spaces", "the key: must have 20 to 512 characters, got "
	for key, want := range map[string]string{
		strings.Repeat("k", 20):                 "",
		strings.Repeat("~", 512):                "",
		"!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~":    "",
		strings.Repeat("k", 19):                 length + "19",
		strings.Repeat("k", 513):                length + "513",
		"":                                      length + "0",
		strings.Repeat("k", 20) + " ":           visible,
		strings.Repeat("k", 20) + "\nsecond":    visible,
		strings.Repeat("k", 20) + "\x7f":        visible,
		strings.Repeat("ä", 20):                 visible,
		"Bearer " + strings.Repeat("k", 20):     `the key: must come without "Bearer", which callers put before it`,
		"bearer " + strings.Repeat("k", 20):     `the key: must come without "bearer", which callers put before it`,
		"bearer-token" + strings.Repeat("k", 9): "",
	} {
		err := callers.CheckKey(key)
		if want == "" {
			require.NoError(t, err, key)
			continue
		}
		require.EqualError(t, err, want, key)
	}
}

func TestCheckName(t *testing.T) {
	for _, good := range []string{"a", "9", "alice", "team-a.ml_2@example.com", strings.Repeat("n", 64)} {
		require.NoError(t, callers.CheckName(good))
	}
	for _, bad := range []string{"", "-a", ".a", "@a", "a b", "a/b", "a:b", "ä", "a\n", strings.Repeat("n", 65)} {
		require.ErrorContains(t, callers.CheckName(bad), "must be 1 to 64 letters, digits and . _ @ -, beginning with a letter or a digit", bad)
	}
}

func TestShare(t *testing.T) {
	for text, want := range map[string]int{"0": 0, "5": 5, "25": 25, "100": 100, "05": 5} {
		require.NoError(t, callers.CheckShare(text))
		require.Equal(t, want, callers.Share(text))
	}
	for text, want := range map[string]int{"101": 0, "999": 0, "007": 0, "1000": 0, "-1": 0, "+5": 0, "5.5": 0, "": 0, "5%": 0, "five": 0, "5\n": 0} {
		require.ErrorContains(t, callers.CheckShare(text), "percent: must be a whole number from 0 to 100, got ")
		require.Equal(t, want, callers.Share(text), text)
	}
}
