package cloudfront

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"ml-api-accelerator/stacks/internal/awstest/xmltree"
)

// tag adds the Tag elements to the entry's tags.
func (e *entry) tag(tags []*xmltree.Element) {
	for _, tag := range tags {
		e.tags[tag.Get("Key")] = tag.Get("Value")
	}
}

func (api *API) handleTags(r *http.Request, action string, body []byte) (*reply, error) {
	e, err := api.store.byARN(r.URL.Query().Get("Resource"))
	if err != nil {
		return nil, err
	}
	if action == "ListTagsForResource" {
		items := xmltree.New("Items")
		for _, key := range slices.Sorted(maps.Keys(e.tags)) {
			items.Kids = append(items.Kids, xmltree.New("Tag", xmltree.Leaf("Key", key), xmltree.Leaf("Value", e.tags[key])))
		}
		return &reply{status: http.StatusOK, body: xmltree.New("Tags", items)}, nil
	}
	root, err := xmltree.Parse(body)
	if err != nil {
		return nil, err
	}
	if action == "TagResource" {
		e.tag(root.List())
	} else {
		for _, key := range root.List() {
			delete(e.tags, key.Text)
		}
	}
	return &reply{status: http.StatusNoContent}, nil
}

func (api *API) handleMonitoring(r *http.Request, action string, body []byte) (*reply, error) {
	id := strings.Split(strings.Trim(r.URL.Path, "/"), "/")[2] // after the version and "distributions"
	e, err := api.store.lookup(distributionKind, id)
	if err != nil {
		return nil, err
	}
	switch {
	case action == "CreateMonitoringSubscription" && e.metrics != nil:
		return nil, refusal{409, "MonitoringSubscriptionAlreadyExists"}.say("A monitoring subscription already exists for the specified distribution.")
	case action == "CreateMonitoringSubscription":
		if e.metrics, err = xmltree.Parse(body); err != nil {
			return nil, err
		}
	case e.metrics == nil:
		return nil, refusal{404, "NoSuchMonitoringSubscription"}.say("A monitoring subscription does not exist for the specified distribution.")
	case action == "DeleteMonitoringSubscription":
		e.metrics = nil
		return &reply{status: http.StatusOK}, nil
	}
	return &reply{status: http.StatusOK, body: e.metrics}, nil
}
