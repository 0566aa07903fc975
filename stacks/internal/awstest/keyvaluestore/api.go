// Package keyvaluestore is the CloudFront KeyValueStore API with a memory: it reads and writes the pairs of key value
// stores, and refuses what its API Reference says it refuses. The stores themselves are made and deleted by CloudFront's
// API (package cloudfront), which tells this one.
package keyvaluestore

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
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

// newETag makes a version of a store's content, which isn't one of the store itself (CloudFront Developer Guide, Work with
// key value data: "The ETags aren't interchangeable").
func newETag() string { return "KV" + rand.Text()[:13] }
