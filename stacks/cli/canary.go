package cli

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/live/keyvaluestore"
	"ml-api-accelerator/stacks/internal/shared/callers"
)

func newCanary() *cobra.Command {
	var reset, asJSON bool
	cmd := &cobra.Command{
		Use:   "canary ENVIRONMENT [PERCENT]",
		Short: "Show or set the share of the callers that get the canary",
		Long: `Shows the share of the callers, in percent, whose requests go to the new version of the backend
(api.canary), or sets it from 0 to 100. A change takes effect everywhere within seconds; nothing is
deployed. A caller stays with one version while the share stays, and those who are in at 5 are in at
25. What is set lasts, whatever is deployed, until --reset: then the configured percent counts again.

To try a canary before it is deployed: serve --canary URL, and explain --in-canary.`,
		Example: `  go run . canary prod
  go run . canary prod 25
  go run . canary prod --reset`,
		Args:              takes(1, 2, "an environment, and perhaps a percentage", "canary prod 25"),
		ValidArgsFunction: completeEnvironments(),
		RunE: func(cmd *cobra.Command, args []string) error {
			var change keyvaluestore.Change
			need := needsCanary
			switch {
			case reset && len(args) == 2:
				return usageErrorf("--reset: takes no percent; the configured one counts again")
			case reset:
				need = needsShare
				change.Delete = []string{callers.CanaryEntry}
			case len(args) == 2:
				if err := callers.CheckShare(args[1]); err != nil {
					return usageError{err}
				}
				change.Put = map[string]string{callers.CanaryEntry: strconv.Itoa(callers.Share(args[1]))}
			}
			return onStore(cmd, args[0], storeUse{need,
				func(ctx context.Context, e config.Environment, s *keyvaluestore.Store) error {
					before, after, err := changeShare(ctx, s, change)
					if err == nil {
						err = lookForPause(ctx, cmd, args[0], s)
					}
					configured := 0
					if e.API.Canary != nil {
						configured = e.API.Canary.Percent
					}
					switch {
					case err != nil:
						return err
					case asJSON:
						percent, before := shareOf(after, configured), shareOf(before, configured)
						return printJSON(cmd, share{args[0], percent, before, configured, after != nil})
					case e.API.Canary == nil:
						return printText(cmd, fmt.Sprintf("%s: no share is kept; a next canary begins with its percent\n", args[0]))
					default:
						return printText(cmd, fmt.Sprintf("%s: %s\n", args[0], tellShare(before, after, configured)))
					}
				}})
		},
	}
	cmd.Flags().BoolVar(&reset, "reset", false, "forget what was set: the configured percent counts")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print {environment, percent, percentBefore, percentConfigured, set}")
	return cmd
}

// share is who gets the canary, as JSON.
type share struct {
	Environment       string `json:"environment"`
	Percent           int    `json:"percent"`
	PercentBefore     int    `json:"percentBefore"`
	PercentConfigured int    `json:"percentConfigured"`
	Set               bool   `json:"set"` // by this command, rather than configured
}

func needsCanary(e config.Environment) error {
	if e.API.Canary == nil {
		return errors.New("api.canary: isn't there, so all callers get the same backend; configure it, and deploy")
	}
	return nil
}

// needsShare is for a share that may have outlived its canary.
func needsShare(e config.Environment) error {
	if !e.API.HasStore() {
		return errors.New("api.canary: isn't there, and neither are api.keys, so no share is kept")
	}
	return nil
}

// changeShare returns what the store has as the share before and after a change, which may be none; nil: nothing.
func changeShare(
	ctx context.Context, store *keyvaluestore.Store, change keyvaluestore.Change,
) (before, after *string, err error) {
	decide := func(ctx context.Context) (keyvaluestore.Change, error) {
		value, found, err := store.Get(ctx, callers.CanaryEntry)
		if before = nil; found {
			before = &value
		}
		if !found {
			change.Delete = nil
		}
		return change, err
	}
	if change.Put == nil && change.Delete == nil {
		_, err = decide(ctx)
		return before, before, err
	}
	err = store.Update(ctx, decide)
	if value, set := change.Put[callers.CanaryEntry]; set {
		after = &value
	}
	return before, after, err
}

// tellShare says who gets the canary, and why, after a change or, where both are the same, without one.
func tellShare(before, after *string, configured int) string {
	said := fmt.Sprintf("%d %% of the callers get the canary", shareOf(after, configured))
	more := fmt.Sprintf("configured: %d %%", configured)
	changed := before != after
	if changed {
		said += " within seconds"
		more = fmt.Sprintf("before: %d %%", shareOf(before, configured))
	}
	switch {
	case after == nil && changed:
		return fmt.Sprintf("%s, as configured (%s)", said, more)
	case after == nil:
		return said + ", as configured"
	case callers.CheckShare(*after) != nil:
		said += fmt.Sprintf(", since the key value store has %q for it", *after)
	case !changed:
		said += ", as set with this command"
	}
	return fmt.Sprintf("%s (%s)", said, more)
}

// shareOf is the percentage that the function goes by.
func shareOf(value *string, configured int) int {
	if value == nil {
		return configured
	}
	return callers.Share(*value)
}
