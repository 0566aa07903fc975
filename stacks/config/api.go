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
	// Backends in several regions instead: each caller's requests, POST too, go to the nearest healthy one.
	Regions []Region `json:"regions,omitempty"`
	// With regions: name that CloudFront connects to, made in domain.hostedZoneId; each backend needs a certificate for it.
	OriginAlias string `json:"originAlias,omitempty"`
	// Private load balancer or instance instead, reached inside its VPC.
	VPCOrigin VPCOrigin `json:"vpcOrigin,omitempty"`
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
	// Region of Origin Shield, one more cache before the backend; best the one nearest to it.
	ShieldRegion string `json:"shieldRegion,omitempty"`
	// Fixed headers sent to the backend; nothing secret, they stand in the synthesized JSON.
	Headers map[string]string `json:"headers,omitempty"`
	// Name or ARN of a Secrets Manager secret that is sent as X-Origin-Verify, so that the backend can refuse others.
	VerifySecret string `json:"verifySecret,omitempty"`
	// Second backend, asked by the routes with failover when the first fails.
	Failover Failover `json:"failover,omitempty"`
	// Cache of the default route; absent: nothing is cached.
	Cache *Cache `json:"cache,omitempty" jsonschema:"nullable"`
}

// Region is a backend in one region.
type Region struct {
	// AWS region that callers' latency is measured to.
	Region string `json:"region"`
	// DNS name of the backend.
	DomainName string `json:"domainName"`
	// Path that answers 2xx or 3xx over HTTPS while the backend is healthy.
	HealthPath string `json:"healthPath"`
}

// VPCOrigin is a backend in a private subnet.
type VPCOrigin struct {
	// ARN of the application or network load balancer, or of the instance.
	LoadBalancerARN string `json:"loadBalancerArn,omitempty"`
	// Name on the backend's certificate.
	DomainName string `json:"domainName,omitempty"`
}

// Failover is the second backend.
type Failover struct {
	// DNS name of the backend.
	DomainName string `json:"domainName,omitempty"`
}

// VerifyHeader is the header that proves to the backend that a request came through CloudFront.
const VerifyHeader = "X-Origin-Verify"

const placeholderDomain = "your-backend-endpoint.amazonaws.com"

func (a API) check(r *report, at path, env Environment) {
	a.checkBackend(r, at, env)
	a.checkPath(r, at.field("path"))
	if a.HTTPSPort != 443 && !originPort.holds(a.HTTPSPort) {
		r.must("O5", at.field("httpsPort"), "must be 443 or %s, got %d", originPort, a.HTTPSPort)
	}
	r.within("O6", at.field("connectionAttempts"), connectionAttempts, a.ConnectionAttempts)
	r.within("O6", at.field("connectionTimeoutSeconds"), connectionTimeout, a.ConnectionTimeoutSeconds)
	r.atLeast("O7", at.field("readTimeoutSeconds"), a.ReadTimeoutSeconds, originReadTimeout.Min)
	r.atMost("O7", at.field("readTimeoutSeconds"), a.ReadTimeoutSeconds, env.Quotas.OriginReadTimeoutSeconds, "", "quotas.originReadTimeoutSeconds")
	r.atLeast("O8", at.field("keepaliveTimeoutSeconds"), a.KeepaliveTimeoutSeconds, originKeepaliveTimeout.Min)
	r.atMost("O8", at.field("keepaliveTimeoutSeconds"), a.KeepaliveTimeoutSeconds, originKeepaliveTimeout.Default, "", "")
	a.checkHeaders(r, at.field("headers"))
	if a.ShieldRegion != "" {
		a.checkShield(r, at.field("shieldRegion"))
	}
	if a.VerifySecret != "" && !secretName.MatchString(a.VerifySecret) {
		checkARN(r, "O16", at.field("verifySecret"), a.VerifySecret, secretARN.in(env.Region), env.Account.ID)
	}
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
	names := slices.Sorted(maps.Keys(a.Headers))
	count, total := len(names), 0
	if a.VerifySecret != "" {
		count++
	}
	r.atMost("O9", at, count, originHeaders.Default, " headers with that of verifySecret", "")
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
		if a.VerifySecret != "" && strings.EqualFold(name, VerifyHeader) {
			r.must("O10", at.key(name), "must not be set with api.verifySecret, which sets it")
		}
	}
	if total > originHeadersTotal.Max {
		r.must("O9", at, "must have %s characters in all names and values together, got %d", originHeadersTotal, total)
	}
	for _, i := range repeated(names, strings.ToLower) {
		r.must("O9", at.key(names[i]), "must not repeat a header in another case")
	}
}
