package cli

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/live/keyvaluestore"
	"ml-api-accelerator/stacks/internal/shared/callers"
)

func newKeyList() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:               "list ENVIRONMENT",
		Short:             "List the keys that the edge knows, by caller",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: completeEnvironments(),
		RunE: func(cmd *cobra.Command, args []string) error {
			var content callers.Content
			err := onStore(cmd, args[0], storeUse{needsStore, func(ctx context.Context, _ config.API, store *keyvaluestore.Store) (err error) {
				content, err = contentOf(ctx, store)
				return err
			}})
			switch {
			case err != nil:
				return err
			case asJSON:
				return printJSON(cmd, listing(content, time.Now()))
			}
			if len(content.Foreign) > 0 {
				warn(cmd, "the key value store also has what these commands didn't write: %s", strings.Join(content.Foreign, ", "))
			}
			if len(content.Keys) == 0 {
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s has no keys\n", args[0])
				return err
			}
			return keyTable(cmd.OutOrStdout(), listing(content, time.Now()).Keys)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print {keys: [{name, id, added, expires, expired}], foreign}")
	return cmd
}

// listed is a key as JSON.
type listed struct {
	Name    string     `json:"name"`
	ID      string     `json:"id"`
	Added   time.Time  `json:"added"`
	Expires *time.Time `json:"expires"` // null: never
	Expired bool       `json:"expired"`
}

type keyListing struct {
	Keys    []listed `json:"keys"`
	Foreign []string `json:"foreign"` // keys of entries that the commands didn't write
}

func listing(content callers.Content, now time.Time) keyListing {
	list := keyListing{Keys: []listed{}, Foreign: append([]string{}, content.Foreign...)}
	for _, k := range content.Keys {
		row := listed{Name: k.Name, ID: k.ID(), Added: k.Created, Expired: k.Expired(now)}
		if !k.Expires.IsZero() {
			row.Expires = &k.Expires
		}
		list.Keys = append(list.Keys, row)
	}
	return list
}

// minutes is how people read a time.
const minutes = "2006-01-02 15:04"

func keyTable(w io.Writer, keys []listed) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "name\tid\tadded (UTC)\texpires (UTC)")
	for _, k := range keys {
		expires := "never"
		if k.Expires != nil {
			expires = k.Expires.Format(minutes)
		}
		if k.Expired {
			expires += ", expired"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", k.Name, k.ID, k.Added.Format(minutes), expires)
	}
	return table.Flush()
}
