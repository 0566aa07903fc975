package edge

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"

	"ml-api-accelerator/stacks/internal/edge/block"
	"ml-api-accelerator/stacks/internal/edge/function"
	"ml-api-accelerator/stacks/internal/edge/policy"
	"ml-api-accelerator/stacks/internal/shared/callers"
	"ml-api-accelerator/stacks/internal/shared/optional"
	"ml-api-accelerator/stacks/internal/shared/viewerrequest"
)

// Function is JavaScript that runs on every request of a route, before the cache is asked.
type Function struct {
	Name, Runtime, Code string
	KeyValueStores      []string

	KeyHeaders    []string // that may have the caller's key, in lower case; nil: it knows of none
	ForwardsKey   bool     // to the origin
	Public        bool     // no key is needed here
	Strip         string   // that it takes away from the beginning of paths
	Page          *viewerrequest.Page
	ForwardsHost  bool    // to the origin, in X-Forwarded-Host
	Canary        *Origin // nil: there is none
	CanaryPercent int

	// What it adds from the store for the backend, and for the canary; nil: nothing.
	Credential, CanaryCredential *viewerrequest.Credential

	program *function.Program
	origins map[string]*Origin // that it can choose
}

// The headers in which a function tells the origin of a caller.
var (
	CallerHeader = policy.HeaderName(callers.CallerHeader)
	CanaryHeader = policy.HeaderName(callers.CanaryHeader)
)

// runtime is the only one that has key value stores and chooses origins (CloudFront Developer Guide, Restrictions on
// CloudFront Functions; Helper methods for origin modification).
const runtime = "cloudfront-js-2.0"

// function reads one that a behavior is associated with.
func (p parser) function(a *block.Block, origins map[string]*Origin) *Function {
	b := p.Resolve(a.At+".function_arn", a.Text("function_arn"), "aws_cloudfront_function")
	b.Ignore("publish")
	f := &Function{
		Name: b.Name, Runtime: b.Text("runtime"), Code: p.literal(b.At+".code", b.Text("code")),
		KeyValueStores: b.Texts("key_value_store_associations"), origins: origins,
	}
	for _, store := range f.KeyValueStores {
		p.Resolve(b.At+".key_value_store_associations", store, "aws_cloudfront_key_value_store").Ignore("timeouts")
	}
	if event := a.Text("event_type"); event != "viewer-request" {
		p.Fail(a.At+".event_type", "is not part of the model of the edge: %q", event)
	}
	if f.Runtime != runtime {
		p.Fail(b.At+".runtime", "must be %s, got %q", runtime, f.Runtime)
	}
	var err error
	if f.program, err = compile(f.Name, f.Code); err != nil {
		p.Fail(b.At+".code", "%v", err)
		return nil // where an override sets it
	}
	o := viewerrequest.Read(f.Code)
	f.KeyHeaders, f.ForwardsKey, f.Public = o.KeyHeaders, o.ForwardKey, o.Public
	f.Strip, f.Page, f.ForwardsHost, f.Credential = o.Strip, o.Page, o.ForwardHost, o.Credential
	if o.Canary != nil {
		f.CanaryCredential = o.Canary.Credential
		f.Canary, f.CanaryPercent = f.chooses(b, o.Canary.Origin), o.Canary.Percent
		f.chooses(b, o.Canary.Failover)
	}
	return f
}

// ChecksKeys reports whether it lets only callers in whose key it knows.
func (f *Function) ChecksKeys() bool { return f != nil && len(f.KeyHeaders) > 0 && !f.Public }

// Rewritten is a path as the function leaves it: without what it takes away from its beginning, and with the file of a
// page. Some it answers itself, such as one that CloudFront only takes for one that begins so; nil leaves all as they
// are.
func (f *Function) Rewritten(path string) (now string, answered bool) {
	if f == nil {
		return path, false
	}
	now, answered = f.stripped(path)
	switch {
	case answered, f.Page == nil, !IsFolder(now):
		return now, answered
	case f.Page.Index != "":
		return f.Page.Index, false
	case strings.HasSuffix(now, "/"):
		return now + "index.html", false
	}
	return path, true
}

