package edge

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// signedPolicy is what a signature allows (CloudFront Developer Guide, Create a signed URL using a custom policy).
type signedPolicy struct {
	Resource  string // empty: everything
	Condition struct {
		Until     epoch `json:"DateLessThan"`
		From      epoch `json:"DateGreaterThan"`
		IPAddress struct {
			SourceIP string `json:"AWS:SourceIp"`
		} `json:"IpAddress"`
	}
}

type epoch struct {
	Epoch *int64 `json:"AWS:EpochTime"`
}

// parseSignedPolicy takes one statement, alone or in a list of one.
func parseSignedPolicy(text []byte) (policy signedPolicy, err error) {
	var document struct{ Statement json.RawMessage }
	if err := json.Unmarshal(text, &document); err != nil {
		return policy, err
	}
	list := []json.RawMessage{document.Statement}
	if strings.HasPrefix(string(document.Statement), "[") {
		err = json.Unmarshal(document.Statement, &list)
	}
	if err != nil || len(list) != 1 {
		return policy, fmt.Errorf("must have one statement, got %d", len(list))
	}
	decoder := json.NewDecoder(bytes.NewReader(list[0]))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&policy); err != nil {
		return policy, err
	}
	if policy.Condition.Until.Epoch == nil {
		return policy, errors.New("must have a DateLessThan")
	}
	return policy, nil
}

// resourceMatches compares a policy's resource with a URL part by part: protocol, domain, path and query. A * stays within its
// part, but one that ends the domain or the path stands for all that follows. The query comes after \? or, in the guide's
// policies for cookies, after ?.
func resourceMatches(resource, url string) bool {
	if resource == "" || resource == "*" {
		return true
	}
	scheme, rest, found := strings.Cut(resource, "://")
	if !found {
		scheme, rest = "*", resource
	}
	urlScheme, urlRest, _ := strings.Cut(url, "://")
	return glob(scheme, urlScheme) && (partsMatch(rest, `\?`, urlRest) || partsMatch(rest, "?", urlRest))
}

func partsMatch(resource, mark, url string) bool {
	before, query, hasQuery := strings.Cut(resource, mark)
	domain, path, hasPath := strings.Cut(before, "/")
	if !hasQuery && strings.HasSuffix(before, "*") {
		query = "*"
		if !hasPath {
			path = "*"
		}
	}
	urlPath, urlQuery, _ := strings.Cut(url, "?")
	urlDomain, urlPath, _ := strings.Cut(urlPath, "/")
	return glob(domain, urlDomain) && glob(path, urlPath) && glob(query, urlQuery)
}
