// Package keyvaluestore is the CloudFront KeyValueStore API with a memory: it reads and writes the pairs of key value
// stores, and refuses what its API Reference says it refuses. The stores themselves are made and deleted by
// CloudFront's API (package cloudfront), which tells this one.
package keyvaluestore

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"ml-api-accelerator/stacks/internal/awstest/wire"
)

// API answers the calls about the pairs of stores.
type API struct {
	mu     sync.Mutex        // guards stores
	stores map[string]*store // by ARN
}

// store is one key value store.
type store struct {
	pairs         map[string]string
	etag          string
	ready         bool
	made, changed time.Time
}

// New makes an API without stores.
func New() *API { return &API{stores: map[string]*store{}} }

// Provision makes an empty store, which answers nothing until it is ready.
func (api *API) Provision(arn string) {
	api.mu.Lock()
	defer api.mu.Unlock()
	now := time.Now()
	api.stores[arn] = &store{pairs: map[string]string{}, etag: newETag(), made: now, changed: now}
}

// MakeReady ends the provisioning of a store.
func (api *API) MakeReady(arn string) {
	api.mu.Lock()
	defer api.mu.Unlock()
	api.stores[arn].ready = true
}

// Delete deletes a store with its pairs.
func (api *API) Delete(arn string) {
	api.mu.Lock()
	defer api.mu.Unlock()
	delete(api.stores, arn)
}

// Pairs returns what is in a store, or nil.
func (api *API) Pairs(arn string) map[string]string {
	api.mu.Lock()
	defer api.mu.Unlock()
	if s := api.stores[arn]; s != nil {
		return maps.Clone(s.pairs)
	}
	return nil
}

// Put stores a pair past the API.
func (api *API) Put(arn, key, value string) {
	api.mu.Lock()
	defer api.mu.Unlock()
	api.stores[arn].write(map[string]string{key: value}, nil)
}

// ServeHTTP answers one call.
func (api *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var answer any
	if err == nil {
		answer, err = api.handle(w.Header(), r, body)
	}
	if err != nil {
		var refusal *wire.Error
		if !errors.As(err, &refusal) {
			refusal = &wire.Error{Status: http.StatusBadRequest, Code: "ValidationException", Message: err.Error()}
		}
		wire.WriteError(w, wire.JSON, refusal)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer)
}

// newETag makes a version of a store's content, which isn't one of the store itself (CloudFront Developer Guide, Work
// with key value data: "The ETags aren't interchangeable").
func newETag() string { return "KV" + rand.Text()[:13] }

// target is what a path names: a store, and with keys all keys or one.
type target struct {
	arn, key string
	keys     bool
}

// targetOf reads a path such as /key-value-stores/ARN/keys/KEY, in which ARN and KEY are escaped.
func targetOf(r *http.Request) (target, bool) {
	parts := strings.Split(strings.TrimPrefix(r.URL.EscapedPath(), "/"), "/")
	for i := range parts {
		text, err := url.PathUnescape(parts[i])
		if err != nil {
			return target{}, false
		}
		parts[i] = text
	}
	if len(parts) < 2 || len(parts) > 4 || parts[0] != "key-value-stores" || len(parts) > 2 && parts[2] != "keys" {
		return target{}, false
	}
	t := target{arn: parts[1], keys: len(parts) > 2}
	if len(parts) == 4 {
		t.key = parts[3]
	}
	return t, true
}

// Action names a call as IAM does; what the API doesn't know is its method and path.
func Action(r *http.Request) string {
	t, ok := targetOf(r)
	shape := "store"
	switch {
	case t.key != "":
		shape = "key"
	case t.keys:
		shape = "keys"
	}
	if name := actions[r.Method+" "+shape]; ok && name != "" {
		return name
	}
	return r.Method + " " + r.URL.Path
}

var actions = map[string]string{
	"GET store":  "DescribeKeyValueStore",
	"GET keys":   "ListKeys",
	"POST keys":  "UpdateKeys",
	"GET key":    "GetKey",
	"PUT key":    "PutKey",
	"DELETE key": "DeleteKey",
}

