package function

import (
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

// Origin is the origin that a function chose, or the two of a group with the statuses that fail over.
type Origin struct {
	IDs        []string
	FailoverOn []int
}

// The guide gives no number for how long a function may run, only a share of it (Restrictions on CloudFront Functions,
// Compute utilization). This one ends what never ends, and lets a busy machine finish what does.
const timeLimit = time.Second

// What the guide limits is memory (Quotas, CloudFront Functions: 2 MB); this stops endless recursion long before ours is used up.
const stackLimit = 1000

// run is one run of a function, in a runtime of its own: nothing that it leaves behind reaches the next.
type run struct {
	vm     *goja.Runtime
	event  Event
	given  fields // the headers it sees
	store  Store
	result Result
}

// Run gives the function a request. An error is an *Error.
func (p *Program) Run(e Event, s Store) (Result, error) {
	r := &run{vm: goja.New(), event: e, store: s}
	r.vm.SetMaxCallStackSize(stackLimit)
	r.vm.SetTimeSource(func() time.Time { return e.Time })
	r.vm.SetRandSource(rand.New(rand.NewPCG(uint64(e.Time.UnixNano()), 0)).Float64)
	timer := time.AfterFunc(timeLimit, func() { r.vm.Interrupt("it ran for more than " + timeLimit.String()) })
	defer timer.Stop()

	if err := r.call(p); err != nil {
		if failure := (*Error)(nil); errors.As(err, &failure) {
			failure.Function = p.name
			return Result{}, failure
		}
		// HTTP 503 status code (Service Unavailable), Lambda@Edge or CloudFront Function execution error.
		return Result{}, &Error{Function: p.name, Status: 503, Message: err.Error()}
	}
	return r.result, nil
}

func (r *run) call(p *Program) error {
	if err := r.globals(p.module); err != nil {
		return err
	}
	if _, err := r.vm.RunProgram(p.code); err != nil {
		return err
	}
	handler, is := goja.AssertFunction(r.vm.Get("handler"))
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
	// Reading what was returned may run its getters: as a function, these fail and end like the rest.
	var invalid error
	read, _ := goja.AssertFunction(r.vm.ToValue(func(goja.FunctionCall) goja.Value {
		invalid = r.read(returned)
		return goja.Undefined()
	}))
	if _, err := read(goja.Undefined()); err != nil {
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
