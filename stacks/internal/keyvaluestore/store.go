// Package keyvaluestore reads and changes what a deployed CloudFront key value store has.
package keyvaluestore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	kvs "github.com/aws/aws-sdk-go-v2/service/cloudfrontkeyvaluestore"
	"github.com/aws/aws-sdk-go-v2/service/cloudfrontkeyvaluestore/types"
	"github.com/aws/smithy-go/logging"
)

// Store is a key value store that is there.
type Store struct {
	arn    string
	client *kvs.Client
	signed signer
}

// region is where CloudFront is called. It is one service for the world.
const region = "us-east-1"

// answerTimeout is how long one request may take before it is sent again.
const answerTimeout = 15 * time.Second

// Open finds a store by its name, with the credentials that the AWS CLI would take. An account that isn't the one
// named, if one is, is refused.
func Open(ctx context.Context, name, account string) (*Store, error) {
	// What an assumed role is given comes from STS's endpoint in a Region: the key value store takes no other token.
	cfg, err := awsconfig.LoadDefaultConfig(ctx,
		awsconfig.WithDefaultRegion(region),
		awsconfig.WithLogger(logging.Nop{}), // what it says on the way ends in an error, or doesn't matter
		awsconfig.WithHTTPClient(awshttp.NewBuildableClient().WithTimeout(answerTimeout)))
	if err != nil {
		return nil, fmt.Errorf("the configuration of AWS: %w", err)
	}
	signed, err := newSigner(ctx, cfg)
	if err != nil {
		return nil, err
	}
	found, err := find(ctx, cfg, signed, name)
	if err != nil {
		return nil, err
	}
	if err := found.check(name, account); err != nil {
		return nil, err
	}
	client := kvs.NewFromConfig(cfg, func(o *kvs.Options) {
		o.Region = region // whatever the user's is: the one decides on the partition
		o.EndpointResolverV2 = endpoints{kvs.NewDefaultEndpointResolverV2()}
	})
	return &Store{found.ARN, client, signed}, nil
}

// pageSize is the most that one answer has (CloudFront API Reference, KeyValueStore: ListKeys).
const pageSize = 50

// All returns every entry.
func (s *Store) All(ctx context.Context) (map[string]string, error) {
	entries := map[string]string{}
	pages := kvs.NewListKeysPaginator(s.client, &kvs.ListKeysInput{KvsARN: &s.arn, MaxResults: aws.Int32(pageSize)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, s.failure(err)
		}
		for _, item := range page.Items {
			entries[aws.ToString(item.Key)] = aws.ToString(item.Value)
		}
	}
	return entries, nil
}

// Get returns one entry, if it is there.
func (s *Store) Get(ctx context.Context, key string) (value string, found bool, err error) {
	entry, err := s.client.GetKey(ctx, &kvs.GetKeyInput{KvsARN: &s.arn, Key: &key})
	var missing *types.ResourceNotFoundException
	if errors.As(err, &missing) {
		return "", false, nil
	}
	if err != nil {
		return "", false, s.failure(err)
	}
	return aws.ToString(entry.Value), true, nil
}
