package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/signal"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/live/keyvaluestore"
	"ml-api-accelerator/stacks/internal/shared/callers"
	"ml-api-accelerator/stacks/internal/shared/format"
)

func newKey() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "key",
		Short: "Add, list and remove the API keys of callers",
		Long: `Works on the API keys that the edge of a deployed environment knows, where api.keys is configured. A
change takes effect everywhere within seconds; nothing is deployed. The key value store has no keys,
only their SHA-256.

It uses the same AWS credentials as the AWS CLI. policy ENVIRONMENT --keys prints what they must allow.`,
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

func newKeyAdd() *cobra.Command {
	var expires string
	var stdin bool
	cmd := &cobra.Command{
		Use:        "add ENVIRONMENT NAME",
		SuggestFor: []string{"create", "new", "make"},
		Short:      "Make a key for a caller, and print it once",
		Long: `Makes an API key of 256 random bits, lets the edge know it as the caller's, and prints it: nothing else
goes to stdout. It can't be printed again. A caller may have several keys, so that a new one can be
handed over before the old one is removed.`,
		Example: `  go run . key add prod alice --expires 90d
  go run . key add prod alice --expires 2027-01-31 | gh secret set API_KEY
  go run . key add prod alice --stdin < existing-key`,
		Args:              takes(2, 2, "an environment and a caller's name", "key add prod alice"),
		ValidArgsFunction: completeEnvironments(),
		RunE: func(cmd *cobra.Command, args []string) error {
			key, added, err := newCallersKey(cmd, args[1], expires, stdin)
			if err != nil {
				return err
			}
			var others []callers.Key
			err = onStore(cmd, args[0], storeUse{needsKeys,
				func(ctx context.Context, _ config.Environment, s *keyvaluestore.Store) (err error) {
					others, err = addKey(ctx, s, added)
					return err
				}})
			if err != nil {
				return err
			}
			if !stdin {
				if err := printKey(cmd.OutOrStdout(), key); err != nil {
					return fmt.Errorf("the key couldn't be printed, and is lost: key remove %s %s --id %s (%w)",
						args[0], added.Name, added.ID(), err)
				}
			}
			tellAdded(cmd, args[0], added, others, stdin)
			return nil
		},
	}
	cmd.Flags().StringVar(&expires, "expires", "",
		"`TIME` at which it expires, "+aheadForm+"; a day lasts until its end (default never)")
	cmd.Flags().BoolVar(&stdin, "stdin", false, "read the key from stdin, instead of making one")
	completeNothing(cmd, "expires")
	return cmd
}

func needsKeys(e config.Environment) error {
	if e.API.Keys == nil {
		return errors.New("api.keys: isn't there, so the edge asks nobody for a key; configure it, and deploy")
	}
	return nil
}

// newCallersKey makes a key, or takes the one from stdin, and what the store will know of it.
func newCallersKey(cmd *cobra.Command, name, expires string, stdin bool) (key string, k callers.Key, err error) {
	if err := callers.CheckName(name); err != nil {
		return "", k, usageError{err}
	}
	k = callers.Key{Name: name, Created: time.Now()}
	if cmd.Flags().Changed("expires") { // an empty variable of a script isn't never
		if k.Expires, err = expiry("expires", expires, k.Created); err != nil {
			return "", k, err
		}
	}
	key = callers.NewKey()
	if stdin {
		if key, err = readKey(cmd.InOrStdin()); err != nil {
			return "", k, err
		}
	}
	k.Hash = callers.Hash(key)
	return key, k, nil
}

// readKey reads a key that may end with a line's end, as from echo or an editor.
func readKey(from io.Reader) (string, error) {
	text, err := io.ReadAll(io.LimitReader(bufio.NewReader(from), 4096))
	if err != nil {
		return "", err
	}
	key := strings.TrimRight(string(text), "\r\n")
	return key, callers.CheckKey(key)
}

// printKey fails where nobody reads any more. A program that writes into such a pipe is ended without a word otherwise
// (package os/signal, SIGPIPE).
func printKey(to io.Writer, key string) error {
	signal.Ignore(syscall.SIGPIPE)
	defer signal.Reset(syscall.SIGPIPE)
	_, err := fmt.Fprintln(to, key)
	return err
}

// addKey also tells which other keys the caller has.
func addKey(ctx context.Context, store *keyvaluestore.Store, added callers.Key) (others []callers.Key, err error) {
	err = store.Update(ctx, func(ctx context.Context) (keyvaluestore.Change, error) {
		entries, err := store.All(ctx)
		if err != nil {
			return keyvaluestore.Change{}, err
		}
		content := callers.Read(entries)
		others = content.Without([]callers.Key{added}).Of(added.Name)
		if entries[added.Hash] == added.Value() {
			return keyvaluestore.Change{}, nil // an earlier attempt of which no answer came
		}
		if err := content.CheckAdd(added); err != nil {
			return keyvaluestore.Change{}, err
		}
		return keyvaluestore.Change{Put: map[string]string{added.Hash: added.Value()}}, nil
	})
	return others, err
}

