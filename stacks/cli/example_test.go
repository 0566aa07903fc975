package cli_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/config"
)

// exampleNames are those that example --json lists.
func exampleNames(t *testing.T) (names []string) {
	t.Helper()
	code, stdout, stderr := run("example", "--json")
	require.Zero(t, code, stderr)
	var listed []struct{ Example, Description string }
	require.NoError(t, json.Unmarshal([]byte(stdout), &listed))
	for _, e := range listed {
		require.NotEmpty(t, e.Description)
		names = append(names, e.Example)
	}
	return names
}

// pasted writes the smallest cdktf.json with what example prints in it.
func pasted(t *testing.T, name string) string {
	t.Helper()
	code, stdout, stderr := run("example", name)
	require.Zero(t, code, stderr)
	require.Contains(t, stderr, "; then: go run . check\n")
	return smallestWith(t, stdout)
}

func smallestWith(t *testing.T, environments string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "cdktf.json")
	require.NoError(t, os.WriteFile(file, fmt.Appendf(nil, `{"context": {"accelerator": {"name": "ml-api",
		"state": {"bucket": "acme-state", "region": "us-east-1"}, "environments": {%s}}}}`, environments), 0o600))
	return file
}

// hasKeys reports whether an example has callers with keys. Those that do expect something of them.
func hasKeys(t *testing.T, name string) bool {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("examples", name+".json"))
	require.NoError(t, err)
	return strings.Contains(string(text), `"keys": {`)
}

// TestPastedExamples have nothing wrong with them, and a warning for each value to replace: all that is an example's is
// one of these. But for one: AWS WAF counts by one header, and Anthropic's clients send keys in two.
func TestPastedExamples(t *testing.T) {
	want := map[string][]string{
		"minimal": {"api.domainName"},
		"load-balancer": {"api.loadBalancer.domainName", "api.loadBalancer.listenerArn", "api.loadBalancer.securityGroupId",
			"domain.aliases[0]", "domain.hostedZoneId"},
		"private-load-balancer": {"api.vpcOrigin.loadBalancerArn", "api.vpcOrigin.securityGroupId"},
		"lambda":                {"api.functionUrl.functionArn"},
		"api-gateway":           {"api.domainName"},
		"several-services":      {"api.domainName", "backends.embeddings.domainName", "backends.litellm.domainName"},
		"dns-elsewhere":         {"api.domainName", "domain.aliases[0]"},
		"bedrock":               nil,
		"sagemaker":             {"api.path"},
		"openai-compatible":     {"api.domainName"},
		"anthropic":             {"firewall.limitBy"},
		"existing-bucket":       {"api.domainName", "models.bucket"},
		"private": {"api.domainName", "firewall.allowedIPs[0]", "firewall.allowedIPs[1]", "routes[0].allowedIPs[0]",
			"routes[0].allowedIPs[1]"},
		"chat": {"api.domainName"},
	}
	for _, name := range exampleNames(t) {
		t.Run(name, func(t *testing.T) {
			if hasKeys(t, name) && testing.Short() {
				t.Skip("Node.js takes seconds, to try what it expects")
			}
			code, stdout, _ := run("check", "--json", "-c", pasted(t, name))
			require.Zero(t, code, stdout)
			var problems []config.Problem
			require.NoError(t, json.Unmarshal([]byte(stdout), &problems))
			var paths []string
			for _, p := range problems {
				path := strings.TrimPrefix(p.Path, "environments.prod.")
				require.True(t, config.IsPlaceholder(p) || name == "anthropic" && path == "firewall.limitBy", p)
				paths = append(paths, path)
			}
			slices.Sort(paths)
			require.Contains(t, want, name)
			require.Equal(t, want[name], paths)
		})
	}
}

