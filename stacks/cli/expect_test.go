package cli_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestExpectations holds the stacks to what is expected before they are written, also under the cdktf CLI.
func TestExpectations(t *testing.T) {
	if testing.Short() {
		t.Skip("Node.js takes seconds")
	}
	out := t.TempDir()
	code, _, stderr := run("-c", explained, "-o", out)
	require.Zero(t, code, stderr)
	written := filepath.Join(out, "stacks", "ml-api-prod", "cdk.tf.json")
	require.NoError(t, os.WriteFile(written, []byte("before"), 0o600))

	broken := edited(t, "environments.prod.expect", []any{
		map[string]any{"request": "POST /v1/embeddings", "cached": true},
		map[string]any{"request": "GET /models/llama.gguf", "status": 403},
	})
	want := fmt.Sprintf(`%[1]s: 2 problems in context.accelerator
  environments.prod.expect[0].cached: expected true, is false: POST is none of the cached methods (%[1]s:28:15)
  environments.prod.expect[1].status: expected 403, is none: goes to models as https://(bucket ml-api-prod-models-…)/models/llama.gguf, `+
		`cached for 86400 s, or from 1 to 31536000 s as the origin says (%[1]s:33:15)
`, broken)
	unreached := fmt.Sprintf("warning: environments.prod.expect: no request reaches /v1/models*, * (%s:26:11)\n", broken)
	for _, c := range []struct {
		inCDKTF string
		command []string
		want    string
	}{
		{"", []string{"synth", "-o", out}, unreached + want},
		{"", []string{"check"}, unreached + want},
		{"{}", []string{"-o", out}, want},
	} {
		t.Setenv("CDKTF_CONTEXT_JSON", c.inCDKTF)
		code, stdout, stderr := run(append(c.command, "-c", broken)...)
		require.Equal(t, 1, code)
		require.Empty(t, stdout)
		require.Contains(t, stderr, c.want)
		text, err := os.ReadFile(written)
		require.NoError(t, err)
		require.Equal(t, "before", string(text))
	}
	code, stdout, _ := run("check", "--json", "-c", broken)
	require.Equal(t, 1, code)
	require.Contains(t, stdout, `"rule": "E2"`)
}

// TestCheckOfWhatIsNotKept says nothing: it can't know.
func TestCheckOfWhatIsNotKept(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	broken := edited(t, "environments.prod.expect", []any{map[string]any{"request": "POST /v1/embeddings", "cached": true}})
	code, stdout, stderr := run("check", "-c", broken)
	require.Zero(t, code, stderr)
	require.NotContains(t, stdout+stderr, "expect")
}
