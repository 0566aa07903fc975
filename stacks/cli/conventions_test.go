package cli

import (
	"bytes"
	"cmp"
	"encoding"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/compare"
	"ml-api-accelerator/stacks/internal/edge/explain"
	"ml-api-accelerator/stacks/internal/live/verify"
	"ml-api-accelerator/stacks/internal/traffic/questions"
	"ml-api-accelerator/stacks/internal/traffic/replay"
)

// eachCommand visits the commands that do something, of ours.
func eachCommand(visit func(cmd *cobra.Command)) {
	var walk func(cmd *cobra.Command)
	walk = func(cmd *cobra.Command) {
		for _, c := range cmd.Commands() {
			if c.Name() != "completion" && c.Name() != "help" {
				walk(c)
			}
		}
		if !cmd.HasSubCommands() {
			visit(cmd)
		}
	}
	walk(newRoot())
}

// TestHelp reads alike for all commands, and its examples can be pasted.
func TestHelp(t *testing.T) {
	eachCommand(func(cmd *cobra.Command) {
		name := nameOf(cmd)
		require.Regexp(t, `^[A-Z][^\n]{10,90}[^.]$`, cmd.Short, name)
		for _, line := range strings.Split(cmd.Long, "\n") {
			require.LessOrEqual(t, len([]rune(line)), 100, "%s: %s", name, line)
		}
		require.Contains(t, cmd.UsageString(), "show this help", name)
		_, flags, _ := strings.Cut(cmd.UsageString(), "\nFlags:\n")
		for line := range strings.Lines(flags) {
			require.LessOrEqual(t, len([]rune(line)), 101, "%s: %s", name, line)
		}
		require.NotEmpty(t, cmd.Example, name)
		for _, line := range strings.Split(cmd.Example, "\n") {
			if line != "  go run ." { // synth, which needs no name
				require.Regexp(t, `^  ([A-Z_]+="[^"]*" )?go run \. `+name+`( |$)`, line)
			}
		}
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			require.NotRegexp(t, `\.$`, f.Usage, "%s --%s", name, f.Name)
			if f.Value.Type() != "bool" && !f.Hidden {
				require.Contains(t, f.Usage, "`", "%s --%s says what its value is", name, f.Name)
			}
		})
	})
}

// TestExamples are command lines that are taken: what is wrong with them is at most that this folder has no configuration.
func TestExamples(t *testing.T) {
	eachCommand(func(cmd *cobra.Command) {
		for _, line := range strings.Split(cmd.Example, "\n") {
			_, line, _ = strings.Cut(line, "go run .")
			line, _, _ = strings.Cut(line, " | ")
			line, _, _ = strings.Cut(line, " <")
			line, _, _ = strings.Cut(line, " >")
			args := words(line)
			root := newRoot()
			args, err := checkFlags(root, args)
			require.NoError(t, err, line)
			found, rest, err := root.Find(args)
			require.NoError(t, err, line)
			require.NoError(t, found.ParseFlags(rest), line)
			require.NoError(t, found.ValidateArgs(found.Flags().Args()), line)
		}
	})
}

// words are those of a command line in a shell, without the quotes.
func words(line string) []string {
	var list []string
	for _, word := range regexp.MustCompile(`'[^']*'|\S+`).FindAllString(line, -1) {
		list = append(list, strings.Trim(word, "'"))
	}
	return list
}

// TestFlagsMeanOneThing whatever the command is.
func TestFlagsMeanOneThing(t *testing.T) {
	type meaning struct{ kind, value, shorthand string }
	all := map[string]meaning{}
	eachCommand(func(cmd *cobra.Command) {
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			value, _ := pflag.UnquoteUsage(f)
			is := meaning{f.Value.Type(), value, f.Shorthand}
			if f.Name == "backend" && value == "NAME" || (f.Name == "bucket" || f.Name == "web") && f.Value.Type() == "bool" {
				return // what serve has a server or a folder for
			}
			if before, known := all[f.Name]; known {
				require.Equal(t, before, is, "%s --%s", nameOf(cmd), f.Name)
			}
			all[f.Name] = is
		})
	})
	for _, name := range []string{"since", "expires", "valid-from", "time", "timeout"} {
		require.Equal(t, meaning{"string", "TIME", ""}, all[name], name)
	}
}

