package keyvaluestore

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	kvs "github.com/aws/aws-sdk-go-v2/service/cloudfrontkeyvaluestore"
	"github.com/aws/aws-sdk-go-v2/service/cloudfrontkeyvaluestore/types"
	"github.com/aws/smithy-go"
	smithyendpoints "github.com/aws/smithy-go/endpoints"

	"ml-api-accelerator/stacks/internal/live/awsclient"
)

// description is CloudFront's description of a store (CloudFront API Reference, DescribeKeyValueStore).
type description struct {
	ARN    string
	Status string
}

// find asks CloudFront for a store.
func find(ctx context.Context, cfg aws.Config, as aws.Credentials, name string) (description, error) {
	at, body, err := awsclient.GetCloudFront(ctx, cfg, as, "key-value-store", name)
	if err != nil {
		return description{}, refusal(err)
	}
	var d description
	if err := xml.Unmarshal(body, &d); err != nil || d.ARN == "" {
		return description{}, fmt.Errorf("%s: the answer isn't the description of a key value store; "+
			"check AWS_ENDPOINT_URL", at)
	}
	return d, nil
}

// check reports whether a store is in the right account, and ready.
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

// endpoints leaves IP addresses as they are, before which the SDK would put the account like a subdomain.
type endpoints struct{ kvs.EndpointResolverV2 }

func (e endpoints) ResolveEndpoint(ctx context.Context, p kvs.EndpointParameters) (smithyendpoints.Endpoint, error) {
	resolved, err := e.EndpointResolverV2.ResolveEndpoint(ctx, p)
	if err != nil || p.Endpoint == nil {
		return resolved, err
	}
	base, err := url.Parse(*p.Endpoint)
	if err != nil {
		return resolved, err
	}
	if _, err := netip.ParseAddr(base.Hostname()); err == nil {
		resolved.URI.Host = base.Host
	}
	return resolved, nil
}

// ErrNotFound means that the account has no such store.
var ErrNotFound = errors.New("not found")

// errConflict means that the ETag changed since the store was read, or that the store can't be read now.
var errConflict = errors.New("the key value store is being changed")

// OldTokenError means that AWS refused a request, perhaps since its session token is of version 1, from the global
// endpoint of STS: key value stores take only version 2, with SigV4A (CloudFront Developer Guide, Restrictions on
// CloudFront Functions, Using temporary credentials with the CloudFront KeyValueStore API).
type OldTokenError struct{ Message string }

func (e *OldTokenError) Error() string { return e.Message }

// failure returns an error of one line.
func (s *Store) failure(err error) error {
	var (
		changed *types.ConflictException
		missing *types.ResourceNotFoundException
		full    *types.ServiceQuotaExceededException
		denied  *types.AccessDeniedException
		refused smithy.APIError
	)
	switch {
	case err == nil:
		return nil
	case errors.As(err, &changed):
		return errConflict
	case errors.As(err, &missing):
		return ErrNotFound
	case errors.As(err, &full):
		return fmt.Errorf("the store is full (5 MB, some 30,000 keys): %s; remove keys that nobody uses",
			awsclient.Line(full.ErrorMessage()))
	case errors.As(err, &denied):
		message := awsclient.Line(denied.ErrorMessage())
		if s.temporary && !strings.Contains(message, "not authorized") { // AWS says so if a permission is missing
			return &OldTokenError{message}
		}
		return &awsclient.AccessError{Message: message}
	case errors.As(err, &refused):
		return fmt.Errorf("the key value store: %s: %s", refused.ErrorCode(), awsclient.Line(refused.ErrorMessage()))
	}
	return awsclient.Unreachable(err)
}

// refusal returns an error of CloudFront as callers know it.
func refusal(err error) error {
	var refused *awsclient.RefusedError
	if errors.As(err, &refused) && refused.Code == "EntityNotFound" {
		return ErrNotFound
	}
	return err
}
