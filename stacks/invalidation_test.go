package stacks_test

import (
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/blues/jsonata-go"
	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/config/declare"
)

// sampleEvent is what S3 sends through EventBridge.
const sampleEvent = `{
	"version": "0", "id": "17793124-05d4-b198-2fde-7ededc63b103", "detail-type": "Object Created",
	"source": "aws.s3", "account": "111122223333", "time": "2026-01-12T18:41:00Z", "region": "us-east-1",
	"resources": ["arn:aws:s3:::models"],
	"detail": {"version": "0", "bucket": {"name": "models"}, "object": {"key": "models/llama.gguf", "size": 5, "etag": "e"},
		"request-id": "r", "requester": "111122223333", "reason": "PutObject"}
}`

func invalidationStates(t *testing.T, stack string) map[string]object {
	t.Helper()
	machine := allStacks(t)[stack].Resource["aws_sfn_state_machine"]["invalidation"]
	require.Equal(t, "EXPRESS", machine["type"])
	var definition struct {
		QueryLanguage  string
		StartAt        string
		TimeoutSeconds int
		States         map[string]object
	}
	require.NoError(t, json.Unmarshal([]byte(machine["definition"].(string)), &definition))
	require.Equal(t, "JSONata", definition.QueryLanguage)
	require.Contains(t, definition.States, definition.StartAt)
	require.Less(t, definition.TimeoutSeconds, 300, "an express workflow is ended after 300 seconds, and the event lost")
	require.Greater(t, definition.TimeoutSeconds, longestWait(definition.States), "all retries must fit in")
	return definition.States
}

// longestWait is how many seconds the workflow waits at most between its tries.
func longestWait(states map[string]object) int {
	total := 0
	for _, state := range states {
		for _, retry := range items(state["Retry"]) {
			wait := int(retry["IntervalSeconds"].(float64))
			for range int(retry["MaxAttempts"].(float64)) {
				total += wait
				wait = min(wait*int(retry["BackoffRate"].(float64)), int(retry["MaxDelaySeconds"].(float64)))
			}
		}
	}
	return total
}

func TestWorkflowTransitionsExist(t *testing.T) {
	states := invalidationStates(t, "everything-full")
	for name, state := range states {
		var next []any
		for _, key := range []string{"Next", "Default"} {
			if to, ok := state[key]; ok {
				next = append(next, to)
			}
		}
		for _, branch := range append(items(state["Choices"]), items(state["Catch"])...) {
			next = append(next, branch["Next"])
		}
		for _, to := range next {
			require.Contains(t, states, to, name)
		}
		ends := state["End"] == true || slices.Contains([]any{"Succeed", "Fail"}, state["Type"])
		require.NotEqual(t, ends, len(next) > len(items(state["Catch"])), "%s must end or go on", name)
		if state["Type"] == "Task" && name != "Keep the event" {
			require.Equal(t, "Keep the event", at(state, "Catch", 0, "Next"), "%s must not lose the event", name)
		}
	}
}

// TestWorkflowInvalidates runs the expressions of the workflow on events.
func TestWorkflowInvalidates(t *testing.T) {
	invalidate := invalidationStates(t, "example-prod")["Invalidate"]
	require.Equal(t, "${aws_cloudfront_distribution.edge.id}", at(invalidate, "Arguments", "DistributionId"))
	batch := at(invalidate, "Arguments", "InvalidationBatch")
	for key, paths := range map[string][]string{
		"models/llama.gguf":           {"/models/llama.gguf"},
		"models/(a)_b-c.d!'e*f.bin":   {"/models/(a)_b-c.d!'e*f.bin"},
		"models//double/slash/":       {"/models//double/slash/"},
		"models/llama3:8b.gguf":       {"/models/llama3:8b.gguf", "/models/llama3%3A8b.gguf"},
		"models/user@host/a=b":        {"/models/user@host/a=b", "/models/user%40host/a%3Db"},
		"models/a,b;c$d&e":            {"/models/a,b;c$d&e", "/models/a%2Cb%3Bc%24d%26e"},
		"models/ü.bin":                {"/models/%C3%BC.bin"},
		"models/模型:7b":                {"/models/%E6%A8%A1%E5%9E%8B:7b", "/models/%E6%A8%A1%E5%9E%8B%3A7b"},
		"models/100%.bin":             {"/models/100%25.bin"},
		"models/100%25.bin":           {"/models/100%2525.bin"},
		"models/v1#2.bin":             {"/models/v1%232.bin"},
		"models/<a>\"b\"{c}|d":        {"/models/%3Ca%3E%22b%22%7Bc%7D%7Cd"},
		"models/a[0]^b`c\\d":          {"/models/a%5B0%5D%5Eb%60c%5Cd"},
		"models/a b.bin":              {"/models/a*"},
		"models/a+b.bin":              {"/models/a*"},
		"models/a~b.bin":              {"/models/a*"},
		"models/what?.bin":            {"/models/what*"},
		"models/~":                    {"/models/*"},
		"models/llama3:8b/a b+c.gguf": {"/models/llama3:8b/a*", "/models/llama3%3A8b/a*"},
		"~":                           {"/*"},
	} {
		got := evaluate(t, at(batch, "Paths"), eventOf(t, "Object Created", key), nil).(object)
		require.EqualValues(t, len(paths), got["Quantity"], key)
		require.ElementsMatch(t, paths, got["Items"], key)
	}
	require.Equal(t, "17793124-05d4-b198-2fde-7ededc63b103",
		evaluate(t, batch.(object)["CallerReference"], eventOf(t, "Object Created", "k"), nil), "a retried event must have the same reference")
}

