// Package awsclient has what all callers of AWS's APIs need: configuration, credentials and errors.
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

// Load reads the configuration that the AWS CLI would take. The Region is for users who have none.
func Load(ctx context.Context, region string) (aws.Config, error) {
	cfg, err := awsconfig.LoadDefaultConfig(ctx,
		awsconfig.WithDefaultRegion(region),
		awsconfig.WithLogger(logging.Nop{}), // what matters is in an error
		awsconfig.WithHTTPClient(awshttp.NewBuildableClient().WithTimeout(answerTimeout)))
	if err != nil {
		return aws.Config{}, fmt.Errorf("the AWS configuration (~/.aws, AWS_*): %w", err)
	}
	return cfg, nil
}

// Credentials returns the credentials to use.
func Credentials(ctx context.Context, cfg aws.Config) (aws.Credentials, error) {
	c, err := cfg.Credentials.Retrieve(ctx)
	if err != nil {
		return aws.Credentials{}, noCredentials(ctx, err)
	}
	return c, nil
}

// AccountError means that the credentials are for another account.
type AccountError struct{ Got, Want string }

func (e *AccountError) Error() string {
	return fmt.Sprintf("the credentials are those of account %s, not of %s", e.Got, e.Want)
}

// CheckAccount returns an error unless the credentials are for the account that is wanted, if one is.
func CheckAccount(got, want string) error {
	if want != "" && got != want {
		return &AccountError{Got: got, Want: want}
	}
	return nil
}

// AccessError means that the credentials lack a permission.
type AccessError struct{ Message string }

func (e *AccessError) Error() string { return e.Message }

// noCredentials says in one line why there are no valid credentials.
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
	return fmt.Errorf("AWS credentials: %s",
		strings.TrimPrefix(Line(err.Error()), "failed to refresh cached credentials, "))
}

// Unreachable shortens an error of the network, which has the SDK's report of its attempts.
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
		return fmt.Errorf("%s: doesn't answer; try again", at)
	}
	return fmt.Errorf("%s: can't be reached: %w", at, request.Err)
}

// Line returns the first line of a text. After a wrong signature, the others repeat the request, with its token.
func Line(text string) string {
	first, _, _ := strings.Cut(text, "\n")
	return first
}
