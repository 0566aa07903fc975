package stacks_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-exec/tfexec"
	"github.com/stretchr/testify/require"
)

// TestExamplesAreValid has Terraform and the AWS provider validate the stack of each example that the command example
// prints.
func TestExamplesAreValid(t *testing.T) {
	files, err := filepath.Glob("cli/examples/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	all := map[string][]byte{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		all[strings.TrimSuffix(filepath.Base(file), ".json")] = synthesizeProd(t, string(text))
	}
	requireValid(t, all)
}

// TestOverridesOfTheReadme are valid, set what is theirs, and leave the rest: a list that they replace has what was in
// it.
func TestOverridesOfTheReadme(t *testing.T) {
	readme, err := os.ReadFile("docs/overrides.md")
	require.NoError(t, err)
	found := regexp.MustCompile("(?s)```json\n(\"overrides\": .*?)```").FindAllStringSubmatch(string(readme), -1)
	require.Len(t, found, 3)
	synthesizeWith := func(overrides string) []byte {
		return synthesizeProd(t, `{"region": "us-east-1", "api": {"domainName": "backend.example.com"}`+overrides+`}`)
	}
	plain, all := synthesizeWith(""), map[string][]byte{}
	for i, block := range found {
		text := synthesizeWith(", " + block[1])
		all[fmt.Sprintf("example-%d", i)] = text
		before, after := parse(t, plain), parse(t, text)
		require.NotEmpty(t, after.Comment.Overrides)
		require.NotEqual(t, before.Resource, after.Resource)
		for address := range after.Comment.Overrides {
			kind, name, _ := strings.Cut(address, ".")
			requireKept(t, address, before.Resource[kind][name], after.Resource[kind][name])
		}
	}
	requireValid(t, all)
}

// requireKept holds that what was there is there.
func requireKept(t *testing.T, at string, before, after any) {
	t.Helper()
	switch before := before.(type) {
	case object:
		for name, value := range before {
			require.Contains(t, after, name, at)
			requireKept(t, at+"."+name, value, after.(object)[name])
		}
	case []any:
		require.Subset(t, after, before, at)
	default:
		require.Equal(t, before, after, at)
	}
}

func synthesizeProd(t *testing.T, environment string) []byte {
	t.Helper()
	return synthesize(t, fmt.Sprintf(`{"context": {"accelerator": {"name": "example",
		"state": {"bucket": "acme-state", "region": "us-east-1"}, "environments": {"prod": %s}}}}`, environment))["example-prod"]
}

// requireValid has stacks validated as modules of one configuration, since every start of the provider takes seconds.
func requireValid(t *testing.T, stacks map[string][]byte) {
	t.Helper()
	env := ownEnvironment(t)
	dir, modules := t.TempDir(), object{}
	for name, text := range stacks {
		require.NoError(t, os.Mkdir(filepath.Join(dir, name), 0o755))
		write(t, filepath.Join(dir, name, "cdk.tf.json"), string(text))
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
