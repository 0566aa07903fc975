package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/live/keyvaluestore"
	"ml-api-accelerator/stacks/internal/shared/callers"
	"ml-api-accelerator/stacks/internal/shared/optional"
)

func newPause() *cobra.Command {
	var message string
	var asJSON bool
	cmd := &cobra.Command{
		Use:        "pause ENVIRONMENT",
		SuggestFor: []string{"stop", "suspend", "maintenance"},
		Short:      "Have the edge refuse all calls of the API, until resume",
		Long: `The edge answers each call of the API with 503, an error as OpenAI's clients read it, and Retry-After, also
what its cache has. That takes seconds, and no deploy: for an incident, or a bill. It lasts, whatever is
deployed, until resume. Pages that ask with a preflight whether they may call still get an answer.

What runs no function that reads the key value store goes on, and the command says what that is: files
from buckets and, with a canary but without api.keys, the other backends.`,
		Example: `  go run . pause prod
  go run . pause prod --message 'Back at 10:00 UTC.'
  go run . pause prod --json`,
		Args:              takes(1, 1, "an environment", "pause prod"),
		ValidArgsFunction: completeEnvironments(),
		RunE: func(cmd *cobra.Command, args []string) error {
			if cmd.Flags().Changed("message") {
				if err := callers.CheckMessage(message); err != nil {
					return usageErrorf("--message: %w", err)
				}
			}
			return onStore(cmd, args[0], storeUse{needsPause,
				func(ctx context.Context, e config.Environment, s *keyvaluestore.Store) error {
					before, after, err := pauseAll(ctx, s, message)
					switch {
					case err != nil:
						return err
					case asJSON:
						return printJSON(cmd, newPaused(args[0], before, after, e))
					}
					return printText(cmd, tellPaused(args[0], before, *after)+tellUnpausable(e))
				}})
		},
	}
	cmd.Flags().StringVar(&message, "message", "", "`TEXT` that callers read (default \""+callers.DefaultMessage+"\")")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print {environment, paused, pausedBefore, since, message, routesOpen}")
	completeNothing(cmd, "message")
	return cmd
}

func newResume() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:        "resume ENVIRONMENT",
		SuggestFor: []string{"unpause", "continue"},
		Short:      "Let calls of the API through again, after pause",
		Long:       `The edge lets calls of the API through again, within seconds, as it did before pause.`,
		Example: `  go run . resume prod
  go run . resume prod --json`,
		Args:              takes(1, 1, "an environment", "resume prod"),
		ValidArgsFunction: completeEnvironments(),
		RunE: func(cmd *cobra.Command, args []string) error {
			return onStore(cmd, args[0], storeUse{needsPause,
				func(ctx context.Context, e config.Environment, s *keyvaluestore.Store) error {
					before, err := resumeAll(ctx, s)
					switch {
					case err != nil:
						return err
					case asJSON:
						return printJSON(cmd, newPaused(args[0], before, nil, e))
					case before == nil:
						return printText(cmd, fmt.Sprintf("%s isn't paused\n", args[0]))
					}
					return printText(cmd,
						fmt.Sprintf("%s lets calls through again, within seconds; it was paused%s\n", args[0], since(before.Since)))
				}})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print {environment, paused, pausedBefore, since, message, routesOpen}")
	return cmd
}

// paused is whether an environment is, as JSON. After resume, since and message are those of the pause that ended.
type paused struct {
	Environment  string        `json:"environment"`
	Paused       bool          `json:"paused"`
	PausedBefore bool          `json:"pausedBefore"`
	Since        *time.Time    `json:"since"`
	Message      optional.Text `json:"message"`
	RoutesOpen   []string      `json:"routesOpen"` // that go on, whether or not it is paused
}

func newPaused(environment string, before, after *callers.Pause, e config.Environment) paused {
	p := paused{Environment: environment, Paused: after != nil, PausedBefore: before != nil, RoutesOpen: []string{}}
	told := after
	if told == nil {
		told = before
	}
	if told != nil {
		p.Message = optional.Text(told.Message)
		if !told.Since.IsZero() {
			p.Since = &told.Since
		}
	}
	for _, b := range e.Unpausable() {
		p.RoutesOpen = append(p.RoutesOpen, b.Pattern())
	}
	return p
}

