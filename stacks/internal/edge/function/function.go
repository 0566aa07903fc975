// Package function runs CloudFront functions of JavaScript runtime 2.0 on viewer requests, as the CloudFront Developer
// Guide says CloudFront does. The pages it follows are named where they are followed.
package function

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/dop251/goja"

	"ml-api-accelerator/stacks/internal/shared/cloudfront"
)

// Program is a function's code, ready to run; it is safe for concurrent use.
type Program struct {
	name   string
	limit  time.Duration
	code   *goja.Program // a function that runs the top level, and returns the handler
	module string        // what the code calls the module cloudfront; "" if it doesn't import it
	runs   sync.Pool     // of *run
}

// Error is a function's failure, which CloudFront answers with the status.
type Error struct {
	Function string
	Status   int
	Message  string
}

func (e *Error) Error() string {
	return fmt.Sprintf("function %s: %s (CloudFront answers %d)", e.Function, e.Message, e.Status)
}

// importLine is the one import that there is; the guide wants it in the first line (Helper methods for key value
// stores).
var importLine = regexp.MustCompile(`(?m)^import ([A-Za-z_$][\w$]*) from (?:'cloudfront'|"cloudfront");?[ \t]*$`)

// Compile reads a function's code. It refuses what CloudFront would refuse: too much of it, and syntax that the runtime
// doesn't have.
func Compile(name, code string) (*Program, error) {
	p := &Program{name: name, limit: timeLimit}
	if err := p.compile(code); err != nil {
		return nil, fmt.Errorf("function %s: %w", name, err)
	}
	return p, nil
}

func (p *Program) compile(code string) error {
	if len(code) > cloudfront.MaxFunctionBytes {
		return fmt.Errorf("must have at most %d bytes, has %d", cloudfront.MaxFunctionBytes, len(code))
	}
	// goja has no modules: the import becomes spaces, so that places in messages stay, and its binding a global.
	if at := importLine.FindStringSubmatchIndex(code); at != nil {
		p.module = code[at[2]:at[3]]
		code = code[:at[0]] + strings.Repeat(" ", at[1]-at[0]) + code[at[1]:]
	}
	program, err := goja.Parse(p.name, code)
	if err != nil {
		return err
	}
	if err := checkSyntax(program); err != nil {
		return err
	}
	// Functions are in strict mode (JavaScript runtime 2.0 features for CloudFront Functions, Core features).
	whole := "(function () {" + code + "\nreturn typeof handler === 'function' ? handler : undefined; })"
	if p.code, err = goja.Compile(p.name, whole, true); err != nil {
		return err
	}
	first, err := p.newRun()
	if err != nil {
		return err
	}
	p.runs.Put(first)
	p.runs.New = func() any {
		another, err := p.newRun()
		if err != nil {
			panic(err) // the first one worked
		}
		return another
	}
	return nil
}

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
	LogData    string    // what it wrote into the access log
}

// The guide gives no number for how long a function may run, only a share of it (Restrictions on CloudFront Functions,
// Compute utilization). This one ends what never ends, and lets a busy machine finish what does.
const timeLimit = time.Second

// What the guide limits is memory (Quotas, CloudFront Functions: 2 MB); this stops endless recursion long before ours
// is used up.
const stackLimit = 1000

// run is a runtime with the code loaded, and what belongs to its present run. It is used again, one run after the
// other: the code's own variables are made anew each time, and there can be no new global ones. What it does to
// JavaScript's own objects would stay.
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
	limit := p.limit
	timer := time.AfterFunc(limit, func() { r.vm.Interrupt("it ran for more than " + limit.String()) })
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

// newEvent makes the object that the handler is called with (CloudFront Functions event structure). It has no
// requestId, which only CloudFront gives out.
func (r *run) newEvent() *goja.Object {
	e := r.event
	r.given = seen(e.Headers)
	request := r.record(
		"method", e.Method,
		"uri", utf8Of(e.URI),
		"querystring", r.write(parseQuery(e.Query)),
		"headers", r.write(r.given),
		"cookies", r.write(sorted(e.Cookies)),
	)
	// General helper methods, rawQueryString() method. That there is a ? without anything behind it isn't known here.
	raw := r.vm.ToValue(func(goja.FunctionCall) goja.Value {
		if e.Query == "" {
			return goja.Undefined()
		}
		return r.vm.ToValue(utf8Of(e.Query))
	})
	if err := request.DefineDataProperty("rawQueryString", raw, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE); err != nil {
		r.throw(err)
	}
	return r.record(
		"version", "1.0",
		"context", r.record("distributionDomainName", e.Domain, "distributionId", e.ID, "eventType", "viewer-request"),
		"viewer", r.record("ip", e.IP),
		"request", request,
	)
}

// record makes an object of names and values in turn. Data properties are own ones, whatever their name: Set would take
// __proto__ for the prototype.
func (r *run) record(pairs ...any) *goja.Object {
	object := r.vm.NewObject()
	for i := 0; i < len(pairs); i += 2 {
		err := object.DefineDataProperty(pairs[i].(string), r.vm.ToValue(pairs[i+1]), goja.FLAG_TRUE, goja.FLAG_TRUE,
			goja.FLAG_TRUE)
		if err != nil {
			r.throw(err)
		}
	}
	return object
}

// utf8Of takes what isn't UTF-8 for ISO-8859-1 (Restrictions on all edge functions, URI, query string, and headers
// encoding).
func utf8Of(text string) string {
	if utf8.ValidString(text) {
		return text
	}
	runes := make([]rune, len(text))
	for i := range len(text) {
		runes[i] = rune(text[i])
	}
	return string(runes)
}

// read makes a result of what the handler returned: a request, or a response, which alone has a status.
func (r *run) read(returned goja.Value) error {
	object, is := returned.(*goja.Object)
	if !is {
		return invalid("returned %v: must be a request or a response", returned)
	}
	if status := object.Get("statusCode"); status != nil {
		r.result.Origin = nil
		return r.readResponse(object)
	}
	return r.readRequest(object)
}
