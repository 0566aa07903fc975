package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/live/athena"
	"ml-api-accelerator/stacks/internal/shared/figures"
	"ml-api-accelerator/stacks/internal/shared/names"
	"ml-api-accelerator/stacks/internal/terminal"
	"ml-api-accelerator/stacks/internal/traffic/questions"
)

// askTimeout is how long a query may take. Tests don't wait as long.
var askTimeout = 10 * time.Minute

// askAthena asks the logs of a deployed environment since some time ago, until it is interrupted.
func askAthena(cmd *cobra.Command, environment string, q questions.Question, since time.Duration) (questions.Answer, error) {
	c, e, err := configured(cmd, environment)
	if err != nil {
		return questions.Answer{}, err
	}
	if err := needsQueries(e.Logging); err != nil {
		return questions.Answer{}, fmt.Errorf("environments.%s.%w, or ask files with --files", environment, err)
	}
	stack := c.StackName(environment)
	query := athena.Query{
		Region: e.Region, Account: e.Account.ID,
		WorkGroup: names.LogQueries(stack), Database: names.LogDatabase(stack), SQL: q.SQL(names.LogTable, sinceThen(since)),
	}
	answer, err := runQuery(cmd, query)
	if err != nil {
		return questions.Answer{}, athenaError(err, query, environment, stack)
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "scanned %s\n", figures.Bytes(answer.Scanned))
	if answer.Scanned == 0 { // every log of the time is read, if only to find nothing in it
		warn(cmd, "there are no logs of that time yet: CloudFront delivers most within an hour, some up to a day late")
	}
	return answer.Answer, nil
}

// runQuery shows on a terminal how far a query is, and tells of one that goes on although it was to be stopped.
func runQuery(cmd *cobra.Command, query athena.Query) (answer athena.Answer, err error) {
	line := terminal.Start(warningWriter(cmd), "asking Athena")
	var goesOn *athena.StopError
	err = onAWS(cmd.Context(), askTimeout, func(ctx context.Context) (err error) {
		answer, err = athena.Ask(ctx, query, func(state string) { line.Tell("asking Athena, " + strings.ToLower(state)) })
		if errors.As(err, &goesOn) {
			return goesOn.Why
		}
		return err
	})
	line.Stop()
	if goesOn != nil {
		warn(cmd, "%v", goesOn)
	}
	return answer, err
}

// sinceThen is the time from some time ago on; 0 is the 24 hours of a saved query.
func sinceThen(ago time.Duration) questions.Range {
	if ago == 0 {
		return questions.Range{}
	}
	return questions.Range{From: time.Now().Add(-ago)}
}

// needsQueries is what asking Athena needs.
func needsQueries(l config.Logging) error {
	switch {
	case !l.Enabled:
		return errors.New("logging.enabled: isn't on, so there are no logs; set it, and deploy")
	case !l.Queries:
		return errors.New(`logging.queries: isn't on, so Athena knows no logs; set it, with "version": 2, and deploy`)
	}
	return nil
}

// athenaError says what to do about an error that has to do with the environment.
func athenaError(err error, query athena.Query, environment, stack string) error {
	var limit *athena.LimitError
	missing := ""
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("the query isn't done after %v, and is given up; ask about less time, such as --since 1h", askTimeout)
	case errors.As(err, &limit):
		return fmt.Errorf("the query was cancelled after it had read %s, the most that one may read; ask about less time, such as --since 1h", figures.Bytes(limit.Scanned))
	case errors.Is(err, athena.ErrNoWorkGroup):
		missing = "workgroup " + query.WorkGroup
	case errors.Is(err, athena.ErrNoTable):
		missing = "table " + query.Database + "." + names.LogTable
	}
	if missing != "" {
		return fmt.Errorf("%s: has no %s in Athena in %s, in the account of your AWS credentials; deploy it first: cdktf deploy %s",
			environment, missing, query.Region, stack)
	}
	return accessError(err, environment, "--logs prints the IAM policy that asking Athena needs")
}
