package stacks_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-exec/tfexec"
	"github.com/stretchr/testify/require"
)

// TestExamplesAreValid has Terraform and the AWS provider validate the stack of each example that the command example
// prints: as modules of one configuration, since every start of the provider takes seconds.
func TestExamplesAreValid(t *testing.T) {
	env := ownEnvironment(t)
	files, err := filepath.Glob("cli/examples/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	dir, modules := t.TempDir(), object{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		stacks := synthesize(t, fmt.Sprintf(`{"context": {"accelerator": {"name": "example",
			"state": {"bucket": "acme-state", "region": "us-east-1"}, "environments": {"prod": %s}}}}`, text))
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		require.NoError(t, os.Mkdir(filepath.Join(dir, name), 0o755))
		write(t, filepath.Join(dir, name, "cdk.tf.json"), string(stacks["example-prod"]))
		modules[name] = object{"source": "./" + name}
	}
	root, err := json.Marshal(object{"module": modules})
	require.NoError(t, err)
	write(t, filepath.Join(dir, "main.tf.json"), string(root))

	tf, err := tfexec.NewTerraform(dir, needTerraform(t))
	require.NoError(t, err)
	require.NoError(t, tf.SetEnv(env))
	require.NoError(t, tf.Init(t.Context()))
	validated, err := tf.Validate(t.Context())
	require.NoError(t, err)
	for _, d := range validated.Diagnostics {
		if d.Summary != "Backend configuration ignored" { // only the root module has one
			require.Fail(t, d.Summary, "%s\n%s", d.Detail, d.Range.Filename)
		}
	}
}
