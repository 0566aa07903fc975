package cli

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/terminal"
	"ml-api-accelerator/stacks/internal/verify"
)

// verified sends what an environment expects, until it is interrupted.
func verified(cmd *cobra.Command, environment string, o verify.Options) ([]verify.Result, error) {
	expected, d, err := expectedOf(cmd, environment)
	if err != nil {
		return nil, err
	}
	if err := checkKeys(o.Keys, d, expected); err != nil {
		return nil, err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	line := terminal.Start(warningWriter(cmd), "connecting")
	results, err := verify.Run(ctx, environment, expected, d, o, line.Tell)
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

// checkKeys refuses keys that nothing is sent with.
func checkKeys(keys map[string]string, d *edge.Distribution, expected []config.Expectation) error {
	if len(keys) > 0 && !d.ChecksKeys() {
		return errNoKeys
	}
	var names []string
	for _, e := range expected {
		if e.Caller != "" && !slices.Contains(names, e.Caller) {
			names = append(names, e.Caller)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(keys)) {
		if !slices.Contains(names, name) {
			return fmt.Errorf("--key: nothing is expected of a caller %s; there are %s", name, cmp.Or(strings.Join(names, ", "), "none"))
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
