package policy

import (
	"slices"
	"strconv"
	"strings"

	"ml-api-accelerator/stacks/internal/edge/block"
	"ml-api-accelerator/stacks/internal/edge/glob"
)

// CORS says which pages of other origins may read the answers.
type CORS struct {
	Origins, Methods, Headers, Expose []string
	Credentials                       bool
	MaxAge                            string // empty: not said
	OriginOverride                    bool
}

func readCORS(b *block.Block) *CORS {
	c := &CORS{
		Origins: b.Child("access_control_allow_origins").Texts("items"), Methods: b.Child("access_control_allow_methods").Texts("items"),
		Headers: b.Child("access_control_allow_headers").Texts("items"), Expose: b.Child("access_control_expose_headers").Texts("items"),
		Credentials: b.Flag("access_control_allow_credentials"), OriginOverride: b.Flag("origin_override"),
	}
	if b.Has("access_control_max_age_sec") {
		c.MaxAge = strconv.Itoa(b.Number("access_control_max_age_sec", 0))
	}
	return c
}

// Adds are the headers that answer a request of which the Origin is allowed: some always, some if it is a preflight
// (CloudFront Developer Guide, Understand response headers policies, CORS headers). The preflight itself is the origin's to
// answer.
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

// originMatches compares as in the guide's table of Access-Control-Allow-Origin: without a scheme any will do, and without
// a port only the scheme's own.
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
	if !glob.Match(host, originHost) {
		return false
	}
	if hasPort {
		return glob.Match(port, originPort)
	}
	return originPort == ""
}
