package function

import (
	"errors"

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