// IsFolder reports whether a page has no file of this name: there is no dot behind its last slash.
func IsFolder(path string) bool { return !strings.Contains(path[strings.LastIndex(path, "/")+1:], ".") }

func (f *Function) stripped(path string) (rest string, refused bool) {
	if f.Strip == "" {
		return path, false
	}
	rest, found := strings.CutPrefix(path, f.Strip)
	switch {
	case !found:
		return path, true
	case rest == "":
		return "/", false
	case rest[0] != '/':
		return path, false
	}
	return rest, false
}

// HasKey reports whether a header may have the caller's key.
func (f *Function) HasKey(name string) bool {
	return slices.Contains(f.KeyHeaders, strings.ToLower(name))
}

// KeyNames are the headers that may have the caller's key, as they are written.
func (f *Function) KeyNames() []string {
	var list []string
	for _, name := range f.KeyHeaders {
		list = append(list, policy.HeaderName(name))
	}
	return list
}

// chooses returns an origin by its id, which must be one of the distribution's: a function can choose no other (Helper
// methods for origin modification).
func (f *Function) chooses(b *block.Block, id string) *Origin {
	if id != "" && f.origins[id] == nil {
		b.Stack.Fail(b.At+".code", "chooses %q: must be an origin of the distribution", id)
	}
	return f.origins[id]
}

// literal is a text as Terraform sends it, in which no expression may stand (Terraform Language, Strings and Templates,
// Escape Sequences).
func (p parser) literal(at, text string) string {
	const dollar, percent = "\x00", "\x01"
	text = strings.NewReplacer("$${", dollar, "%%{", percent).Replace(text)
	if strings.Contains(text, "${") || strings.Contains(text, "%{") {
		p.Fail(at, "has ${ or %%{, where Terraform would put a value in; write $${ or %%%%{")
	}
	return strings.NewReplacer(dollar, "${", percent, "%{").Replace(text)
}

// compiled are the programs by their names and code, of which the versions of an environment and its routes mostly
// share one.
var compiled sync.Map

func compile(name, code string) (*function.Program, error) {
	key := [2]string{name, code}
	if program, found := compiled.Load(key); found {
		return program.(*function.Program), nil
	}
	program, err := function.Compile(name, code)
	if err != nil {
		return nil, err
	}
	shared, _ := compiled.LoadOrStore(key, program)
	return shared.(*function.Program), nil
}

// HasFunctions reports whether one runs on a route.
func (d *Distribution) HasFunctions() bool {
	return slices.ContainsFunc(d.Behaviors, func(b Behavior) bool { return b.Function != nil })
}

