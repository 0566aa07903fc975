package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/compare"
	"ml-api-accelerator/stacks/internal/traffic/logs"
	"ml-api-accelerator/stacks/internal/traffic/replay"
)

// replayed simulates the requests of logs, until it is interrupted.
func replayed(cmd *cobra.Command, environment string, patterns []string, before, usage string) (replay.Result, error) {
	files, err := foundLogs(cmd, patterns)
	if err != nil {
		return replay.Result{}, err
	}
	if err := checkUsage(usage); err != nil {
		return replay.Result{}, err
	}
	former, err := formerDistribution(environment, before)
	if err != nil {
		return replay.Result{}, err
	}
	d, err := distribution(cmd, environment)
	if err != nil {
		return replay.Result{}, err
	}
	job := replay.Job{Files: files, Now: d, Before: former}
	if usage != "" {
		job.Usage = replay.NewUsage()
	}
	var result replay.Result
	err = readingLogs(cmd, func(ctx context.Context, tell func(logs.Progress)) (err error) {
		job.Tell = tell
		result, err = replay.Run(ctx, job)
		return err
	})
	if err == nil && usage != "" {
		err = writeUsage(cmd, usage, job.Usage)
	}
	result.Environment = environment
	return result, err
}

// checkUsage refuses a file that somebody else has written.
func checkUsage(file string) error {
	text, err := os.ReadFile(file)
	if file == "" || errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil && !strings.HasPrefix(string(text), replay.UsageMark) {
		err = fmt.Errorf("%s: is there already, and not from replay; name another file", file)
	}
	if err != nil {
		return fmt.Errorf("--infracost %w", err)
	}
	return nil
}

func writeUsage(cmd *cobra.Command, file string, usage *replay.Usage) error {
	text, err := usage.Infracost()
	if err != nil {
		return fmt.Errorf("--infracost: %w", err)
	}
	if elsewhere := usage.Elsewhere(); elsewhere != "" {
		warn(cmd, "%s has no requests from edge locations of which the region isn't known: %s", file, elsewhere)
	}
	return os.WriteFile(file, []byte(text), 0o644)
}

// formerDistribution is that of an environment in a folder of synthesized stacks; nil: no folder is named.
func formerDistribution(environment, folder string) (*edge.Distribution, error) {
	if folder == "" {
		return nil, nil
	}
	all, err := compare.Read(folder)
	if err != nil {
		return nil, fmt.Errorf("--before %w", err)
	}
	if all[environment] == nil {
		return nil, fmt.Errorf("--before %s: has no environment %q; there are %s", folder, environment, strings.Join(slices.Sorted(maps.Keys(all)), ", "))
	}
	return all[environment], nil
}
