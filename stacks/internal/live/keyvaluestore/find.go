package keyvaluestore

import (
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"

	"ml-api-accelerator/stacks/internal/live/awsclient"
)

// description is what CloudFront says of a store (CloudFront API Reference, DescribeKeyValueStore).
type description struct {
	ARN    string
	Status string
}

// find asks CloudFront for a store. The SDK's package for that is hundreds of operations, and takes longer to compile
// than all the commands together.
func find(ctx context.Context, cfg aws.Config, signed signer, name string) (description, error) {
	base, err := cloudFrontURL(ctx, cfg)
	if err != nil {
		return description{}, err
	}
	at, err := url.JoinPath(base, "2020-05-31", "key-value-store", name)
	if err != nil {
		return description{}, err
	}
	status, body, err := get(ctx, cfg, signed, at)
	if err != nil {
		return description{}, awsclient.Unreachable(err)
	}
	if status != http.StatusOK {
		return description{}, refusal(status, body)
	}
	var d description
	if err := xml.Unmarshal(body, &d); err != nil || d.ARN == "" {
		return description{}, fmt.Errorf("%s: answers with something that isn't a key value store's description", at)
	}
	return d, nil
}

// get asks again, as the SDK does, where an answer doesn't come or is AWS's own fault.
func get(ctx context.Context, cfg aws.Config, signed signer, at string) (status int, body []byte, err error) {
	for attempt := 1; attempt <= 3; attempt++ {
		if status, body, err = getOnce(ctx, cfg, signed, at); err == nil && status < 500 {
			break
		}
		if err := pause(ctx, attempt); err != nil {
			return 0, nil, err
		}
	}
	return status, body, err
}

func getOnce(ctx context.Context, cfg aws.Config, signed signer, at string) (status int, body []byte, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, at, http.NoBody)
	if err != nil {
		return 0, nil, err
	}
	if err := signed.sign(ctx, r); err != nil {
		return 0, nil, err
	}
	answer, err := cfg.HTTPClient.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer answer.Body.Close()
	body, err = io.ReadAll(io.LimitReader(answer.Body, 64<<10))
	return answer.StatusCode, body, err
}

// check holds a store to be in the account that it must be in, and to be more than begun.
func (d description) check(name, account string) error {
	parsed, err := arn.Parse(d.ARN)
	if err != nil {
		return fmt.Errorf("%s: %w", d.ARN, err)
	}
	if err := awsclient.CheckAccount(parsed.AccountID, account); err != nil {
		return err
	}
	if d.Status != "READY" {
		return fmt.Errorf("key value store %s: isn't ready yet (%s); try again in a minute", name, d.Status)
	}
	return nil
}