// TestWorkflowInvalidatesStrippedPaths names the path that callers use as well as the one that the bucket sees.
func TestWorkflowInvalidatesStrippedPaths(t *testing.T) {
	c := load(t, everything)
	e := c.Environments["several"]
	e.Buckets = maps.Clone(e.Buckets)
	paths := func(change func(*config.Bucket)) any {
		b := e.Buckets["adapters"]
		change(&b)
		e.Buckets["adapters"] = b
		var definition struct{ States map[string]object }
		machine := parse(t, synthesizeAs(t, c, "several", e)).Resource["aws_sfn_state_machine"]["invalidation-adapters"]
		require.NoError(t, json.Unmarshal([]byte(machine["definition"].(string)), &definition))
		return at(definition.States["Invalidate"], "Arguments", "InvalidationBatch", "Paths")
	}
	requirePaths := func(t *testing.T, expression any, rows map[string][]string) {
		t.Helper()
		for key, want := range rows {
			got := evaluate(t, expression, eventOf(t, "Object Created", key), nil).(object)
			require.EqualValues(t, len(want), got["Quantity"], key)
			require.ElementsMatch(t, want, got["Items"], key)
		}
	}
	requirePaths(t, paths(func(*config.Bucket) {}), map[string][]string{
		"x/y.gguf":      {"/x/y.gguf", "/adapters/x/y.gguf"},
		"adapters/y":    {"/adapters/y", "/adapters/adapters/y"},
		"llama3:8b":     {"/llama3:8b", "/llama3%3A8b", "/adapters/llama3:8b", "/adapters/llama3%3A8b"},
		"ü.bin":         {"/%C3%BC.bin", "/adapters/%C3%BC.bin"},
		"模型:7b":         {"/%E6%A8%A1%E5%9E%8B:7b", "/%E6%A8%A1%E5%9E%8B%3A7b", "/adapters/%E6%A8%A1%E5%9E%8B:7b", "/adapters/%E6%A8%A1%E5%9E%8B%3A7b"},
		"v1#2.bin":      {"/v1%232.bin", "/adapters/v1%232.bin"},
		"100%25.bin":    {"/100%2525.bin", "/adapters/100%2525.bin"},
		"$1/$2.bin":     {"/$1/$2.bin", "/%241/%242.bin", "/adapters/$1/$2.bin", "/adapters/%241/%242.bin"},
		"a b.bin":       {"/a*", "/adapters/a*"},
		"user@h/a+b.gg": {"/user@h/a*", "/user%40h/a*", "/adapters/user@h/a*", "/adapters/user%40h/a*"},
	})
	e.Routes = []config.Route{{Path: "/loras/v2/*", Origin: "adapters", Methods: config.MethodsRead, Strip: "/loras/v2",
		Cache: &config.Cache{MaxTTLSeconds: 60, QueryStrings: declare.TextOrList{Text: "all"}}}}
	requirePaths(t, paths(func(*config.Bucket) {}), map[string][]string{
		"x.gguf": {"/x.gguf*", "/adapters/x.gguf*", "/loras/v2/x.gguf*"},
	})
	e.Routes[0].Path, e.Routes[0].Strip, e.Routes[0].Cache = "/loras/~me/*", "/loras/~me", nil
	requirePaths(t, paths(func(*config.Bucket) {}), map[string][]string{
		"x:y": {"/x:y", "/x%3Ay", "/adapters/x:y", "/adapters/x%3Ay", "/loras/*"},
	})
	e.Routes[0].Strip = ""
	requirePaths(t, paths(func(b *config.Bucket) { b.Strip = "" }), map[string][]string{
		"adapters/x.gguf": {"/adapters/x.gguf"},
	})
}

