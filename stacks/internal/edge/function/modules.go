package function

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"hash"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/dop251/goja"
)

type method = func(goja.FunctionCall) goja.Value

// cloudfront is the module of that name (Helper methods for key value stores, and Helper methods for origin
// modification). What this model doesn't know throws.
func (r *run) cloudfront() goja.Value {
	return r.object(map[string]method{
		"kvs":                      r.kvs,
		"selectRequestOriginById":  r.selectOrigin,
		"createRequestOriginGroup": r.createGroup,
		"updateRequestOrigin":      r.unknown("updateRequestOrigin"),
		"logCustomData":            r.logData,
	})
}

// logData takes what the access log has in the field viewer-request-log-data (General helper methods).
func (r *run) logData(call goja.FunctionCall) goja.Value {
	text, is := call.Argument(0).Export().(string)
	if !is {
		r.throw(errors.New("logCustomData: must have a string"))
	}
	r.result.LogData = text
	return goja.Undefined()
}

func (r *run) unknown(name string) method {
	return func(goja.FunctionCall) goja.Value {
		r.throw(errors.New(name + ": this model doesn't know it"))
		return nil
	}
}

// Origin is the origin that a function chose, or the two of a group with the statuses that fail over.
type Origin struct {
	IDs        []string
	FailoverOn []int
}

func (r *run) selectOrigin(call goja.FunctionCall) goja.Value {
	id, is := call.Argument(0).Export().(string)
	if !is || id == "" {
		r.throw(errors.New("selectRequestOriginById: must have the id of an origin"))
	}
	if len(call.Arguments) > 1 {
		r.throw(errors.New("selectRequestOriginById: this model doesn't know overrides"))
	}
	r.result.Origin = &Origin{IDs: []string{id}}
	return goja.Undefined()
}

// What an origin group may fail over on (Optimize high availability with CloudFront origin failover).
var failoverStatuses = []int{400, 403, 404, 416, 429, 500, 502, 503, 504}

// createGroup takes the shape of the page's example and of the code that people run: objects with an originId, and
// failoverCriteria with statusCodes. The page's text says strings, and an array; who believes it learns otherwise here.
func (r *run) createGroup(call goja.FunctionCall) goja.Value {
	var group struct {
		OriginIDs []map[string]any `json:"originIds"`
		Criteria  struct {
			StatusCodes []int `json:"statusCodes"`
		} `json:"failoverCriteria"`
	}
	if err := r.decode(call.Argument(0), &group); err != nil {
		r.throw(errors.New("createRequestOriginGroup: " + err.Error()))
	}
	origin := &Origin{FailoverOn: group.Criteria.StatusCodes}
	for _, member := range group.OriginIDs {
		id, is := member["originId"].(string)
		if !is || id == "" || len(member) != 1 {
			r.throw(errors.New("createRequestOriginGroup: each of originIds must have an originId, and nothing else"))
		}
		origin.IDs = append(origin.IDs, id)
	}
	if len(origin.IDs) != 2 || origin.IDs[0] == origin.IDs[1] {
		r.throw(errors.New("createRequestOriginGroup: must have two origins"))
	}
	if len(origin.FailoverOn) == 0 {
		r.throw(errors.New("createRequestOriginGroup: must have failoverCriteria.statusCodes"))
	}
	for _, status := range origin.FailoverOn {
		if !slices.Contains(failoverStatuses, status) {
			r.throw(errors.New("createRequestOriginGroup: a status that no group fails over on"))
		}
	}
	r.result.Origin = origin
	return goja.Undefined()
}

// The module crypto (JavaScript runtime 2.0 features for CloudFront Functions, Crypto).
var (
	algorithms = map[string]func() hash.Hash{"md5": md5.New, "sha1": sha1.New, "sha256": sha256.New}
	encodings  = map[string]func([]byte) string{
		"hex": hex.EncodeToString, "base64": base64.StdEncoding.EncodeToString,
		"base64url": base64.RawURLEncoding.EncodeToString,
	}
)

