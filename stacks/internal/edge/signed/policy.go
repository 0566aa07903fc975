package signed

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"ml-api-accelerator/stacks/internal/edge/glob"
)

// policy is what a signature allows (CloudFront Developer Guide, Create a signed URL using a custom policy).
type policy struct {
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

// parsePolicy takes one statement, alone or in a list of one.
func parsePolicy(text []byte) (p policy, err error) {
	var document struct{ Statement json.RawMessage }
	if err := json.Unmarshal(text, &document); err != nil {
		return p, err
	}
	list := []json.RawMessage{document.Statement}
	if strings.HasPrefix(string(document.Statement), "[") {
		err = json.Unmarshal(document.Statement, &list)
	}
	if err != nil || len(list) != 1 {
		return p, fmt.Errorf("must have one statement, got %d", len(list))
	}
	decoder := json.NewDecoder(bytes.NewReader(list[0]))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&p); err != nil {
		return p, err
	}
	if p.Condition.Until.Epoch == nil {
		return p, errors.New("must have a DateLessThan")
	}
	return p, nil
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
	return glob.Match(scheme, urlScheme) && (partsMatch(rest, `\?`, urlRest) || partsMatch(rest, "?", urlRest))
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
	return glob.Match(domain, urlDomain) && glob.Match(path, urlPath) && glob.Match(query, urlQuery)
}

// allows tells whether a caller's address is one that the policy names. Addresses of IPv6 are none (Create a signed URL using
// a custom policy).
func (p policy) allows(ip netip.Addr) bool {
	source := p.Condition.IPAddress.SourceIP
	if source == "" || !ip.IsValid() {
		return true
	}
	if !strings.Contains(source, "/") {
		source += "/32"
	}
	prefix, err := netip.ParsePrefix(source)
	return err == nil && prefix.Contains(ip.Unmap())
}

// judge compares the time with the policy's: a caller is let in after the one and before the other.
func (p policy) judge(now time.Time) Signature {
	switch from, until := p.Condition.From.Epoch, *p.Condition.Until.Epoch; {
	case now.IsZero():
		return Valid
	case now.Unix() >= until:
		return Expired
	case from != nil && now.Unix() <= *from:
		return Invalid
	}
	return Valid
}
