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

// cloudFrontURL is where CloudFront's own API is, unless the environment or the shared configuration names another
// place (AWS SDKs and Tools Reference Guide, Service-specific endpoints).
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
		if !ok || general && !own { // the general one of the environment comes before what the shared configuration says
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

// endpoints leaves an address as it is: the SDK puts the account before the host, but an IP address has no subdomains.
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

// signer signs requests to CloudFront's own API.
type signer struct{ credentials aws.Credentials }

// newSigner signs with the credentials that are found.
func newSigner(ctx context.Context, cfg aws.Config) (signer, error) {
	c, err := awsclient.Credentials(ctx, cfg)
	return signer{c}, err
}

func (s signer) sign(ctx context.Context, r *http.Request) error {
	nothing := sha256.Sum256(nil)
	return v4.NewSigner().SignHTTP(ctx, s.credentials, r, hex.EncodeToString(nothing[:]), "cloudfront", region, time.Now())
}

// temporary reports whether the credentials have a session token.
func (s signer) temporary() bool { return s.credentials.SessionToken != "" }

// ErrNotFound is that there is no such store in the account.
var ErrNotFound = errors.New("not found")

// errConflict is that the store has another version than the one that a change was made for, or isn't in a state to be
// read.
var errConflict = errors.New("the key value store is being changed")

// OldTokenError is a request that AWS refuses, perhaps for a session token of version 1, from the global endpoint of
// STS: the signature that key value stores want (SigV4A) takes only those of version 2 (CloudFront Developer Guide,
// Restrictions on CloudFront Functions, Using temporary credentials with the CloudFront KeyValueStore API).
type OldTokenError struct{ Message string }

func (e *OldTokenError) Error() string { return e.Message }

// failure says what is wrong in one line.
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
		return fmt.Errorf("the store takes no more: %s; a store has 5 MB, which are some 30,000 keys: remove those that nobody uses", awsclient.Line(full.ErrorMessage()))
	case errors.As(err, &denied):
		message := awsclient.Line(denied.ErrorMessage())
		if s.signed.temporary() && !strings.Contains(message, "not authorized") { // one that lacks a permission names it
			return &OldTokenError{message}
		}
		return &awsclient.AccessError{Message: message}
	case errors.As(err, &refused):
		return fmt.Errorf("the key value store: %s: %s", refused.ErrorCode(), awsclient.Line(refused.ErrorMessage()))
	}
	return awsclient.Unreachable(err)
}

// refusal is what CloudFront answers in the place of a description.
func refusal(status int, body []byte) error {
	var answer struct {
		Error struct{ Code, Message string }
	}
	if err := xml.Unmarshal(body, &answer); err != nil || answer.Error.Code == "" {
		return fmt.Errorf("CloudFront: answers with status %d", status)
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
