package config

import (
	"maps"
	"slices"
	"strings"
)

// API is the backend that runs the models, as CloudFront reaches it.
type API struct {
	// DNS name of the backend; CloudFront speaks TLS 1.2 to it, so it needs a certificate for this name.
	DomainName string `json:"domainName,omitempty"`
	// Put before every request path on the way to the backend: /v1 becomes /api/v1 with "/api".
	Path string `json:"path,omitempty"`
	// Port of the backend.
	HTTPSPort int `json:"httpsPort,omitempty"`
	// Seconds to wait for an answer, and between two packets of a streamed one.
	ReadTimeoutSeconds int `json:"readTimeoutSeconds,omitempty"`
	// Seconds an idle connection to the backend stays open.
	KeepaliveTimeoutSeconds int `json:"keepaliveTimeoutSeconds,omitempty"`
	// Times CloudFront tries to connect.
	ConnectionAttempts int `json:"connectionAttempts,omitempty"`
	// Seconds to wait for a connection.
	ConnectionTimeoutSeconds int `json:"connectionTimeoutSeconds,omitempty"`
	// Fixed headers sent to the backend; nothing secret, they stand in the synthesized JSON.
	Headers map[string]string `json:"headers,omitempty"`
	// Cache of the default route; absent: nothing is cached.
	Cache *Cache `json:"cache,omitempty"`
}

const placeholderDomain = "your-backend-endpoint.amazonaws.com"

func (a API) check(r *report, at path, quotas Quotas) {
	if a.DomainName == "" {
		r.must("O1", at, "must have domainName, got none")
	} else {
		checkOriginDomain(r, at.field("domainName"), a.DomainName)
	}
	if a.DomainName == placeholderDomain {
		r.warn("O3", at.field("domainName"), "is still the placeholder %q: every call will be answered 502", placeholderDomain)
	}
	a.checkPath(r, at.field("path"))
	if a.HTTPSPort != 443 && !originPort.holds(a.HTTPSPort) {
		r.must("O5", at.field("httpsPort"), "must be 443 or %s, got %d", originPort, a.HTTPSPort)
	}
	r.within("O6", at.field("connectionAttempts"), connectionAttempts, a.ConnectionAttempts)
	r.within("O6", at.field("connectionTimeoutSeconds"), connectionTimeout, a.ConnectionTimeoutSeconds)
	r.atLeast("O7", at.field("readTimeoutSeconds"), a.ReadTimeoutSeconds, originReadTimeout.Min)
	r.atMost("O7", at.field("readTimeoutSeconds"), a.ReadTimeoutSeconds, quotas.OriginReadTimeoutSeconds, "", "quotas.originReadTimeoutSeconds")
	r.atLeast("O8", at.field("keepaliveTimeoutSeconds"), a.KeepaliveTimeoutSeconds, originKeepaliveTimeout.Min)
	r.atMost("O8", at.field("keepaliveTimeoutSeconds"), a.KeepaliveTimeoutSeconds, originKeepaliveTimeout.Default, "", "")
	a.checkHeaders(r, at.field("headers"))
	if a.Cache != nil {
		a.Cache.check(r, at.field("cache"), OriginAPI)
	}
}

func (a API) checkPath(r *report, at path) {
	if a.Path == "" {
		return
	}
	if !strings.HasPrefix(a.Path, "/") || strings.HasSuffix(a.Path, "/") {
		r.must("O4", at, `must begin with "/" and not end with it, got %q`, a.Path)
	}
	r.length("O4", at, originPathLength, a.Path)
}

func (a API) checkHeaders(r *report, at path) {
	r.atMost("O9", at, len(a.Headers), originHeaders.Default, " headers", "")
	names := slices.Sorted(maps.Keys(a.Headers))
	total := 0
	for _, name := range names {
		value := a.Headers[name]
		total += len(name) + len(value)
		r.length("O9", at.key(name), originHeaderName, name)
		r.length("O9", at.key(name), originHeaderValue, value)
		if !headerName.MatchString(name) {
			r.must("O9", at.key(name), "must be named with letters, digits and !#$%%&'*+-.^_`|~, got %q", name)
		}
		if denied(originHeaderDenied, name) {
			r.must("O10", at.key(name), "must not be sent to the origin: CloudFront refuses this header")
		}
	}
	if total > originHeadersTotal.Max {
		r.must("O9", at, "must have %s characters in all names and values together, got %d", originHeadersTotal, total)
	}
	for _, i := range repeated(names, strings.ToLower) {
		r.must("O9", at.key(names[i]), "must not repeat a header in another case")
	}
}
