package cloudfront

import (
	"net/http"
	"strconv"

	"ml-api-accelerator/stacks/internal/awstest/xmltree"
)

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
