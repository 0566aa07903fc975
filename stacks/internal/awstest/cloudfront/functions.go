package cloudfront

import (
	"cmp"
	"net/http"
	"time"

	"ml-api-accelerator/stacks/internal/awstest/xmltree"
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

// functionStatus is what the provider's tests see (hashicorp/terraform-provider-aws, TestAccCloudFrontFunction_Associated).
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
