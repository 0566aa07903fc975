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
	"ml-api-accelerator/stacks/internal/synth/render"
	"ml-api-accelerator/stacks/internal/terminal"
)

// addFresh gives the flag to a command that calls renderStacks.
func addFresh(cmd *cobra.Command) {
	cmd.Flags().Bool("fresh", false, "take no stack from the cache: make each anew, and keep it")
}

// renderStacks returns the Terraform JSON of the named stacks.
func renderStacks(cmd *cobra.Command, c config.Config, warnings []config.Problem, names []string) (map[string]render.Stack, error) {
	fresh, err := cmd.Flags().GetBool("fresh")
	if err != nil {
		return nil, err
	}
	return renderAnew(cmd, c, warnings, names, fresh)
}

// renderAnew is renderStacks for a command without the flag: fresh says whether each is made anew.
func renderAnew(cmd *cobra.Command, c config.Config, warnings []config.Problem, names []string, fresh bool) (map[string]render.Stack, error) {
	line := terminal.Start(warningWriter(cmd), "reading what is kept")
	defer line.Stop()
	return render.Stacks(cmd.Context(), c, warnings, names, render.Options{Fresh: fresh, Warn: line, Progress: func(made, all int) {
		line.Tell(fmt.Sprintf("making %s in Node.js, %d done", count(all, "stack"), made))
	}})
}

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

// onAWS runs what takes AWS's answers, until it is interrupted (context.Canceled) or out of time (context.DeadlineExceeded).
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
		return context.DeadlineExceeded
	}
	return err
}

// accessError says what to do about credentials that aren't the right ones; policy is the option that prints what they need, and for what.
func accessError(err error, environment, policy string) error {
	var account *awsclient.AccountError
	var access *awsclient.AccessError
	switch {
	case errors.As(err, &account):
		return fmt.Errorf("environments.%s.account.id: is %s, but your AWS credentials are those of account %s", environment, account.Want, account.Got)
	case errors.As(err, &access):
		return fmt.Errorf("AWS denies access: %w\n  policy %s %s", access, environment, policy)
	}
	return err
}
