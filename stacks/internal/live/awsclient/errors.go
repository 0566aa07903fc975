package awsclient

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/aws/smithy-go"
)

// AccountError is that the credentials are those of another account than they must be.
type AccountError struct{ Got, Want string }

func (e *AccountError) Error() string {
	return fmt.Sprintf("the credentials are those of account %s, not of %s", e.Got, e.Want)
}

// CheckAccount holds the account of the credentials to the one that is wanted, if one is.
func CheckAccount(got, want string) error {
	if want != "" && got != want {
		return &AccountError{Got: got, Want: want}
	}
	return nil
}

// AccessError is a request that AWS refuses to these credentials.
type AccessError struct{ Message string }

func (e *AccessError) Error() string { return e.Message }

// noCredentials is that the SDK finds none, or none that are good.
func noCredentials(ctx context.Context, err error) error {
	var refused smithy.APIError
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case strings.Contains(err.Error(), "no EC2 IMDS role found"): // the last place where the SDK looks
		err = errors.New("there are none; set AWS_PROFILE, or sign in (aws sso login)")
	case errors.As(err, &refused):
		err = fmt.Errorf("%s: %s", refused.ErrorCode(), Line(refused.ErrorMessage()))
	default:
		err = Unreachable(err)
	}
	return fmt.Errorf("AWS credentials: %s", strings.TrimPrefix(Line(err.Error()), "failed to refresh cached credentials, "))
}

// Unreachable is an error of the network, without the SDK's account of its attempts.
func Unreachable(err error) error {
	var request *url.Error
	if !errors.As(err, &request) {
		return err
	}
	at := request.URL
	if u, err := url.Parse(request.URL); err == nil {
		at = u.Host
	}
	if request.Timeout() {
		return fmt.Errorf("%s: doesn't answer", at)
	}
	return fmt.Errorf("%s: can't be reached: %w", at, request.Err)
}

// Line is the first of a text: what follows in an answer to a wrong signature repeats the request, and its token.
func Line(text string) string {
	first, _, _ := strings.Cut(text, "\n")
	return first
}
