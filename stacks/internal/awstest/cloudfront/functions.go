package cloudfront

import (
	"cmp"
	"encoding/base64"
	"net/http"
	"slices"
	"strconv"
	"time"

	"ml-api-accelerator/stacks/internal/awstest/xmltree"
	"ml-api-accelerator/stacks/internal/edge/function"
	"ml-api-accelerator/stacks/internal/shared/cloudfront"
)

// version is a function's code and configuration in one of its stages.
type version struct {
	etag    string
	config  *xmltree.Element
	code    []byte
	changed time.Time
	from    string // ETag of the version that was published as this one
}

// The stages of a function (CloudFront API Reference, FunctionMetadata).
const (
	development = "DEVELOPMENT"
	live        = "LIVE"
)

func (api *API) handleFunction(r *http.Request, action string, body []byte) (*reply, error) {
	switch action {
	case "CreateFunction":
		return api.createFunction(body)
	case "DeleteFunction":
		return api.delete(functionKind, r)
	case "UpdateFunction", "PublishFunction":
		e, err := api.matched(functionKind, r)
		if err != nil {
			return nil, err
		}
		if action == "PublishFunction" {
			published := *e.draft()
			published.etag, published.from = newETag(), e.etag
			e.live = &published
			return &reply{status: http.StatusOK, body: api.functionSummary(e, live)}, nil
		}
		return api.updateFunction(e, body)
	}
	e, err := api.store.lookup(functionKind, functionKind.idIn(r))
	if err != nil {
		return nil, err
	}
	stage := cmp.Or(r.URL.Query().Get("Stage"), development)
	if err := checkEnum(stage, "stage", development, live); err != nil {
		return nil, err
	}
	v := e.draft()
	if stage == live {
		v = e.live
	}
	if v == nil {
		return nil, functionKind.missing.say("The specified function does not exist in the stage %s: %s", stage, e.id)
	}
	if action == "GetFunction" {
		return &reply{status: http.StatusOK, etag: v.etag, raw: v.code}, nil
	}
	return &reply{status: http.StatusOK, etag: v.etag, body: api.functionSummary(e, stage)}, nil
}

// draft is the function in the stage DEVELOPMENT, which every change goes to.
func (e *entry) draft() *version {
	return &version{etag: e.etag, config: e.config, code: e.code, changed: e.changed}
}

func (api *API) createFunction(body []byte) (*reply, error) {
	root, err := xmltree.Parse(body)
	if err != nil {
		return nil, err
	}
	name := root.Get("Name")
	if err := checkName(name); err != nil {
		return nil, err
	}
	code, err := api.checkFunction(root)
	if err != nil {
		return nil, err
	}
	if len(api.store.entries[functionKind]) == maxFunctions {
		return nil, refusal{http.StatusBadRequest, "TooManyFunctions"}.say("The account has %d functions already", maxFunctions)
	}
	e, err := api.store.insertNamed(functionKind, name, root.At("FunctionConfig"))
	if err != nil {
		return nil, err
	}
	e.code = code
	return &reply{status: http.StatusCreated, etag: e.etag, body: api.functionSummary(e, development)}, nil
}

func (api *API) updateFunction(e *entry, body []byte) (*reply, error) {
	root, err := xmltree.Parse(body)
	if err != nil {
		return nil, err
	}
	code, err := api.checkFunction(root, e.reference())
	if err != nil {
		return nil, err
	}
	api.store.change(e, root.At("FunctionConfig"))
	e.code = code
	// The header of this answer really has another name (CloudFront API Reference, UpdateFunction).
	return &reply{status: http.StatusOK, header: map[string]string{"ETtag": e.etag}, body: api.functionSummary(e, development)}, nil
}

// functionSummary renders a function in a stage.
func (api *API) functionSummary(e *entry, stage string) *xmltree.Element {
	v := e.draft()
	if stage == live {
		v = e.live
	}
	return xmltree.New("FunctionSummary", xmltree.Leaf("Name", e.id), xmltree.Leaf("Status", api.functionStatus(e, stage)), v.config,
		xmltree.New("FunctionMetadata", xmltree.Leaf("FunctionARN", e.arn), xmltree.Leaf("Stage", stage),
			xmltree.Leaf("CreatedTime", e.made.Format(timeFormat)), xmltree.Leaf("LastModifiedTime", v.changed.Format(timeFormat))))
}

// functionStatus is what the provider's tests see (hashicorp/terraform-provider-aws,
// TestAccCloudFrontFunction_Associated).
func (api *API) functionStatus(e *entry, stage string) string {
	switch {
	case e.live == nil || stage == development && e.live.from != e.etag:
		return "UNPUBLISHED"
	case len(api.store.users(e)) > 0:
		return "DEPLOYED"
	}
	return "UNASSOCIATED"
}

// FunctionCode returns the code of a function in the stage LIVE, or "".
func (api *API) FunctionCode(name string) string {
	api.mu.Lock()
	defer api.mu.Unlock()
	if e := api.store.entries[functionKind][name]; e != nil && e.live != nil {
		return string(e.live.code)
	}
	return ""
}

// The quotas of functions (CloudFront Developer Guide, Quotas on CloudFront Functions, Quotas on key value stores).
const (
	maxFunctions         = 100
	maxFunctionsPerStore = 10
)

const runtime2 = "cloudfront-js-2.0"

