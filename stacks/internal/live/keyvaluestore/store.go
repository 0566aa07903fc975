// Package keyvaluestore reads and changes what a deployed CloudFront key value store has.
package keyvaluestore

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	kvs "github.com/aws/aws-sdk-go-v2/service/cloudfrontkeyvaluestore"
	"github.com/aws/aws-sdk-go-v2/service/cloudfrontkeyvaluestore/types"

	"ml-api-accelerator/stacks/internal/live/awsclient"
)

// Store is a key value store that is there.
type Store struct {
	arn    string
	client *kvs.Client
	signed signer
}

// region is where CloudFront is called. It is one service for the world.
const region = "us-east-1"

// Open finds a store by its name, with the credentials that the AWS CLI would take. An account that isn't the one
// named, if one is, is refused.
func Open(ctx context.Context, name, account string) (*Store, error) {
	// What an assumed role is given comes from STS's endpoint in a Region: the key value store takes no other token.
	cfg, err := awsclient.Load(ctx, region)
	if err != nil {
		return nil, err
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