// needsPause returns an error where no function at the edge could refuse calls.
func needsPause(e config.Environment) error {
	if !e.API.HasStore() {
		return errors.New(`api: has neither keys nor canary, so no function at the edge can refuse calls; add "keys": {}, ` +
			`or a canary with "percent": 0, and deploy`)
	}
	return nil
}

// pauseAll returns the pause before, nil if there was none, and the one that there is now. What is paused already stays
// so since then, with another message if one is given.
func pauseAll(
	ctx context.Context, store *keyvaluestore.Store, message string,
) (before, after *callers.Pause, err error) {
	now, written := time.Now().UTC().Truncate(time.Second), ""
	err = store.Update(ctx, func(ctx context.Context) (keyvaluestore.Change, error) {
		value, _, err := store.Get(ctx, callers.PauseEntry)
		if err != nil || written != "" && value == written {
			return keyvaluestore.Change{}, err // an earlier attempt of which no answer came
		}
		before, after = callers.ReadPause(value), &callers.Pause{Since: now, Message: callers.DefaultMessage}
		if before != nil {
			*after = *before
		}
		if message != "" {
			after.Message = message
		}
		if before != nil && *after == *before {
			return keyvaluestore.Change{}, nil
		}
		written = after.Value()
		return keyvaluestore.Change{Put: map[string]string{callers.PauseEntry: written}}, nil
	})
	return before, after, err
}

// resumeAll returns the pause that it ends; nil: there was none.
func resumeAll(ctx context.Context, store *keyvaluestore.Store) (before *callers.Pause, err error) {
	tried := false
	err = store.Update(ctx, func(ctx context.Context) (keyvaluestore.Change, error) {
		value, found, err := store.Get(ctx, callers.PauseEntry)
		if err != nil || !found && tried {
			return keyvaluestore.Change{}, err // an earlier attempt of which no answer came
		}
		if before, tried = callers.ReadPause(value), found; !found {
			return keyvaluestore.Change{}, nil
		}
		return keyvaluestore.Change{Delete: []string{callers.PauseEntry}}, nil
	})
	return before, err
}

func tellPaused(environment string, before *callers.Pause, after callers.Pause) string {
	switch {
	case before == nil:
		return fmt.Sprintf("%s is paused within seconds: callers are answered 503, %q; to end that: resume %[1]s\n",
			environment, after.Message)
	case *before == after:
		return fmt.Sprintf("%s is paused already%s, and callers are answered 503, %q; nothing was changed\n",
			environment, since(before.Since), before.Message)
	}
	return fmt.Sprintf("%s is paused already%s; within seconds callers are answered 503, %q, and no longer %q\n",
		environment, since(before.Since), after.Message, before.Message)
}

// tellUnpausable says what goes on while an environment is paused.
func tellUnpausable(e config.Environment) string {
	var buckets, others []string
	for _, b := range e.Unpausable() {
		if b.ToBucket {
			buckets = append(buckets, b.Pattern())
		} else {
			others = append(others, b.Pattern())
		}
	}
	told := ""
	if len(buckets) > 0 {
		told = fmt.Sprintf("files from buckets go on: %s\n", strings.Join(buckets, ", "))
	}
	if len(others) > 0 {
		told += fmt.Sprintf("routes to other backends go on: %s (with api.keys, they would be paused, too)\n",
			strings.Join(others, ", "))
	}
	return told
}

// warnOfPause tells who looks at the callers that all of them are refused.
func warnOfPause(cmd *cobra.Command, environment string, p *callers.Pause) {
	if p != nil {
		warn(cmd, "%s is paused%s, so callers are answered 503, %q; to end that: resume %[1]s",
			environment, since(p.Since), p.Message)
	}
}

// lookForPause does so where the store isn't read whole.
func lookForPause(ctx context.Context, cmd *cobra.Command, environment string, store *keyvaluestore.Store) error {
	value, _, err := store.Get(ctx, callers.PauseEntry)
	warnOfPause(cmd, environment, callers.ReadPause(value))
	return err
}

// since is a time in the middle of a sentence, if it is known.
func since(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return " since " + t.Format(minutes) + " UTC"
}
