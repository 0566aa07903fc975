package awsclient

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
)

// A few calls are made here without the SDK's packages: that for CloudFront has hundreds of operations, and would take
// longer to compile than all the commands together.

// RefusedError is what a service answers in place of a result.
type RefusedError struct{ Service, Code, Message string }

func (e *RefusedError) Error() string { return e.Service + ": " + e.Code + ": " + e.Message }

// GetCloudFront reads what CloudFront has at a path below its version, and says where that is.
func GetCloudFront(
	ctx context.Context, cfg aws.Config, as aws.Credentials, path ...string,
) (at string, body []byte, err error) {
	return callCloudFront(ctx, cfg, as, http.MethodGet, nil, path)
}

// PostCloudFront has CloudFront make something at a path below its version.
func PostCloudFront(
	ctx context.Context, cfg aws.Config, as aws.Credentials, input []byte, path ...string,
) (at string, body []byte, err error) {
	return callCloudFront(ctx, cfg, as, http.MethodPost, input, path)
}

func callCloudFront(
	ctx context.Context, cfg aws.Config, as aws.Credentials, method string, input []byte, path []string,
) (at string, body []byte, err error) {
	base, err := endpoint(ctx, cfg, "CloudFront", "https://cloudfront.amazonaws.com")
	if err != nil {
		return "", nil, err
	}
	if at, err = url.JoinPath(base, append([]string{"2020-05-31"}, path...)...); err != nil {
		return "", nil, err
	}
	got, err := send(ctx, cfg, as, request{
		service: "cloudfront", region: "us-east-1", method: method, url: at, body: InMemory(input),
		header: http.Header{"Content-Type": {"application/xml"}},
	})
	if err != nil || got.status == http.StatusOK || got.status == http.StatusCreated {
		return at, got.body, err
	}
	var answer struct {
		Error struct{ Code, Message string }
	}
	_ = xml.Unmarshal(got.body, &answer) // without a code it couldn't be read
	return at, nil, refusal("CloudFront", got.status, answer.Error.Code, answer.Error.Message)
}

// CallACM calls AWS Certificate Manager in a Region.
func CallACM(
	ctx context.Context, cfg aws.Config, as aws.Credentials, region, action string, input, output any,
) error {
	return callJSON(ctx, cfg, as, speaksJSON{"ACM", "acm", "CertificateManager", region}, action, input, output)
}

// CallServiceQuotas calls Service Quotas in a Region.
func CallServiceQuotas(
	ctx context.Context, cfg aws.Config, as aws.Credentials, region, action string, input, output any,
) error {
	return callJSON(ctx, cfg, as, speaksJSON{"Service Quotas", "servicequotas", "ServiceQuotasV20190624", region},
		action, input, output)
}

// CallTagging calls the Resource Groups Tagging API in a Region.
func CallTagging(
	ctx context.Context, cfg aws.Config, as aws.Credentials, region, action string, input, output any,
) error {
	return callJSON(ctx, cfg, as, speaksJSON{
		"Resource Groups Tagging API", "tagging", "ResourceGroupsTaggingAPI_20170126", region,
	}, action, input, output)
}

// speaksJSON is a service in a Region: its name in words, in its endpoint and signature, and before its actions.
type speaksJSON struct{ name, service, target, region string }

func callJSON(
	ctx context.Context, cfg aws.Config, as aws.Credentials, s speaksJSON, action string, input, output any,
) error {
	at, err := endpoint(ctx, cfg, s.name, "https://"+s.service+"."+s.region+".amazonaws.com")
	if err != nil {
		return err
	}
	text, err := json.Marshal(input)
	if err != nil {
		return err
	}
	got, err := send(ctx, cfg, as, request{
		service: s.service, region: s.region, method: http.MethodPost, url: strings.TrimRight(at, "/") + "/",
		header: http.Header{"Content-Type": {"application/x-amz-json-1.1"}, "X-Amz-Target": {s.target + "." + action}},
		body:   InMemory(text),
	})
	if err != nil {
		return err
	}
	if got.status == http.StatusOK {
		if json.Unmarshal(got.body, output) != nil {
			return fmt.Errorf("%s: the answer isn't that of %s; check AWS_ENDPOINT_URL", at, s.name)
		}
		return nil
	}
	var answer struct {
		Type    string `json:"__type"`
		Message string // in either case of letters
	}
	_ = json.Unmarshal(got.body, &answer)
	return refusal(s.name, got.status, answer.Type[strings.LastIndex(answer.Type, "#")+1:], answer.Message)
}

