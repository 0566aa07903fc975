package cli

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ml-api-accelerator/stacks/internal/traffic/logs"
	"ml-api-accelerator/stacks/internal/traffic/questions"
)

// logsAsked is what a person says of a question beside its name.
type logsAsked struct {
	since string
	files []string
}

// answer also says, of files, what was read.
func (a logsAsked) answer(cmd *cobra.Command, environment string, q questions.Question) (heading string, answer questions.Answer, err error) {
	since := time.Duration(0)
	if cmd.Flags().Changed("since") { // an empty variable of a script isn't the default
		if since, err = parseSince(a.since); err != nil {
			return "", answer, fmt.Errorf("--since: %w", err)
		}
	}
	if !cmd.Flags().Changed("files") {
		answer, err = askAthena(cmd, environment, q, since)
		return "", answer, err
	}
	result, err := a.askFiles(cmd, environment, q, since)
	if err != nil {
		return "", answer, err
	}
	if len(result.Unread) > 0 {
		fmt.Fprint(cmd.ErrOrStderr(), "not counted:\n"+logs.List(result.Unread))
	}
	if lack := result.Lack(); lack != "" {
		warn(cmd, "%s", lack)
	}
	if result.Incomplete {
		warn(cmd, "there is too much that differs to keep all of it: what is rare may be missing, or have too few requests; ask about less time")
	}
	return result.Heading() + "\n\n", result.Answer, nil
}

func (a logsAsked) askFiles(cmd *cobra.Command, environment string, q questions.Question, since time.Duration) (questions.Result, error) {
	files, err := foundLogs(cmd, a.files)
	if err != nil {
		return questions.Result{}, fmt.Errorf("--files %w", err)
	}
	d, err := distribution(cmd, environment)
	if err != nil {
		return questions.Result{}, err
	}
	job := questions.Job{Files: files, Question: q, Distribution: d}
	if since > 0 {
		job.Range.From = time.Now().Add(-since)
	}
	var result questions.Result
	err = readingLogs(cmd, func(ctx context.Context, tell func(logs.Progress)) (err error) {
		job.Tell = tell
		result, err = questions.Run(ctx, job)
		return err
	})
	return result, err
}

// longest is ten years, longer than logs are kept.
const longest = 3650 * 24 * time.Hour

// parseSince reads how long ago something was: as Go writes durations, or in days.
func parseSince(text string) (time.Duration, error) {
	ago, err := time.ParseDuration(text)
	if count, isDays := strings.CutSuffix(text, "d"); isDays {
		var days uint64
		days, err = strconv.ParseUint(count, 10, 16)
		ago = time.Duration(days) * 24 * time.Hour
	}
	if err != nil || ago <= 0 || ago > longest {
		return 0, fmt.Errorf("must be such as 30m, 12h or 7d, got %q", text)
	}
	return ago, nil
}
