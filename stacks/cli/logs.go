package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

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
