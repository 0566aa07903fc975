package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/config/declare"
	"ml-api-accelerator/stacks/internal/live/keyvaluestore"
	"ml-api-accelerator/stacks/internal/shared/callers"
	"ml-api-accelerator/stacks/internal/shared/names"
	"ml-api-accelerator/stacks/internal/terminal"
)

func newCredential() *cobra.Command {
	cmd := &cobra.Command{
		Use:        "credential",
		SuggestFor: []string{"credentials"},
		Short:      "Set, list and remove the credentials that backends get",
		Long: `Works on the credentials that the edge sends to backends in place of the keys of callers, where the
configuration keeps them in the key value store ("credential": {"store": true}). A change takes effect
everywhere within seconds; nothing is deployed. Whoever may read the store can read them, but no command
shows them.

It uses the same AWS credentials as the AWS CLI. policy ENVIRONMENT --keys prints what they must allow.`,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newCredentialSet(), newCredentialList(), newCredentialRemove())
	return cmd
}

func newCredentialSet() *cobra.Command {
	var backend string
	cmd := &cobra.Command{
		Use:        "set ENVIRONMENT",
		SuggestFor: []string{"add", "put", "rotate", "update"},
		Short:      "Let a backend get another credential",
		Long: `Reads a credential from stdin, and has the edge send it to a backend from then on, in place of the one
before. It is the bare key: header and scheme are in the configuration.`,
		Example: `  go run . credential set prod < provider-key
  go run . credential set prod --backend embeddings < provider-key`,
		Args:              takes(1, 1, "an environment", "credential set prod < provider-key"),
		ValidArgsFunction: completeEnvironments(),
		RunE: func(cmd *cobra.Command, args []string) error {
			e, err := openEnvironment(cmd, args[0])
			if err != nil {
				return err
			}
			c, err := e.storedCredential(backend)
			if err != nil {
				return err
			}
			text, err := readCredential(cmd, c.Scheme)
			if err != nil {
				return err
			}
			if err := e.onStore(func(ctx context.Context, s *keyvaluestore.Store) error {
				return setCredential(ctx, s, backend, text)
			}); err != nil {
				return err
			}
			return printText(cmd, fmt.Sprintf("%s gets the credential within seconds, in %s\n", backend, c.Header))
		},
	}
	addBackend(cmd, &backend, "that gets it")
	return cmd
}

// addBackend gives a command the flag for a backend.
func addBackend(cmd *cobra.Command, backend *string, which string) {
	cmd.Flags().StringVar(backend, "backend", names.API,
		"`NAME` of the backend "+which+"; "+names.OriginCanary+" is the canary")
	_ = cmd.RegisterFlagCompletionFunc("backend",
		func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			var list []string
			if p, err := open(cmd); err == nil && len(args) > 0 {
				for _, c := range p.config.Environments[args[0]].StoredCredentials() {
					list = append(list, c.Name)
				}
			}
			return list, cobra.ShellCompDirectiveNoFileComp
		})
}

// storedCredential returns the credential of a backend, which must be one that the key value store has.
func (e environment) storedCredential(backend string) (config.Credential, error) {
	all, stored := e.Credentials(), e.StoredCredentials()
	i := slices.IndexFunc(all, func(c config.NamedCredential) bool { return c.Name == backend })
	if i < 0 {
		list := credentialNames(all)
		return config.Credential{}, usageErrorf("--backend %q: not found%s; there are %s",
			backend, declare.Suggestion(backend, list), strings.Join(list, ", "))
	}
	c, others := all[i], ""
	if len(stored) > 0 {
		others = "; --backend has one for " + strings.Join(credentialNames(stored), ", ")
	}
	switch {
	case c.Of != nil && c.Of.Store:
		return *c.Of, nil
	case c.Of != nil && strings.HasSuffix(backend, names.FailoverOrigin("")):
		return config.Credential{}, e.wrong(fmt.Errorf(
			"%s: is in the secret %s: change it there, and deploy; that of a second backend can't be in the key value store%s",
			c.At, c.Of.Secret, others))
	case c.Of != nil:
		return config.Credential{}, e.wrong(fmt.Errorf(
			`%s: is in the secret %s: change it there, and deploy; or write "store": true in place of secret%s`,
			c.At, c.Of.Secret, others))
	case strings.HasSuffix(backend, names.FailoverOrigin("")):
		return config.Credential{}, e.wrong(fmt.Errorf(
			`%s: isn't there; that of a second backend can only be in a secret: write {"secret": "NAME"}, and deploy%s`, c.At, others))
	}
	return config.Credential{}, e.wrong(fmt.Errorf(
		`%s: isn't there, so the backend gets none; write {"store": true}, and deploy%s`, c.At, others))
}

