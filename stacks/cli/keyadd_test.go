package cli_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/cli"
	"ml-api-accelerator/stacks/internal/shared/callers"
)

// withStdin has a command read a text.
func withStdin(t *testing.T, text string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "stdin")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	f, err := os.Open(file)
	require.NoError(t, err)
	before := os.Stdin
	os.Stdin = f
	t.Cleanup(func() {
		os.Stdin = before
		_ = f.Close()
	})
}

func TestKeyAdd(t *testing.T) {
	s := deployedStores(t, devsStore)
	code, stdout, stderr := run("key", "add", "dev", "alice", "-c", keyed)
	require.Zero(t, code, stderr)
	require.Regexp(t, `^sk-[A-Za-z0-9_-]{43}\n$`, stdout, "the key alone, to be piped")
	key := strings.TrimSpace(stdout)
	hash := callers.Hash(key)
	require.Equal(t, "added alice's key "+hash[:8]+": the edge takes it within seconds; it never expires\nKeep it: it can't be printed again.\n", stderr)
	stored := s.Pairs(devsStore)
	require.Len(t, stored, 1)
	require.Regexp(t, `^\{"name":"alice","created":\d+\}$`, stored[hash])
	require.NotContains(t, fmt.Sprint(stored), key)

	code, _, stderr = run("key", "add", "dev", "alice", "-c", keyed, "--expires", "2999-12-31")
	require.Zero(t, code, stderr)
	require.Regexp(t, `^added alice's key [0-9a-f]{8}: the edge takes it within seconds; it expires on 2999-12-31 23:59 UTC
Keep it: it can't be printed again.
alice has 1 older key, too; once the new one is in use: key remove dev alice --id `+hash[:8]+"\n$", stderr)
	require.Len(t, s.Pairs(devsStore), 2)
}

func TestKeyAddFromStdin(t *testing.T) {
	s := deployedStores(t, devsStore)
	const existing = "an-existing-key-of-alice"
	withStdin(t, existing+"\r\n")
	code, stdout, stderr := run("key", "add", "dev", "alice", "--stdin", "-c", keyed)
	require.Zero(t, code, stderr)
	require.Empty(t, stdout)
	require.Equal(t, "added alice's key "+callers.Hash(existing)[:8]+": the edge takes it within seconds; it never expires\n", stderr)
	require.Contains(t, s.Pairs(devsStore), callers.Hash(existing))
	for text, want := range map[string]string{
		existing:                        "the key: is there already, as alice's key " + callers.Hash(existing)[:8],
		"short":                         "the key: must have 20 to 512 characters, got 5",
		"":                              "the key: must have 20 to 512 characters, got 0",
		strings.Repeat("k", 10000):      "the key: must have 20 to 512 characters, got 4096",
		existing + " " + existing:       "the key: must be one line of visible ASCII characters, without spaces",
		existing + "\n" + existing:      "the key: must be one line of visible ASCII characters, without spaces",
		"Bearer an-existing-key-of-bob": `the key: must come without "Bearer", which callers put before it`,
	} {
		withStdin(t, text)
		code, _, stderr := run("key", "add", "dev", "bob", "--stdin", "-c", keyed)
		require.Equal(t, 1, code)
		require.Equal(t, want+"\n", stderr)
	}
	require.Len(t, s.Pairs(devsStore), 1)
}

// TestKeyIsNotLostSilently has nowhere to print the key to.
func TestKeyIsNotLostSilently(t *testing.T) {
	s := deployedStores(t, devsStore)
	var problems bytes.Buffer
	require.Equal(t, 1, cli.Run([]string{"key", "add", "dev", "alice", "-c", keyed}, full{}, &problems))
	require.Len(t, s.Pairs(devsStore), 1)
	require.Regexp(t, `^the key couldn't be printed, and is lost: key remove dev alice --id [0-9a-f]{8} \(no space\)\n$`, problems.String())
}

// full is where nothing can be written.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space") }
