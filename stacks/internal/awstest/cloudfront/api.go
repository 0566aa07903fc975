// Package cloudfront is CloudFront's API with a memory, as far as stacks use it. It refuses what CloudFront refuses:
// references to nothing, the deletion of what is in use, outdated versions, and configurations that contradict.
package cloudfront

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"ml-api-accelerator/stacks/internal/awstest/keyvaluestore"
	"ml-api-accelerator/stacks/internal/awstest/wire"
	"ml-api-accelerator/stacks/internal/awstest/xmltree"
)

// API answers CloudFront's calls.
type API struct {
	around Surroundings
	pairs  *keyvaluestore.API
	mu     sync.Mutex // guards store
	store  store
}

// New makes an empty CloudFront of an account, whose key value stores have their pairs in another API.
func New(account string, around Surroundings, pairs *keyvaluestore.API) *API {
	return &API{around: around, pairs: pairs, store: newStore(account)}
}

// reply is a successful answer.
type reply struct {
	status int
	etag   string
	body   *xmltree.Element
	raw    []byte            // instead of body
	header map[string]string // what isn't usual
}

const namespace = "http://cloudfront.amazonaws.com/doc/2020-05-31/"

// Serve answers one call; action is its name as of Action.
func (api *API) Serve(w http.ResponseWriter, r *http.Request, action string, body []byte) {
	api.mu.Lock()
	defer api.mu.Unlock()
	answer, err := api.handle(r, action, body)
	if err != nil {
		var refusal *wire.Error
		if !errors.As(err, &refusal) {
			refusal = &wire.Error{Status: http.StatusBadRequest, Code: "MalformedInput", Message: err.Error()}
		}
		wire.WriteError(w, wire.RestXML, refusal)
		return
	}
	if answer.etag != "" {
		w.Header().Set("Etag", answer.etag)
	}
	for name, value := range answer.header {
		w.Header().Set(name, value)
	}
	w.Header().Set("X-Amzn-Requestid", wire.RequestID)
	if answer.body == nil {
		w.WriteHeader(answer.status)
		_, _ = w.Write(answer.raw)
		return
	}
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(answer.status)
	_, _ = w.Write(answer.body.Render(namespace))
}

func (api *API) handle(r *http.Request, action string, body []byte) (*reply, error) {
	switch action {
	case "ListTagsForResource", "TagResource", "UntagResource":
		return api.handleTags(r, action, body)
	case "CreateMonitoringSubscription", "GetMonitoringSubscription", "DeleteMonitoringSubscription":
		return api.handleMonitoring(r, action, body)
	case "CreateKeyValueStore", "DescribeKeyValueStore", "UpdateKeyValueStore", "DeleteKeyValueStore", "ListKeyValueStores":
		return api.handleKeyValueStore(r, action, body)
	case "CreateFunction", "DescribeFunction", "GetFunction", "UpdateFunction", "PublishFunction", "DeleteFunction":
		return api.handleFunction(r, action, body)
	}
	for _, k := range kinds {
		switch action {
		case "Create" + k.noun:
			return api.create(k, body)
		case "Update" + k.noun:
			return api.update(k, r, body)
		case "Delete" + k.noun:
			return api.delete(k, r)
		case "Get" + k.noun:
			e, err := api.store.lookup(k, k.idIn(r))
			if err != nil {
				return nil, err
			}
			return &reply{status: http.StatusOK, etag: e.etag, body: e.element()}, nil
		}
	}
	return nil, refusal{http.StatusNotImplemented, "NotImplemented"}.say("the stand-in does not answer %s", action)
}

// idIn returns the id in a request's path.
func (k *kind) idIn(r *http.Request) string {
	_, path, _ := strings.Cut(strings.Trim(r.URL.Path, "/"), "/")
	id, _, _ := strings.Cut(strings.TrimPrefix(path, k.path+"/"), "/")
	return id
}

func (api *API) create(k *kind, body []byte) (*reply, error) {
	root, err := xmltree.Parse(body)
	if err != nil {
		return nil, err
	}
	config := root
	if root.Name != k.config { // with tags
		config = root.At(k.config)
	}
	if config == nil {
		return nil, errors.New("no " + k.config)
	}
	if err := api.check(k, "", config); err != nil {
		return nil, err
	}
	e, err := api.store.insert(k, config)
	if err != nil {
		return nil, err
	}
	e.tag(root.List("Tags"))
	return &reply{status: k.created, etag: e.etag, body: e.element()}, nil
}

func (api *API) update(k *kind, r *http.Request, body []byte) (*reply, error) {
	e, err := api.matched(k, r)
	if err != nil {
		return nil, err
	}
	config, err := xmltree.Parse(body)
	if err != nil {
		return nil, err
	}
	if k.checkUpdate != nil {
		if err := k.checkUpdate(api.store, e, config); err != nil {
			return nil, err
		}
	}
	if err := api.check(k, e.id, config); err != nil {
		return nil, err
	}
	if err := api.store.checkUnique(k, e.id, config); err != nil {
		return nil, err
	}
	api.store.change(e, config)
	return &reply{status: http.StatusOK, etag: e.etag, body: e.element()}, nil
}

