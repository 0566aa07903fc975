package function

import (
	"errors"

	"github.com/dop251/goja"
)

// noEvaluation makes eval and Function throw, as the same page says under Restricted features.
var noEvaluation = goja.MustCompile("", `(function () {
	function refuse() { throw new Error("dynamic code evaluation is not supported"); }
	Function.prototype.constructor = refuse;
	Object.defineProperty(Object.getPrototypeOf(async function () {}), "constructor", {value: refuse});
	globalThis.eval = globalThis.Function = refuse;
})()`, true)

// globals sets up what the runtime offers beside the language. It has no timers, no network and no files.
func (r *run) globals(module string) error {
	if _, err := r.vm.RunProgram(noEvaluation); err != nil {
		return err
	}
	console := r.vm.NewObject()
	values := map[string]any{"console": console, "require": r.require}
	if module != "" {
		values[module] = r.cloudfront()
	}
	for name, value := range values {
		if err := r.vm.Set(name, value); err != nil {
			return err
		}
	}
	// Only the first argument counts (the same page, Console).
	return console.Set("log", func(call goja.FunctionCall) goja.Value {
		r.result.Log = append(r.result.Log, call.Argument(0).String())
		return goja.Undefined()
	})
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
func (r *run) object(methods map[string]func(goja.FunctionCall) goja.Value) *goja.Object {
	object := r.vm.NewObject()
	for name, method := range methods {
		if err := object.Set(name, method); err != nil {
			r.throw(err)
		}
	}
	return object
}
