package keyvaluestore

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
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

// find asks CloudFront for a store. The SDK's package for CloudFront has hundreds of operations, and would take longer
// to compile than all the commands together.
func find(ctx context.Context, cfg aws.Config, as aws.Credentials, name string) (description, error) {
	base, err := cloudFrontURL(ctx, cfg)
	if err != nil {
		return description{}, err
	}
	at, err := url.JoinPath(base, "2020-05-31", "key-value-store", name)
	if err != nil {
		return description{}, err
	}
	status, body, err := get(ctx, cfg, as, at)
	if err != nil {
		return description{}, awsclient.Unreachable(err)
	}
	if status != http.StatusOK {
		return description{}, refusal(status, body)
	}
	var d description
	if err := xml.Unmarshal(body, &d); err != nil || d.ARN == "" {
		return description{}, fmt.Errorf("%s: the answer isn't the description of a key value store; "+
			"check AWS_ENDPOINT_URL", at)
	}
	return d, nil
}

// get tries again, as the SDK does, if there is no answer or AWS fails.
func get(ctx context.Context, cfg aws.Config, as aws.Credentials, at string) (status int, body []byte, err error) {
	for attempt := 1; attempt <= 3; attempt++ {
		if status, body, err = getOnce(ctx, cfg, as, at); err == nil && status < 500 {
			break
		}
		if err := pause(ctx, attempt); err != nil {
			return 0, nil, err
		}
	}
	return status, body, err
}

func getOnce(ctx context.Context, cfg aws.Config, as aws.Credentials, at string) (status int, body []byte, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, at, http.NoBody)
	if err != nil {
		return 0, nil, err
	}
	nothing := sha256.Sum256(nil)
	hash := hex.EncodeToString(nothing[:])
	if err := v4.NewSigner().SignHTTP(ctx, as, r, hash, "cloudfront", region, time.Now()); err != nil {
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

// cloudFrontURL returns the URL of CloudFront's API, or the one that the environment or the shared configuration names
// (AWS SDKs and Tools Reference Guide, Service-specific endpoints).
func cloudFrontURL(ctx context.Context, cfg aws.Config) (string, error) {
	if ignored, _, err := awsconfig.GetIgnoreConfiguredEndpoints(ctx, cfg.ConfigSources); ignored || err != nil {
		return theCloudFrontURL, err
	}
	_, own := os.LookupEnv("AWS_ENDPOINT_URL_CLOUDFRONT")
	_, general := os.LookupEnv("AWS_ENDPOINT_URL")
	for _, source := range cfg.ConfigSources {
		named, ok := source.(interface {
			GetServiceBaseEndpoint(context.Context, string) (string, bool, error)
		})
		if !ok || general && !own { // AWS_ENDPOINT_URL comes before the shared configuration
			continue
		}
		if text, found, err := named.GetServiceBaseEndpoint(ctx, "CloudFront"); found || err != nil {
			return text, err
		}
	}
	if cfg.BaseEndpoint != nil {
		return *cfg.BaseEndpoint, nil
	}
	return theCloudFrontURL, nil
}

const theCloudFrontURL = "https://cloudfront.amazonaws.com"

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

// refusal returns the error in an answer of CloudFront.
func refusal(status int, body []byte) error {
	var answer struct {
		Error struct{ Code, Message string }
	}
	if err := xml.Unmarshal(body, &answer); err != nil || answer.Error.Code == "" {
		return fmt.Errorf("CloudFront: answers with status %d, and no error that could be read; try again", status)
	}
	switch code, message := answer.Error.Code, awsclient.Line(answer.Error.Message); code {
	case "EntityNotFound":
		return ErrNotFound
	case "AccessDenied":
		return &awsclient.AccessError{Message: message}
	default:
		return fmt.Errorf("CloudFront: %s: %s", code, message)
	}
}
