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

// checkCORSOrigins refuses an origin of CORS with a * elsewhere than as its first label or in its port (CloudFront Developer Guide,
// Understand response headers policies, Access-Control-Allow-Origin).
func checkCORSOrigins(config *xmltree.Element) error {
	for _, origin := range config.List("CorsConfig", "AccessControlAllowOrigins") {
		_, rest, found := strings.Cut(origin.Text, "://")
		if !found {
			rest = origin.Text
		}
		host, _, _ := strings.Cut(rest, ":")
		if origin.Text != "*" && strings.Contains(strings.TrimPrefix(host, "*."), "*") {
			return invalid("The parameter AccessControlAllowOrigins contains %s that is not valid.", origin.Text)
		}
	}
	return nil
}
