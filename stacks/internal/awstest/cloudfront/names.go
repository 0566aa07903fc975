package cloudfront

import (
	"net/http"
	"path"
	"strings"
)

// Action names a call as IAM does; what the API doesn't know is its method and path.
func Action(r *http.Request) string {
	_, below, _ := strings.Cut(strings.Trim(r.URL.Path, "/"), "/") // the version
	if below == "tagging" {
		return tagAction(r)
	}
	for _, route := range routes {
		if is, err := path.Match(route.path, below); err == nil && is && r.Method == route.method {
			return route.action
		}
	}
	for _, k := range kinds {
		if action := k.action(r.Method, below); action != "" {
			return action
		}
	}
	return r.Method + " " + r.URL.Path
}

// routes are the calls that have another shape than those to kinds.
var routes = []struct{ method, path, action string }{
	{http.MethodPost, "distributions/*/monitoring-subscription", "CreateMonitoringSubscription"},
	{http.MethodGet, "distributions/*/monitoring-subscription", "GetMonitoringSubscription"},
	{http.MethodDelete, "distributions/*/monitoring-subscription", "DeleteMonitoringSubscription"},
	{http.MethodGet, "key-value-store", "ListKeyValueStores"},
	{http.MethodGet, "key-value-store/*", "DescribeKeyValueStore"},
	{http.MethodGet, "function/*/describe", "DescribeFunction"},
	{http.MethodPost, "function/*/publish", "PublishFunction"},
}

var verbs = map[string]string{http.MethodPost: "Create", http.MethodGet: "Get", http.MethodPut: "Update", http.MethodDelete: "Delete"}

func tagAction(r *http.Request) string {
	if r.Method == http.MethodGet {
		return "ListTagsForResource"
	}
	return r.URL.Query().Get("Operation") + "Resource"
}

// action names a call to the kind's path, or is empty.
func (k *kind) action(method, path string) string {
	below, ok := strings.CutPrefix(path, k.path)
	if !ok {
		return ""
	}
	parts := strings.Split(below, "/") // an empty one first
	switch {
	case method == http.MethodPost && len(parts) == 1,
		(method == http.MethodGet || method == http.MethodDelete) && len(parts) == 2,
		method == http.MethodPut && k.putRoot && len(parts) == 2,
		method == http.MethodPut && !k.putRoot && len(parts) == 3 && parts[2] == "config":
		return verbs[method] + k.noun
	}
	return ""
}