// checkFunction refuses code and configuration that CloudFront refuses, and returns the code; self is the ARN of the
// function that is updated.
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
	if len(code) > cloudfront.MaxFunctionBytes {
		return nil, refusal{http.StatusRequestEntityTooLarge, "FunctionSizeLimitExceeded"}.say("The function has %d bytes, of at most %d", len(code), cloudfront.MaxFunctionBytes)
	}
	// Whether CloudFront refuses such code or answers every request with 503 (Developer Guide, HTTP 503 status code,
	// Execution error) isn't documented; a test is to see it either way.
	if runtime == runtime2 {
		if _, err := function.Compile("code", string(code)); err != nil {
			return nil, invalid("The function code doesn't compile: %s", err)
		}
	}
	return code, api.checkStoreAssociation(config, runtime, self)
}

// checkStoreAssociation holds a function to its one key value store (CloudFront Developer Guide, Associate a key value
// store with a function; Create functions).
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

// checkFunctionAssociations holds behaviors to one published function for an event of a viewer (CloudFront Developer
// Guide, Associate functions with distributions; Restrictions on all edge functions).
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

// maxStores is the quota of key value stores in an account (CloudFront Developer Guide, Quotas on key value stores).
const maxStores = 200

// handleKeyValueStore answers the calls about stores as such; those about their pairs go to package keyvaluestore.
func (api *API) handleKeyValueStore(r *http.Request, action string, body []byte) (*reply, error) {
	switch action {
	case "CreateKeyValueStore":
		return api.createKeyValueStore(body)
	case "ListKeyValueStores":
		return api.listKeyValueStores(r), nil
	case "UpdateKeyValueStore":
		e, err := api.matched(storeKind, r)
		if err != nil {
			return nil, err
		}
		return api.updateKeyValueStore(e, body)
	case "DeleteKeyValueStore":
		e := api.store.entries[storeKind][storeKind.idIn(r)]
		answer, err := api.delete(storeKind, r)
		if err == nil {
			api.pairs.Delete(e.arn)
		}
		return answer, err
	}
	e, err := api.store.lookup(storeKind, storeKind.idIn(r))
	if err != nil {
		return nil, err
	}
	answer := &reply{status: http.StatusOK, etag: e.etag, body: e.element()}
	if e.status == provisioning { // once: those who wait for it must ask again
		e.status = "READY"
		api.pairs.MakeReady(e.arn)
	}
	return answer, nil
}

// provisioning is the status of a new store (CloudFront Developer Guide, Create a key value store).
const provisioning = "PROVISIONING"

func (api *API) createKeyValueStore(body []byte) (*reply, error) {
	root, err := xmltree.Parse(body)
	if err != nil {
		return nil, err
	}
	config := xmltree.New("KeyValueStore", xmltree.Leaf("Name", root.Get("Name")), xmltree.Leaf("Comment", root.Get("Comment")))
	if err := checkStore(config); err != nil {
		return nil, err
	}
	if root.At("ImportSource") != nil {
		return nil, refusal{http.StatusNotImplemented, "NotImplemented"}.say("the stand-in imports no pairs")
	}
	if len(api.store.entries[storeKind]) == maxStores {
		return nil, refusal{http.StatusBadRequest, "EntityLimitExceeded"}.say("The account has %d key value stores already", maxStores)
	}
	e, err := api.store.insertNamed(storeKind, config.Get("Name"), config)
	if err != nil {
		return nil, err
	}
	e.uuid, e.status = uuid(), provisioning
	e.arn = api.store.arn("key-value-store/" + e.uuid)
	api.pairs.Provision(e.arn)
	return &reply{status: http.StatusCreated, etag: e.etag, body: e.element()}, nil
}

func (api *API) updateKeyValueStore(e *entry, body []byte) (*reply, error) {
	root, err := xmltree.Parse(body)
	if err != nil {
		return nil, err
	}
	config := xmltree.New("KeyValueStore", xmltree.Leaf("Name", e.id), xmltree.Leaf("Comment", root.Get("Comment")))
	if err := checkStore(config); err != nil {
		return nil, err
	}
	api.store.change(e, config)
	return &reply{status: http.StatusOK, etag: e.etag, body: e.element()}, nil
}

func checkStore(config *xmltree.Element) error {
	if err := checkName(config.Get("Name")); err != nil {
		return err
	}
	return checkLength(config.Get("Comment"), "comment", 128)
}

func (api *API) listKeyValueStores(r *http.Request) *reply {
	items := xmltree.New("Items")
	for _, id := range api.store.ids(storeKind) {
		e := api.store.entries[storeKind][id]
		if wanted := r.URL.Query().Get("Status"); wanted == "" || wanted == e.status {
			items.Kids = append(items.Kids, e.element())
		}
	}
	return &reply{status: http.StatusOK, body: xmltree.New("KeyValueStoreList", xmltree.Leaf("MaxItems", "100"),
		xmltree.Leaf("Quantity", strconv.Itoa(len(items.Kids))), items)}
}

// storeElement renders a key value store.
func (e *entry) storeElement() *xmltree.Element {
	return xmltree.New("KeyValueStore", xmltree.Leaf("Name", e.id), xmltree.Leaf("Id", e.uuid), xmltree.Leaf("Comment", e.config.Get("Comment")),
		xmltree.Leaf("ARN", e.arn), xmltree.Leaf("Status", e.status), xmltree.Leaf("LastModifiedTime", e.changed.Format(timeFormat)))
}

// KeyValueStore returns the ARN of a store, or "".
func (api *API) KeyValueStore(name string) string {
	api.mu.Lock()
	defer api.mu.Unlock()
	if e := api.store.entries[storeKind][name]; e != nil {
		return e.arn
	}
	return ""
}
