package callers_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/shared/callers"
)

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
