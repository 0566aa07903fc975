package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/live/keyvaluestore"
	"ml-api-accelerator/stacks/internal/shared/callers"
)

func newKeyRemove() *cobra.Command {
	var r callers.Removal
	cmd := &cobra.Command{
		Use:   "remove ENVIRONMENT NAME",
		Short: "Have the edge refuse a caller's key",
		Example: `  key remove prod alice
  key remove prod alice --id 9f86d081`,
		Args:              cobra.ExactArgs(2),
		ValidArgsFunction: completeEnvironments(),
		RunE: func(cmd *cobra.Command, args []string) error {
			r.Name = args[1]
			if cmd.Flags().Changed("id") && r.ID == "" { // an empty variable of a script isn't the only key
				return errors.New("--id: must be the id of a key, as list shows it")
			}
			var removed, left []callers.Key
			err := onStore(cmd, args[0], storeUse{needsStore, func(ctx context.Context, _ config.API, store *keyvaluestore.Store) (err error) {
				removed, left, err = removeKeys(ctx, store, r)
				return err
			}})
			if err != nil {
				return err
			}
			for _, k := range removed {
				fmt.Fprintf(cmd.OutOrStdout(), "removed %s's key %s: the edge refuses it within seconds\n", k.Name, k.ID())
			}
			if len(left) == 0 {
				fmt.Fprintf(cmd.OutOrStdout(), "%s has no key now\n", r.Name)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&r.ID, "id", "", "which of the caller's keys, as list shows it")
	cmd.Flags().BoolVar(&r.All, "all", false, "all of the caller's keys")
	cmd.MarkFlagsMutuallyExclusive("id", "all")
	_ = cmd.RegisterFlagCompletionFunc("id", cobra.NoFileCompletions) // an error is a flag that doesn't exist
	return cmd
}

// removeKeys also tells which keys the caller has left.
func removeKeys(ctx context.Context, store *keyvaluestore.Store, r callers.Removal) (removed, left []callers.Key, err error) {
	err = store.Update(ctx, func(ctx context.Context) (keyvaluestore.Change, error) {
		content, err := contentOf(ctx, store)
		if err != nil {
			return keyvaluestore.Change{}, err
		}
		left = content.Without(removed).Of(r.Name)
		if removed != nil && len(left) == len(content.Of(r.Name)) {
			return keyvaluestore.Change{}, nil // an earlier attempt of which no answer came
		}
		if removed, err = content.Choose(r); err != nil {
			return keyvaluestore.Change{}, err
		}
		left = content.Without(removed).Of(r.Name)
		return keyvaluestore.Change{Delete: callers.Hashes(removed)}, nil
	})
	return removed, left, err
}
