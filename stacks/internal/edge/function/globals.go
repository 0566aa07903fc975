package function

import (
	"errors"
	"math/rand/v2"
	"time"

	"github.com/dop251/goja"
)

// restricted makes eval and Function throw (JavaScript runtime 2.0 features for CloudFront Functions, Restricted features).
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

// float is for Math.random, whose seed is the time of the run (JavaScript runtime 2.0 features for CloudFront Functions, Math).
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
