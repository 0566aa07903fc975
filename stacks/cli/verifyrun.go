package cli

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/live/verify"
	"ml-api-accelerator/stacks/internal/terminal"
)

// verified sends what an environment expects, until it is interrupted.
func verified(cmd *cobra.Command, environment string, o verify.Options, keys []callersKey) ([]verify.Result, error) {
	expected, d, err := expectedOf(cmd, environment)
	if err != nil {
		return nil, err
	}
	if err := checkKeys(keys, d, expected); err != nil {
		return nil, err
	}
	o.Keys = map[string]string{}
	for _, k := range keys {
		o.Keys[k.name] = k.key
	}
	line := terminal.Start(warningWriter(cmd), "connecting")
	results, err := verify.Run(cmd.Context(), environment, expected, d, o, line.Tell)
	line.Stop()
	if err != nil {
		return nil, err
	}
	file := cmd.Flag("config").Value.String()
	for _, r := range results {
		for _, problems := range [][]config.Problem{r.Broken, r.Skipped} {
			if err := config.Locate(file, problems); err != nil {
				return nil, err
			}
		}
	}
	return results, nil
}

// secretLine is a key or a header, and where it is from: errors say that instead of what it is.
type secretLine struct{ from, text string }

// secretLines are the values of a flag. One like @FILE, or @- for stdin, stands for the lines of a file.
func secretLines(cmd *cobra.Command, flag string, values []string) ([]secretLine, error) {
	var list []secretLine
	for _, value := range values {
		name, isFile := strings.CutPrefix(value, "@")
		if !isFile {
			list = append(list, secretLine{"--" + flag, value})
			continue
		}
		read := func() ([]byte, error) { return os.ReadFile(name) }
		if name == "-" {
			read = func() ([]byte, error) { return io.ReadAll(cmd.InOrStdin()) }
		}
		text, err := read()
		if err != nil {
			return nil, fmt.Errorf("--%s: %w", flag, err)
		}
		list = append(list, numbered("--"+flag+" "+value, string(text))...)
	}
	return list, nil
}

func numbered(from, text string) []secretLine {
	var list []secretLine
	for i, line := range strings.Split(text, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			list = append(list, secretLine{fmt.Sprintf("%s, line %d", from, i+1), line})
		}
	}
	return list
}

// callersKey is the key of a caller, and where it is from.
type callersKey struct{ from, name, key string }

// callersKeys are those of VERIFY_KEYS, then those of flags, which count more.
func callersKeys(cmd *cobra.Command, flags []string) ([]callersKey, error) {
	given, err := secretLines(cmd, "key", flags)
	if err != nil {
		return nil, err
	}
	var list []callersKey
	for _, lines := range [][]secretLine{numbered("VERIFY_KEYS", os.Getenv("VERIFY_KEYS")), given} {
		names := map[string]bool{}
		for _, line := range lines {
			name, key, err := namedKey(line.from, line.text)
			if err != nil {
				return nil, err
			}
			if names[name] {
				return nil, fmt.Errorf("%s: two keys are for the same caller", line.from)
			}
			names[name] = true
			list = append(list, callersKey{line.from, name, key})
		}
	}
	return list, nil
}

// checkKeys refuses keys that nothing is sent with. It doesn't repeat the name, which may be the beginning of a key.
func checkKeys(keys []callersKey, d *edge.Distribution, expected []config.Expectation) error {
	if len(keys) > 0 && !d.ChecksKeys() {
		return errNoKeys
	}
	var names []string
	for _, e := range expected {
		if e.Caller != "" && !slices.Contains(names, e.Caller) {
			names = append(names, e.Caller)
		}
	}
	for _, k := range keys {
		if !slices.Contains(names, k.name) {
			return fmt.Errorf("%s: nothing is expected of the caller that it names; there are %s", k.from, cmp.Or(strings.Join(names, ", "), "none"))
		}
	}
	return nil
}

// expectedOf is what an environment expects, to which its distribution is held first.
func expectedOf(cmd *cobra.Command, environment string) ([]config.Expectation, *edge.Distribution, error) {
	file := cmd.Flag("config").Value.String()
	c, warnings, err := config.Load(file)
	if err != nil {
		return nil, nil, err
	}
	e, err := c.Environment(environment)
	if err != nil {
		return nil, nil, err
	}
	if len(e.Expect) == 0 {
		return nil, nil, fmt.Errorf("environments.%s: expects nothing that could be verified; say in expect what the edge must do", environment)
	}
	name := c.StackName(environment)
	rendered, err := renderStacks(cmd, c, warnings, []string{name})
	if err != nil {
		return nil, nil, err
	}
	if _, err := holdToExpectations(file, c, rendered); err != nil {
		return nil, nil, err
	}
	d, err := edge.Parse(rendered[name].JSON)
	return e.Expect, d, err
}

// broken is what ends the command with exit code 1.
func broken(cmd *cobra.Command, results []verify.Result, at string, said bool) error {
	problems := verify.Problems(results)
	if len(problems) == 0 {
		return nil
	}
	if said {
		return errSilent
	}
	var list strings.Builder
	for _, p := range problems {
		list.WriteString("\n  " + p.In(cmd.Flag("config").Value.String()))
	}
	return fmt.Errorf("%s isn't as expected%s", at, list.String())
}
