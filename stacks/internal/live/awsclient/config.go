// Package awsclient is what all callers of AWS's APIs have in common: configuration, credentials and errors.
package awsclient

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
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
