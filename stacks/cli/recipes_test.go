package cli_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestRecipes pastes every configuration of the recipes into an environment, one after the other, and runs their commands on
// it. Those that ask AWS, or that don't end, must only be ones that the program has.
func TestRecipes(t *testing.T) {
	if testing.Short() {
		t.Skip("Node.js takes seconds")
	}
	recipes, err := os.ReadFile("../docs/recipes.md")
	require.NoError(t, err)
	environment := object{"region": "us-east-1", "api": object{"domainName": "inference.example.com"}}
	file := filepath.Join(t.TempDir(), "cdktf.json")
	pasted, ran := 0, 0
	for _, block := range regexp.MustCompile("(?s)```(json|sh)\n(.*?)```").FindAllStringSubmatch(string(recipes), -1) {
		if block[1] == "json" {
			var part object
			key := strings.ReplaceAll(publicKeyPEM, "\n", `\n`)
			require.NoError(t, json.Unmarshal([]byte("{"+strings.Replace(block[2], "PASTE IT HERE", key, 1)+"}"), &part), block[2])
			maps.Copy(environment, part)
			whole, err := json.Marshal(object{"context": object{"accelerator": object{
				"name": "ml-api", "state": object{"bucket": "acme-state", "region": "us-east-1"}, "environments": object{"prod": environment}}}})
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(file, whole, 0o600))
			code, _, stderr := run("check", "-c", file)
			require.Zero(t, code, "%s\n%s", block[2], stderr)
			pasted++
			continue
		}
		for line := range strings.Lines(block[2]) {
			command, isOurs := strings.CutPrefix(line, "go run . ")
			if !isOurs {
				continue
			}
			command, _, _ = strings.Cut(command, " #")
			arguments := append(strings.Fields(command), "-c", file)
			if arguments[0] != "explain" {
				arguments = append(arguments, "--help")
			}
			code, _, stderr := run(arguments...)
			require.Zero(t, code, "%s%s", line, stderr)
			ran++
		}
	}
	require.Equal(t, 6, pasted)
	require.Greater(t, ran, 6)
}

// publicKeyPEM is nobody's: its private half was never kept.
const publicKeyPEM = `-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEdPHeJy682knoeQDdg7XR1ZqPN9+U
Nv8rBcj+aBdnNqzlvtY/jno/dfPJ3NHmRFHWnrBpM0as8S/sQhDLGvXVdQ==
-----END PUBLIC KEY-----
`

// TestRecipesAreListed where people look first, by job, each in its order.
func TestRecipesAreListed(t *testing.T) {
	recipes, err := os.ReadFile("../docs/recipes.md")
	require.NoError(t, err)
	var headings []string
	for _, heading := range regexp.MustCompile(`(?m)^## (.*)$`).FindAllStringSubmatch(string(recipes), -1) {
		headings = append(headings, anchor(heading[1]))
	}
	for _, file := range []string{"../../README.md", "../README.md"} {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		var linked []string
		for _, link := range regexp.MustCompile(`docs/recipes\.md#([a-z0-9-]+)\)`).FindAllStringSubmatch(string(text), -1) {
			if !slices.Contains(linked, link[1]) {
				linked = append(linked, link[1])
			}
		}
		require.Equal(t, headings, linked, file)
	}
}
