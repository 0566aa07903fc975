package cloudfront

import (
	"slices"
	"strconv"
	"strings"

	"ml-api-accelerator/stacks/internal/awstest/xmltree"
)

// forwardedOnly are headers that CloudFront makes and no cache policy takes (CloudFront Developer Guide, Add CloudFront request
// headers; Viewer mTLS headers for cache policies and forwarded to origin).
var forwardedOnly = []string{
	"client-cert", "client-cert-chain", "cloudfront-viewer-address", "cloudfront-viewer-asn", "cloudfront-viewer-cert-pem",
	"cloudfront-viewer-cert-validity", "cloudfront-viewer-ja3-fingerprint", "cloudfront-viewer-ja4-fingerprint", "cloudfront-viewer-tls",
}

// checkCachePolicy refuses lifetimes and key settings that contradict.
func checkCachePolicy(config *xmltree.Element) error {
	ttl := func(name string) int {
		n, _ := strconv.Atoi(config.Get(name))
		return n
	}
	if config.Get("DefaultTTL") != "" && (ttl("MinTTL") > ttl("DefaultTTL") || ttl("DefaultTTL") > ttl("MaxTTL")) {
		return invalid("The parameters MinTTL, DefaultTTL and MaxTTL are not in order")
	}
	key := config.At("ParametersInCacheKeyAndForwardedToOrigin")
	if key != nil {
		for _, header := range key.List("HeadersConfig", "Headers") {
			if slices.Contains(forwardedOnly, strings.ToLower(header.Text)) {
				return invalid("The parameter Headers contains %s that is not allowed.", header.Text)
			}
		}
	}
	if config.Get("MaxTTL") != "0" || key == nil {
		return nil
	}
	for _, encoding := range []string{"EnableAcceptEncodingGzip", "EnableAcceptEncodingBrotli"} {
		if key.Get(encoding) == "true" {
			return invalid("The parameter %s is invalid for policy with caching disabled.", encoding)
		}
	}
	for _, part := range [][2]string{{"HeadersConfig", "HeaderBehavior"}, {"CookiesConfig", "CookieBehavior"}, {"QueryStringsConfig", "QueryStringBehavior"}} {
		if behavior := key.Get(part[0], part[1]); behavior != "" && behavior != "none" {
			return invalid("The parameter %s is invalid for policy with caching disabled.", part[1])
		}
	}
	return nil
}
