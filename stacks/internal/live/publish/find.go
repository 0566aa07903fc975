package publish

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"

	"ml-api-accelerator/stacks/internal/live/awsclient"
	"ml-api-accelerator/stacks/internal/shared/names"
)

// Wanted says whose page it is.
type Wanted struct {
	Stack, Region string
	Account       string // empty: any
	Bucket        string // empty: the stack's own, whose name begins with
	BucketPrefix  string
}

// MissingError means that a stack has no such resource in the account.
type MissingError struct{ What string }

func (e *MissingError) Error() string { return "there is no " + e.What }

// Find returns the name of the bucket and the id of the distribution. It asks by the tag that all resources of a stack
// have: whoever publishes a page then needs neither Terraform's state, nor the configurations of distributions, both of
// which have the secrets that origins get in headers.
func Find(
	ctx context.Context, cfg aws.Config, as aws.Credentials, want Wanted,
) (bucket, distribution string, err error) {
	c := client{cfg, as}
	// What is of no Region is asked for in us-east-1.
	found, err := c.tagged(ctx, "us-east-1", want, "cloudfront:distribution", "distribution/")
	if err != nil {
		return "", "", err
	}
	_, distribution, _ = strings.Cut(found.Resource, "/")
	if want.Bucket != "" {
		return want.Bucket, distribution, nil
	}
	found, err = c.tagged(ctx, want.Region, want, "s3", want.BucketPrefix)
	return found.Resource, distribution, err
}

// client calls AWS.
type client struct {
	aws.Config
	as aws.Credentials
}

// tagged returns the only resource of a type that a stack has, and that begins as it should.
func (c client) tagged(ctx context.Context, region string, want Wanted, kind, begin string) (found arn.ARN, err error) {
	input := map[string]any{
		"ResourceTypeFilters": []string{kind},
		"TagFilters":          []any{map[string]any{"Key": names.StackTag, "Values": []string{want.Stack}}},
	}
	var list []arn.ARN
	for {
		var page struct {
			ResourceTagMappingList []struct{ ResourceARN string }
			PaginationToken        string
		}
		if err := awsclient.CallTagging(ctx, c.Config, c.as, region, "GetResources", input, &page); err != nil {
			return found, err
		}
		for _, r := range page.ResourceTagMappingList {
			parsed, err := arn.Parse(r.ResourceARN)
			if err != nil {
				return found, err
			}
			if strings.HasPrefix(parsed.Resource, begin) {
				list = append(list, parsed)
			}
		}
		if page.PaginationToken == "" {
			break
		}
		input["PaginationToken"] = page.PaginationToken
	}
	what := map[string]string{"s3": "bucket for the page"}[kind]
	if what == "" {
		what = "distribution"
	}
	switch len(list) {
	case 0:
		return found, &MissingError{what}
	case 1:
		if list[0].AccountID != "" { // the ARN of a bucket names none
			err = awsclient.CheckAccount(list[0].AccountID, want.Account)
		}
		return list[0], err
	}
	return found, fmt.Errorf("%s has more than one %s (%s, %s): try again once a deploy has ended",
		want.Stack, what, list[0].Resource, list[1].Resource)
}