// refusal returns the error that a service answered with, if it could be read.
func refusal(service string, status int, code, message string) error {
	switch message = Line(message); code {
	case "":
		return fmt.Errorf("%s: answers with status %d, and no error that could be read; try again", service, status)
	case "AccessDenied", "AccessDeniedException":
		return &AccessError{Message: message}
	}
	return &RefusedError{service, code, message}
}

// request is one call.
type request struct {
	service, region, method, url string
	header                       http.Header
	body                         Payload
	asIs                         bool // the path is signed as it stands, as S3 wants it
}

// Payload is the body of a request, which is opened once for each attempt.
type Payload struct {
	Open   func() (io.ReadCloser, error) // nil: it is empty
	Length int64
	SHA256 [sha256.Size]byte
}

// InMemory is a text as a body.
func InMemory(text []byte) Payload {
	return Payload{
		Open:   func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(text)), nil },
		Length: int64(len(text)),
		SHA256: sha256.Sum256(text),
	}
}

type answer struct {
	status int
	header http.Header
	body   []byte
}

// send tries again, as the SDK does, if there is no answer or AWS fails.
func send(ctx context.Context, cfg aws.Config, as aws.Credentials, r request) (got answer, err error) {
	for attempt := 1; attempt <= 3; attempt++ {
		if got, err = sendOnce(ctx, cfg, as, r); err == nil && got.status < 500 {
			break
		}
		if err := Pause(ctx, attempt); err != nil {
			return answer{}, Unreachable(err)
		}
	}
	if err != nil {
		err = Unreachable(err)
	}
	return got, err
}

// mostAnswer is how much of an answer is read. A page of a thousand certificates with ten names each is the longest.
const mostAnswer = 8 << 20

func sendOnce(ctx context.Context, cfg aws.Config, as aws.Credentials, r request) (answer, error) {
	sent, err := http.NewRequestWithContext(ctx, r.method, r.url, http.NoBody)
	if err != nil {
		return answer{}, err
	}
	if r.body.Length > 0 {
		if sent.Body, err = r.body.Open(); err != nil {
			return answer{}, err
		}
		sent.ContentLength, sent.GetBody = r.body.Length, r.body.Open
	}
	maps.Copy(sent.Header, r.header)
	hash := hex.EncodeToString(r.body.SHA256[:])
	if r.body.Open == nil {
		hash = emptySHA256
	}
	if r.asIs {
		sent.Header.Set("X-Amz-Content-Sha256", hash)
	}
	signer := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = r.asIs })
	if err := signer.SignHTTP(ctx, as, sent, hash, r.service, r.region, time.Now()); err != nil {
		return answer{}, err
	}
	got, err := cfg.HTTPClient.Do(sent)
	if err != nil {
		return answer{}, err
	}
	defer got.Body.Close()
	body, err := io.ReadAll(io.LimitReader(got.Body, mostAnswer))
	return answer{got.StatusCode, got.Header, body}, err
}

// emptySHA256 is the SHA-256 of nothing.
const emptySHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

// endpoint returns the URL of a service, or the one that the environment or the shared configuration names (AWS SDKs
// and Tools Reference Guide, Service-specific endpoints).
func endpoint(ctx context.Context, cfg aws.Config, service, otherwise string) (string, error) {
	if ignored, _, err := awsconfig.GetIgnoreConfiguredEndpoints(ctx, cfg.ConfigSources); ignored || err != nil {
		return otherwise, err
	}
	_, own := os.LookupEnv("AWS_ENDPOINT_URL_" + strings.ReplaceAll(strings.ToUpper(service), " ", "_"))
	_, general := os.LookupEnv("AWS_ENDPOINT_URL")
	for _, source := range cfg.ConfigSources {
		named, ok := source.(interface {
			GetServiceBaseEndpoint(context.Context, string) (string, bool, error)
		})
		if !ok || general && !own { // AWS_ENDPOINT_URL comes before the shared configuration
			continue
		}
		if text, found, err := named.GetServiceBaseEndpoint(ctx, service); found || err != nil {
			return text, err
		}
	}
	if cfg.BaseEndpoint != nil {
		return *cfg.BaseEndpoint, nil
	}
	return otherwise, nil
}

// Pause waits, longer after each attempt, for a random time.
func Pause(ctx context.Context, attempt int) error {
	longest := min(50*time.Millisecond<<attempt, time.Second/2)
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(longest/2 + rand.N(longest/2)):
		return nil
	}
}
