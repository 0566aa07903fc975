package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/live/awsclient"
	"ml-api-accelerator/stacks/internal/live/keyvaluestore"
	"ml-api-accelerator/stacks/internal/shared/names"
)

// storeTimeout is how long a command may take with a key value store. Tests don't wait as long.
var storeTimeout = time.Minute

// storeUse is what a command does with the key value store of a deployed environment.
type storeUse struct {
	needs func(config.Environment) error // what the configuration must have
	do    func(context.Context, config.Environment, *keyvaluestore.Store) error
}

// onStore runs what a command does with the key value store of an environment, until it is interrupted.
func onStore(cmd *cobra.Command, name string, use storeUse) error {
	e, err := openEnvironment(cmd, name)
	if err != nil {
		return err
	}
	if err := e.wrong(use.needs(e.Environment)); err != nil {
		return err
	}
	return e.onStore(func(ctx context.Context, store *keyvaluestore.Store) error {
		return use.do(ctx, e.Environment, store)
	})
}

// onStore runs what is done with the key value store of the environment.
func (e environment) onStore(do func(context.Context, *keyvaluestore.Store) error) error {
	return e.storeError(onAWS(e.cmd.Context(), storeTimeout, func(ctx context.Context) error {
		store, err := keyvaluestore.Open(ctx, names.KeyValueStore(e.stack), e.Account.ID)
		if err != nil {
			return err
		}
		return do(ctx, store)
	}))
}

// storeError says what to do about an error that has to do with the environment.
func (e environment) storeError(err error) error {
	var old *keyvaluestore.OldTokenError
	switch {
	case errors.Is(err, keyvaluestore.ErrNotFound):
		return fmt.Errorf("%s: has no key value store %s in the account of your AWS credentials; deploy it first: cdktf deploy %s",
			e.name, names.KeyValueStore(e.stack), e.stack)
	case errors.As(err, &old):
		return fmt.Errorf("AWS refuses your credentials: %w\n"+
			"  Temporary ones must come from a Regional endpoint of STS: key value stores don't take the session tokens of the\n"+
			"  global endpoint. Sign in again with AWS_STS_REGIONAL_ENDPOINTS=regional, or have the account give out tokens that\n"+
			"  are valid everywhere: aws iam set-security-token-service-preferences --global-endpoint-token-version v2Token", old)
	}
	return e.accessError(err, "--keys prints the IAM policy that this command needs")
}

// needsStore returns an error where there is no key value store.
func needsStore(e config.Environment) error {
	if !e.API.HasStore() {
		return errors.New("api: has neither keys nor canary, so there is no key value store")
	}
	return nil
}

// onAWS runs what takes AWS's answers, until it is interrupted (context.Canceled) or out of time (a *slowError).
func onAWS(interrupted context.Context, timeout time.Duration, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(interrupted, timeout)
	defer cancel()
	err := do(ctx)
	switch {
	case err == nil:
		return nil
	case interrupted.Err() != nil:
		return context.Canceled
	case ctx.Err() != nil:
		return &slowError{timeout}
	}
	return err
}

// slowError means that AWS hasn't answered in time.
type slowError struct{ after time.Duration }

func (e *slowError) Error() string {
	return fmt.Sprintf("AWS doesn't answer: given up after %v", e.after)
}

// accessError says what to do about credentials that aren't the right ones; policy is the flag of the command that
// prints what they need.
func (e environment) accessError(err error, policy string) error {
	var account *awsclient.AccountError
	var access *awsclient.AccessError
	switch {
	case errors.As(err, &account):
		return e.wrong(fmt.Errorf("account.id: is %s, but your AWS credentials are those of account %s",
			account.Want, account.Got))
	case errors.As(err, &access):
		return fmt.Errorf("AWS denies access: %w\n  policy %s %s", access, e.name, policy)
	}
	return err
}