// tellAdded says on stderr what stdout, which has the key alone, doesn't.
func tellAdded(cmd *cobra.Command, environment string, added callers.Key, others []callers.Key, stdin bool) {
	until := "; it never expires"
	if !added.Expires.IsZero() {
		until = "; it expires on " + added.Expires.UTC().Format(minutes) + " UTC"
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "added %s's key %s: the edge takes it within seconds%s\n", added.Name, added.ID(), until)
	if !stdin {
		fmt.Fprintln(cmd.ErrOrStderr(), "Keep it: it can't be printed again.")
	}
	if len(others) > 0 {
		fmt.Fprintf(cmd.ErrOrStderr(), "%s has %s, too; once the new one is in use: key remove %s %s --id %s\n",
			added.Name, format.Count(len(others), "older key"), environment, added.Name, others[0].ID())
	}
}

func newKeyList() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:        "list ENVIRONMENT",
		SuggestFor: []string{"ls", "show", "get"},
		Short:      "List the keys that the edge knows, by caller",
		Long: `Lists the keys that the edge knows, by caller: their ids, when they were added and when they expire. The
keys themselves are nowhere.`,
		Example: `  go run . key list prod
  go run . key list prod --json`,
		Args:              takes(1, 1, "an environment", "key list prod"),
		ValidArgsFunction: completeEnvironments(),
		RunE: func(cmd *cobra.Command, args []string) error {
			var content callers.Content
			err := onStore(cmd, args[0], storeUse{needsStore,
				func(ctx context.Context, _ config.Environment, s *keyvaluestore.Store) (err error) {
					content, err = contentOf(ctx, s)
					return err
				}})
			if err != nil {
				return err
			}
			if len(content.Foreign) > 0 {
				warn(cmd, "the key value store also has what these commands didn't write: %s", strings.Join(content.Foreign, ", "))
			}
			warnOfPause(cmd, args[0], content.Pause)
			list := listing(content, time.Now())
			switch {
			case asJSON:
				return printJSON(cmd, list)
			case len(list) == 0:
				return printText(cmd, fmt.Sprintf("%s has no keys; to make one: key add %[1]s alice\n", args[0]))
			}
			return keyTable(cmd.OutOrStdout(), list)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a list of {name, id, added, expires, expired}")
	return cmd
}

// listed is a key, as JSON.
type listed struct {
	Name    string     `json:"name"`
	ID      string     `json:"id"`
	Added   time.Time  `json:"added"`
	Expires *time.Time `json:"expires"` // null: never
	Expired bool       `json:"expired"`
}

func listing(content callers.Content, now time.Time) []listed {
	list := []listed{}
	for _, k := range content.Keys {
		row := listed{Name: k.Name, ID: k.ID(), Added: k.Created, Expired: k.Expired(now)}
		if !k.Expires.IsZero() {
			row.Expires = &k.Expires
		}
		list = append(list, row)
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

func newKeyRemove() *cobra.Command {
	var r callers.Removal
	cmd := &cobra.Command{
		Use:        "remove ENVIRONMENT NAME",
		SuggestFor: []string{"rm", "delete", "del", "revoke"},
		Short:      "Let the edge refuse a caller's key",
		Long: `Takes a caller's key away: the only one, one of several with --id, or all of them with --all. The edge
refuses it within seconds.`,
		Example: `  go run . key remove prod alice
  go run . key remove prod alice --id 9f86d081`,
		Args:              takes(2, 2, "an environment and a caller's name", "key remove prod alice"),
		ValidArgsFunction: completeEnvironments(),
		RunE: func(cmd *cobra.Command, args []string) error {
			r.Name = args[1]
			if cmd.Flags().Changed("id") && r.ID == "" { // an empty variable of a script isn't the only key
				return usageErrorf("--id: must be the id of a key, as list shows it")
			}
			var removed, left []callers.Key
			err := onStore(cmd, args[0], storeUse{needsStore,
				func(ctx context.Context, _ config.Environment, s *keyvaluestore.Store) (err error) {
					removed, left, err = removeKeys(ctx, s, r)
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
	cmd.Flags().StringVar(&r.ID, "id", "", "`ID` of one of the caller's keys, as list shows it")
	cmd.Flags().BoolVar(&r.All, "all", false, "all of the caller's keys")
	exclusive(cmd, "id", "all")
	completeNothing(cmd, "id")
	return cmd
}

// removeKeys also tells which keys the caller has left.
func removeKeys(
	ctx context.Context, store *keyvaluestore.Store, r callers.Removal,
) (removed, left []callers.Key, err error) {
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
