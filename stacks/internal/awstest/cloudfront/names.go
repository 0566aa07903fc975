package cloudfront

import (
	"net/http"
	"strings"
)

// Action names a call as IAM does; what the API doesn't know is its method and path.
func Action(r *http.Request) string {
	_, path, _ := strings.Cut(strings.Trim(r.URL.Path, "/"), "/") // after the version
	switch {
	case path == "tagging":
		return tagAction(r)
	case strings.HasPrefix(path, "distributions/") && strings.HasSuffix(path, "/monitoring-subscription"):
		return verbs[r.Method] + "MonitoringSubscription"
	}
	for _, k := range kinds {
		if action := k.action(r.Method, path); action != "" {
			return action
		}
	}
	return r.Method + " " + r.URL.Path
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