// TestExplainedExamples lead a request where the example says. They are environments of one configuration, whose stacks
// Node.js makes in one go.
func TestExplainedExamples(t *testing.T) {
	if testing.Short() {
		t.Skip("Node.js takes seconds")
	}
	wants := map[string]struct{ path, origin, begins, ends string }{
		"minimal":               {"/v1/chat", "api", "https://inference.example.com/", "/v1/chat"},
		"load-balancer":         {"/v1/chat", "api", "https://origin.example.com/", "/v1/chat"},
		"private-load-balancer": {"/v1/chat", "api", "http://", "/v1/chat"},
		"lambda":                {"/v1/chat", "api", "https://", "/v1/chat"},
		"api-gateway":           {"/v1/chat", "api", "https://a1b2c3d4e5.execute-api.us-east-1.", "/prod/v1/chat"},
		"dns-elsewhere":         {"/v1/chat", "api", "https://inference.example.com/", "/v1/chat"},
		"several-services":      {"/llm/v1/messages", "litellm", "https://litellm.example.com/", ".com/v1/messages"},
		"bedrock":               {"/v1/chat/completions", "api", "https://bedrock-runtime.us-east-1.amazonaws.com/", ".com/openai/v1/chat/completions"},
		"sagemaker":             {"/v1/chat/completions", "api", "https://runtime.sagemaker.us-east-1.amazonaws.com/", ".com/endpoints/your-endpoint/openai/v1/chat/completions"},
		"openai-compatible":     {"/v1/chat/completions", "api", "https://llm.example.com/", ".com/v1/chat/completions"},
		"anthropic":             {"/v1/messages", "api", "https://api.anthropic.com/", ".com/v1/messages"},
		"private":               {"/v1/chat", "api", "https://inference.example.com/", "/v1/chat"},
		"chat":                  {"/v1/chat/completions", "api", "https://inference.example.com/", "/v1/chat/completions"},
		"existing-bucket":       {"/models/llama.gguf", "models", "https://your-models-bucket.s3.eu-west-1.amazonaws.com/", ".com/llama.gguf"},
	}
	names := exampleNames(t)
	var environments []string
	for i, name := range names {
		_, text, _ := run("example", name)
		_, text, _ = strings.Cut(text, ":")
		environments = append(environments, fmt.Sprintf(`"e%d": %s`, i, text))
	}
	file := smallestWith(t, strings.Join(environments, ", "))
	code, _, stderr := run("synth", "-c", file, "-o", t.TempDir())
	require.Zero(t, code, stderr)
	for i, name := range names {
		t.Run(name, func(t *testing.T) {
			want := wants[name]
			method := "POST"
			if want.origin == "models" {
				method = "GET"
			}
			explain := []string{"explain", fmt.Sprintf("e%d", i), method, want.path, "--json", "-c", file}
			if hasKeys(t, name) {
				explain = append(explain, "--caller", "alice")
			}
			code, stdout, stderr := run(explain...)
			require.Zero(t, code, stderr)
			var decision struct{ Origin struct{ ID, URL string } }
			require.NoError(t, json.Unmarshal([]byte(stdout), &decision))
			require.Equal(t, want.origin, decision.Origin.ID)
			require.Regexp(t, "^"+regexp.QuoteMeta(want.begins), decision.Origin.URL)
			require.Regexp(t, regexp.QuoteMeta(want.ends)+"$", decision.Origin.URL)
		})
	}
}

// TestNobodyElseSpends has check refuse to open an example's provider to everyone: by a public route, or without keys.
func TestNobodyElseSpends(t *testing.T) {
	for name, credential := range map[string]string{
		"bedrock": `"store": true`, "sagemaker": `"store": true`, "openai-compatible": `"secret"`, "anthropic": `"secret"`,
	} {
		_, text, _ := run("example", name)
		require.Contains(t, text, credential, name)
		public := strings.Replace(text, `"expect":`, `"routes": [{"path": "/v1/models", "methods": "read", "public": true}], "expect":`, 1)
		code, _, stderr := run("check", "-c", smallestWith(t, public))
		require.Equal(t, 1, code, name)
		require.Contains(t, stderr, "environments.prod.routes[0].public: must be false: everyone would spend api.credential", name)

		open := regexp.MustCompile(` *"keys": .*\n`).ReplaceAllString(text, "")
		require.NotEqual(t, text, open, name)
		code, _, stderr = run("check", "-c", smallestWith(t, open))
		require.Equal(t, 1, code, name)
		require.Regexp(t, `environments\.prod\.api\.credential(\.store)?: needs `, stderr, name)
	}
}

