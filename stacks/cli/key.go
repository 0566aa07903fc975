package cli

import (
	"context"

	"github.com/spf13/cobra"

	"ml-api-accelerator/stacks/internal/live/keyvaluestore"
	"ml-api-accelerator/stacks/internal/shared/callers"
)

func newKey() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "key",
		Short: "Add, list and remove the API keys of callers",
		Long: `Works on the API keys that the edge of a deployed environment knows, where api.keys is configured. A
change is at work everywhere within seconds; nothing is deployed. The key value store has no keys,
only their SHA-256.

The AWS credentials are those of the AWS CLI. What they must allow is printed by policy with --keys.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newKeyAdd(), newKeyList(), newKeyRemove())
	return cmd
}

// contentOf reads what a store has.
func contentOf(ctx context.Context, store *keyvaluestore.Store) (callers.Content, error) {
	entries, err := store.All(ctx)
	if err != nil {
		return callers.Content{}, err
	}
	return callers.Read(entries), nil
}
