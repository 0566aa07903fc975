package function

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestFailures(t *testing.T) {
	for _, c := range []struct{ code, want string }{
		{"const a = 1;", "has no function handler"},
		{"const handler = 1;", "has no function handler"},
		{"throw new Error('a'); function handler(event) { return event.request; }", "Error: a"},
		{"function handler(event) { throw new Error('a'); }", "Error: a"},
		{"async function handler(event) { throw new Error('a'); }", "Error: a"},
		{"function handler(event) { return event.b.c; }", "TypeError: Cannot read property 'c' of undefined"},
		{"function handler(event) { a = 1; return event.request; }", "ReferenceError: a is not defined"},
		{"async function handler(event) { await new Promise(function () {}); }", "waits for what never comes"},
		{"function handler(event) { return Object.defineProperty({}, 'statusCode', {get: function () { throw new Error('a'); }}); }", "Error: a"},
		{"function handler(event) { return handler(event); }", "calls itself without end"},
		{"const kvs = cf.kvs(); function handler(event) { return event.request; }", "cf is not defined"},
		{"import cf from 'cloudfront';\nconst kvs = cf.kvs(); function handler(event) { return event.request; }", "kvs: no key value store is associated with the function"},
	} {
		_, err := compiled(t, c.code).Run(example(), nil)
		require.ErrorContains(t, err, c.want, c.code)
		require.Equal(t, 503, statusOf(t, err), c.code)
	}
}

func TestEndless(t *testing.T) {
	for _, code := range []string{
		"for (;;) {} function handler(event) { return event.request; }",
		"function handler(event) { for (;;) {} }",
		"async function wait() { for (;;) { await null; } } async function handler(event) { await wait(); }",
		"function handler(event) { return Object.defineProperty({}, 'statusCode', {get: function () { for (;;) {} }}); }",
		"async function handler(event) { try { for (;;) {} } catch (e) { return event.request; } }",
	} {
		program := compiled(t, code)
		program.limit = 50 * time.Millisecond
		_, err := program.Run(example(), nil)
		require.ErrorContains(t, err, "it ran for more than 50ms", code)
		require.Equal(t, 503, statusOf(t, err), code)
	}
}

// A run ends with its caller, and one that ended in time is none of a later end's business.
func TestCallerLeaves(t *testing.T) {
	program := compiled(t, "function handler(event) { while (event.request.uri === '/endless') {} return event.request; }")
	program.limit = time.Hour
	ctx, leave := context.WithCancel(t.Context())
	_, err := program.Run(Event{Method: "GET", URI: "/", Context: ctx}, nil)
	require.NoError(t, err)
	time.AfterFunc(time.Millisecond, leave)
	_, err = program.Run(Event{Method: "GET", URI: "/endless", Context: ctx}, nil)
	require.ErrorContains(t, err, "its caller left")
	_, err = program.Run(Event{Method: "GET", URI: "/"}, nil)
	require.NoError(t, err)
}

// One run that never ends costs no other one.
func TestEndlessOnce(t *testing.T) {
	program := compiled(t, "function handler(event) { while (event.request.uri === '/endless') {} return event.request; }")
	for _, uri := range []string{"/endless", "/", "/endless", "/"} {
		program.limit = time.Minute
		if uri == "/endless" {
			program.limit = 20 * time.Millisecond
		}
		_, err := program.Run(Event{Method: "GET", URI: uri}, nil)
		require.Equal(t, uri == "/endless", err != nil, uri)
	}
	// Nor does one that ends just when its time is up.
	for i := range 2000 {
		program.limit = time.Duration(i%100) * time.Microsecond
		_, _ = program.Run(Event{Method: "GET", URI: "/"}, nil)
		program.limit = time.Minute
		_, err := program.Run(Event{Method: "GET", URI: "/"}, nil)
		require.NoError(t, err)
	}
}