func (r *run) crypto() goja.Value {
	return r.object(map[string]method{
		"createHash": func(call goja.FunctionCall) goja.Value { return r.hash(r.algorithm(call)()) },
		"createHmac": func(call goja.FunctionCall) goja.Value {
			return r.hash(hmac.New(r.algorithm(call), r.bytes(call.Argument(1))))
		},
	})
}

func (r *run) algorithm(call goja.FunctionCall) func() hash.Hash {
	made, known := algorithms[call.Argument(0).String()]
	if !known {
		r.throw(errors.New("unknown algorithm " + call.Argument(0).String()))
	}
	return made
}

func (r *run) hash(sum hash.Hash) goja.Value {
	done := false
	object := r.vm.NewObject()
	for name, method := range map[string]method{
		"update": func(call goja.FunctionCall) goja.Value {
			sum.Write(r.bytes(call.Argument(0)))
			return object
		},
		"digest": func(call goja.FunctionCall) goja.Value {
			encode, known := encodings[call.Argument(0).String()]
			if !known {
				r.throw(errors.New("digest: must name hex, base64 or base64url: this model has no Buffer"))
			}
			done = true
			return r.vm.ToValue(encode(sum.Sum(nil)))
		},
	} {
		checked := func(call goja.FunctionCall) goja.Value {
			if done {
				r.throw(errors.New("the digest is already made"))
			}
			return method(call)
		}
		if err := object.Set(name, checked); err != nil {
			r.throw(err)
		}
	}
	return object
}

// bytes are those of a text or of a typed array.
func (r *run) bytes(value goja.Value) []byte {
	switch data := value.Export().(type) {
	case string:
		return []byte(data)
	case []byte:
		return data
	default:
		r.throw(errors.New("must be a string or a Uint8Array"))
		return nil
	}
}

// parseQuery collapses parameters of one name, in the order of their first; nothing is decoded (CloudFront Functions
// event structure, Example event object).
func parseQuery(query string) fields {
	var made fields
	at := map[string]int{}
	for pair := range strings.SplitSeq(utf8Of(query), "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		if i, again := at[name]; again {
			made[i].values = append(made[i].values, value)
			continue
		}
		at[name] = len(made)
		made = append(made, field{name, []string{value}})
	}
	return made
}

// readQuery takes an object or a text (the same page, Query strings values or query string objects). What wasn't
// changed goes on as it came.
func readQuery(value goja.Value, before string) (string, error) {
	if text, is := value.Export().(string); is {
		return text, nil
	}
	given := parseQuery(before)
	after, err := readFields("querystring", value, given)
	if err != nil {
		return "", err
	}
	if slices.EqualFunc(after, given, func(a, b field) bool {
		return a.name == b.name && slices.Equal(a.values, b.values)
	}) {
		return before, nil
	}
	var pairs []string
	for _, one := range after {
		for _, value := range one.values {
			pairs = append(pairs, one.name+"="+value)
		}
	}
	return strings.Join(pairs, "&"), nil
}

// restricted makes eval and Function throw (JavaScript runtime 2.0 features for CloudFront Functions, Restricted
// features).
var restricted = goja.MustCompile("", `(function () {
	function refuse() { throw new Error("dynamic code evaluation is not supported"); }
	Function.prototype.constructor = refuse;
	Object.defineProperty(Object.getPrototypeOf(async function () {}), "constructor", {value: refuse});
	globalThis.eval = globalThis.Function = refuse;
	Object.preventExtensions(globalThis);
})()`, true)

