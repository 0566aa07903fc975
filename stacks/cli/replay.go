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
		Short: "Tell what the edge would do with the requests of access logs",
		Long: `Simulates what the distribution of an environment, as it is configured now, does with the requests of
CloudFront's standard access logs, and of those that serve --log writes: for every route, how many come from
the cache, how many reach the origin, and how many bytes. LOGS are files, folders with all that is below
them, or patterns of these in quotes. With --before it does the same with a former synthesis and shows both,
so that a change can be judged by yesterday's traffic.

Logs of version 1 are read packed or not. Of version 2, Parquet and w3c are read, not JSON and plain text.
Parquet takes modules that aren't built in by default: go run -tags parquet . replay prod logs. Files of both
versions for the same hour are refused, since their requests would count twice.

A log lacks some of what decides: most of a request's headers, and for how long the origin lets its answers
live. So there are bounds. Low: callers (told apart by address and user agent) differ in every part of the
key that the log lacks, and answers live for the minimum TTL. High: callers don't differ, and answers live
for the maximum TTL. Expected, between them: callers differ, and the origin says nothing, so that the
default TTL counts.

The hits that the log itself tells stand beside it: replay what runs now to see how near the simulation is.
There is one cache, which drops nothing early, whereas AWS has one for each edge location, and so may have
fewer hits. Errors, and methods other than GET and HEAD, don't count for the rate of hits, as in CloudFront's
metrics. Where keys of callers are checked, those that got 401 are refused again, and the others are known;
where signatures are needed, those that have one, in the URL or in logged cookies, and didn't get 403 are let
in. Every host counts as the distribution's. What couldn't be read is told at the end.

With --infracost it writes what the distribution is used for in a month, if all of it is like the time of the
logs, as a usage file of Infracost: requests by HTTP and HTTPS and bytes to callers and to the origin, by the
regions of CloudFront's prices.

What AWS's guides leave open is listed in stacks/internal/edge/GUESSES.md.`,
		Example: `  replay prod 'logs/*.gz'
  replay prod logs
  replay prod 'logs/E2EXAMPLE.2026-01-31-*.gz' --before cdktf.out.main
  replay prod 'logs/*.gz' --infracost infracost-usage.yml`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) < 2 {
				return errors.New("replay takes an environment and its logs: replay prod 'logs/*.gz'")
			}
			return nil
		},
		ValidArgsFunction: func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveDefault
			}
			return completeEnvironments()(cmd, args, typed)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			result, err := replayed(cmd, args[0], args[1:], before, usage)
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(cmd, result)
			}
			_, err = fmt.Fprint(cmd.OutOrStdout(), replay.Text(result))
			return err
		},
	}
	cmd.Flags().StringVar(&before, "before", "", "folder of synthesized stacks to compare with, such as cdktf.out")
	_ = cmd.MarkFlagDirname("before") // an error is a flag that doesn't exist
	cmd.Flags().BoolVar(&asJSON, "json", false, "print {environment, from, to, files, now, before, unread, lacking}; now and before are {routes, total} of counts")
	cmd.Flags().StringVar(&usage, "infracost", "", "usage file of Infracost to write, such as infracost-usage.yml")
	_ = cmd.MarkFlagFilename("infracost", "yml", "yaml")
	addFresh(cmd)
	return cmd
}

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
