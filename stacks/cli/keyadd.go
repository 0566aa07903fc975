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
	"time"

	"github.com/spf13/cobra"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/live/keyvaluestore"
	"ml-api-accelerator/stacks/internal/shared/callers"
)

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
