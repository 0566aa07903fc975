package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/keyvaluestore"
	"ml-api-accelerator/stacks/internal/names"
)

// storeTimeout is how long a command may take with a key value store. Tests don't wait as long.
var storeTimeout = time.Minute

// storeUse is what a command does with the key value store of a deployed environment.
type storeUse struct {
	needs func(config.API) error // what the configuration must have
	do    func(context.Context, config.API, *keyvaluestore.Store) error
}

// onStore runs what a command does with the key value store of an environment, until it is interrupted.
func onStore(cmd *cobra.Command, environment string, use storeUse) error {
	c, _, err := config.Load(cmd.Flag("config").Value.String())
	if err != nil {
		return err
	}
	e, err := c.Environment(environment)
	if err != nil {
		return err
	}
	if err := use.needs(e.API); err != nil {
		return fmt.Errorf("environments.%s.%w", environment, err)
	}
	interrupted, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(interrupted, storeTimeout)
	defer cancel()
	stack := c.StackName(environment)
	store, err := keyvaluestore.Open(ctx, names.KeyValueStore(stack), e.Account.ID)
	if err == nil {
		err = use.do(ctx, e.API, store)
	}
	switch {
	case err == nil:
		return nil
	case interrupted.Err() != nil:
		return context.Canceled
	case ctx.Err() != nil:
		return fmt.Errorf("AWS doesn't answer: given up after %v", storeTimeout)
	}
	return storeError(err, environment, stack)
}

// storeError says what to do about an error that has to do with the environment.
func storeError(err error, environment, stack string) error {
	var account *keyvaluestore.AccountError
	var access *keyvaluestore.AccessError
	switch {
	case errors.Is(err, keyvaluestore.ErrNotFound):
		return fmt.Errorf("%s: has no key value store %s in the account of your AWS credentials; deploy it first: cdktf deploy %s",
			environment, names.KeyValueStore(stack), stack)
	case errors.As(err, &account):
		return fmt.Errorf("environments.%s.account.id: is %s, but your AWS credentials are those of account %s", environment, account.Want, account.Got)
	case errors.As(err, &access) && access.OldToken:
		return fmt.Errorf("AWS refuses your credentials: %w\n"+
			"  Temporary ones must come from a Regional endpoint of STS: key value stores don't take the session tokens of the\n"+
			"  global endpoint. Sign in again with AWS_STS_REGIONAL_ENDPOINTS=regional, or have the account give out tokens that\n"+
			"  are valid everywhere: aws iam set-security-token-service-preferences --global-endpoint-token-version v2Token", access)
	case errors.As(err, &access):
		return fmt.Errorf("AWS denies access: %w\n  policy %s --keys prints the IAM policy that key and canary need", access, environment)
	}
	return err
}

// needsStore is what all of these commands need.
func needsStore(api config.API) error {
	if !api.HasStore() {
		return errors.New("api: has neither keys nor canary, so there is no key value store")
	}
	return nil
}
