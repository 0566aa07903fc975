package awstest

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// tag adds the Tag elements to the entry's tags.
func (e *entry) tag(tags []*node) {
	for _, tag := range tags {
		e.tags[tag.get("Key")] = tag.get("Value")
	}
}

func (s *Server) handleTags(r *http.Request, call Call) (*reply, error) {
	e, err := s.cloudfront.byARN(r.URL.Query().Get("Resource"))
	if err != nil {
		return nil, err
	}
	if call.Action == "ListTagsForResource" {
		items := el("Items")
		for _, key := range slices.Sorted(maps.Keys(e.tags)) {
			items.kids = append(items.kids, el("Tag", leaf("Key", key), leaf("Value", e.tags[key])))
		}
		return &reply{status: 200, body: el("Tags", items)}, nil
	}
	root, err := parseXML(call.Body)
	if err != nil {
		return nil, err
	}
	if call.Action == "TagResource" {
		e.tag(root.list())
	} else {
		for _, key := range root.list() {
			delete(e.tags, key.text)
		}
	}
	return &reply{status: http.StatusNoContent}, nil
}

// pathPart returns one element of the path after the version.
func pathPart(r *http.Request, i int) string {
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	if i+1 >= len(parts) {
		return ""
	}
	return parts[i+1]
}

func (s *Server) handleMonitoring(r *http.Request, call Call) (*reply, error) {
	e, err := s.cloudfront.lookup(distributionKind, pathPart(r, 1))
	if err != nil {
		return nil, err
	}
	missing := &Error{404, "NoSuchMonitoringSubscription", "A monitoring subscription does not exist for the specified distribution."}
	switch {
	case call.Action == "CreateMonitoringSubscription" && e.metrics != nil:
		return nil, &Error{409, "MonitoringSubscriptionAlreadyExists", "A monitoring subscription already exists for the specified distribution."}
	case call.Action == "CreateMonitoringSubscription":
		if e.metrics, err = parseXML(call.Body); err != nil {
			return nil, err
		}
	case e.metrics == nil:
		return nil, missing
	case call.Action == "DeleteMonitoringSubscription":
		e.metrics = nil
		return &reply{status: 200}, nil
	}
	return &reply{status: 200, body: e.metrics}, nil
}

func (s *Server) handleInvalidation(r *http.Request, call Call) (*reply, error) {
	e, err := s.cloudfront.lookup(distributionKind, pathPart(r, 1))
	if err != nil {
		return nil, err
	}
	switch call.Action {
	case "CreateInvalidation":
		batch, err := parseXML(call.Body)
		if err != nil {
			return nil, err
		}
		made := el("Invalidation", leaf("Id", shortID("I")()), leaf("Status", "Completed"),
			leaf("CreateTime", timestamp(time.Now().UTC())), batch)
		e.invalidations = append(e.invalidations, made)
		return &reply{status: 201, location: s.URL + r.URL.Path + "/" + made.get("Id"), body: made}, nil
	case "GetInvalidation":
		for _, made := range e.invalidations {
			if made.get("Id") == pathPart(r, 3) {
				return &reply{status: 200, body: made}, nil
			}
		}
		return nil, &Error{404, "NoSuchInvalidation", "The specified invalidation does not exist."}
	}
	items := el("Items")
	for _, made := range e.invalidations {
		items.kids = append(items.kids, el("InvalidationSummary",
			leaf("Id", made.get("Id")), leaf("CreateTime", made.get("CreateTime")), leaf("Status", made.get("Status"))))
	}
	return &reply{status: 200, body: el("InvalidationList", leaf("Marker", ""), leaf("MaxItems", "100"),
		leaf("IsTruncated", "false"), leaf("Quantity", count(items.kids)), items)}, nil
}