func TestRestricted(t *testing.T) {
	for _, code := range []string{
		"eval('1')", "(0, eval)('1')", "Function('return 1')", "new Function('return 1')", "(function () {}).constructor('return 1')",
		"handler.constructor('return 1')", "(() => 1).constructor('return 1')", "globalThis.a = 1", "globalThis.Function('return 1')",
		"setTimeout(handler)", "setImmediate(handler)", "clearTimeout(1)", "fetch('a')", "require('fs')", "process.env", "XMLHttpRequest",
		"require('querystring')", "cf.updateRequestOrigin({})", "cf.kvs().meta()",
	} {
		require.Equal(t, "refused", answered(t, "try { const a = "+code+"; await a; } catch (error) { return {statusCode: 200, body: 'refused'}; } "+
			"return {statusCode: 200, body: 'done'};", example(), Map{}), code)
	}
}

func TestTime(t *testing.T) {
	body := `const begin = Date.now(); for (let i = 0; i < 100000; i++) {} return {statusCode: 200, body: [begin, Date.now(), new Date().toISOString()].join()};`
	require.Equal(t, "1764000000000,1764000000000,2025-11-24T16:00:00.000Z", answered(t, body, example(), nil))

	random := compiled(t, "function handler(event) { return {statusCode: 200, body: [Math.random(), Math.random()].join()}; }")
	drawn := func(e Event) string {
		result, err := random.Run(e, nil)
		require.NoError(t, err)
		return result.Response.Body
	}
	later := example()
	later.Time = later.Time.Add(time.Second)
	require.Equal(t, drawn(example()), drawn(example()))
	require.NotEqual(t, drawn(example()), drawn(later))
}

func TestLog(t *testing.T) {
	program := compiled(t, "function handler(event) { console.log('a' + 1, 'b'); console.log({}); return event.request; }")
	for range 2 {
		result, err := program.Run(example(), nil)
		require.NoError(t, err)
		require.Equal(t, []string{"a1", "[object Object]"}, result.Log)
	}
}

// A run leaves nothing to the next, whether it ends well or not.
func TestRunsAreApart(t *testing.T) {
	program := compiled(t, `import cf from 'cloudfront';
let runs = 0;
const seen = [];
async function handler(event) {
  runs++;
  seen.push(event.request.uri);
  cf.selectRequestOriginById('a');
  const fail = await cf.kvs().exists('fail');
  if (fail) { throw new Error('a'); }
  return { statusCode: 200, body: runs + seen.join() };
}`)
	for i, store := range []Map{nil, {"fail": ""}, nil, nil} {
		e := example()
		e.URI = fmt.Sprint("/", i)
		result, err := program.Run(e, store)
		if store != nil {
			require.Error(t, err)
			require.Equal(t, Result{}, result)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, fmt.Sprint("1/", i), result.Response.Body)
	}
}

func TestConcurrentRuns(t *testing.T) {
	program := compiled(t, `import cf from 'cloudfront';
async function handler(event) {
  const value = await cf.kvs().get('key');
  event.request.headers['x-value'] = { value: value };
  return event.request;
}`)
	var group sync.WaitGroup
	failures := make(chan string, 1000)
	for i := range 8 {
		group.Go(func() {
			for j := range 100 {
				value := fmt.Sprint(i, "-", j)
				result, err := program.Run(Event{Method: "GET", URI: "/"}, Map{"key": value})
				if err != nil || result.Headers["x-value"][0] != value {
					failures <- fmt.Sprint(value, result, err)
				}
			}
		})
	}
	group.Wait()
	close(failures)
	require.Empty(t, failures)
}

func TestConstant(t *testing.T) {
	program := compiled(t, "const A = 'a', B = 5;\nconst C = [1]; let D = 'd'; const E = 2.5;\nfunction f() { const F = 'f'; }")
	for name, want := range map[string]string{"A": "a", "B": "5", "C": "", "D": "", "E": "2.5", "F": "", "G": ""} {
		require.Equal(t, want, program.Constant(name), name)
	}
}

func BenchmarkRun(b *testing.B) {
	program, event := compiled(b, "function handler(event) { return event.request; }"), example()
	for b.Loop() {
		if _, err := program.Run(event, nil); err != nil {
			b.Fatal(err)
		}
	}
}