func credentialNames(list []config.NamedCredential) []string {
	var all []string
	for _, c := range list {
		all = append(all, c.Name)
	}
	return all
}

// readCredential reads a credential that may end with a line's end. It isn't asked for without echo: who types one is
// told how to end it.
func readCredential(cmd *cobra.Command, scheme string) (string, error) {
	if terminal.Is(os.Stdin) {
		fmt.Fprintln(cmd.ErrOrStderr(), "Type the credential, which shows, then Enter and Ctrl-D; or pipe it in.")
	}
	text, err := io.ReadAll(io.LimitReader(cmd.InOrStdin(), mostCredential))
	if err != nil {
		return "", err
	}
	credential := strings.TrimRight(string(text), "\r\n")
	return credential, callers.CheckCredential(credential, scheme)
}

// mostCredential is more than any credential may have.
const mostCredential = 1 << 16

// needsCredentials returns an error where no credential is, or has been, in a key value store.
func needsCredentials(e config.Environment) error {
	if !e.API.HasStore() {
		return errors.New("api: has neither keys nor canary, so there is no key value store, and no credential in it")
	}
	return nil
}

// setCredential replaces all of a backend's credential.
func setCredential(ctx context.Context, store *keyvaluestore.Store, backend, text string) error {
	now := time.Now()
	return store.Update(ctx, func(ctx context.Context) (keyvaluestore.Change, error) {
		entries, err := store.All(ctx)
		if err != nil {
			return keyvaluestore.Change{}, err
		}
		put, gone := callers.SetCredential(entries, backend, text, now)
		return keyvaluestore.Change{Put: put, Delete: gone}, nil
	})
}

func newCredentialList() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:        "list ENVIRONMENT",
		SuggestFor: []string{"ls", "show", "get"},
		Short:      "List which backends have a credential in the key value store",
		Long: `Lists the backends whose credential is in the key value store by the configuration, and since when it is
there. Callers of one that has none are answered 503. What the store has for other backends is listed,
too: nobody gets it, and remove takes it away.`,
		Example: `  go run . credential list prod
  go run . credential list prod --json`,
		Args:              takes(1, 1, "an environment", "credential list prod"),
		ValidArgsFunction: completeEnvironments(),
		RunE: func(cmd *cobra.Command, args []string) error {
			return onStore(cmd, args[0], storeUse{needsCredentials,
				func(ctx context.Context, e config.Environment, s *keyvaluestore.Store) error {
					content, err := contentOf(ctx, s)
					if err != nil {
						return err
					}
					list := listCredentials(e.StoredCredentials(), content.Credentials)
					for _, c := range list {
						if c.State != credentialSet && c.State != credentialUnused {
							warn(cmd, "%s: its callers are answered 503 until it has a credential: credential set %s --backend %[1]s",
								c.Backend, args[0])
						}
					}
					switch {
					case asJSON:
						return printJSON(cmd, list)
					case len(list) == 0:
						return printText(cmd, fmt.Sprintf(
							"%s has no backend with a credential in the key value store (\"credential\": {\"store\": true})\n", args[0]))
					}
					return credentialTable(cmd.OutOrStdout(), list)
				}})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a list of {backend, state, since, header}")
	return cmd
}