// TestWorkflowInvalidatesEveryQueryString covers all entries of a URL where query strings are part of its cache's key,
// and only there: of wildcards CloudFront takes one a second.
func TestWorkflowInvalidatesEveryQueryString(t *testing.T) {
	batch := at(invalidationStates(t, "everything-full")["Invalidate"], "Arguments", "InvalidationBatch")
	for key, paths := range map[string][]any{
		"models/index/llama3:8b": {"/models/index/llama3:8b*", "/models/index/llama3%3A8b*"},
		"models/index/":          {"/models/index/*"},
		"models/index":           {"/models/index"},
		"models/latest.json":     {"/models/latest.json"},
		"models/llama.gguf":      {"/models/llama.gguf"},
		"models/a b.gguf":        {"/models/a*"},
	} {
		require.ElementsMatch(t, paths, at(evaluate(t, at(batch, "Paths"), eventOf(t, "Object Created", key), nil), "Items"), key)
	}
}

// TestWorkflowKnowsTheRouteOfAKey matches keys as CloudFront matches paths: the first route counts, and every character
// but * and ? stands for itself.
func TestWorkflowKnowsTheRouteOfAKey(t *testing.T) {
	c := load(t, example)
	e := c.Environments["prod"]
	cache := func(queryStrings declare.TextOrList) *config.Cache {
		return &config.Cache{MaxTTLSeconds: 60, QueryStrings: queryStrings}
	}
	all, none := cache(declare.TextOrList{Text: "all"}), cache(declare.TextOrList{Text: "none"})
	e.Routes = []config.Route{
		{Path: "/models/plain*", Origin: config.OriginModels, Methods: config.MethodsRead, Cache: none},
		{Path: "/models/api/*", Origin: config.OriginAPI, Methods: config.MethodsRead, Cache: all},
		{Path: "*.j?on", Origin: config.OriginModels, Methods: config.MethodsRead, Cache: all},
		{Path: "/models/$(1)'\"/*", Origin: config.OriginModels, Methods: config.MethodsRead, Cache: all},
		{Path: "/models/uncached/*", Origin: config.OriginModels, Methods: config.MethodsRead},
		{Path: "/models/some/*", Origin: config.OriginModels, Methods: config.MethodsRead, Cache: cache(declare.TextOrList{List: []string{"versionId"}})},
	}
	var definition struct{ States map[string]object }
	machine := parse(t, synthesizeAs(t, c, "prod", e)).Resource["aws_sfn_state_machine"]["invalidation"]
	require.NoError(t, json.Unmarshal([]byte(machine["definition"].(string)), &definition))
	paths := at(definition.States["Invalidate"], "Arguments", "InvalidationBatch", "Paths")
	for key, wildcard := range map[string]bool{
		"models/a.json": true, "a.json": true, "models/a.j/on": true, "models/aXjson": false, "models/a.jsons": false, "models/a.json/b": false,
		"models/plain.json": false, "models/api/a.json": false, "models/uncached/a": false, "models/some/a": true, "models/$(1)'\"/a": true, "models/$1'\"/a": false,
	} {
		first := asList(at(evaluate(t, paths, eventOf(t, "Object Created", key), nil), "Items"))[0]
		require.Equal(t, wildcard, strings.HasSuffix(first.(string), "*"), "%s: %s", key, first)
	}
}

// TestWorkflowTriesToTheEnd holds that whatever error CloudFront answers with, it is asked again for up to four
// minutes: many models may change at once.
func TestWorkflowTriesToTheEnd(t *testing.T) {
	invalidate := invalidationStates(t, "everything-full")["Invalidate"]
	require.Len(t, invalidate["Retry"], 1, "waits of several would add up")
	require.Equal(t, []any{"States.TaskFailed"}, at(invalidate, "Retry", 0, "ErrorEquals"), "all errors but the time-out")
	require.GreaterOrEqual(t, longestWait(map[string]object{"": invalidate}), 240)
}

