package cli

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/live/athena"
	"ml-api-accelerator/stacks/internal/shared/format"
	"ml-api-accelerator/stacks/internal/shared/names"
	"ml-api-accelerator/stacks/internal/terminal"
	"ml-api-accelerator/stacks/internal/traffic/logs"
	"ml-api-accelerator/stacks/internal/traffic/questions"
)

func newLogs() *cobra.Command {
	var a logsAsked
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "logs ENVIRONMENT [QUERY]",
		Short: "Ask the access logs what is wrong",
		Long: fmt.Sprintf(`Answers a question about the requests of the last 24 hours, or since another time, with at most %d rows.
Without a question it lists them:

%s
With --files it asks files: CloudFront's standard access logs, as replay reads them, and those that serve --log
writes. All of their requests count, unless --since says otherwise. Without --files it asks Athena about the
logs of the deployed environment (logging.queries), which AWS bills by the bytes it reads. CloudFront delivers
a log within an hour as a rule, and sometimes a day later.

A caller is an IP address: no field of CloudFront's logs names a caller with a key. Logs of version 1 have
neither countries nor whether the edge or the origin answered, which is "-" then; their routes are those of the
configuration as it is now.

Times are milliseconds until an answer began, so that a long stream isn't a slow one. Callers who left before that
(status 000) are "gone". Athena's percentiles are approximations; those of files are exact.`, questions.MaxRows, listOfQuestions("  ")),
		Example: `  logs prod
  logs prod errors --since 1h
  logs prod slowest --files 'logs/*.gz'
  logs prod limited --since 7d --json`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(a.files) > 0 && len(args) > 2 { // a shell has made them of a pattern
				return fmt.Errorf("--files takes one file, folder or pattern: put the pattern in quotes, or say --files %s as well", quoted(args[2]))
			}
			if len(args) < 1 || len(args) > 2 {
				return errors.New("logs takes an environment and a query: logs prod errors")
			}
			return nil
		},
		ValidArgsFunction: completeQuestions,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				return listQuestions(cmd, args[0], asJSON)
			}
			q, err := questions.Find(args[1])
			if err != nil {
				return err
			}
			heading, answer, err := a.answer(cmd, args[0], q)
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(cmd, answer)
			}
			_, err = fmt.Fprint(cmd.OutOrStdout(), heading+questions.Text(answer))
			return err
		},
	}
	cmd.Flags().StringVar(&a.since, "since", "", "how long ago to begin, such as 30m, 12h or 7d (default 24h, or with --files all there is)")
	_ = cmd.RegisterFlagCompletionFunc("since", cobra.NoFileCompletions) // an error is a flag that doesn't exist
	cmd.Flags().StringArrayVar(&a.files, "files", nil, "ask these files or folders, or what a pattern in quotes matches, instead of Athena; may be given several times")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a list of rows, as objects by the names of the columns; without a query, a list of {query, title}")
	addFresh(cmd)
	return cmd
}

// completeQuestions has a shell complete an environment, then a query.
func completeQuestions(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	if len(args) != 1 {
		return completeEnvironments()(cmd, args, typed)
	}
	var list []string
	for _, q := range questions.All() {
		list = append(list, cobra.CompletionWithDesc(q.Name, q.Title))
	}
	return list, cobra.ShellCompDirectiveNoFileComp
}

// listedQuestion is one as JSON.
type listedQuestion struct {
	Query string `json:"query"`
	Title string `json:"title"`
}

func listQuestions(cmd *cobra.Command, environment string, asJSON bool) error {
	if _, _, err := configured(cmd, environment); err != nil {
		return err
	}
	for _, flag := range []string{"since", "files"} {
		if cmd.Flags().Changed(flag) {
			return fmt.Errorf("--%s needs a query; there are %s", flag, strings.Join(questions.Names(), ", "))
		}
	}
	if asJSON {
		var list []listedQuestion
		for _, q := range questions.All() {
			list = append(list, listedQuestion{q.Name, q.Title})
		}
		return printJSON(cmd, list)
	}
	_, err := fmt.Fprint(cmd.OutOrStdout(), listOfQuestions(""))
	return err
}

// listOfQuestions has a line for each.
func listOfQuestions(indent string) string {
	var list strings.Builder
	for _, q := range questions.All() {
		fmt.Fprintf(&list, "%s%-11s%s\n", indent, q.Name, q.Title)
	}
	return list.String()
}

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
	fmt.Fprintf(cmd.ErrOrStderr(), "scanned %s\n", format.Bytes(answer.Scanned))
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
		return fmt.Errorf("the query was cancelled after it had read %s, the most that one may read; ask about less time, such as --since 1h", format.Bytes(limit.Scanned))
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

// foundLogs are the files that patterns name. If it takes a program with more modules to read them, the error has the command.
func foundLogs(cmd *cobra.Command, patterns []string) ([]logs.File, error) {
	files, err := logs.Find(patterns)
	if errors.Is(err, logs.ErrParquet) {
		return nil, fmt.Errorf("%w: go run -tags parquet . %s", err, typed(cmd))
	}
	return files, err
}

// manyArgs are such as a shell makes of a pattern.
const manyArgs = 4

// typed is the command line, to be typed again.
func typed(cmd *cobra.Command) string {
	words := strings.Fields(cmd.CommandPath())[1:]
	args := cmd.Flags().Args()
	for _, arg := range args[:min(len(args), manyArgs)] {
		words = append(words, quoted(arg))
	}
	if len(args) > manyArgs {
		words = append(words, "…")
	}
	cmd.Flags().Visit(func(f *pflag.Flag) {
		values := []string{f.Value.String()}
		if several, is := f.Value.(pflag.SliceValue); is {
			values = several.GetSlice()
		}
		for _, value := range values {
			word := "--" + f.Name
			if value != f.NoOptDefVal {
				word += "=" + quoted(value)
			}
			words = append(words, word)
		}
	})
	return strings.Join(words, " ")
}

var needsQuotes = regexp.MustCompile(`[^\w./:=,@%+-]`)

// quoted is a word for a shell.
func quoted(word string) string {
	if word != "" && !needsQuotes.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// readingLogs shows on a terminal how far it is with logs, until it is done or interrupted.
func readingLogs(cmd *cobra.Command, read func(ctx context.Context, tell func(logs.Progress)) error) error {
	line := terminal.Start(warningWriter(cmd), "reading logs")
	defer line.Stop()
	return read(cmd.Context(), func(p logs.Progress) {
		line.Tell(fmt.Sprintf("reading logs, %d %%, %s", 100*p.Read/max(p.TotalBytes, 1), count(p.Lines, "request")))
	})
}