func (api *API) handle(header http.Header, r *http.Request, body []byte) (any, error) {
	if err := checkSignature(r); err != nil {
		return nil, err
	}
	api.mu.Lock()
	defer api.mu.Unlock()
	t, _ := targetOf(r)
	s := api.stores[t.arn]
	if s == nil {
		return nil, notFound("Key value store %s is not found", t.arn)
	}
	if !s.ready {
		return nil, conflict("Key value store %s is not in the expected state", t.arn)
	}
	switch Action(r) {
	case "DescribeKeyValueStore":
		header.Set("Etag", s.etag)
		return map[string]any{"ItemCount": len(s.pairs), "TotalSizeInBytes": size(s.pairs), "KvsARN": t.arn,
			"Created": s.made.Unix(), "LastModified": s.changed.Unix(), "Status": "READY"}, nil
	case "ListKeys":
		return s.list(r.URL.Query())
	case "GetKey":
		value, found := s.pairs[t.key]
		if !found {
			return nil, notFound("Key %s is not found", t.key)
		}
		return map[string]any{"Key": t.key, "Value": value, "ItemCount": len(s.pairs), "TotalSizeInBytes": size(s.pairs)}, nil
	case "PutKey", "DeleteKey", "UpdateKeys":
		return s.update(header, r, t, body)
	}
	return nil, invalid("%s %s is no call", r.Method, r.URL.Path)
}

// list answers a page of keys: 10 unless told, and 50 at most (CloudFront API Reference, ListKeys).
func (s *store) list(query url.Values) (any, error) {
	length := 10
	if text := query.Get("MaxResults"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > 50 {
			return nil, invalid("MaxResults must be between 1 and 50")
		}
		length = n
	}
	keys := slices.Sorted(maps.Keys(s.pairs))
	if token := query.Get("NextToken"); token != "" {
		last, found := strings.CutPrefix(token, tokenPrefix)
		if !found {
			return nil, invalid("NextToken is invalid")
		}
		after, found := slices.BinarySearch(keys, last)
		if found {
			after++
		}
		keys = keys[after:]
	}
	answer := map[string]any{}
	if len(keys) > length {
		keys = keys[:length]
		answer["NextToken"] = tokenPrefix + keys[length-1]
	}
	items := []map[string]string{}
	for _, key := range keys {
		items = append(items, map[string]string{"Key": key, "Value": s.pairs[key]})
	}
	answer["Items"] = items
	return answer, nil
}

const tokenPrefix = "after "

// change is the body of UpdateKeys, and what PutKey and DeleteKey come to.
type change struct {
	Puts    []pair
	Deletes []struct{ Key string }
}

// pair has no value where the request has none, which isn't an empty one.
type pair struct {
	Key   string
	Value *string
}

func (s *store) update(header http.Header, r *http.Request, t target, body []byte) (any, error) {
	var c change
	var err error
	switch {
	case t.key == "":
		err = json.Unmarshal(body, &c)
	case r.Method == http.MethodDelete:
		c.Deletes = []struct{ Key string }{{t.key}}
	default:
		put := pair{Key: t.key}
		err = json.Unmarshal(body, &put)
		put.Key = t.key
		c.Puts = []pair{put}
	}
	if err != nil {
		return nil, invalid("%s", err)
	}
	puts, deletes, err := s.check(r.Header.Get("If-Match"), c, len(body))
	if err != nil {
		return nil, err
	}
	s.write(puts, deletes)
	header.Set("Etag", s.etag)
	return map[string]any{"ItemCount": len(s.pairs), "TotalSizeInBytes": size(s.pairs)}, nil
}

// The quotas of a store (CloudFront Developer Guide, Quotas on key value stores).
const (
	maxKey     = 512
	maxValue   = 1 << 10
	maxStore   = 5 << 20
	maxUpdate  = 50
	maxPayload = 3 << 20
)