// TestWorkflowDecides finds out what was overwritten or deleted, and leaves what is new alone.
func TestWorkflowDecides(t *testing.T) {
	states := invalidationStates(t, "everything-full")
	deleted := at(states["Deleted?"], "Choices", 0, "Condition")
	require.Equal(t, true, evaluate(t, deleted, eventOf(t, "Object Deleted", "k"), nil))
	require.Equal(t, false, evaluate(t, deleted, eventOf(t, "Object Created", "k"), nil))

	overwritten := at(states["List versions"], "Assign", "overwritten")
	for name, c := range map[string]struct {
		versions string
		want     bool
	}{
		"new":                    {`{"Versions": [{"Key": "k"}]}`, false},
		"gone again":             {`{}`, false},
		"overwritten":            {`{"Versions": [{"Key": "k"}, {"Key": "k"}]}`, true},
		"written after deletion": {`{"Versions": [{"Key": "k"}], "DeleteMarkers": [{"Key": "k"}]}`, true},
		"new before a longer":    {`{"Versions": [{"Key": "k"}, {"Key": "k2"}]}`, false},
	} {
		var result any
		require.NoError(t, json.Unmarshal([]byte(c.versions), &result))
		require.Equal(t, c.want, evaluate(t, overwritten, eventOf(t, "Object Created", "k"), result), name)
	}
	require.Equal(t, "{% $overwritten %}", at(states["Overwritten?"], "Choices", 0, "Condition"))
}

func TestInvalidationRule(t *testing.T) {
	stack := allStacks(t)["everything-full"]
	var pattern object
	require.NoError(t, json.Unmarshal([]byte(stack.Resource["aws_cloudwatch_event_rule"]["invalidation"]["event_pattern"].(string)), &pattern))
	require.Equal(t, []any{"${aws_s3_bucket.models.id}"}, at(pattern, "detail", "bucket", "name"))
	require.Equal(t, []any{object{"prefix": "models/"}, object{"prefix": "models/index/"}, object{"prefix": "models/latest.json"}},
		at(pattern, "detail", "object", "key"), "keys that are served, and no others")
	allowed := items(stack.Data["aws_iam_policy_document"]["invalidation"]["statement"])
	require.Equal(t, []any{"cloudfront:CreateInvalidation"}, allowed[0]["actions"])
	require.Equal(t, []any{"${aws_cloudfront_distribution.edge.arn}"}, allowed[0]["resources"])
}

func eventOf(t *testing.T, kind, key string) object {
	t.Helper()
	var event object
	require.NoError(t, json.Unmarshal([]byte(sampleEvent), &event))
	event["detail-type"] = kind
	event["detail"].(object)["object"].(object)["key"] = key
	return event
}

// evaluate runs an expression as Step Functions does in a state, with the event as the execution's input.
func evaluate(t *testing.T, expression any, event object, result any) any {
	t.Helper()
	text, ok := strings.CutPrefix(expression.(string), "{%")
	require.True(t, ok)
	e, err := jsonata.Compile(strings.TrimSuffix(text, "%}"))
	require.NoError(t, err)
	require.NoError(t, e.RegisterVars(map[string]any{"states": object{
		"context": object{"Execution": object{"Input": event}},
		"result":  result,
	}}))
	require.NoError(t, e.RegisterExts(map[string]jsonata.Extension{"encodeUrlComponent": {Func: encodeURIComponent}, "encodeUrl": {Func: encodeURI}}))
	value, err := e.Eval(nil)
	require.NoError(t, err)
	return value
}

// encodeURIComponent is that of JavaScript, as JSONata defines it; jsonata-go makes a + of a space.
func encodeURIComponent(s string) string {
	return strings.NewReplacer("+", "%20", "%21", "!", "%27", "'", "%28", "(", "%29", ")", "%2A", "*").Replace(url.QueryEscape(s))
}

// encodeURI is that of JavaScript: it leaves what separates the parts of a URL as it is.
func encodeURI(s string) string {
	return strings.NewReplacer("%3B", ";", "%2F", "/", "%3F", "?", "%3A", ":", "%40", "@", "%26", "&", "%3D", "=", "%2B", "+",
		"%24", "$", "%2C", ",", "%23", "#").Replace(encodeURIComponent(s))
}
