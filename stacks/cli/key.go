package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"ml-api-accelerator/stacks/config"
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

func newKeyAdd() *cobra.Command {
	var expires string
	var stdin bool
	cmd := &cobra.Command{
		Use:   "add ENVIRONMENT NAME",
		Short: "Make a key for a caller, and print it once",
		Long: `Makes an API key of 256 random bits, has the edge know it as the caller's, and prints it: nothing else
goes to stdout. It can't be printed again. A caller may have several keys, so that a new one can be
handed over before the old one is removed.`,
		Example: `  key add prod alice --expires 90d
  key add prod alice --expires 2027-01-31 | gh secret set API_KEY
  key add prod alice --stdin < existing-key`,
		Args:              cobra.ExactArgs(2),
		ValidArgsFunction: completeEnvironments(),
		RunE: func(cmd *cobra.Command, args []string) error {
			key, added, err := newCallersKey(cmd, args[1], expires, stdin)
			if err != nil {
				return err
			}
			var others []callers.Key
			err = onStore(cmd, args[0], storeUse{needsKeys, func(ctx context.Context, _ config.API, store *keyvaluestore.Store) (err error) {
				others, err = addKey(ctx, store, added)
				return err
			}})
			if err != nil {
				return err
			}
			if !stdin {
				if err := printKey(cmd.OutOrStdout(), key); err != nil {
					return fmt.Errorf("the key couldn't be printed, and is lost: key remove %s %s --id %s (%w)", args[0], added.Name, added.ID(), err)
				}
			}
			tellAdded(cmd, args[0], added, others, stdin)
			return nil
		},
	}
	cmd.Flags().StringVar(&expires, "expires", "", "day at the end of which (UTC) the key expires, or days from now, like 90d (default never)")
	cmd.Flags().BoolVar(&stdin, "stdin", false, "read the key from stdin, instead of making one")
	_ = cmd.RegisterFlagCompletionFunc("expires", cobra.NoFileCompletions) // an error is a flag that doesn't exist
	return cmd
}

func needsKeys(api config.API) error {
	if api.Keys == nil {
		return errors.New("api.keys: isn't there, so the edge asks nobody for a key; configure it, and deploy")
	}
	return nil
}

// newCallersKey makes a key, or takes the one from stdin, and what the store will know of it.
func newCallersKey(cmd *cobra.Command, name, expires string, stdin bool) (key string, k callers.Key, err error) {
	if err := callers.CheckName(name); err != nil {
		return "", k, err
	}
	k = callers.Key{Name: name, Created: time.Now()}
	if cmd.Flags().Changed("expires") { // an empty variable of a script isn't never
		if k.Expires, err = callers.ParseExpiry(expires, k.Created); err != nil {
			return "", k, fmt.Errorf("--expires: %w", err)
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
			added.Name, count(len(others), "older key"), environment, added.Name, others[0].ID())
	}
}

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

func newCanary() *cobra.Command {
	var reset bool
	cmd := &cobra.Command{
		Use:   "canary ENVIRONMENT [PERCENT]",
		Short: "Show or set the share of the callers that get the canary",
		Long: `Shows the share of the callers, in percent, whose requests go to the new version of the backend
(api.canary), or sets it from 0 to 100. A change is at work everywhere within seconds; nothing is
deployed. A caller stays with one version while the share stays, and those who are in at 5 are in at
25. What is set lasts, whatever is deployed, until --reset: then the configured percent counts again.`,
		Example: `  canary prod
  canary prod 25
  canary prod --reset`,
		Args:              cobra.RangeArgs(1, 2),
		ValidArgsFunction: completeEnvironments(),
		RunE: func(cmd *cobra.Command, args []string) error {
			var change keyvaluestore.Change
			switch {
			case reset && len(args) == 2:
				return errors.New("--reset: takes no percent; the configured one counts again")
			case reset:
				change.Delete = []string{callers.CanaryEntry}
			case len(args) == 2:
				if err := callers.CheckShare(args[1]); err != nil {
					return err
				}
				change.Put = map[string]string{callers.CanaryEntry: strconv.Itoa(callers.Share(args[1]))}
			}
			return onStore(cmd, args[0], storeUse{needsCanary, func(ctx context.Context, api config.API, store *keyvaluestore.Store) error {
				before, after, err := changeShare(ctx, store, change)
				if err == nil {
					fmt.Fprintf(cmd.OutOrStdout(), "%s: %s\n", args[0], tellShare(before, after, api.Canary.Percent))
				}
				return err
			}})
		},
	}
	cmd.Flags().BoolVar(&reset, "reset", false, "forget what was set: the configured percent counts")
	return cmd
}

func needsCanary(api config.API) error {
	if api.Canary == nil {
		return errors.New("api.canary: isn't there, so all callers get the same backend; configure it, and deploy")
	}
	return nil
}

// changeShare returns what the store has as the share before and after a change, which may be none; nil: nothing.
func changeShare(ctx context.Context, store *keyvaluestore.Store, change keyvaluestore.Change) (before, after *string, err error) {
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
