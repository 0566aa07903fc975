package cli_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
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
	text, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	_, recipes, found := strings.Cut(string(text), "\n## Recipes\n")
	require.True(t, found)
	recipes, _, _ = strings.Cut(recipes, "\n## ")
	environment := object{"region": "us-east-1", "api": object{"domainName": "inference.example.com"}}
	file := filepath.Join(t.TempDir(), "cdktf.json")
	pasted, ran := 0, 0
	for _, block := range regexp.MustCompile("(?s)```(json|sh)\n(.*?)```").FindAllStringSubmatch(recipes, -1) {
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

// TestRecipesAreListed where people look first, and stand in one place, by job.
func TestRecipesAreListed(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	_, recipes, _ := strings.Cut(string(readme), "\n## Recipes\n")
	recipes, _, _ = strings.Cut(recipes, "\n## ")
	var anchors []string
	for _, heading := range regexp.MustCompile(`(?m)^### (.*)$`).FindAllStringSubmatch(recipes, -1) {
		anchors = append(anchors, strings.ReplaceAll(strings.ToLower(heading[1]), " ", "-"))
	}
	for file, begin := range map[string]string{"../../README.md": "**Recipes**: ", "../README.md": "- [Recipes](#recipes): "} {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		_, list, found := strings.Cut(string(text), begin)
		require.True(t, found, file)
		var linked []string
		for _, link := range regexp.MustCompile(`\(stacks/README\.md#([a-z0-9-]+)\)|\(#([a-z0-9-]+)\)`).FindAllStringSubmatch(list, len(anchors)) {
			linked = append(linked, link[1]+link[2])
		}
		require.Equal(t, anchors, linked, file)
	}
}
