package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ml-api-accelerator/stacks/internal/live/awsclient"
)

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
