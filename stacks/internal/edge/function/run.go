package function

import (
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/dop251/goja"
)

// Event is the viewer request that a function is given.
type Event struct {
	Method, URI, Query string
	Headers            map[string][]string // by lower-case name; cookies aren't among them
	Cookies            map[string][]string
	IP                 string
	Time               time.Time // what Date says
	Domain, ID         string    // the distribution's

	Context context.Context // whose end ends the run; nil: only the time limit does
}

// Result is what a function makes of a request: the request that goes on, or a response.
type Result struct {
	URI, Query string
	Headers    map[string][]string // by lower-case name
	Cookies    map[string][]string
	Response   *Response // nil: the request goes on
	Origin     *Origin   // nil: the behavior's
	Log        []string  // what it wrote to the console
}

// The guide gives no number for how long a function may run, only a share of it (Restrictions on CloudFront Functions,
// Compute utilization). This one ends what never ends, and lets a busy machine finish what does.
const timeLimit = time.Second

// What the guide limits is memory (Quotas, CloudFront Functions: 2 MB); this stops endless recursion long before ours is used up.
const stackLimit = 1000

// run is a runtime with the code loaded, and what belongs to its present run. It is used again, one run after the other: the code's own
// variables are made anew each time, and there can be no new global ones. What it does to JavaScript's own objects would stay.
type run struct {
	vm     *goja.Runtime
	load   goja.Callable // runs the code's top level; returns its handler
	event  Event
	given  fields // the headers it sees
	store  Store
	result Result
	random *rand.Rand
}

// Run gives the function a request. An error is an *Error.
func (p *Program) Run(e Event, s Store) (Result, error) {
	r := p.runs.Get().(*run)
	r.event, r.store, r.result, r.random = e, s, Result{}, nil
	timer := time.AfterFunc(p.limit, func() { r.vm.Interrupt("it ran for more than " + p.limit.String()) })
	stays := context.AfterFunc(cmp.Or(e.Context, context.Background()), func() { r.vm.Interrupt("its caller left") })
	err := r.call()
	result := r.result
	// An interrupted runtime, or one that will be, is not used again.
	if inTime, stayed := timer.Stop(), stays(); inTime && stayed {
		p.runs.Put(r)
	}
	if err == nil {
		return result, nil
	}
	if failure := (*Error)(nil); errors.As(err, &failure) {
		failure.Function = p.name
		return Result{}, failure
	}
	// goja's message is only where.
	if deep := (*goja.StackOverflowError)(nil); errors.As(err, &deep) {
		err = errors.New("calls itself without end")
	}
	// HTTP 503 status code (Service Unavailable), Lambda@Edge or CloudFront Function execution error.
	return Result{}, &Error{Function: p.name, Status: 503, Message: err.Error()}
}

func (r *run) call() error {
	// What it returns is read inside too, since that may run its getters: these fail and end like the rest.
	var invalid error
	read, _ := goja.AssertFunction(r.vm.ToValue(func(call goja.FunctionCall) goja.Value {
		invalid = r.read(call.Argument(0))
		return goja.Undefined()
	}))
	loaded, err := r.load(goja.Undefined())
	if err != nil {
		return err
	}
	handler, is := goja.AssertFunction(loaded)
	if !is {
		return errors.New("has no function handler")
	}
	returned, err := handler(goja.Undefined(), r.newEvent())
	if err != nil {
		return err
	}
	if returned, err = settled(returned); err != nil {
		return err
	}
	if _, err := read(goja.Undefined(), returned); err != nil {
		return err
	}
	return invalid
}

// settled is what a promise came to; by the time a call returns, all that was waiting has run.
func settled(value goja.Value) (goja.Value, error) {
	promise, is := value.Export().(*goja.Promise)
	if !is {
		return value, nil
	}
	switch promise.State() {
	case goja.PromiseStateFulfilled:
		return promise.Result(), nil
	case goja.PromiseStateRejected:
		return nil, errors.New(promise.Result().String())
	default:
		return nil, errors.New("waits for what never comes")
	}
}