// listedCredential is what is known of a credential, as JSON.
type listedCredential struct {
	Backend string     `json:"backend"`
	State   string     `json:"state"`
	Since   *time.Time `json:"since"`  // null: not known
	Header  *string    `json:"header"` // null: it isn't sent
}

// The states of a credential.
const (
	credentialSet     = "set"
	credentialMissing = "missing"
	credentialDamaged = "damaged" // a part is missing
	credentialUnused  = "unused"  // the configuration has none in the store for that backend
)

func listCredentials(configured []config.NamedCredential, kept []callers.Credential) []listedCredential {
	list := []listedCredential{}
	for _, c := range configured {
		row := listedCredential{Backend: c.Name, State: credentialMissing, Header: &c.Of.Header}
		for _, k := range kept {
			if k.Backend == c.Name {
				row.State, row.Since = credentialSet, known(k.Since)
				if !k.Whole {
					row.State = credentialDamaged
				}
			}
		}
		list = append(list, row)
	}
	for _, k := range kept {
		if !slices.Contains(credentialNames(configured), k.Backend) {
			list = append(list, listedCredential{Backend: k.Backend, State: credentialUnused, Since: known(k.Since)})
		}
	}
	return list
}

// known returns nil for a time that isn't known.
func known(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func credentialTable(w io.Writer, list []listedCredential) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "backend\tstate\tsince (UTC)\theader")
	for _, c := range list {
		since, header := "-", "-"
		if c.Since != nil {
			since = c.Since.Format(minutes)
		}
		if c.Header != nil {
			header = *c.Header
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", terminal.Harmless(c.Backend), c.State, since, header)
	}
	return table.Flush()
}

func newCredentialRemove() *cobra.Command {
	var backend string
	cmd := &cobra.Command{
		Use:        "remove ENVIRONMENT",
		SuggestFor: []string{"rm", "delete", "del", "revoke"},
		Short:      "Take a backend's credential out of the key value store",
		Long: `Takes all of a backend's credential out of the key value store. Its callers are then answered 503 within
seconds: the edge calls no backend without the credential that it should have.`,
		Example: `  go run . credential remove prod
  go run . credential remove prod --backend embeddings`,
		Args:              takes(1, 1, "an environment", "credential remove prod"),
		ValidArgsFunction: completeEnvironments(),
		RunE: func(cmd *cobra.Command, args []string) error {
			return onStore(cmd, args[0], storeUse{needsCredentials,
				func(ctx context.Context, e config.Environment, s *keyvaluestore.Store) error {
					if err := removeCredential(ctx, s, backend); err != nil {
						return err
					}
					then := ""
					if slices.Contains(credentialNames(e.StoredCredentials()), backend) {
						then = ": its callers are answered 503 within seconds"
					}
					return printText(cmd, fmt.Sprintf("%s has no credential in the key value store now%s\n", backend, then))
				}})
		},
	}
	addBackend(cmd, &backend, "that had it")
	return cmd
}

// removeCredential also takes what the configuration no longer has.
func removeCredential(ctx context.Context, store *keyvaluestore.Store, backend string) error {
	tried := false
	return store.Update(ctx, func(ctx context.Context) (keyvaluestore.Change, error) {
		entries, err := store.All(ctx)
		if err != nil {
			return keyvaluestore.Change{}, err
		}
		gone := callers.RemoveCredential(entries, backend)
		if len(gone) == 0 && !tried {
			return keyvaluestore.Change{}, fmt.Errorf("%s: has no credential in the key value store%s",
				backend, keptFor(callers.Read(entries).Credentials))
		}
		tried = true // otherwise an earlier attempt of which no answer came
		return keyvaluestore.Change{Delete: gone}, nil
	})
}

// keptFor says for which backends there is one.
func keptFor(kept []callers.Credential) string {
	var list []string
	for _, c := range kept {
		list = append(list, c.Backend)
	}
	if len(list) == 0 {
		return "; no backend has"
	}
	return "; there are those of " + strings.Join(list, ", ")
}
