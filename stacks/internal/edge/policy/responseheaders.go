package policy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ml-api-accelerator/stacks/internal/edge/block"
	"ml-api-accelerator/stacks/internal/shared/cloudfront"
)

// ResponseHeaders says what is added to every answer and taken from it.
type ResponseHeaders struct {
	Adds    []AddedHeader
	Removes []string
	CORS    *CORS // nil: adds nothing
	// The share of answers, in percent, that get a Server-Timing, whose value is different for each (Understand
	// response headers policies, Server-Timing header); nil: none.
	ServerTiming *float64
}

// AddedHeader takes the place of the origin's only if it overrides.
type AddedHeader struct {
	Name, Value string
	Override    bool
}

// ReadResponseHeaders reads the response headers policy that a value refers to; one that is empty does nothing.
func ReadResponseHeaders(s *block.Stack, at, value string) ResponseHeaders {
	policy, known := managedResponseHeaders[value]
	if known || value == "" {
		return policy
	}
	b := s.Resolve(at, value, "aws_cloudfront_response_headers_policy")
	policy.Adds = readSecurityHeaders(b.Child("security_headers_config"))
	for _, h := range b.Child("custom_headers_config").Children("items") {
		policy.Adds = append(policy.Adds, AddedHeader{h.Text("header"), h.Text("value"), h.Flag("override")})
	}
	if timing := b.Child("server_timing_headers_config"); timing.Flag("enabled") {
		share := block.Read[float64](timing, "sampling_rate")
		policy.ServerTiming = &share
	}
	for _, h := range b.Child("remove_headers_config").Children("items") {
		policy.Removes = append(policy.Removes, h.Text("header"))
	}
	if b.Has("cors_config") {
		policy.CORS = readCORS(b.Child("cors_config"))
	}
	return policy
}

// readSecurityHeaders gives the values that the guide has (CloudFront Developer Guide, Understand response headers
// policies).
func readSecurityHeaders(b *block.Block) []AddedHeader {
	var list []AddedHeader
	add := func(argument, name string, value func(*block.Block) string) {
		if b.Has(argument) {
			h := b.Child(argument)
			list = append(list, AddedHeader{name, value(h), h.Flag("override")})
		}
	}
	argument := func(name string) func(*block.Block) string {
		return func(h *block.Block) string { return h.Text(name) }
	}
	add("content_security_policy", "Content-Security-Policy", argument("content_security_policy"))
	add("content_type_options", "X-Content-Type-Options", func(*block.Block) string { return "nosniff" })
	add("frame_options", "X-Frame-Options", argument("frame_option"))
	add("referrer_policy", "Referrer-Policy", argument("referrer_policy"))
	add("strict_transport_security", "Strict-Transport-Security", strictTransportSecurity)
	add("xss_protection", "X-XSS-Protection", xssProtection)
	return list
}

func strictTransportSecurity(h *block.Block) string {
	value := fmt.Sprintf("max-age=%d", h.Number("access_control_max_age_sec", 0))
	if h.Flag("include_subdomains") {
		value += "; includeSubDomains"
	}
	if h.Flag("preload") {
		value += "; preload"
	}
	return value
}

func xssProtection(h *block.Block) string {
	value := "1"
	if h.Flag("mode_block") {
		value += "; mode=block"
	}
	if report := h.Text("report_uri"); report != "" {
		value += "; report=" + report
	}
	if !h.Flag("protection") {
		return "0"
	}
	return value
}

// CORS says which pages of other origins may read the answers.
type CORS struct {
	Origins, Methods, Headers, Expose []string
	Credentials                       bool
	MaxAge                            string // empty: not said
	OriginOverride                    bool
}

func readCORS(b *block.Block) *CORS {
	c := &CORS{
		Origins:     b.Child("access_control_allow_origins").Texts("items"),
		Methods:     b.Child("access_control_allow_methods").Texts("items"),
		Headers:     b.Child("access_control_allow_headers").Texts("items"),
		Expose:      b.Child("access_control_expose_headers").Texts("items"),
		Credentials: b.Flag("access_control_allow_credentials"), OriginOverride: b.Flag("origin_override"),
	}
	if b.Has("access_control_max_age_sec") {
		c.MaxAge = strconv.Itoa(b.Number("access_control_max_age_sec", 0))
	}
	return c
}

// Adds are the headers that answer a request of which the Origin is allowed: some always, some if it is a preflight
// (CloudFront Developer Guide, Understand response headers policies, CORS headers). The preflight itself is the
// origin's to answer.
func (c *CORS) Adds(method string, headers map[string]string) []AddedHeader {
	if c == nil || headers["Origin"] == "" {
		return nil
	}
	allowed := c.allowedOrigin(headers["Origin"])
	if allowed == "" {
		return nil
	}
	list := []AddedHeader{{"Access-Control-Allow-Origin", allowed, c.OriginOverride}}
	add := func(name, value string) {
		if value != "" {
			list = append(list, AddedHeader{name, value, c.OriginOverride})
		}
	}
	if c.Credentials {
		add("Access-Control-Allow-Credentials", "true")
	}
	add("Access-Control-Expose-Headers", strings.Join(c.Expose, ", "))
	if method == "OPTIONS" && headers["Access-Control-Request-Method"] != "" {
		add("Access-Control-Allow-Methods", c.methods())
		add("Access-Control-Allow-Headers", strings.Join(c.Headers, ", "))
		add("Access-Control-Max-Age", c.MaxAge)
	}
	return list
}

func (c *CORS) methods() string {
	if slices.Contains(c.Methods, "ALL") {
		return "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"
	}
	return strings.Join(c.Methods, ", ")
}

// allowedOrigin is the value of Access-Control-Allow-Origin; empty: none.
func (c *CORS) allowedOrigin(origin string) string {
	for _, pattern := range c.Origins {
		switch {
		case pattern == "*":
			return "*"
		case originMatches(pattern, origin):
			return origin
		}
	}
	return ""
}

// originMatches compares as in the guide's table of Access-Control-Allow-Origin: without a scheme any will do, and
// without a port only the scheme's own.
func originMatches(pattern, origin string) bool {
	scheme, rest, found := strings.Cut(pattern, "://")
	originScheme, originRest, hasScheme := strings.Cut(origin, "://")
	if !hasScheme {
		originScheme, originRest = "", origin
	}
	if !found {
		rest = pattern
	} else if scheme != originScheme {
		return false
	}
	host, port, hasPort := strings.Cut(rest, ":")
	originHost, originPort, _ := strings.Cut(originRest, ":")
	if !cloudfront.Match(host, originHost) {
		return false
	}
	if hasPort {
		return cloudfront.Match(port, originPort)
	}
	return originPort == ""
}
