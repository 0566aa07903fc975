package edge

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	"ml-api-accelerator/stacks/internal/edge/block"
	"ml-api-accelerator/stacks/internal/edge/function"
	"ml-api-accelerator/stacks/internal/edge/policy"
)

// Function is JavaScript that runs on every request of a route, before the cache is asked.
type Function struct {
	Name, Runtime, Code string
	KeyValueStores      []string

	// What its constants say: the header that has the caller's key, in lower case (empty: it checks none), and who gets the canary.
	KeyHeader     string
	Canary        *Origin // nil: there is none
	CanaryPercent int

	program *function.Program
	origins map[string]*Origin // that it can choose
}

// runtime is the only one that has key value stores and chooses origins (CloudFront Developer Guide, Restrictions on CloudFront
// Functions; Helper methods for origin modification).
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
		return f
	}
	f.KeyHeader = f.program.Constant("KEY_HEADER")
	f.CanaryPercent, _ = strconv.Atoi(f.program.Constant("CANARY_PERCENT"))
	f.Canary = p.named(b, f, "CANARY_ORIGIN")
	p.named(b, f, "FAILOVER_ORIGIN")
	return f
}

// named is the origin that a constant names, which must be one: a function can choose no other (Helper methods for origin modification).
func (p parser) named(b *block.Block, f *Function, constant string) *Origin {
	id := f.program.Constant(constant)
	if id == "" {
		return nil
	}
	if f.origins[id] == nil {
		p.Fail(b.At+".code", "%s must be an origin of the distribution, got %q", constant, id)
	}
	return f.origins[id]
}

// literal is a text as Terraform sends it, in which no expression may stand (Terraform Language, Strings and Templates, Escape
// Sequences).
func (p parser) literal(at, text string) string {
	const dollar, percent = "\x00", "\x01"
	text = strings.NewReplacer("$${", dollar, "%%{", percent).Replace(text)
	if strings.Contains(text, "${") || strings.Contains(text, "%{") {
		p.Fail(at, "has ${ or %%{, where Terraform would put a value in; write $${ or %%%%{")
	}
	return strings.NewReplacer(dollar, "${", percent, "%{").Replace(text)
}

// compiled are the programs by their names and code, of which the versions of an environment and its routes mostly share one.
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

// HasFunctions tells whether one runs on a route.
func (d *Distribution) HasFunctions() bool {
	return slices.ContainsFunc(d.Behaviors, func(b Behavior) bool { return b.Function != nil })
}

// KeyHeaders are those in which routes look for the key of a caller; none: no route needs one.
func (d *Distribution) KeyHeaders() []string {
	var list []string
	for _, b := range d.Behaviors {
		if b.Function != nil && b.Function.KeyHeader != "" {
			list = append(list, policy.HeaderName(b.Function.KeyHeader))
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// ChecksKeys tells whether a route needs the key of a caller.
func (d *Distribution) ChecksKeys() bool { return len(d.KeyHeaders()) > 0 }

// HasCanary tells whether a route sends some of its callers to a canary.
func (d *Distribution) HasCanary() bool {
	return slices.ContainsFunc(d.Behaviors, func(b Behavior) bool { return b.Function != nil && b.Function.Canary != nil })
}
