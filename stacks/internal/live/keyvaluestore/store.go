// Package keyvaluestore reads and changes the entries of a deployed CloudFront key value store.
package keyvaluestore

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	kvs "github.com/aws/aws-sdk-go-v2/service/cloudfrontkeyvaluestore"
	"github.com/aws/aws-sdk-go-v2/service/cloudfrontkeyvaluestore/types"

	"ml-api-accelerator/stacks/internal/live/awsclient"
	"ml-api-accelerator/stacks/internal/shared/cloudfront"
)

// Store is a deployed key value store.
type Store struct {
	arn       string
	client    *kvs.Client
	temporary bool // whether the credentials have a session token
}

// region is the Region of CloudFront's API.
const region = "us-east-1"

// Open finds a store by its name, with the credentials of the AWS CLI. They must be for the account, if one is named.
func Open(ctx context.Context, name, account string) (*Store, error) {
	// With a Region, an assumed role's token comes from the STS endpoint there. The key value store takes no other.
	cfg, err := awsclient.Load(ctx, region)
	if err != nil {
		return nil, err
	}
	as, err := awsclient.Credentials(ctx, cfg)
	if err != nil {
		return nil, err
	}
	found, err := find(ctx, cfg, as, name)
	if err != nil {
		return nil, err
	}
	if err := found.check(name, account); err != nil {
		return nil, err
	}
	client := kvs.NewFromConfig(cfg, func(o *kvs.Options) {
		o.Region = region // not the user's, since it decides on the partition
		o.EndpointResolverV2 = endpoints{kvs.NewDefaultEndpointResolverV2()}
	})
	return &Store{found.ARN, client, as.SessionToken != ""}, nil
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

// Get returns an entry, and whether there is one.
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

// Change is a change of a store. All of it is made, or nothing.
type Change struct {
	Put    map[string]string
	Delete []string
}

// Quotas of a key value store (CloudFront Developer Guide, Quotas on key value stores).
const (
	maxChanges = 50
	maxKey     = 512
	maxValue   = cloudfront.MaxValueBytes
)

func (c Change) check() error {
	if n := len(c.Put) + len(c.Delete); n > maxChanges {
		return fmt.Errorf("%d entries are too many to change at once: CloudFront allows %d", n, maxChanges)
	}
	for key, value := range c.Put {
		if len(key) > maxKey || len(value) > maxValue {
			return fmt.Errorf("an entry may have %d bytes and its key %d, got %d and %d", maxValue, maxKey, len(value), len(key))
		}
	}
	return nil
}

// attempts is how often a change is tried if others change the store meanwhile.
const attempts = 8

// Update makes the change that decide returns, which reads what it needs. If someone else changes the store meanwhile,
// decide is called again, so that their change isn't lost. An empty change isn't written.
func (s *Store) Update(ctx context.Context, decide func(context.Context) (Change, error)) error {
	for attempt := 1; ; attempt++ {
		err := s.try(ctx, decide)
		if !errors.Is(err, errConflict) {
			return err
		}
		if attempt == attempts {
			return fmt.Errorf("the store: others changed it %d times meanwhile; nothing was written, try again", attempts)
		}
		if err := awsclient.Pause(ctx, attempt); err != nil {
			return err
		}
	}
}

// try makes the change that decide returns, unless the store changes meanwhile.
func (s *Store) try(ctx context.Context, decide func(context.Context) (Change, error)) error {
	now, err := s.client.DescribeKeyValueStore(ctx, &kvs.DescribeKeyValueStoreInput{KvsARN: &s.arn})
	if err != nil {
		return s.failure(err)
	}
	change, err := decide(ctx)
	if err != nil || len(change.Put)+len(change.Delete) == 0 {
		return err
	}
	if err := change.check(); err != nil {
		return err
	}
	input := &kvs.UpdateKeysInput{KvsARN: &s.arn, IfMatch: now.ETag}
	for key, value := range change.Put {
		input.Puts = append(input.Puts, types.PutKeyRequestListItem{Key: &key, Value: &value})
	}
	for _, key := range change.Delete {
		input.Deletes = append(input.Deletes, types.DeleteKeyRequestListItem{Key: &key})
	}
	_, err = s.client.UpdateKeys(ctx, input)
	return s.failure(err)
}
