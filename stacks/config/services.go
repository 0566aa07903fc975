package config

import (
	"regexp"
	"slices"
	"strings"

	"ml-api-accelerator/stacks/config/declare"
)

// service is one that is known by its name: it has port 443 alone, and finds whom it serves by its own name as Host.
type service struct {
	name *regexp.Regexp
	what string
	// Whether everyone can call it past the edge, and its owner pays.
	open bool
	// Headers in which it takes a provider's key; none: it isn't a provider.
	keys []string
	but  string // what takes its key in Authorization, although the rest doesn't
}

// hosted is the name of a host, or one below it.
func hosted(names string) *regexp.Regexp { return regexp.MustCompile(`(?i)^(.+\.)?(` + names + `)$`) }

// services are AWS's and the best-known providers' (their API references, as read in 2026-12).
var services = []service{
	{name: hosted(`lambda-url\.[a-z0-9-]+\.on\.aws`), what: "a function URL", open: true},
	{name: hosted(`execute-api\.[a-z0-9-]+\.amazonaws\.com`), what: "an API of API Gateway", open: true},
	{name: hosted(`bedrock-(runtime|mantle)\.[a-z0-9-]+\.(amazonaws\.com|api\.aws)`), what: "Amazon Bedrock",
		keys: []string{authorization}},
	{name: hosted(`runtime\.sagemaker\.[a-z0-9-]+\.amazonaws\.com`), what: "SageMaker AI", keys: []string{authorization}},
	{name: hosted(`api\.anthropic\.com`), what: "Anthropic", keys: []string{"x-api-key"},
		but: "its OpenAI-compatible /v1/chat/completions"},
	{name: hosted(`openai\.azure\.com`), what: "Azure OpenAI", keys: []string{"api-key"}, but: "what is below /openai/v1"},
	{name: hosted(`generativelanguage\.googleapis\.com`), what: "Google's Gemini API",
		keys: []string{"x-goog-api-key", authorization}},
	{name: hosted(`api\.(openai|groq|mistral|deepseek|perplexity|cohere)\.(com|ai)|api\.(x|cerebras|fireworks)\.ai|` +
		`api\.together\.(xyz|ai)|openrouter\.ai`), what: "a provider", keys: []string{authorization}},
}

// serviceOf returns the service that has a name, if it is known.
func serviceOf(name string) (service, bool) {
	i := slices.IndexFunc(services, func(s service) bool { return s.name.MatchString(name) })
	if i < 0 {
		return service{}, false
	}
	return services[i], true
}

// customTarget is the name to which API Gateway has a domain of one's own lead: it takes that as Host, too.
var customTarget = regexp.MustCompile(`(?i)^d-[a-z0-9]+\.execute-api\.`)

// connected is a server that CloudFront connects to by a public name.
type connected struct {
	name       string
	at         declare.Path // of the name, in the environment
	credential *SecretCredential
	of         declare.Path // of the section that has it
}

// connectedTo are the servers of a backend, with its second one and its canary.
func (e Environment) connectedTo(backend string) []connected {
	b, at := e.Backend(backend)
	list := []connected{{b.DomainName, at.Field("domainName"), b.Credential.plain(), at}}
	if l := b.LoadBalancer; l != nil {
		where := at.Field("loadBalancer")
		list[0] = connected{l.DomainName, where.Field("domainName"), b.Credential.plain(), at}
	}
	if len(b.Regions) > 0 {
		list[0] = connected{b.OriginAlias, at.Field("originAlias"), b.Credential.plain(), at}
	}
	if second := b.Failover; second.DomainName != "" {
		where := at.Field("failover")
		list = append(list, connected{second.DomainName, where.Field("domainName"), second.Credential, where})
	}
	if c := e.API.Canary; c != nil && backend == OriginAPI {
		where := at.Field("canary")
		list = append(list, connected{c.DomainName, where.Field("domainName"), c.Credential.plain(), where})
	}
	return slices.DeleteFunc(list, func(c connected) bool { return c.name == "" })
}

// plain returns the same as one that may be any backend's; nil: there is none.
func (c *Credential) plain() *SecretCredential {
	if c == nil {
		return nil
	}
	return &c.SecretCredential
}

// checkServices checks backends against what is known of those who run them.
func (e Environment) checkServices(r *declare.Report, at declare.Path) {
	for _, name := range e.BackendNames() {
		b, path := e.Backend(name)
		where := at.Join(path)
		for _, c := range e.connectedTo(name) {
			if s, known := serviceOf(c.name); known {
				b.checkService(r, where, c.name, s)
				e.checkProvider(r, at, name, c, s)
			}
			e.checkOpen(r, at.Join(c.at), name, c)
		}
		if b.PublicHost == PublicHostSent && len(e.Domain.Aliases) == 0 && b.FunctionURL == nil && !b.VPCOrigin.Plain() {
			r.Warn(ruleBackendName, where.Field("publicHost"), `is "host" without domain.aliases: the backend gets the name that `+
				"CloudFront chooses, d….cloudfront.net, for which it can't have a certificate of its own, and must answer to any name")
		}
		e.checkVersions(r, where.Field("path"), name, b)
	}
}