// check refuses a change that CloudFront refuses, and returns it as pairs to put and keys to delete.
func (s *store) check(version string, c change, payload int) (puts map[string]string, deletes []string, err error) {
	switch {
	case version == "":
		return nil, nil, invalid("If-Match is required")
	case version != s.etag:
		return nil, nil, conflict("Pre-Condition failed: %s is not the current version", version)
	case len(c.Puts)+len(c.Deletes) == 0:
		return nil, nil, invalid("There is nothing to put or delete")
	case len(c.Puts)+len(c.Deletes) > maxUpdate:
		return nil, nil, quota("%d keys in one request, of at most %d", len(c.Puts)+len(c.Deletes), maxUpdate)
	case payload > maxPayload:
		return nil, nil, quota("The request has %d bytes, of at most %d", payload, maxPayload)
	}
	puts, after := map[string]string{}, maps.Clone(s.pairs)
	for _, item := range c.Deletes {
		if _, found := after[item.Key]; !found {
			return nil, nil, notFound("Key %s is not found", item.Key)
		}
		delete(after, item.Key)
		deletes = append(deletes, item.Key)
	}
	for _, put := range c.Puts {
		switch _, twice := puts[put.Key]; {
		case put.Key == "" || put.Value == nil:
			return nil, nil, invalid("Key and Value are required")
		case twice:
			return nil, nil, invalid("Key %s is put twice", put.Key)
		case len(put.Key) > maxKey:
			return nil, nil, quota("The key has %d bytes, of at most %d", len(put.Key), maxKey)
		case len(*put.Value) > maxValue:
			return nil, nil, quota("The value has %d bytes, of at most %d", len(*put.Value), maxValue)
		}
		puts[put.Key], after[put.Key] = *put.Value, *put.Value
	}
	for _, key := range deletes {
		if _, both := puts[key]; both {
			return nil, nil, invalid("Key %s is put and deleted", key)
		}
	}
	if size(after) > maxStore {
		return nil, nil, quota("The store would have %d bytes, of at most %d", size(after), maxStore)
	}
	return puts, deletes, nil
}

// write changes the pairs, and with them the version.
func (s *store) write(puts map[string]string, deletes []string) {
	for _, key := range deletes {
		delete(s.pairs, key)
	}
	maps.Copy(s.pairs, puts)
	s.etag, s.changed = newETag(), time.Now()
}

func size(pairs map[string]string) int {
	total := 0
	for key, value := range pairs {
		total += len(key) + len(value)
	}
	return total
}

// The errors and their statuses are those of the CloudFront API Reference (UpdateKeys, Errors).

func invalid(format string, args ...any) error {
	return wire.Error{Status: http.StatusBadRequest, Code: "ValidationException"}.Say(format, args...)
}

func notFound(format string, args ...any) error {
	return wire.Error{Status: http.StatusNotFound, Code: "ResourceNotFoundException"}.Say(format, args...)
}

func conflict(format string, args ...any) error {
	return wire.Error{Status: http.StatusConflict, Code: "ConflictException"}.Say(format, args...)
}

func quota(format string, args ...any) error {
	return wire.Error{Status: http.StatusPaymentRequired, Code: "ServiceQuotaExceededException"}.Say(format, args...)
}

// signature is what signs for several Regions: its scope names none, a header does.
var signature = regexp.MustCompile(`^AWS4-ECDSA-P256-SHA256 Credential=[^/, ]+/\d{8}/cloudfront-keyvaluestore/aws4_request, ?` +
	`SignedHeaders=([a-z0-9;-]+), ?Signature=[0-9a-f]+$`)

// checkSignature refuses a request that isn't signed with Signature Version 4A (CloudFront Developer Guide, Work with
// key value data, Tip). CloudFront answers one signed with Version 4 with this code (aws/aws-sdk-js#4545). Nothing is
// computed: whether the signature is right is the SDK's concern.
func checkSignature(r *http.Request) error {
	refusal := wire.Error{Status: http.StatusForbidden, Code: "InvalidSignatureException"}
	found := signature.FindStringSubmatch(r.Header.Get("Authorization"))
	if found == nil {
		return refusal.Say("Credential should be scoped to a valid region.")
	}
	signed := strings.Split(found[1], ";")
	if r.Header.Get("X-Amz-Region-Set") == "" || !slices.Contains(signed, "x-amz-region-set") {
		return refusal.Say("X-Amz-Region-Set must be a signed header.")
	}
	for _, name := range []string{"host", "x-amz-date"} {
		if !slices.Contains(signed, name) {
			return refusal.Say("%s must be a signed header.", name)
		}
	}
	return nil
}