// TestJSONFlag is a switch of each command that shows something, but those that only print JSON, a drawing or a key.
func TestJSONFlag(t *testing.T) {
	var without []string
	eachCommand(func(cmd *cobra.Command) {
		if f := cmd.Flags().Lookup("json"); f == nil {
			without = append(without, nameOf(cmd))
		} else {
			require.Regexp(t, `^print (a list of |the |\{)`, f.Usage, nameOf(cmd))
		}
	})
	require.Equal(t, []string{"credential remove", "credential set", "diagram", "key add", "key remove", "plan-changes", "policy", "schema", "serve", "version"}, without)
	for name := range insteadOfJSON {
		require.Contains(t, without, name)
	}
}

// TestJSONNames are in camelCase, wherever a value of JSON has them, and always there.
func TestJSONNames(t *testing.T) {
	camelCase := regexp.MustCompile(`^[a-z][a-zA-Z0-9]*$`)
	seen := map[reflect.Type]bool{reflect.TypeFor[edge.Value](): true} // which is a text
	var walk func(of reflect.Type)
	walk = func(of reflect.Type) {
		if slices.Contains([]reflect.Kind{reflect.Pointer, reflect.Slice, reflect.Map}, of.Kind()) {
			walk(of.Elem())
			return
		}
		if of.Kind() != reflect.Struct || seen[of] || of.Implements(reflect.TypeFor[encoding.TextMarshaler]()) {
			return
		}
		seen[of] = true
		for i := range of.NumField() {
			field := of.Field(i)
			name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
			require.NotContains(t, options, "omit", "%s.%s is null where there is none", of, field.Name)
			if !field.IsExported() || name == "-" {
				continue
			}
			if !field.Anonymous {
				require.Regexp(t, camelCase, cmp.Or(name, field.Name), "%s.%s", of, field.Name)
			}
			walk(field.Type)
		}
	}
	for _, of := range []reflect.Type{
		reflect.TypeFor[config.Problem](), reflect.TypeFor[written](), reflect.TypeFor[share](), reflect.TypeFor[listed](), reflect.TypeFor[listedCredential](), reflect.TypeFor[paused](),
		reflect.TypeFor[signedURL](), reflect.TypeFor[listedQuestion](), reflect.TypeFor[listedExample](), reflect.TypeFor[listedRecord](), reflect.TypeFor[listedQuota](), reflect.TypeFor[listedPage](), reflect.TypeFor[compare.Difference](), reflect.TypeFor[edge.Decision](),
		reflect.TypeFor[explain.Route](), reflect.TypeFor[explain.PlanFit](), reflect.TypeFor[questions.Detail](),
		reflect.TypeFor[replay.Result](), reflect.TypeFor[verify.Result](),
	} {
		walk(of)
	}
}

// TestMistakes are one line of ours, and end with 2.
func TestMistakes(t *testing.T) {
	eachCommand(func(cmd *cobra.Command) {
		name := strings.Fields(nameOf(cmd))
		for _, more := range [][]string{{"--nonsense"}, {"-x"}, {"--config"}, slices.Repeat([]string{"a"}, 9)} {
			if len(more) == 9 && strings.HasSuffix(cmd.Use, "...") || strings.HasSuffix(cmd.Use, "...]]") {
				continue // takes any number
			}
			var stdout, stderr bytes.Buffer
			require.Equal(t, exitUsage, Run(append(slices.Clone(name), more...), &stdout, &stderr), "%s %s", name, more)
			require.Empty(t, stdout.String())
			require.Equal(t, 1, strings.Count(stderr.String(), "\n"), &stderr)
			require.NotRegexp(t, `arg\(s\)|shorthand|flag needs|in the group`, stderr.String())
		}
	})
}

