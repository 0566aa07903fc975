package cloudfront

import (
	"encoding/base64"
	"net/http"
	"slices"

	"ml-api-accelerator/stacks/internal/awstest/xmltree"
	"ml-api-accelerator/stacks/internal/edge/function"
)

// The quotas of functions (CloudFront Developer Guide, Quotas on CloudFront Functions, Quotas on key value stores).
const (
	maxFunctions         = 100
	maxFunctionsPerStore = 10
)

const runtime2 = "cloudfront-js-2.0"

// checkFunction refuses code and configuration that CloudFront refuses, and returns the code; self is the ARN of the function that
// is updated.
func (api *API) checkFunction(root *xmltree.Element, self ...string) ([]byte, error) {
	config := root.At("FunctionConfig")
	if config == nil || config.At("Comment") == nil {
		return nil, invalid("The parameter FunctionConfig is required, with Comment and Runtime")
	}
	runtime := config.Get("Runtime")
	if err := checkEnum(runtime, "functionConfig.runtime", "cloudfront-js-1.0", runtime2); err != nil {
		return nil, err
	}
	code, err := base64.StdEncoding.DecodeString(root.Get("FunctionCode"))
	if err != nil || len(code) == 0 {
		return nil, invalid("The parameter FunctionCode must be base64 of at least one byte")
	}
	if len(code) > function.MaxSize {
		return nil, refusal{http.StatusRequestEntityTooLarge, "FunctionSizeLimitExceeded"}.say("The function has %d bytes, of at most %d", len(code), function.MaxSize)
	}
	// Whether CloudFront refuses such code or answers every request with 503 (Developer Guide, HTTP 503 status code, Execution
	// error) isn't documented; a test is to see it either way.
	if runtime == runtime2 {
		if _, err := function.Compile("code", string(code)); err != nil {
			return nil, invalid("The function code doesn't compile: %s", err)
		}
	}
	return code, api.checkStoreAssociation(config, runtime, self)
}

// checkStoreAssociation holds a function to its one key value store (CloudFront Developer Guide, Associate a key value store with a
// function; Create functions).
func (api *API) checkStoreAssociation(config *xmltree.Element, runtime string, self []string) error {
	associations := config.At("KeyValueStoreAssociations")
	stores := associations.List()
	switch {
	case len(stores) == 0:
		return nil
	case len(stores) > 1:
		return invalid("A function can have only one key value store")
	case runtime != runtime2:
		return invalid("A function with a key value store needs the runtime %s", runtime2)
	}
	if err := api.store.checkReferences(config); err != nil {
		return err
	}
	others := 0
	for _, user := range api.store.users(api.store.referred(storeKind, stores[0].Get("KeyValueStoreARN"))) {
		if !slices.Contains(self, user.arn) {
			others++
		}
	}
	if others >= maxFunctionsPerStore {
		return invalid("The key value store is associated with %d functions already", others)
	}
	return nil
}

// checkFunctionAssociations holds behaviors to one published function for an event of a viewer (CloudFront Developer Guide, Associate
// functions with distributions; Restrictions on all edge functions).
func (api *API) checkFunctionAssociations(config *xmltree.Element) error {
	refuse := refusal{http.StatusBadRequest, "InvalidFunctionAssociation"}
	for _, behavior := range behaviors(config) {
		lambda := slices.ContainsFunc(behavior.List("LambdaFunctionAssociations"), func(association *xmltree.Element) bool {
			return slices.Contains(viewerEvents, association.Get("EventType"))
		})
		var taken []string
		for _, association := range behavior.List("FunctionAssociations") {
			event, e := association.Get("EventType"), api.store.referred(functionKind, association.Get("FunctionARN"))
			switch {
			case !slices.Contains(viewerEvents, event):
				return refuse.say("A function can't be associated with the event %s", event)
			case slices.Contains(taken, event):
				return refuse.say("The event %s of a behavior can have only one function", event)
			case e == nil || e.live == nil:
				return refuse.say("The function isn't in the stage LIVE: %s", association.Get("FunctionARN"))
			case lambda:
				return refuse.say("A behavior can't have both functions and Lambda functions for the events of viewers")
			}
			taken = append(taken, event)
		}
	}
	return nil
}

var viewerEvents = []string{"viewer-request", "viewer-response"}
