package config

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"ml-api-accelerator/stacks/config/declare"
	"ml-api-accelerator/stacks/internal/shared/callers"
	"ml-api-accelerator/stacks/internal/shared/names"
	"ml-api-accelerator/stacks/internal/shared/viewerrequest"
)

// SecretCredential is the key with which a backend knows you, such as that of a model provider, from Secrets Manager.
// The edge sends it in place of the keys of callers.
type SecretCredential struct {
	Secret string
	Header string
	Scheme string
}

// Credential is one that may also be in the key value store. That of a second backend can't: the function at the edge
// doesn't know which of the two backends CloudFront asks.
type Credential struct {
	SecretCredential
	Store bool
}

const (
	authorization = "Authorization"
	bearer        = "Bearer"
)

// Declare implements [declare.Section].
func (c *Credential) Declare(f *declare.Fields) {
	c.SecretCredential.Declare(f)
	f.Boolean("store", &c.Store,
		"Keep it in the key value store instead: the command credential sets it, within seconds and without a deploy.")
}

// Declare implements [declare.Section].
func (c *SecretCredential) Declare(f *declare.Fields) {
	f.Confidential("secret", &c.Secret,
		"Name or ARN of a Secrets Manager secret that has it. It is read at each deploy, and is in the state.")
	f.Text("header", &c.Header, "Header that the backend expects it in.").Default(authorization).
		Matches(ruleCredential, shortHeader, aShortHeader)
	f.Text("scheme", &c.Scheme,
		`Word before it. The default is "Bearer" in Authorization, and none in any other header.`).
		Matches(ruleCredential, regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]{0,31}$`), "be a word of up to 32 letters, digits and -")
}

// Complete sets the scheme where none is written.
func (c *SecretCredential) Complete(written map[string]any) {
	if _, given := written["scheme"]; !given && strings.EqualFold(c.Header, authorization) {
		c.Scheme = bearer
	}
}

// AsCredential returns the same as a credential that may also be in the store; nil: there is none.
func (c *SecretCredential) AsCredential() *Credential {
	if c == nil {
		return nil
	}
	return &Credential{SecretCredential: *c}
}

// Value is what the header has.
func (c SecretCredential) Value(key string) string {
	if c.Scheme == "" {
		return key
	}
	return c.Scheme + " " + key
}

// sent returns what the function at the edge does for a credential. The entry of the store is that of the origin.
func (c *Credential) sent(origin string) *viewerrequest.Credential {
	switch {
	case c == nil:
		return nil
	case !c.Store:
		return &viewerrequest.Credential{}
	}
	return &viewerrequest.Credential{
		Entry: callers.CredentialEntry(origin), Header: strings.ToLower(c.Header), Scheme: c.Scheme,
	}
}

// storedCredentials are those that the function adds to what a backend, or its canary, gets.
func (e Environment) storedCredentials(backend string) []Credential {
	var list []Credential
	for _, c := range e.StoredCredentials() {
		if c.Name == backend || c.Name == names.CanaryOrigin(backend) {
			list = append(list, *c.Of)
		}
	}
	return list
}

// sendsStored reports whether a header is that of a credential from the store.
func (b Backend) sendsStored(header string) bool {
	return b.Credential != nil && b.Credential.Store && strings.EqualFold(header, b.Credential.Header)
}

// NamedCredential is a backend's, the canary's, or that of a second backend.
type NamedCredential struct {
	Name string       // of the origin that gets it
	At   declare.Path // of its section
	Of   *Credential  // nil: none is configured
}

// Credentials returns those of all backends, which may have none.
func (e Environment) Credentials() []NamedCredential {
	var list []NamedCredential
	add := func(name string, at declare.Path, c *Credential) {
		list = append(list, NamedCredential{name, at.Field("credential"), c})
	}
	for _, name := range e.BackendNames() {
		b, at := e.Backend(name)
		add(name, at, b.Credential)
		if c := e.API.Canary; c != nil && name == OriginAPI {
			add(names.OriginCanary, declare.Path{"api", "canary"}, c.Credential)
		}
		if second := b.Failover; second.DomainName != "" {
			add(names.FailoverOrigin(name), at.Field("failover"), second.Credential.AsCredential())
		}
	}
	return list
}

// StoredCredentials returns those that the key value store has.
func (e Environment) StoredCredentials() []NamedCredential {
	return slices.DeleteFunc(e.Credentials(), func(c NamedCredential) bool { return c.Of == nil || !c.Of.Store })
}

func (c *SecretCredential) check(
	r *declare.Report, at declare.Path, region, account string, fixed map[string]string,
) {
	if c.Secret == "" {
		r.Must(ruleCredential, at, "must have secret, the name of a secret in Secrets Manager")
	}
	c.checkSent(r, at, region, account, fixed)
}

func (c *Credential) check(r *declare.Report, at declare.Path, region, account string, fixed map[string]string) {
	switch {
	case c == nil:
		return
	case c.Secret == "" && !c.Store:
		r.Must(ruleCredential, at, `must have secret, the name of a secret in Secrets Manager, or "store": true`)
	case c.Secret != "" && c.Store:
		r.Must(ruleCredential, at, "must have either secret or store, got both")
	}
	c.checkSent(r, at, region, account, fixed)
}

func (c *SecretCredential) checkSent(r *declare.Report, at declare.Path, region, account string, fixed map[string]string) {
	checkSecretName(r, ruleCredential, at.Field("secret"), c.Secret, region, account)
	header := at.Field("header")
	switch name := c.Header; {
	case denied(untouchable, name), denied(originHeaderDenied, name):
		r.Must(ruleCredential, header, "must not be %q, which CloudFront doesn't let anyone set", name)
	case setByEdge(name), readAs(name, VerifyHeader), readAs(name, PrefixHeader),
		readAs(name, ForwardedHostHeader), readAs(name, ForwardedProtoHeader):
		r.Must(ruleCredential, header, "must not be %q, which has a meaning of its own", name)
	case containsFold(slices.Collect(maps.Keys(fixed)), name):
		r.Must(ruleCredential, header, "must not be %q, which headers has as well", name)
	}
}

// checkCredentials checks that only those whom the edge knows spend a credential, and that no other backend gets it.
func (e Environment) checkCredentials(r *declare.Report, at declare.Path) {
	for _, name := range e.BackendNames() {
		b, path := e.Backend(name)
		where := at.Join(path)
		b.Credential.check(r, where.Field("credential"), e.Region, e.Account.ID, b.Headers)
		e.checkSpent(r, at, b.Credential, path.Field("credential"), name, func(Behavior) bool { return true })
		if c := b.Failover.Credential; c != nil {
			second := path.Field("failover").Field("credential")
			c.check(r, at.Join(second), e.Region, e.Account.ID, b.Headers)
			e.checkSpent(r, at, c.AsCredential(), second, name, func(b Behavior) bool { return b.Failover })
		}
		e.checkFailedOver(r, at, b.Credential, b, name)
		if b.FunctionURL != nil && b.FunctionURL.Access == FunctionControl && b.Credential != nil &&
			strings.EqualFold(b.Credential.Header, authorization) {
			r.Must(ruleFunctionURL, where.Field("credential").Field("header"),
				`must not be Authorization with functionUrl.access "control", which has CloudFront write it`)
		}
	}
	if c := e.API.Canary; c != nil {
		where := declare.Path{"api", "canary", "credential"}
		c.Credential.check(r, at.Join(where), e.Region, e.Account.ID, e.API.Headers)
		e.checkSpent(r, at, c.Credential, where, OriginAPI, func(Behavior) bool { return true })
		e.checkFailedOver(r, at, c.Credential, e.API.Backend, OriginAPI)
	}
}

// checkSpent checks the routes on which a credential is sent.
func (e Environment) checkSpent(
	r *declare.Report, at declare.Path, c *Credential, path declare.Path, name string, sends func(Behavior) bool,
) {
	if c == nil {
		return
	}
	where := at.Join(path)
	if k := e.API.Keys; k != nil && k.Forward && containsFold(k.Headers(), c.Header) {
		r.Must(ruleCredentialSpent, where.Field("header"),
			"must not be %q with api.keys.forward, which sends the key of the caller there", c.Header)
	}
	if c.Store && e.API.Keys == nil {
		r.Must(ruleCredentialSpent, where.Field("store"),
			"needs api.keys: the function sends it for known callers only, and without keys it knows nobody")
		return
	}
	for _, b := range e.Behaviors() {
		route := at.Join(b.at)
		keyed := e.API.Keys != nil && !b.Public
		switch {
		case b.Origin != name || !sends(b):
		case b.Public && (c.Store || b.Signers == ""):
			r.Must(ruleCredentialSpent, route.Field("public"),
				"must be false: everyone would spend %s", path)
		case !keyed && b.Signers == "":
			r.Must(ruleCredentialSpent, where,
				"needs a key or a signature on every route that leads there, or everyone spends it: add api.keys, "+
					"such as {}; %s has neither", b.described())
			return
		case c.Store && b.Cache != nil:
			r.Must(ruleCredentialApart, route.Field("cache"),
				"must be absent with %s.store: what the function adds reaches the backend only within the cache key; name a secret",
				path)
		case c.Store && !b.Forwards.All && strings.EqualFold(c.Header, authorization):
			r.Must(ruleCredentialApart, where.Field("store"),
				`must be false with viewerHeaders but without publicHost "host": CloudFront refuses Authorization in a list of `+
					"forwarded headers; name a secret")
			return
		}
	}
}

// described is a route in the middle of a sentence.
func (b Behavior) described() string {
	if b.Path == "" {
		return "the default route"
	}
	return "the route " + b.Path
}

// checkFailedOver refuses routes on which a second backend would get the credential of the first: what the function
// adds is sent to both, unless the second origin has the same header itself (CloudFront Developer Guide, Add custom
// headers to origin requests).
func (e Environment) checkFailedOver(r *declare.Report, at declare.Path, c *Credential, b Backend, name string) {
	if c == nil || !c.Store {
		return
	}
	if own := b.Failover.Credential; own != nil && strings.EqualFold(own.Header, c.Header) {
		return
	}
	for i, route := range e.Routes {
		if route.Origin == name && route.Failover {
			r.Must(ruleCredentialApart, at.Field("routes").Index(i).Field("failover"),
				"must be false: the second backend would get the credential of the first; give failover.credential a secret "+
					"in the same header, %s, which replaces it", c.Header)
		}
	}
}