// TestProvidersOfTheReadme has the README's table say where each example leads, and where its key is kept.
func TestProvidersOfTheReadme(t *testing.T) {
	text, err := os.ReadFile("../docs/backends.md")
	require.NoError(t, err)
	for _, name := range []string{"bedrock", "sagemaker", "openai-compatible", "anthropic"} {
		row := regexp.MustCompile("(?m)^\\| `" + name + "` \\|.*$").FindString(string(text))
		_, printed, _ := run("example", name, "--json")
		var example struct {
			Prod struct {
				API struct {
					DomainName, Path string
					Credential       struct {
						Secret, Header string
						Store          bool
					}
				}
			}
		}
		require.NoError(t, json.Unmarshal([]byte(printed), &example))
		api := example.Prod.API
		if name != "openai-compatible" { // which stands for many
			base := strings.NewReplacer("us-east-1", "REGION", "your-endpoint", "NAME").Replace("https://" + api.DomainName + api.Path)
			require.Contains(t, row, "| `"+base)
		}
		require.NotEqual(t, api.Credential.Store, api.Credential.Secret != "", name)
		require.Equal(t, api.Credential.Store, strings.Contains(row, "`credential.store`"), row)
		require.Equal(t, api.Credential.Header != "", strings.Contains(row, ", in `"+api.Credential.Header+"`"), row)
	}
}

// TestExampleMistakes are answered with what was probably meant.
func TestExampleMistakes(t *testing.T) {
	all := `unknown example "lamda" (did you mean lambda?); there are ` + strings.Join(exampleNames(t), ", ")
	for want, args := range map[string][]string{
		all: {"example", "lamda"},
		"example takes the name of an example, or none: example load-balancer":          {"example", "a", "b"},
		`unknown command "examples" (did you mean example?); go run . --help lists all`: {"examples"},
		`unknown command "init" (did you mean example?); go run . --help lists all`:     {"init"},
	} {
		code, stdout, stderr := run(args...)
		require.Equal(t, 2, code, args)
		require.Empty(t, stdout)
		require.Equal(t, want+"\n", stderr)
	}
}

// TestExampleAsJSON has the environment that is printed to be pasted.
func TestExampleAsJSON(t *testing.T) {
	for _, name := range exampleNames(t) {
		_, text, _ := run("example", name)
		code, object, stderr := run("example", name, "--json")
		require.Zero(t, code, stderr)
		require.Empty(t, stderr)
		require.JSONEq(t, "{"+text+"}", object)
	}
}

// TestExamplesAreListed where people look first, and by a shell; each file is one.
func TestExamplesAreListed(t *testing.T) {
	names := exampleNames(t)
	files, err := filepath.Glob("examples/*")
	require.NoError(t, err)
	var wanted []string
	for _, name := range names {
		wanted = append(wanted, filepath.Join("examples", name+".json"))
	}
	require.ElementsMatch(t, files, wanted)

	_, completed, _ := run("__completeNoDesc", "example", "")
	require.Equal(t, strings.Join(names, "\n")+"\n:4\n", completed)
	_, completed, _ = run("__completeNoDesc", "example", "lambda", "")
	require.Equal(t, ":4\n", completed)

	for _, file := range []string{readme, "../docs/recipes.md"} {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		_, paragraph, found := strings.Cut(string(text), "`go run . example NAME` prints")
		require.True(t, found, file)
		paragraph, _, _ = strings.Cut(paragraph, ".\n")
		var listed []string
		for _, name := range regexp.MustCompile("`([a-z-]+)`").FindAllStringSubmatch(paragraph, -1) {
			listed = append(listed, name[1])
		}
		require.Equal(t, names, listed, file)
	}
}