func (api *API) delete(k *kind, r *http.Request) (*reply, error) {
	e, err := api.matched(k, r)
	if err != nil {
		return nil, err
	}
	if e.config.Get("Enabled") == "true" {
		return nil, refusal{http.StatusConflict, "DistributionNotDisabled"}.say("The distribution you are trying to delete has not been disabled.")
	}
	if users := api.store.users(e); len(users) > 0 {
		return nil, k.inUse.say("The %s %s is still used by the %s %s", k.noun, e.id, users[0].kind.noun, users[0].id)
	}
	delete(api.store.entries[k], e.id)
	if k == vpcOriginKind { // it answers what it is deleting
		return &reply{status: http.StatusAccepted, etag: e.etag, body: e.element()}, nil
	}
	return &reply{status: http.StatusNoContent}, nil
}

// matched finds the entry of a request that changes it, and checks If-Match.
func (api *API) matched(k *kind, r *http.Request) (*entry, error) {
	e, err := api.store.lookup(k, k.idIn(r))
	if err != nil {
		return nil, err
	}
	switch r.Header.Get("If-Match") {
	case e.etag:
		return e, nil
	case "":
		return nil, refusal{http.StatusBadRequest, "InvalidIfMatchVersion"}.say("The If-Match version is missing or not valid for the resource.")
	}
	return nil, refusal{http.StatusPreconditionFailed, "PreconditionFailed"}.say("The request failed because it didn't meet the preconditions in one or more request-header fields.")
}

// check refuses a configuration AWS would refuse, and completes one it takes.
func (api *API) check(k *kind, self string, config *xmltree.Element) error {
	if err := api.store.checkReferences(config); err != nil {
		return err
	}
	switch k.noun {
	case "CachePolicy":
		return checkCachePolicy(config)
	case "OriginRequestPolicy":
		return checkOriginRequestPolicy(config)
	case "ResponseHeadersPolicy":
		if err := checkResponseHeaders(config); err != nil {
			return err
		}
		return checkCORSOrigins(config)
	case "VpcOrigin":
		if refused := api.around.EnterVPC(config.Get("Arn")); refused != "" {
			return invalid("%s", refused)
		}
	case "Distribution":
		if err := api.checkDistribution(self, config); err != nil {
			return err
		}
		completeDistribution(config)
	}
	return nil
}

func shortID(prefix string) func() string {
	return func() string { return prefix + randomText(13, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") }
}

func vpcOriginID() string {
	return "vo_" + randomText(22, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
}

func uuid() string {
	b := randomBytes(16)
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

func canonicalUserID() string { return hex.EncodeToString(randomBytes(48)) }

func newETag() string { return shortID("E")() }

func randomText(length int, alphabet string) string {
	text := randomBytes(length)
	for i := range text {
		text[i] = alphabet[int(text[i])%len(alphabet)]
	}
	return string(text)
}

func randomBytes(length int) []byte {
	b := make([]byte, length)
	_, _ = rand.Read(b) // never fails
	return b
}

// Surroundings are the resources of other services that a distribution refers to.
type Surroundings interface {
	BucketExists(name string) bool
	BucketTakesACLs(name string) bool
	CertificateIssued(arn string) bool
	WebACLExists(arn string) bool
	// EnterVPC returns why what has this ARN can't be a VPC origin; empty: it can be one.
	EnterVPC(arn string) string
}

// checkSurroundings refuses a distribution whose log bucket, certificate or web ACL is not there or not fit for
// CloudFront.
func (api *API) checkSurroundings(config *xmltree.Element) error {
	if bucket := config.Get("Logging", "Bucket"); bucket != "" {
		if err := api.checkLogBucket(bucket); err != nil {
			return err
		}
	}
	if arn := config.Get("ViewerCertificate", "ACMCertificateArn"); arn != "" && !api.around.CertificateIssued(arn) {
		return refusal{400, "InvalidViewerCertificate"}.say("The specified SSL certificate doesn't exist, isn't in us-east-1 region, isn't valid, or doesn't include a valid certificate chain.")
	}
	if arn := config.Get("WebACLId"); arn != "" && !api.around.WebACLExists(arn) {
		return refusal{400, "InvalidWebACLId"}.say("Web ACL is not accessible by the requester.")
	}
	return nil
}

// checkLogBucket wants a bucket that takes ACLs, which new buckets do not.
func (api *API) checkLogBucket(domain string) error {
	bucket, _, ok := strings.Cut(domain, ".s3.")
	if !ok || !api.around.BucketExists(bucket) {
		return invalid("The parameter Logging Bucket does not refer to a valid S3 bucket.")
	}
	if !api.around.BucketTakesACLs(bucket) {
		return invalid("The S3 bucket that you specified for CloudFront logs does not enable ACL access: %s", domain)
	}
	return nil
}

// refusal is an error without its message.
type refusal struct {
	status int
	code   string
}

func (e refusal) say(format string, args ...any) error {
	return wire.Error{Status: e.status, Code: e.code}.Say(format, args...)
}

func invalid(format string, args ...any) error {
	return refusal{http.StatusBadRequest, "InvalidArgument"}.say(format, args...)
}
