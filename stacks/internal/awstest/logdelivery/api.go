// Package logdelivery is the part of CloudWatch Logs' API that delivers logs of other services, as far as CloudFront's go, with a memory. It
// refuses what AWS refuses, and changes the policy of a bucket as AWS does. Nothing is delivered.
package logdelivery

import (
	"encoding/json"
	"net/http"
	"sync"

	"ml-api-accelerator/stacks/internal/awstest/apicall"
	"ml-api-accelerator/stacks/internal/awstest/wire"
)

// Surroundings are the resources of other services that a delivery has to do with.
type Surroundings interface {
	// DistributionExists tells whether CloudFront has a distribution of this id.
	DistributionExists(id string) bool
	BucketPolicy(bucket string) []byte
	SetBucketPolicy(bucket string, policy []byte)
}

// API answers the calls about sources, destinations and deliveries.
type API struct {
	account string
	around  Surroundings

	mu           sync.Mutex // guards what follows
	sources      map[string]*source
	destinations map[string]*destination
	deliveries   map[string]*delivery
	tags         map[string]map[string]string // by ARN
}

// New makes an API of an account that delivers nothing.
func New(account string, around Surroundings) *API {
	return &API{account: account, around: around, sources: map[string]*source{}, destinations: map[string]*destination{},
		deliveries: map[string]*delivery{}, tags: map[string]map[string]string{}}
}

// actions are the calls that are answered here.
var actions = map[string]func(*API, apicall.Call) (any, error){
	"logs:PutDeliverySource":           (*API).putSource,
	"logs:GetDeliverySource":           sources.get,
	"logs:DeleteDeliverySource":        sources.delete,
	"logs:PutDeliveryDestination":      (*API).putDestination,
	"logs:GetDeliveryDestination":      destinations.get,
	"logs:DeleteDeliveryDestination":   destinations.delete,
	"logs:CreateDelivery":              (*API).createDelivery,
	"logs:GetDelivery":                 (*API).getDelivery,
	"logs:UpdateDeliveryConfiguration": (*API).updateDelivery,
	"logs:DeleteDelivery":              (*API).deleteDelivery,
	"logs:ListTagsForResource":         (*API).listTags,
	"logs:TagResource":                 (*API).tag,
	"logs:UntagResource":               (*API).untag,
}

// Answer answers a call about the delivery of logs, and reports whether it was one.
func (api *API) Answer(w http.ResponseWriter, call apicall.Call) bool {
	act, known := actions[call.Name()]
	if !known || isTagging(call) && !aboutDelivery(call) {
		return false
	}
	api.mu.Lock()
	defer api.mu.Unlock()
	answer, err := act(api, call)
	wire.WriteJSON(w, answer, err)
	return true
}

// read reads the body of a call.
func read[T any](call apicall.Call) (input T, err error) {
	err = json.Unmarshal(call.Body, &input)
	return input, err
}

func (api *API) arn(region, kind, name string) string {
	return "arn:aws:logs:" + region + ":" + api.account + ":" + kind + ":" + name
}
