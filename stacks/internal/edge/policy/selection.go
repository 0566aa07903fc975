package policy

import (
	"slices"
	"strings"

	"ml-api-accelerator/stacks/internal/edge/block"
)

// Selection selects headers, cookies or parameters of a request by name.
type Selection struct {
	Behavior string // of the constants below
	Names    []string
}

// The behaviors of a selection; none selects nothing.
const (
	none               = "none"
	all                = "all"       // not of headers
	allViewer          = "allViewer" // only of headers, as the next one, which adds headers that CloudFront makes
	allViewerAndListed = "allViewerAndWhitelistCloudFront"
	allExcept          = "allExcept"
	whitelist          = "whitelist"
)

func readSelection(b *block.Block, kind string) Selection {
	config := b.Child(kind + "s_config")
	s := Selection{config.Text(kind + "_behavior"), config.Child(kind + "s").Texts("items")}
	if kind == "header" {
		s.Names = headerNames(s.Names)
	}
	if !slices.Contains([]string{none, all, allViewer, allViewerAndListed, allExcept, whitelist}, s.Behavior) {
		b.Stack.Fail(config.At+"."+kind+"_behavior", "is not part of the model of the edge: %q", s.Behavior)
	}
	return s
}

// IsNone tells whether it selects nothing, as it does where there is no policy.
func (s Selection) IsNone() bool { return s.Behavior == none || s.Behavior == "" }

// Has compares with case, which counts for cookies and parameters (CloudFront Developer Guide, Cache content based on
// cookies; Cache content based on query string parameters). Headers have canonical names.
func (s Selection) Has(name string) bool {
	switch s.Behavior {
	case all, allViewer, allViewerAndListed:
		return true
	case allExcept:
		return !slices.Contains(s.Names, name)
	}
	return s.Behavior == whitelist && slices.Contains(s.Names, name)
}

// Forwarded tells whether what the key and the origin request policy select reaches the origin. Each adds to the other, but
// if both name exceptions those of both hold (Understand how origin request policies and cache policies work together).
func Forwarded(name string, key, request Selection) bool {
	if key.Behavior == allExcept && request.Behavior == allExcept {
		return key.Has(name) && request.Has(name)
	}
	return key.Has(name) || request.Has(name)
}

// Query is the part of a query that a key, or a key and an origin request policy, select. Its parameters keep their order.
func Query(query string, key, request Selection) string {
	switch {
	case query == "" || key.Behavior == all || request.Behavior == all:
		return query
	case key.IsNone() && request.IsNone():
		return ""
	}
	var kept []string
	for parameter := range strings.SplitSeq(query, "&") {
		name, _, _ := strings.Cut(parameter, "=")
		if parameter != "" && Forwarded(name, key, request) {
			kept = append(kept, parameter)
		}
	}
	return strings.Join(kept, "&")
}

func (s Selection) String() string {
	if s.IsNone() {
		return ""
	}
	return strings.TrimSpace(s.Behavior + " " + strings.Join(s.Names, ", "))
}
