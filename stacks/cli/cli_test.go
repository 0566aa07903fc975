package cli_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/cli"
	"ml-api-accelerator/stacks/config"
)

func run(args ...string) (code int, stdout, stderr string) {
	var out, problems bytes.Buffer
	code = cli.Run(args, &out, &problems)
	return code, out.String(), problems.String()
}

// TestBadInput gives one message each, and leaves what was written before as it was.
func TestBadInput(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	before := []byte(`{"written": "before"}`)
	file := filepath.Join("cdktf.out", "stacks", "ml-api-dev", "cdk.tf.json")
	require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
	require.NoError(t, os.WriteFile(file, before, 0o644))
	for name, c := range map[string]struct{ text, want string }{
		"missing file":  {"", "cdktf.json: not found; run this where your cdktf.json is, or name the file with --config\n"},
		"broken JSON":   {"{\n  \"context\": {,\n", "cdktf.json:2:15: must be a name in quotes, got ,\n"},
		"UTF-16":        {"\xff\xfe{\x00", "cdktf.json: is UTF-16: save it as UTF-8\n"},
		"no section":    {`{"context": {}}`, "cdktf.json: must have the configuration under context.accelerator, as an object\n"},
		"unknown field": {minimal(`"nam": 1`), "cdktf.json: 1 problem in context.accelerator\n  nam: unknown field (did you mean name?) (cdktf.json:2:93)\n"},
		"wrong type": {
			`{"context": {"accelerator": {"name": "ml-api", "state": {"bucket": "state-bucket", "region": "us-east-1"}, "environments": []}}}`,
			"cdktf.json: 1 problem in context.accelerator\n  environments: must be an object like {\"NAME\": …}, got a list (cdktf.json:1:108)\n",
		},
		"no environment": {
			`{"context": {"accelerator": {"name": "ml-api", "state": {"bucket": "state-bucket", "region": "us-east-1"}, "environments": {}}}}`,
			"cdktf.json: 1 problem in context.accelerator\n  environments: must not be empty (cdktf.json:1:108)\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, os.RemoveAll("cdktf.json"))
			if c.text != "" {
				require.NoError(t, os.WriteFile("cdktf.json", []byte(c.text), 0o644))
			}
			for _, command := range [][]string{{}, {"synth"}, {"check"}} {
				code, stdout, stderr := run(command...)
				require.Equal(t, 1, code)
				require.Empty(t, stdout)
				require.Equal(t, c.want, stderr)
			}
			code, stdout, stderr := run("check", "--json")
			require.Equal(t, 1, code)
			require.Empty(t, stderr)
			var problems []config.Problem
			require.NoError(t, json.Unmarshal([]byte(stdout), &problems))
			require.Len(t, problems, 1)
			require.Contains(t, c.want, problems[0].Message)
			after, err := os.ReadFile(file)
			require.NoError(t, err)
			require.Equal(t, before, after)
		})
	}
}

func TestMissingNode(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("PATH", "")
	require.NoError(t, os.WriteFile("cdktf.json", []byte(minimal("")), 0o644))
	for _, command := range [][]string{{"synth", "--fresh"}, {"policy", "state", "--fresh"}} {
		code, stdout, stderr := run(command...)
		require.Equal(t, 1, code)
		require.Empty(t, stdout)
		require.Equal(t, "node: not found; install Node.js 22 or 24: cdktf's constructs run in it\n", stderr)
		require.NoDirExists(t, "cdktf.out")
	}
	code, stdout, stderr := run("check")
	require.Zero(t, code, "check needs no Node.js: %s", stderr)
	require.Equal(t, "cdktf.json: fine\n", stdout)
}

func TestCheckJSON(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile("cdktf.json", []byte(minimal(`"nam": 1`)), 0o644))
	for _, flag := range []string{"--json", "-json"} {
		code, stdout, stderr := run("check", flag)
		require.Equal(t, 1, code)
		require.Empty(t, stderr)
		var problems []config.Problem
		require.NoError(t, json.Unmarshal([]byte(stdout), &problems))
		require.Equal(t, []config.Problem{{Path: "nam", Rule: "S1", Class: config.Hard, Message: "unknown field (did you mean name?)", Line: 2, Column: 93}}, problems)
	}
}

// TestWarnings go to stderr, but not under the cdktf CLI, which would show them as errors.
func TestWarnings(t *testing.T) {
	code, _, stderr := run("check", "-c", example)
	require.Zero(t, code)
	require.Contains(t, stderr, "warning: environments.dev.api.domainName: is a placeholder")
	t.Setenv("CDKTF_CONTEXT_JSON", "{}")
	code, _, stderr = run("check", "-c", example)
	require.Zero(t, code)
	require.Empty(t, stderr)
}

