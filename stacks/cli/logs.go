package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/live/athena"
	"ml-api-accelerator/stacks/internal/shared/format"
	"ml-api-accelerator/stacks/internal/shared/names"
	"ml-api-accelerator/stacks/internal/terminal"
	"ml-api-accelerator/stacks/internal/traffic/logs"
	"ml-api-accelerator/stacks/internal/traffic/questions"
)

func newLogs() *cobra.Command {
	var since, by string
	var former []string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "logs ENVIRONMENT [QUERY [LOGS...]]",
		Short: "Ask the access logs what is wrong",
		Long: fmt.Sprintf(`Answers a question about the requests of the last 24 hours, or since another time, with at most %d rows.
Without a question it lists them:

%s
LOGS are files, folders with all that is below them, or patterns of these: CloudFront's standard access logs,
as replay reads them, and those that serve --log writes. All of their requests count, unless --since says
otherwise. Without LOGS it asks Athena about the logs of the deployed environment (logging.queries), which AWS
bills by the bytes it reads. CloudFront delivers a log within an hour as a rule, and sometimes a day later.

A caller is known by name where the edge lets in callers by their keys (api.keys), and version 2 of the logs
is delivered. Those of --log have names as well then. Everybody else is "(none)": whoever is refused, and
whoever asks where no key is needed, or where no log has names. A log never has the key itself. "version" is
the backend that a caller gets: the canary's, or the stable one.

Logs of version 1 have neither names nor countries, nor whether the edge or the origin answered, which is "-"
then; their routes are those of the configuration as it is now.

Times are milliseconds until an answer began, so a long stream isn't a slow one. Callers who left before that
(status 000) are "gone". Athena's percentiles are approximations; those of files are exact.`, questions.MaxRows, listOfQuestions("  ")),
		Example: `  go run . logs prod
  go run . logs prod errors --since 1h
  go run . logs prod slowest logs/*.gz
  go run . logs prod callers --since 1h
  go run . logs prod errors --by caller
  go run . logs prod limited --since 7d --json`,
		Args:              takes(1, -1, "an environment, a query and perhaps logs", "logs prod errors logs"),
		ValidArgsFunction: completeQuestions,
		RunE: func(cmd *cobra.Command, args []string) error {
			e, err := openEnvironment(cmd, args[0])
			if err != nil {
				return err
			}
			if len(args) == 1 {
				return listQuestions(cmd, asJSON)
			}
			q, err := questions.Find(args[1])
			if err != nil {
				return usageError{err}
			}
			if cmd.Flags().Changed("by") {
				if q, err = groupedBy(q, by); err != nil {
					return err
				}
			}
			heading, answer, err := e.ask(q, append(former, args[2:]...), since)
			if err != nil {
				return err
			}
			if answer.NamesNobody() {
				e.warnOfNoNames()
			}
			if asJSON {
				return printJSON(cmd, answer)
			}
			return printText(cmd, heading+questions.Text(answer))
		},
	}
	cmd.Flags().StringVar(&since, "since", "", "`TIME` to begin at, "+agoForm+" (default 24h, or all of LOGS)")
	completeNothing(cmd, "since")
	cmd.Flags().StringVar(&by, "by", "", "`WHAT` to group errors, refused and limited by: caller")
	_ = cmd.RegisterFlagCompletionFunc("by",
		cobra.FixedCompletions([]string{"caller"}, cobra.ShellCompDirectiveNoFileComp))
	cmd.Flags().StringArrayVar(&former, "files", nil, "`LOGS`, as before they were arguments")
	_ = cmd.Flags().MarkHidden("files") // an error is a flag that doesn't exist
	cmd.Flags().BoolVar(&asJSON, "json", false,
		"print a list of rows, with the columns as names; without a query, a list of {query, title}")
	addFresh(cmd)
	return cmd
}

// groupedBy is a question that is asked by what a flag says.
func groupedBy(q questions.Question, by string) (questions.Question, error) {
	if by != "caller" {
		return q, usageErrorf("--by: must be caller, got %q", by)
	}
	grouped, can := q.ByCaller()
	if !can {
		return q, usageErrorf("--by caller is for %s, not for %s", strings.Join(questions.NamedByCaller(), ", "), q.Name)
	}
	return grouped, nil
}

// completeQuestions has a shell complete an environment, a query, then files.
func completeQuestions(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	switch len(args) {
	case 0:
		return completeEnvironments()(cmd, args, typed)
	case 1:
		var list []string
		for _, q := range questions.All() {
			list = append(list, cobra.CompletionWithDesc(q.Name, q.Title))
		}
		return list, cobra.ShellCompDirectiveNoFileComp
	}
	return nil, cobra.ShellCompDirectiveDefault
}

// listedQuestion is one as JSON.
type listedQuestion struct {
	Query string `json:"query"`
	Title string `json:"title"`
}

func listQuestions(cmd *cobra.Command, asJSON bool) error {
	for _, flag := range []string{"since", "by", "files"} {
		if cmd.Flags().Changed(flag) {
			return usageErrorf("--%s needs a query; there are %s", flag, strings.Join(questions.Names(), ", "))
		}
	}
	if !asJSON {
		return printText(cmd, listOfQuestions(""))
	}
	var list []listedQuestion
	for _, q := range questions.All() {
		list = append(list, listedQuestion{q.Name, q.Title})
	}
	return printJSON(cmd, list)
}