// checkService checks how CloudFront connects to a service.
func (b Backend) checkService(r *declare.Report, at declare.Path, name string, s service) {
	if b.PublicHost == PublicHostSent && !customTarget.MatchString(name) {
		r.Warn(ruleBackendName, at.Field("publicHost"), `is "host", but %q belongs to %s, which knows requests by its own `+
			`name and refuses all others: leave it out`, name, s.what)
	}
	if b.HTTPSPort != declare.Unset[Backend]().HTTPSPort {
		r.Warn(ruleOriginPort, at.Field("httpsPort"), "is %d, but %q belongs to %s, which has port 443 alone: every call would "+
			"be answered 502 or 504", b.HTTPSPort, name, s.what)
	}
}

// checkProvider warns where a provider doesn't get a key that it takes.
func (e Environment) checkProvider(r *declare.Report, at declare.Path, backend string, c connected, s service) {
	if len(s.keys) == 0 {
		return
	}
	b, _ := e.Backend(backend)
	headers := inQuotes(s.keys, "or")
	compatible := strings.HasPrefix(b.Path+"/", "/openai/") && !strings.Contains(b.Path, "/deployments/")
	switch k := e.API.Keys; {
	case c.credential != nil && containsFold(s.keys, c.credential.Header):
	case c.credential != nil && s.but != "" && strings.EqualFold(c.credential.Header, authorization):
		if !compatible {
			r.Warn(ruleCredential, at.Join(c.of).Field("credential").Field("header"),
				"is %q, in which only %s takes the key: %s takes it in %s for everything else", c.credential.Header, s.but, s.what, headers)
		}
	case c.credential != nil:
		r.Warn(ruleCredential, at.Join(c.of).Field("credential").Field("header"), "is %q, but %s (%s) takes its key in %s",
			c.credential.Header, s.what, c.name, headers)
	case k == nil || k.Forward || slices.ContainsFunc(s.keys, func(h string) bool { return !containsFold(k.Headers(), h) }):
	case slices.ContainsFunc(e.Behaviors(), func(b Behavior) bool { return b.Origin == backend && !b.Public }):
		r.Warn(ruleCredential, at.Join(c.of), "has no credential for %s (%s): with api.keys the edge takes %s from every request, so "+
			"that it refuses them all; name its key in credential", s.what, c.name, headers)
	}
}

// checkOpen warns of a name at which whoever knows it gets past what the edge checks, where nothing tells the backend
// which requests come through CloudFront. A placeholder is no name yet.
func (e Environment) checkOpen(r *declare.Report, at declare.Path, backend string, c connected) {
	b, _ := e.Backend(backend)
	if b.VerifySecret != "" || exampleDomain(c.name) || len(e.OriginsOf(backend)) == 0 {
		return
	}
	if s, _ := serviceOf(c.name); s.open {
		r.Warn(ruleOpenBackend, at,
			"is the name of %s, %q, without verifySecret: everyone can call it past the edge, and you pay", s.what, c.name)
		return
	} else if len(s.keys) > 0 || c.credential != nil {
		return // it knows its callers by their keys
	}
	if by := e.checkedAtEdge(backend); by != "" {
		who := "whoever knows it"
		if l := b.LoadBalancer; l != nil && l.SecurityGroupID != "" && l.DomainName == c.name {
			who = "whoever leads a CloudFront distribution of their own to it"
		}
		r.Warn(ruleOpenBackend, at, "is a public name, %q, without verifySecret: %s gets past %s; have the backend refuse requests "+
			"without that secret", c.name, who, by)
	}
}

// checkedAtEdge says what the edge checks for a backend, which then may not check it itself; empty: nothing.
func (e Environment) checkedAtEdge(backend string) string {
	keys := e.API.Keys != nil && !e.API.Keys.Forward
	for _, b := range e.Behaviors() {
		switch {
		case b.Origin != backend:
		case keys && !b.Public:
			return "api.keys, and can write any name in " + CallerHeader
		case e.Firewall.Enabled && len(b.AllowedIPs) > 0:
			return "allowedIPs"
		case e.Firewall.Enabled && e.Firewall.OnlyAllowedIPs:
			return "firewall.onlyAllowedIPs"
		case b.Signers != "":
			return "signatures"
		}
	}
	return ""
}

// versionAtEnd is the last segment of a base URL, as SDKs have it.
var versionAtEnd = regexp.MustCompile(`(?i)/v[0-9]+((alpha|beta)[0-9]*)?$`)

// checkVersions warns of a path that ends with the version with which those of callers begin: it is sent twice.
func (e Environment) checkVersions(r *declare.Report, at declare.Path, name string, b Backend) {
	version := versionAtEnd.FindString(b.Path)
	if version == "" {
		return
	}
	_, assumed := serviceOf(b.DomainName)
	example, strips := "", false // a path that has it
	for _, behavior := range e.Behaviors() {
		if behavior.Origin != name || behavior.Path == "" {
			continue
		}
		strips, assumed = strips || behavior.Strip != "", false
		if seen := behavior.SeenByOrigin(); strings.HasPrefix(seen, version+"/") {
			example = seen
		}
	}
	for _, expected := range e.Expect {
		if expected.Origin != name || strips {
			continue
		}
		assumed = false
		if _, target := expected.MethodAndURL(); strings.HasPrefix(target, version+"/") {
			example = target
		}
	}
	sent := "which callers send as well"
	if assumed {
		sent, example = "which callers probably send as well", version+"/…"
	}
	if example != "" {
		r.Warn(ruleOriginPath, at, "ends with %s, %s: %s becomes %s%s; take %s away from the end of it", version, sent, example, b.Path,
			example, version)
	}
}