// newRun makes a runtime. Beside the language it has little: no timers, no network and no files.
func (p *Program) newRun() (*run, error) {
	r := &run{vm: goja.New()}
	r.vm.SetMaxCallStackSize(stackLimit)
	r.vm.SetTimeSource(func() time.Time { return r.event.Time })
	r.vm.SetRandSource(r.float)
	values := map[string]any{"console": r.object(map[string]method{"log": r.log}), "require": r.require}
	if p.module != "" {
		values[p.module] = r.cloudfront()
	}
	for name, value := range values {
		if err := r.vm.Set(name, value); err != nil {
			return nil, err
		}
	}
	if _, err := r.vm.RunProgram(restricted); err != nil {
		return nil, err
	}
	loaded, err := r.vm.RunProgram(p.code)
	if err != nil {
		return nil, err
	}
	r.load, _ = goja.AssertFunction(loaded)
	return r, nil
}

// float is for Math.random, whose seed is the time of the run (JavaScript runtime 2.0 features for CloudFront
// Functions, Math).
func (r *run) float() float64 {
	if r.random == nil {
		r.random = rand.New(rand.NewPCG(uint64(r.event.Time.UnixNano()), 0))
	}
	return r.random.Float64()
}

// Only the first argument counts (JavaScript runtime 2.0 features for CloudFront Functions, Console).
func (r *run) log(call goja.FunctionCall) goja.Value {
	r.result.Log = append(r.result.Log, call.Argument(0).String())
	return goja.Undefined()
}

func (r *run) require(call goja.FunctionCall) goja.Value {
	if name := call.Argument(0).String(); name != "crypto" {
		r.throw(errors.New("no module " + name + ": this model knows crypto"))
	}
	return r.crypto()
}

// throw is JavaScript's.
func (r *run) throw(err error) { panic(r.vm.NewGoError(err)) }

// object makes an object of functions.
func (r *run) object(methods map[string]method) *goja.Object {
	object := r.vm.NewObject()
	for name, method := range methods {
		if err := object.Set(name, method); err != nil {
			r.throw(err)
		}
	}
	return object
}

// Store is a key value store; an error means that it can't be reached.
type Store interface {
	Get(key string) (value string, found bool, err error)
}

// Map is a store that is always reached.
type Map map[string]string

// Get reads a value.
func (m Map) Get(key string) (string, bool, error) {
	value, found := m[key]
	return value, found, nil
}

func (r *run) kvs(goja.FunctionCall) goja.Value {
	if r.store == nil {
		r.throw(errors.New("kvs: no key value store is associated with the function"))
	}
	return r.object(map[string]method{"get": r.get, "exists": r.exists, "meta": r.unknown("meta")})
}

func (r *run) exists(call goja.FunctionCall) goja.Value {
	_, found, err := r.store.Get(call.Argument(0).String())
	return r.promise(r.vm.ToValue(found), err)
}

// get rejects a key that isn't there.
func (r *run) get(call goja.FunctionCall) goja.Value {
	value, found, err := r.store.Get(call.Argument(0).String())
	if err == nil && !found {
		err = errors.New("KeyNotFound")
	}
	if err != nil {
		return r.promise(nil, err)
	}
	format := "string"
	if options, is := call.Argument(1).(*goja.Object); is && options.Get("format") != nil {
		format = options.Get("format").String()
	}
	switch format {
	case "string":
		return r.promise(r.vm.ToValue(value), nil)
	case "json":
		return r.promise(r.parsed(value))
	default:
		return r.promise(nil, errors.New("get: this model knows the formats string and json"))
	}
}

func (r *run) parsed(text string) (goja.Value, error) {
	parse, _ := goja.AssertFunction(r.vm.Get("JSON").ToObject(r.vm).Get("parse"))
	return parse(goja.Undefined(), r.vm.ToValue(text))
}

func (r *run) promise(value goja.Value, err error) goja.Value {
	promise, resolve, reject := r.vm.NewPromise()
	if err != nil {
		err = reject(r.vm.NewGoError(err))
	} else {
		err = resolve(value)
	}
	if err != nil {
		r.throw(err)
	}
	return r.vm.ToValue(promise)
}
