package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/live/keyvaluestore"
	"ml-api-accelerator/stacks/internal/shared/names"
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
	c, e, err := configured(cmd, environment)
	if err != nil {
		return err
	}
	if err := use.needs(e.API); err != nil {
		return fmt.Errorf("environments.%s.%w", environment, err)
	}
	stack := c.StackName(environment)
	err = onAWS(cmd.Context(), storeTimeout, func(ctx context.Context) error {
		store, err := keyvaluestore.Open(ctx, names.KeyValueStore(stack), e.Account.ID)
		if err != nil {
			return err
		}
		return use.do(ctx, e.API, store)
	})
	return storeError(err, environment, stack)
}

// storeError says what to do about an error that has to do with the environment.
func storeError(err error, environment, stack string) error {
	var old *keyvaluestore.OldTokenError
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("AWS doesn't answer: given up after %v", storeTimeout)
	case errors.Is(err, keyvaluestore.ErrNotFound):
		return fmt.Errorf("%s: has no key value store %s in the account of your AWS credentials; deploy it first: cdktf deploy %s",
			environment, names.KeyValueStore(stack), stack)
	case errors.As(err, &old):
		return fmt.Errorf("AWS refuses your credentials: %w\n"+
			"  Temporary ones must come from a Regional endpoint of STS: key value stores don't take the session tokens of the\n"+
			"  global endpoint. Sign in again with AWS_STS_REGIONAL_ENDPOINTS=regional, or have the account give out tokens that\n"+
			"  are valid everywhere: aws iam set-security-token-service-preferences --global-endpoint-token-version v2Token", old)
	}
	return accessError(err, environment, "--keys prints the IAM policy that key and canary need")
}

// needsStore is what all of these commands need.
func needsStore(api config.API) error {
	if !api.HasStore() {
		return errors.New("api: has neither keys nor canary, so there is no key value store")
	}
	return nil
}
