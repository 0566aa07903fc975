// Package signed judges signed URLs and signed cookies as CloudFront does.
package signed

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"ml-api-accelerator/stacks/internal/shared/cloudfront"
)

// Signature is how a request's signature is judged.
type Signature string

// The judgements; None where no signature is needed.
const (
	None    Signature = "none"
	Missing Signature = "missing"
	Valid   Signature = "valid"
	Invalid Signature = "invalid"
	Expired Signature = "expired"
)

// CookiePrefix begins the names of the cookies of a signature.
const CookiePrefix = "CloudFront-"

// parameters make a URL a signed one, whose cookies don't count any more (CloudFront Developer Guide, Decide to use
// signed URLs or signed cookies). They stay out of the key and of what the origin gets (Cache content based on query
// string parameters).
var parameters = []string{"Expires", "Policy", "Signature", "Key-Pair-Id", "Hash-Algorithm"}

// Split parts a query from the parameters of a signature in it.
func Split(query string) (own string, signature map[string]string) {
	var kept []string
	signature = map[string]string{}
	for parameter := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(parameter, "=")
		switch {
		case slices.Contains(parameters, name):
			signature[name] = value
		case parameter != "":
			kept = append(kept, parameter)
		}
	}
	return strings.Join(kept, "&"), signature
}

// Request is what counts of one. Without a time nothing expires, and without an address no range keeps a caller out.
type Request struct {
	URL     string // a whole one
	Cookies map[string]string
	Time    time.Time
	IP      netip.Addr
}

// Judge judges the signature of a URL or, if it has none, of the cookies: one of the keys must have made it.
func Judge(keys []crypto.PublicKey, r Request) Signature {
	base, query, _ := strings.Cut(r.URL, "?")
	own, values := Split(query)
	if len(values) == 0 {
		for name, value := range r.Cookies {
			if parameter := strings.TrimPrefix(name, CookiePrefix); parameter != name &&
				slices.Contains(parameters, parameter) {
				values[parameter] = value
			}
		}
	}
	if len(values) == 0 {
		return Missing
	}
	if own != "" {
		base += "?" + own
	}
	return judge(keys, r, base, values)
}

// judge checks who signed, and then what: a canned policy, which is made up again from the URL, or a custom one.
func judge(keys []crypto.PublicKey, r Request, url string, values map[string]string) Signature {
	text, err := decodeSafe(values["Policy"])
	if values["Policy"] == "" {
		var expires int64
		expires, err = strconv.ParseInt(values["Expires"], 10, 64)
		text = fmt.Appendf(nil, `{"Statement":[{"Resource":"%s","Condition":{"DateLessThan":{"AWS:EpochTime":%d}}}]}`,
			url, expires)
	}
	signature, signatureErr := decodeSafe(values["Signature"])
	if err != nil || signatureErr != nil || values["Key-Pair-Id"] == "" ||
		!made(keys, text, signature, values["Hash-Algorithm"]) {
		return Invalid
	}
	p, err := parsePolicy(text)
	// A canned policy was made from the URL, in which * and ? stand for themselves.
	if err != nil || values["Policy"] != "" && !resourceMatches(p.Resource, url) || !p.allows(r.IP) {
		return Invalid
	}
	return p.judge(r.Time)
}

// decodeSafe decodes base64 with the characters that are safe in a URL (Create a signed URL using a canned policy).
func decodeSafe(text string) ([]byte, error) {
	return base64.StdEncoding.DecodeString(strings.NewReplacer("-", "+", "_", "=", "~", "/").Replace(text))
}

// made reports whether one of the keys made a signature, with SHA-1 unless the request says SHA256. The ids of the keys
// are AWS's to choose.
func made(keys []crypto.PublicKey, text, signature []byte, algorithm string) bool {
	sum1, sum256 := sha1.Sum(text), sha256.Sum256(text)
	hash, digest := crypto.SHA1, sum1[:]
	switch algorithm {
	case "", "SHA1":
	case "SHA256":
		hash, digest = crypto.SHA256, sum256[:]
	default:
		return false
	}
	return slices.ContainsFunc(keys, func(key crypto.PublicKey) bool {
		switch key := key.(type) {
		case *rsa.PublicKey:
			return rsa.VerifyPKCS1v15(key, hash, digest, signature) == nil
		case *ecdsa.PublicKey:
			return ecdsa.VerifyASN1(key, digest, signature)
		}
		return false
	})
}

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

// resourceMatches compares a policy's resource with a URL part by part: protocol, domain, path and query. A * stays
// within its part, but one that ends the domain or the path stands for all that follows. The query comes after \? or,
// in the guide's policies for cookies, after ?.
func resourceMatches(resource, url string) bool {
	if resource == "" || resource == "*" {
		return true
	}
	scheme, rest, found := strings.Cut(resource, "://")
	if !found {
		scheme, rest = "*", resource
	}
	urlScheme, urlRest, _ := strings.Cut(url, "://")
	return cloudfront.Match(scheme, urlScheme) && (partsMatch(rest, `\?`, urlRest) || partsMatch(rest, "?", urlRest))
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
	return cloudfront.Match(domain, urlDomain) && cloudfront.Match(path, urlPath) && cloudfront.Match(query, urlQuery)
}

// allows reports whether a caller's address is one that the policy names. Addresses of IPv6 are none (Create a signed
// URL using a custom policy).
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
