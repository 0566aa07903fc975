// Package awsclient is what all callers of AWS's APIs have in common: configuration, credentials and errors.
package awsclient

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/logging"
)

// answerTimeout is how long one request may take before it is sent again.
const answerTimeout = 15 * time.Second

// Load reads the configuration that the AWS CLI would take. The Region is for what the user names none for.
func Load(ctx context.Context, region string) (aws.Config, error) {
	cfg, err := awsconfig.LoadDefaultConfig(ctx,
		awsconfig.WithDefaultRegion(region),
		awsconfig.WithLogger(logging.Nop{}), // what it says on the way ends in an error, or doesn't matter
		awsconfig.WithHTTPClient(awshttp.NewBuildableClient().WithTimeout(answerTimeout)))
	if err != nil {
		return aws.Config{}, fmt.Errorf("the configuration of AWS: %w", err)
	}
	return cfg, nil
}

// Credentials looks for credentials, once for all.
func Credentials(ctx context.Context, cfg aws.Config) (aws.Credentials, error) {
	c, err := cfg.Credentials.Retrieve(ctx)
	if err != nil {
		return aws.Credentials{}, noCredentials(ctx, err)
	}
	return c, nil
}

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