// TestTimes have one form.
func TestTimes(t *testing.T) {
	now := time.Date(2026, 11, 24, 12, 30, 15, 7, time.UTC)
	for text, want := range map[string][3]string{ // ago, ahead, expiry; empty: refused
		"30m":                       {"2026-11-24T12:00:15Z", "2026-11-24T13:00:15Z", "2026-11-24T13:00:15Z"},
		"90d":                       {"2026-08-26T12:30:15Z", "2027-02-22T12:30:15Z", "2027-02-22T12:30:15Z"},
		"2027-01-31":                {"", "2027-01-31T00:00:00Z", "2027-01-31T23:59:59Z"},
		"2026-11-24":                {"2026-11-24T00:00:00Z", "2026-11-24T00:00:00Z", "2026-11-24T23:59:59Z"},
		"2026-11-23":                {"2026-11-23T00:00:00Z", "2026-11-23T00:00:00Z", ""},
		"2026-11-24T14:00:00+02:00": {"2026-11-24T12:00:00Z", "2026-11-24T12:00:00Z", ""},
		"2028-02-29T00:00:00Z":      {"", "2028-02-29T00:00:00Z", "2028-02-29T00:00:00Z"},
		"":                          {}, "1": {}, "d": {}, "0d": {}, "-1h": {}, "3651d": {}, "1.5d": {}, "99999999999999d": {}, "2027-02-30": {}, "noon": {}, "31.1.2027": {},
	} {
		for i, read := range []func(string, string, time.Time) (time.Time, error){timeAgo, timeAhead, expiry} {
			got, err := read("flag", text, now)
			if want[i] == "" {
				require.Regexp(t, `^--flag: must be (such as|at most 3650d|in the (past|future) \(it is 2026-11-24T12:30:15Z\)).*, got "`+regexp.QuoteMeta(text)+`"$`, err)
				continue
			}
			require.NoError(t, err)
			require.Equal(t, want[i], got.UTC().Format(time.RFC3339), "%s, %d", text, i)
		}
	}
}

// TestAddresses are taken as short as they are typed.
func TestAddresses(t *testing.T) {
	for text, want := range map[string]string{
		"localhost:18300": "http://localhost:18300", "127.0.0.1:8000": "http://127.0.0.1:8000", "[::1]:8000": "http://[::1]:8000",
		"http://localhost:18300/": "http://localhost:18300", "https://localhost": "https://localhost",
		"api.example.com": "https://api.example.com", "http://api.example.com": "http://api.example.com", "backend:8000": "http://backend:8000", "api.example.com:443": "https://api.example.com:443",
	} {
		u, err := baseURL("api", text)
		require.NoError(t, err)
		require.Equal(t, want, u.String())
	}
	_, err := baseURL("api", "localhost:99999")
	require.EqualError(t, err, `--api "localhost:99999": its port must be from 1 to 65535`)
	for text, want := range map[string]string{
		"18301": "localhost:18301", ":8080": ":8080", "0.0.0.0:1": "0.0.0.0:1", "localhost:0": "localhost:0", "[::1]:80": "[::1]:80",
	} {
		address, err := listenAddress("listen", text)
		require.NoError(t, err)
		require.Equal(t, want, address)
	}
	for text, right := range map[string]bool{
		"": true, "d111111abcdef8.cloudfront.net": true, "localhost:8443": true, "::1": true, "[::1]": true, "[::1]:443": true,
		"localhost:99999": false, "localhost:": false, "https://d111111abcdef8.cloudfront.net": false,
	} {
		require.Equal(t, right, connectTo("connect-to", text) == nil, text)
	}
	for _, text := range []string{"99999", "", "localhost", "localhost:", "localhost:65536", "-1", "08080", "::1:80", "http://localhost:8080", "localhost:http"} {
		_, err := listenAddress("listen", text)
		require.EqualError(t, err, fmt.Sprintf("--listen: must be a port from 0 to 65535, such as 8080, or an address such as 0.0.0.0:8080, got %q", text))
	}
}
