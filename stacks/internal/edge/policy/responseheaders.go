package policy

import (
	"fmt"

	"ml-api-accelerator/stacks/internal/edge/block"
)

// ResponseHeaders says what is added to every answer and taken from it.
type ResponseHeaders struct {
	Adds    []AddedHeader
	Removes []string
	CORS    *CORS // nil: adds nothing
	// The share of answers, in percent, that get a Server-Timing, whose value is different for each (Understand response headers policies,
	// Server-Timing header); nil: none.
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

// readSecurityHeaders gives the values that the guide has (CloudFront Developer Guide, Understand response headers policies).
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