// KeyHeaders are those in which routes look for the key of a caller; none: no route needs one.
func (d *Distribution) KeyHeaders() []string {
	var list []string
	for _, b := range d.Behaviors {
		if b.Function.ChecksKeys() {
			list = append(list, b.Function.KeyNames()...)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// CredentialHeaders are those in which functions add credentials from the store.
func (d *Distribution) CredentialHeaders() []string {
	var list []string
	for _, b := range d.Behaviors {
		if b.Function == nil {
			continue
		}
		for _, canary := range []bool{false, true} {
			if header := b.Function.added(canary).header; header != "" {
				list = append(list, header)
			}
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// ChecksKeys reports whether a route needs the key of a caller.
func (d *Distribution) ChecksKeys() bool { return len(d.KeyHeaders()) > 0 }

// HasCanary reports whether a route sends some of its callers to a canary.
func (d *Distribution) HasCanary() bool {
	return slices.ContainsFunc(d.Behaviors,
		func(b Behavior) bool { return b.Function != nil && b.Function.Canary != nil })
}

// Run is what a function did with a request.
type Run struct {
	Name string `json:"name"`
	// Whose the request's key is; empty: no known one's.
	Caller string `json:"caller"`
	// Whether the request goes to the canary.
	Canary bool `json:"canary"`
	// Whether it lets everyone in, although others ask for the key of a caller.
	Public bool `json:"public"`
	// What it took away from the beginning of the path, and the whole path before; empty: nothing.
	Strip optional.Text `json:"strip"`
	From  optional.Text `json:"from"`

	LogData  string    `json:"-"` // what it wrote into the access log
	Function *Function `json:"-"`
}

// MarshalJSON returns null for a caller who isn't known.
func (r Run) MarshalJSON() ([]byte, error) {
	type others Run
	return json.Marshal(struct {
		Name   string        `json:"name"`
		Caller optional.Text `json:"caller"`
		others
	}{r.Name, optional.Text(r.Caller), others(r)})
}

// run has the function of the route change the request, choose another origin, or answer.
func (d *Decision) run(f *Function, r Request) {
	d.Function = &Run{Name: f.Name, Public: f.Public, Function: f}
	event := d.viewer.event(r)
	d.Behavior.tell(event, d.viewer)
	key := f.present(event, r.Caller)
	if key.madeUp {
		d.Request.Headers = maps.Clone(d.Request.Headers)
		d.Request.Headers[policy.HeaderName(key.header)] = key.shown
	}
	store := r.Store
	if len(f.KeyValueStores) == 0 {
		store = nil
	} else if store == nil {
		store = f.store(key, r)
	}
	result, err := f.program.Run(event, store)
	d.Function.LogData = result.LogData
	switch {
	case err != nil:
		d.fail(err)
	case result.Response != nil:
		d.answer(f, result.Response)
	default:
		d.goOn(f, result, event, key)
	}
}

// goOn does what a function made of a request.
func (d *Decision) goOn(f *Function, result function.Result, event function.Event, key key) {
	if f.ChecksKeys() {
		d.Function.Caller = strings.Join(result.Headers[callers.CallerHeader], ", ")
	}
	if result.Origin != nil {
		d.choose(f, result.Origin)
	}
	d.viewer.credential = f.added(d.Function.Canary)
	name := policy.HeaderName(key.header)
	if key.madeUp && result.Headers[key.header] != nil && name != d.viewer.credential.header {
		result.Headers[key.header] = []string{key.shown}
		d.viewer.madeUpKey = name
	}
	if result.URI != event.URI {
		d.Function.Strip, d.Function.From = optional.Text(f.Strip), optional.Text(event.URI)
	}
	d.viewer.become(result, event)
}

// addedHeader is one that a function added from the store, and what is shown of its value.
type addedHeader struct{ header, before string }

// added is the credential that goes to the canary, or to the backend.
func (f *Function) added(canary bool) addedHeader {
	c := f.Credential
	if canary {
		c = f.CanaryCredential
	}
	switch {
	case c == nil:
		return addedHeader{}
	case c.Scheme == "":
		return addedHeader{header: policy.HeaderName(c.Header)}
	}
	return addedHeader{policy.HeaderName(c.Header), c.Scheme + " "}
}

// fail is what CloudFront answers for a function that fails (HTTP 502 status code (Bad Gateway), CloudFront function
// validation error; HTTP 503 status code (Service Unavailable), Lambda@Edge or CloudFront Function execution error).
func (d *Decision) fail(err error) {
	d.Answer = &Answer{Status: http.StatusServiceUnavailable, Reason: "function", Cause: err.Error()}
	if failure := (*function.Error)(nil); errors.As(err, &failure) {
		d.Answer.Status, d.Answer.Cause = failure.Status, failure.Message
	}
}

// answer is what a function answers in place of CloudFront.
func (d *Decision) answer(f *Function, response *function.Response) {
	d.Answer = &Answer{Status: response.Status, Reason: "function", Response: response}
	if f.ChecksKeys() && (response.Status == http.StatusUnauthorized ||
		response.Status == http.StatusServiceUnavailable) {
		d.Answer.Reason = "key"
	}
}

// choose puts the origins that a function chose in the place of the route's. It can choose only those that the
// distribution has (Helper methods for origin modification).
func (d *Decision) choose(f *Function, chosen *function.Origin) {
	for _, id := range chosen.IDs {
		if f.origins[id] == nil {
			d.fail(&function.Error{Status: http.StatusBadGateway,
				Message: "chose " + id + ", which is no origin of the distribution"})
			return
		}
	}
	b := *d.Behavior
	b.Origin, b.Failover = f.origins[chosen.IDs[0]], nil
	if len(chosen.IDs) > 1 {
		b.Failover = &Failover{f.origins[chosen.IDs[1]], chosen.FailoverOn}
	}
	if b.Origin.S3 != d.Behavior.Origin.S3 {
		b.errorSeconds = b.keptErrors()
	}
	d.Function.Canary = f.Canary != nil && b.Origin == f.Canary
	d.Behavior = &b
}

// event is the request as a function sees it: headers by names in lower case, and cookies apart from them (CloudFront
// Functions event structure, Request object).
func (v *viewer) event(r Request) function.Event {
	e := function.Event{
		Method: v.method, URI: v.path, Query: v.query, Time: v.time, Context: r.Context,
		Headers: make(map[string][]string, len(v.headers)+1), Cookies: map[string][]string{},
	}
	if v.ip.IsValid() {
		e.IP = v.ip.String()
	}
	for name, value := range v.headers {
		values := r.Values[name]
		if values == nil {
			values = []string{value}
		}
		if name != "Cookie" {
			e.Headers[strings.ToLower(name)] = values
			continue
		}
		for _, header := range values {
			for name, value := range cookiePairs(header) {
				e.Cookies[name] = append(e.Cookies[name], value)
			}
		}
	}
	e.Headers["host"] = []string{v.host}
	return e
}

// tell adds the headers that CloudFront makes, where their values are known, to what a function sees: those that the
// cache policy or the origin request policy names (Redirect the viewer to a new URL, a function's example).
func (b *Behavior) tell(e function.Event, v *viewer) {
	for _, policy := range [][]string{b.CachePolicy.Headers.Names, b.OriginRequestPolicy.Headers.Names} {
		for _, name := range policy {
			if text, known := v.makes(name); known && b.Forwards(name) {
				e.Headers[strings.ToLower(name)] = []string{text}
			}
		}
	}
}

// become takes over what a function made of a request.
func (v *viewer) become(result function.Result, event function.Event) {
	v.path, v.query = result.URI, result.Query
	cookie, sent := v.headers["Cookie"]
	v.headers = make(map[string]string, len(result.Headers)+1)
	for name, values := range result.Headers {
		v.headers[policy.HeaderName(name)] = strings.Join(values, ", ")
	}
	if !maps.EqualFunc(result.Cookies, event.Cookies, slices.Equal) {
		cookie, sent = written(result.Cookies), len(result.Cookies) > 0
		v.cookies = ParseCookies(cookie)
	}
	if sent {
		v.headers["Cookie"] = cookie
	}
}

// written are cookies as a header has them.
func written(cookies map[string][]string) string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(cookies)) {
		for _, value := range cookies[name] {
			list = append(list, name+"="+value)
		}
	}
	return strings.Join(list, "; ")
}

// key is a caller's key: the one that a request carries, or one that is made up for it.
type key struct {
	text   string
	header string
	madeUp bool
	shown  string // in place of the header with one that is made up
}

// present finds the key in a request of a known caller, and puts one there if there is none.
func (f *Function) present(e function.Event, caller string) key {
	if !f.ChecksKeys() || caller == "" {
		return key{}
	}
	for _, name := range f.KeyHeaders {
		if values := e.Headers[name]; len(values) > 0 {
			text := values[0]
			if callers.InHeader(name, "") != "" { // a scheme comes first
				_, text, _ = strings.Cut(text, " ")
			}
			return key{text: strings.TrimLeft(text, " "), header: name}
		}
	}
	name := f.KeyHeaders[0]
	made := key{text: "key-of-" + caller, header: name, madeUp: true, shown: callers.InHeader(name, "(key of "+caller+")")}
	e.Headers[name] = []string{callers.InHeader(name, made.text)}
	return made
}

// store is what a key value store has for a request of a known caller, and of one who gets the canary or doesn't.
func (f *Function) store(k key, r Request) function.Store {
	store := function.Map{callers.CanaryEntry: "0"}
	if r.Canary {
		store[callers.CanaryEntry] = "100"
	}
	if k.text != "" {
		hash := callers.Hash(k.text)
		store[hash] = callers.Key{Hash: hash, Name: r.Caller}.Value()
	}
	for _, c := range []*viewerrequest.Credential{f.Credential, f.CanaryCredential} {
		if c != nil {
			store[c.Entry] = "credential"
		}
	}
	return store
}
