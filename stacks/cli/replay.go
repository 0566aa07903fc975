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

func newReplay() *cobra.Command {
	var before, usage string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "replay ENVIRONMENT LOGS...",
		Short: "Show what the edge would do with the requests of access logs",
		Long: `Simulates what the distribution of an environment, as it is configured now, does with the requests of
CloudFront's standard access logs, and of those that serve --log writes: for every route, how many come from
the cache, how many reach the origin, and how many bytes. LOGS are files, folders with all that is below
them, or patterns of these. With --before it does the same with a former synthesis and shows both, so that
a change can be judged by yesterday's traffic.

Logs of both versions are read, with or without gzip; of version 2 as JSON and w3c. Files of both versions for
the same hour are refused, since their requests would count twice.

A log lacks part of what decides: most request headers, and how long the origin lets its answers live. So
the results are bounds. Low: callers (told apart by address and user agent) differ in every part of the cache
key that the log lacks, and answers live for the minimum TTL. High: callers don't differ, and answers live
for the maximum TTL. Expected, in between: callers differ, and the origin says nothing, so the default TTL
counts.

The hits in the log itself stand beside them: replay what runs now to see how close the simulation comes. It
has one cache that evicts nothing, whereas AWS has one in each edge location, and so may have fewer hits.
Errors, and methods other than GET and HEAD, don't count towards the hit rate, as in CloudFront's metrics.
Where API keys are checked, requests that got 401 are refused again, and the others have a known key. Where
signatures are needed, requests that have one, in the URL or in logged cookies, and didn't get 403 pass.
Every host counts as the distribution's. What couldn't be read is listed at the end.

With --infracost it writes a usage file for Infracost: a month of requests by HTTP and HTTPS, and of bytes to
callers and to the origin, by price region, if the whole month is like the time of the logs.

What AWS's guides leave open is listed in stacks/internal/edge/GUESSES.md.`,
		Example: `  go run . replay prod logs
  go run . replay prod logs/E2EXAMPLE.2026-01-31-*.gz --before cdktf.out.main
  go run . replay prod logs --infracost infracost-usage.yml`,
		Args: takes(2, -1, "an environment and its logs", "replay prod logs"),
		ValidArgsFunction: func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveDefault
			}
			return completeEnvironments()(cmd, args, typed)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			e, err := openEnvironment(cmd, args[0])
			if err != nil {
				return err
			}
			result, err := e.replay(args[1:], before, usage)
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(cmd, result)
			}
			return printText(cmd, replay.Text(result))
		},
	}
	cmd.Flags().StringVar(&before, "before", "", "`DIR` of synthesized stacks to compare with, such as cdktf.out.main")
	_ = cmd.MarkFlagDirname("before") // an error is a flag that doesn't exist
	cmd.Flags().BoolVar(&asJSON, "json", false,
		"print {environment, from, to, files, now, before, unread, lacking}; now and before are {routes, total} of counts")
	cmd.Flags().StringVar(&usage, "infracost", "", "usage `FILE` of Infracost to write, such as infracost-usage.yml")
	_ = cmd.MarkFlagFilename("infracost", "yml", "yaml")
	addFresh(cmd)
	return cmd
}

// replay simulates the requests of logs, until it is interrupted.
func (e environment) replay(patterns []string, before, usage string) (replay.Result, error) {
	files, err := logs.Find(patterns)
	if err != nil {
		return replay.Result{}, err
	}
	if err := checkUsage(usage); err != nil {
		return replay.Result{}, err
	}
	former, err := formerDistribution(e.name, before)
	if err != nil {
		return replay.Result{}, err
	}
	d, err := e.distribution()
	if err != nil {
		return replay.Result{}, err
	}
	job := replay.Job{Files: files, Now: d, Before: former}
	if usage != "" {
		job.Usage = replay.NewUsage()
	}
	var result replay.Result
	err = readingLogs(e.cmd, func(ctx context.Context, tell func(logs.Progress)) (err error) {
		job.Tell = tell
		result, err = replay.Run(ctx, job)
		return err
	})
	if err == nil && usage != "" {
		err = writeUsage(e.cmd, usage, job.Usage)
	}
	result.Environment = e.name
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
		return nil, fmt.Errorf("--before %s: has no environment %q; there are %s",
			folder, environment, strings.Join(slices.Sorted(maps.Keys(all)), ", "))
	}
	return all[environment], nil
}
