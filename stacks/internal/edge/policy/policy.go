// Package policy is the policies of CloudFront: what tells two requests apart, what an origin receives, and what is done to answers.
package policy

import (
	"net/textproto"
	"slices"
	"strings"

	"ml-api-accelerator/stacks/internal/edge/block"
)

// Cache says how many seconds answers are kept and what tells two requests apart.
type Cache struct {
	MinTTL, DefaultTTL, MaxTTL int
	Brotli, Gzip               bool // whether answers compressed so are kept apart
	Headers, Cookies, Query    Selection
}

// OriginRequest says what the origin receives that isn't part of the cache key.
type OriginRequest struct {
	Headers, Cookies, Query Selection
}

// ReadCache reads the cache policy that a value refers to.
func ReadCache(s *block.Stack, at, value string) Cache {
	if policy, known := managedCache[value]; known {
		return policy
	}
	b := s.Resolve(at, value, "aws_cloudfront_cache_policy")
	key := b.Child("parameters_in_cache_key_and_forwarded_to_origin")
	return Cache{
		// What CloudFront takes where nothing is said (API Reference, CachePolicyConfig).
		MinTTL: b.Number("min_ttl", 0), DefaultTTL: b.Number("default_ttl", day), MaxTTL: b.Number("max_ttl", year),
		Brotli: key.Flag("enable_accept_encoding_brotli"), Gzip: key.Flag("enable_accept_encoding_gzip"),
		Headers: readSelection(key, "header"), Cookies: readSelection(key, "cookie"), Query: readSelection(key, "query_string"),
	}
}

// ReadOriginRequest reads the origin request policy that a value refers to; one that is empty adds nothing.
func ReadOriginRequest(s *block.Stack, at, value string) OriginRequest {
	if policy, known := managedOriginRequest[value]; known || value == "" {
		return policy
	}
	b := s.Resolve(at, value, "aws_cloudfront_origin_request_policy")
	return OriginRequest{readSelection(b, "header"), readSelection(b, "cookie"), readSelection(b, "query_string")}
}

// Encodings are those of a request's Accept-Encoding that are kept apart (Understand cache policies, Compression support).
func (c Cache) Encodings(accepted string) []string {
	list := []string{}
	if c.Brotli && ListsToken(accepted, "br") {
		list = append(list, "br")
	}
	if c.Gzip && ListsToken(accepted, "gzip") {
		list = append(list, "gzip")
	}
	return list
}

// ListsToken reports whether a header such as "gzip;q=0.8, br" lists a token.
func ListsToken(header, token string) bool {
	for item := range strings.SplitSeq(header, ",") {
		name, _, _ := strings.Cut(item, ";")
		if strings.EqualFold(strings.TrimSpace(name), token) {
			return true
		}
	}
	return false
}

// HeaderName writes a header's name in one way, in which names can be compared.
func HeaderName(name string) string {
	name = textproto.CanonicalMIMEHeaderKey(name)
	if rest, found := strings.CutPrefix(name, "Cloudfront-"); found {
		return "CloudFront-" + rest
	}
	return name
}

func headerNames(names []string) []string {
	names = slices.Clone(names)
	for i, name := range names {
		names[i] = HeaderName(name)
	}
	return names
}
