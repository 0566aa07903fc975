package awsclient

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
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
	base, err := endpoint(ctx, cfg, "CloudFront", "https://cloudfront.amazonaws.com")
	if err != nil {
		return "", nil, err
	}
	if at, err = url.JoinPath(base, append([]string{"2020-05-31"}, path...)...); err != nil {
		return "", nil, err
	}
	status, body, err := send(ctx, cfg, as, request{
		service: "cloudfront", region: "us-east-1", method: http.MethodGet, url: at,
	})
	if err != nil || status == http.StatusOK {
		return at, body, err
	}
	var answer struct {
		Error struct{ Code, Message string }
	}
	_ = xml.Unmarshal(body, &answer) // without a code it couldn't be read
	return at, nil, refusal("CloudFront", status, answer.Error.Code, answer.Error.Message)
}

// CallACM calls AWS Certificate Manager in a Region.
func CallACM(
	ctx context.Context, cfg aws.Config, as aws.Credentials, region, action string, input, output any,
) error {
	return callJSON(ctx, cfg, as, jsonService{"ACM", "acm", "CertificateManager"}, region, action, input, output)
}

// CallServiceQuotas calls Service Quotas in a Region.
func CallServiceQuotas(
	ctx context.Context, cfg aws.Config, as aws.Credentials, region, action string, input, output any,
) error {
	return callJSON(ctx, cfg, as, jsonService{"Service Quotas", "servicequotas", "ServiceQuotasV20190624"}, region, action,
		input, output)
}

// jsonService is a service that speaks JSON: its name, also that in AWS_ENDPOINT_URL_…, that in its host name and in
// signatures, and what its calls begin with.
type jsonService struct{ name, signed, prefix string }

func callJSON(
	ctx context.Context, cfg aws.Config, as aws.Credentials, s jsonService, region, action string, input, output any,
) error {
	at, err := endpoint(ctx, cfg, s.name, "https://"+s.signed+"."+region+".amazonaws.com")
	if err != nil {
		return err
	}
	text, err := json.Marshal(input)
	if err != nil {
		return err
	}
	status, body, err := send(ctx, cfg, as, request{
		service: s.signed, region: region, method: http.MethodPost, url: strings.TrimRight(at, "/") + "/",
		target: s.prefix + "." + action, body: text,
	})
	if err != nil {
		return err
	}
	if status == http.StatusOK {
		if json.Unmarshal(body, output) != nil {
			return fmt.Errorf("%s: the answer isn't that of %s; check AWS_ENDPOINT_URL", at, s.name)
		}
		return nil
	}
	var answer struct {
		Type    string `json:"__type"`
		Message string // in either case of letters
	}
	_ = json.Unmarshal(body, &answer)
	return refusal(s.name, status, answer.Type[strings.LastIndex(answer.Type, "#")+1:], answer.Message)
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
	target                       string // of a service that speaks JSON
	body                         []byte
}

// send tries again, as the SDK does, if there is no answer or AWS fails.
func send(
	ctx context.Context, cfg aws.Config, as aws.Credentials, r request,
) (status int, body []byte, err error) {
	for attempt := 1; attempt <= 3; attempt++ {
		if status, body, err = sendOnce(ctx, cfg, as, r); err == nil && status < 500 {
			break
		}
		if err := Pause(ctx, attempt); err != nil {
			return 0, nil, Unreachable(err)
		}
	}
	if err != nil {
		err = Unreachable(err)
	}
	return status, body, err
}

// mostAnswer is how much of an answer is read. A page of a thousand certificates with ten names each is the longest.
const mostAnswer = 8 << 20

func sendOnce(
	ctx context.Context, cfg aws.Config, as aws.Credentials, r request,
) (status int, body []byte, err error) {
	sent, err := http.NewRequestWithContext(ctx, r.method, r.url, strings.NewReader(string(r.body)))
	if err != nil {
		return 0, nil, err
	}
	if r.target != "" {
		sent.Header.Set("Content-Type", "application/x-amz-json-1.1")
		sent.Header.Set("X-Amz-Target", r.target)
	}
	sum := sha256.Sum256(r.body)
	hash := hex.EncodeToString(sum[:])
	if err := v4.NewSigner().SignHTTP(ctx, as, sent, hash, r.service, r.region, time.Now()); err != nil {
		return 0, nil, err
	}
	answer, err := cfg.HTTPClient.Do(sent)
	if err != nil {
		return 0, nil, err
	}
	defer answer.Body.Close()
	body, err = io.ReadAll(io.LimitReader(answer.Body, mostAnswer))
	return answer.StatusCode, body, err
}

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
