package function

import (
	"errors"
	"slices"

	"github.com/dop251/goja"
)

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

type method = func(goja.FunctionCall) goja.Value

// cloudfront is the module of that name (Helper methods for key value stores, and Helper methods for origin modification). What
// this model doesn't know throws.
func (r *run) cloudfront() goja.Value {
	return r.object(map[string]method{
		"kvs":                      r.kvs,
		"selectRequestOriginById":  r.selectOrigin,
		"createRequestOriginGroup": r.createGroup,
		"updateRequestOrigin":      r.unknown("updateRequestOrigin"),
	})
}

func (r *run) unknown(name string) method {
	return func(goja.FunctionCall) goja.Value {
		r.throw(errors.New(name + ": this model doesn't know it"))
		return nil
	}
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
			r.throw(errors.New("createRequestOriginGroup: must have an originId, and nothing else that this model knows, in each of originIds"))
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
