package config

import (
	"slices"
	"strings"
)

// Distribution holds the settings of the CloudFront distribution as a whole.
type Distribution struct {
	// Edge locations used: "PriceClass_100", "PriceClass_200" or "PriceClass_All".
	PriceClass string `json:"priceClass,omitempty"`
	// HTTP versions spoken to viewers: "http1.1", "http2", "http3" or "http2and3".
	HTTPVersion string `json:"httpVersion,omitempty"`
	// Answer on IPv6 too.
	IPv6 bool `json:"ipv6,omitempty"`
	// Object served for /.
	DefaultRootObject string `json:"defaultRootObject,omitempty"`
	// Oldest TLS that callers may speak to an alias: "TLSv1.2_2018", "TLSv1.2_2019" or "TLSv1.2_2021".
	MinimumTLSVersion string `json:"minimumTLSVersion,omitempty"`
	// Comment shown in the console; by default the name of the stack.
	Comment string `json:"comment,omitempty"`
	// Countries that are let in.
	GeoRestriction GeoRestriction `json:"geoRestriction,omitempty"`
	// Seconds a 5xx answer may be served from the cache.
	ErrorCacheSeconds int `json:"errorCacheSeconds,omitempty"`
}

// GeoRestriction lets some countries in, or keeps some out.
type GeoRestriction struct {
	// "none", "whitelist" (only these locations) or "blacklist" (all but these).
	Type string `json:"type,omitempty"`
	// Countries as ISO 3166-1 alpha-2 codes.
	Locations []string `json:"locations,omitempty"`
}

func (d Distribution) check(r *report, at path) {
	r.oneOf("D5", at.field("priceClass"), priceClasses, d.PriceClass)
	r.oneOf("D5", at.field("httpVersion"), httpVersions, d.HTTPVersion)
	if strings.HasPrefix(d.DefaultRootObject, "/") {
		r.must("D6", at.field("defaultRootObject"), `must not begin with "/", got %q`, d.DefaultRootObject)
	}
	if !pathCharacters.MatchString(d.DefaultRootObject) {
		r.must("D6", at.field("defaultRootObject"), "must have only letters, digits and _ - . * $ / ~ \" ' @ : + & ?, got %q", d.DefaultRootObject)
	}
	r.length("D6", at.field("defaultRootObject"), rootObjectLength, d.DefaultRootObject)
	d.GeoRestriction.check(r, at.field("geoRestriction"))
	r.length("D8", at.field("comment"), commentLength, d.Comment)
	r.within("D9", at.field("errorCacheSeconds"), ttl, d.ErrorCacheSeconds)
}

func (g GeoRestriction) check(r *report, at path) {
	if r.oneOf("D7", at.field("type"), geoTypes, g.Type) && (g.Type == "none") != (len(g.Locations) == 0) {
		r.must("D7", at.field("locations"), `must be empty with type "none" and not empty otherwise, got %d with %q`, len(g.Locations), g.Type)
	}
	for i, code := range g.Locations {
		if !slices.Contains(countries, code) {
			r.must("D7", at.field("locations").index(i), "must be an ISO 3166-1 alpha-2 code in upper case, like GB, got %q", code)
		}
	}
	for _, i := range repeated(g.Locations, exactly) {
		r.must("D7", at.field("locations").index(i), "must not repeat %q", g.Locations[i])
	}
}