// listOfQuestions has a line for each.
func listOfQuestions(indent string) string {
	var list strings.Builder
	for _, q := range questions.All() {
		fmt.Fprintf(&list, "%s%-11s%s\n", indent, q.Name, q.Title)
	}
	return list.String()
}

// ask asks files, or Athena if none are named. Of files the heading says what was read.
func (e environment) ask(
	q questions.Question, files []string, since string,
) (heading string, answer questions.Answer, err error) {
	var asked questions.Range
	if e.cmd.Flags().Changed("since") { // an empty variable of a script isn't the default
		if asked.From, err = timeAgo("since", since, time.Now()); err != nil {
			return "", answer, err
		}
	}
	if slices.Contains(files, "") {
		return "", answer, usageErrorf("LOGS must name files, got an empty word; without any, logs asks Athena")
	}
	if len(files) == 0 {
		answer, err = e.askAthena(q, asked)
		return "", answer, err
	}
	result, err := e.askFiles(q, files, asked)
	if err != nil {
		return "", answer, err
	}
	if len(result.Unread) > 0 {
		fmt.Fprint(e.cmd.ErrOrStderr(), "not counted:\n"+logs.List(result.Unread))
	}
	if lack := result.Lack(); lack != "" {
		warn(e.cmd, "%s", lack)
	}
	if result.Incomplete {
		warn(e.cmd, "there is too much that differs to keep all of it: what is rare may be missing, or have too few requests; ask about less time")
	}
	return result.Heading() + "\n\n", result.Answer, nil
}

func (e environment) askFiles(
	q questions.Question, patterns []string, asked questions.Range,
) (questions.Result, error) {
	files, err := logs.Find(patterns)
	if err != nil {
		return questions.Result{}, err
	}
	d, err := e.distribution()
	if err != nil {
		return questions.Result{}, err
	}
	job := questions.Job{Files: files, Question: q, Distribution: d, Range: asked}
	var result questions.Result
	err = readingLogs(e.cmd, func(ctx context.Context, tell func(logs.Progress)) (err error) {
		job.Tell = tell
		result, err = questions.Run(ctx, job)
		return err
	})
	return result, err
}

// warnOfNoNames says why an answer about callers has no name, if that is due to the configuration.
func (e environment) warnOfNoNames() {
	switch {
	case e.API.Keys == nil:
		warn(e.cmd, "%v", e.wrong(errors.New("api.keys: isn't set, so no caller has a name")))
	case !e.Logging.Delivers(2):
		warn(e.cmd, "%v", e.wrong(errors.New("logging.version: must be 2 for the edge to write the names of callers into "+
			"the log")))
	}
}

// askTimeout is how long a query may take. Tests don't wait as long.
var askTimeout = 10 * time.Minute

// askAthena asks the logs of a deployed environment, until it is interrupted.
func (e environment) askAthena(q questions.Question, asked questions.Range) (questions.Answer, error) {
	if err := e.wrong(needsQueries(e.Logging)); err != nil {
		return questions.Answer{}, fmt.Errorf("%w, or name files: logs %s %s logs", err, e.name, q.Name)
	}
	query := athena.Query{
		Region: e.Region, Account: e.Account.ID,
		WorkGroup: names.LogQueries(e.stack), Database: names.LogDatabase(e.stack), SQL: q.SQL(names.LogTable, asked),
	}
	answer, err := runQuery(e.cmd, query)
	if err != nil {
		return questions.Answer{}, e.athenaError(err, query)
	}
	fmt.Fprintf(e.cmd.ErrOrStderr(), "scanned %s\n", format.Bytes(answer.Scanned))
	if answer.Scanned == 0 { // every log of the time is read, if only to find nothing in it
		warn(e.cmd, "there are no logs of that time yet: CloudFront delivers most within an hour, some up to a day late")
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
func (e environment) athenaError(err error, query athena.Query) error {
	var limit *athena.LimitError
	var column *athena.ColumnError
	var slow *slowError
	missing := ""
	switch {
	case errors.As(err, &slow):
		return fmt.Errorf("the query isn't done after %v, and is given up; ask about less time, such as --since 1h",
			slow.after)
	case errors.As(err, &limit):
		return fmt.Errorf("the query was cancelled after it had read %s, the most that one may read; ask about less time, such as --since 1h",
			format.Bytes(limit.Scanned))
	case errors.As(err, &column):
		return fmt.Errorf("%s: %w; if the table is of an earlier version of this project, deploy it again: cdktf deploy %s",
			e.name, err, e.stack)
	case errors.Is(err, athena.ErrNoWorkGroup):
		missing = "workgroup " + query.WorkGroup
	case errors.Is(err, athena.ErrNoTable):
		missing = "table " + query.Database + "." + names.LogTable
	}
	if missing != "" {
		return fmt.Errorf("%s: has no %s in Athena in %s, in the account of your AWS credentials; deploy it first: cdktf deploy %s",
			e.name, missing, query.Region, e.stack)
	}
	return e.accessError(err, "--logs prints the IAM policy that asking Athena needs")
}

// readingLogs shows on a terminal how far it is with logs, until it is done or interrupted.
func readingLogs(cmd *cobra.Command, read func(ctx context.Context, tell func(logs.Progress)) error) error {
	line := terminal.Start(warningWriter(cmd), "reading logs")
	defer line.Stop()
	return read(cmd.Context(), func(p logs.Progress) {
		line.Tell(fmt.Sprintf("reading logs, %d %%, %s", 100*p.Read/max(p.TotalBytes, 1), format.Count(p.Lines, "request")))
	})
}