func TestUnknownCommand(t *testing.T) {
	for want, args := range map[string][]string{
		`unknown command "sinth" (did you mean synth?); go run . --help lists all`:          {"sinth"},
		`unknown command "chek" (did you mean check?); go run . --help lists all`:           {"chek", "--help"},
		`unknown command "exlain" (did you mean explain?); go run . --help lists all`:       {"help", "exlain"},
		`unknown command "lits" (did you mean list?); go run . key --help lists all`:        {"key", "lits", "dev", "-h"},
		`unknown command "tcsh-like"; go run . completion --help lists all`:                 {"completion", "tcsh-like"},
		`unknown command "production"; go run . --help lists all`:                           {"production"},
		`unknown command "rm" (did you mean remove?); go run . key --help lists all`:        {"key", "rm", "prod", "alice"},
		`unknown command "ls" (did you mean list?); go run . key --help lists all`:          {"key", "ls"},
		`unknown command "validate" (did you mean check?); go run . --help lists all`:       {"validate"},
		`unknown command "deploy"; that is the cdktf CLI's: cdktf deploy ml-api-dev`:        {"deploy", "ml-api-dev"},
		`unknown command "plan"; that is the cdktf CLI's: cdktf diff`:                       {"plan"},
		"completion bash takes no arguments, got \"x\"":                                     {"completion", "bash", "x"},
		"diagram has no --json: it prints Mermaid; the routes as JSON: explain prod --json": {"diagram", "prod", "--json"},
		"policy has no --json: it prints JSON as it is":                                     {"policy", "prod", "--json"},
		`unknown command "rmove" (did you mean remove?); go run . key --help lists all`:     {"help", "key", "rmove"},
	} {
		code, stdout, stderr := run(args...)
		require.Equal(t, 2, code, args)
		require.Empty(t, stdout, args)
		require.Equal(t, want+"\n", stderr)
	}
	for _, args := range [][]string{{"--help"}, {"help"}, {"help", "check"}, {"check", "-h"}, {"key"}, {"key", "--help"}, {"help", "key", "add"}} {
		code, stdout, stderr := run(args...)
		require.Zero(t, code, args)
		require.Empty(t, stderr)
		require.Contains(t, stdout, "Usage:", args)
	}
}

// minimal is a valid configuration, and some more of context.accelerator.
func minimal(more string) string {
	if more != "" {
		more = ", " + more
	}
	return `{"context": {"accelerator": {"name": "ml-api", "state": {"bucket": "state-bucket", "region": "us-east-1"},
		"environments": {"dev": {"region": "us-east-1", "api": {"domainName": "a.backend.dev"}}}` + more + `}}}`
}

// TestFlagsWithOneDash are those with two, or refused in a line; none makes a folder of an odd name.
func TestFlagsWithOneDash(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile("other.json", []byte(minimal("")), 0o644))
	right := [][]string{
		{"check", "-config", "other.json"},
		{"-config", "other.json", "check"},
		{"-config=other.json", "check", "-json"},
		{"check", "-c=other.json", "-json=false"},
		{"check", "-c", "other.json"},
		{"check", "-help"},
	}
	made := []string{"other.json"}
	if !testing.Short() { // these need Node.js
		right = append(right, []string{"policy", "state", "-config", "other.json", "-output", "-json"},
			[]string{"-output=out", "-fresh", "-config=other.json"})
		made = []string{"-json", "other.json", "out"}
	}
	for _, args := range right {
		code, _, stderr := run(args...)
		require.Zero(t, code, "%s: %s", args, stderr)
	}
	for want, args := range map[string][]string{
		"unknown flag -outptu=x: a value stands apart, -o VALUE, and a long flag has two dashes, --output\n": {"-outptu=x"},
		"unknown flag -oout: a value stands apart, -o VALUE, and a long flag has two dashes, --output\n":     {"policy", "dev", "-oout"},
		"unknown flag -jsn (did you mean --json?); go run . check --help lists all\n":                        {"check", "-jsn"},
		"unknown flag -hc; go run . --help lists all\n":                                                      {"-hc"},
		"schema has no --json: it prints JSON as it is\n":                                                    {"schema", "-json"},
		"unknown flag --configs (did you mean --config?); go run . --help lists all\n":                       {"--configs=x"},
		"--config takes a value: --config FILE\n":                                                            {"check", "--config"},
		"--output takes a value: --output DIR\n":                                                             {"synth", "-o"},
		"--json is a switch, and takes no value, got \"maybe\"\n":                                            {"check", "--json=maybe"},
		"check takes no arguments, got \"dev\"\n":                                                            {"check", "dev"},
	} {
		code, stdout, stderr := run(args...)
		require.Equal(t, 2, code)
		require.Empty(t, stdout)
		require.Equal(t, want, stderr)
	}
	code, _, stderr := run("check", "-c", "other.json", "--", "-outptu=x")
	require.Equal(t, 2, code)
	require.Equal(t, "check takes no arguments, got \"-outptu=x\"\n", stderr)
	entries, err := os.ReadDir(".")
	require.NoError(t, err)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	require.Equal(t, made, names)
}

func TestCompletionSeesWhatIsTyped(t *testing.T) {
	code, stdout, _ := run("__complete", "synth", "-out")
	require.Zero(t, code)
	require.NotContains(t, stdout, "unknown")
}

func TestCompletion(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile("other.json", []byte(minimal("")), 0o644))
	for want, args := range map[string][]string{
		"dev\nstate\n:4\n": {"policy", "-c", "other.json", ""},
		"dev\n:4\n":        {"diagram", "-c", "other.json", ""},
		"state\n:4\n":      {"policy", ""}, // there is no cdktf.json
		":4\n":             {"policy", "-c", "other.json", "dev", ""},
		"json\n:8\n":       {"policy", "--config", ""},
		":16\n":            {"synth", "--output", ""},
		"policy\n:4\n":     {"pol"},
		"completion\n:4\n": {"compl"},
		"bash\n:4\n":       {"completion", "ba"},
	} {
		code, stdout, _ := run(append([]string{"__completeNoDesc"}, args...)...)
		require.Zero(t, code, args)
		require.Equal(t, want, stdout, args)
	}
	for _, args := range [][]string{{"verify", "-c", "other.json", ""}, {"explain", "-c", "other.json", ""}} {
		_, stdout, _ := run(append([]string{"__completeNoDesc"}, args...)...)
		require.Equal(t, "dev\n:4\n", stdout)
	}
	_, stdout, _ := run("__completeNoDesc", "verify", "--url", "")
	require.Equal(t, ":4\n", stdout)
	_, stdout, _ = run("--help")
	require.Contains(t, stdout, "completion ")
}
