package stacks_test

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/blues/jsonata-go"
	"github.com/stretchr/testify/require"
)

// sampleEvent is what S3 sends through EventBridge.
const sampleEvent = `{
	"version": "0", "id": "17793124-05d4-b198-2fde-7ededc63b103", "detail-type": "Object Created",
	"source": "aws.s3", "account": "111122223333", "time": "2026-01-12T18:41:00Z", "region": "us-east-1",
	"resources": ["arn:aws:s3:::models"],
	"detail": {"version": "0", "bucket": {"name": "models"}, "object": {"key": "models/llama.gguf", "size": 5, "etag": "e"},
		"request-id": "r", "requester": "111122223333", "reason": "PutObject"}
}`

func invalidationStates(t *testing.T) map[string]object {
	t.Helper()
	machine := allStacks(t)["ml-api-prod"].Resource["aws_sfn_state_machine"]["invalidation"]
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
	states := invalidationStates(t)
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
	invalidate := invalidationStates(t)["Invalidate"]
	require.Equal(t, "${aws_cloudfront_distribution.edge.id}", at(invalidate, "Arguments", "DistributionId"))
	batch := at(invalidate, "Arguments", "InvalidationBatch")
	require.Equal(t, 1.0, at(batch, "Paths", "Quantity"))
	for key, path := range map[string]string{
		"models/llama.gguf":          "/models/llama.gguf",
		"models/a b/ü+1.bin":         "/models/a%20b/%C3%BC%2B1.bin",
		"models/100%/what?.bin":      "/models/100%25/what%3F.bin",
		"models/v1/weights#2&3.bin":  "/models/v1/weights%232%263.bin",
		"models//double/slash/":      "/models//double/slash/",
		"models/(a)_b-c.d~e!.tensor": "/models/(a)_b-c.d~e!.tensor",
	} {
		require.Equal(t, path, evaluate(t, at(batch, "Paths", "Items", 0), eventOf(t, "Object Created", key), nil))
	}
	require.Equal(t, "17793124-05d4-b198-2fde-7ededc63b103",
		evaluate(t, batch.(object)["CallerReference"], eventOf(t, "Object Created", "k"), nil), "a retried event must have the same reference")
}

// TestWorkflowDecides finds out what was overwritten or deleted, and leaves what is new alone.
func TestWorkflowDecides(t *testing.T) {
	states := invalidationStates(t)
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
	require.NoError(t, e.RegisterExts(map[string]jsonata.Extension{"encodeUrlComponent": {Func: encodeURIComponent}}))
	value, err := e.Eval(nil)
	require.NoError(t, err)
	return value
}

// encodeURIComponent is that of JavaScript, as JSONata defines it; jsonata-go makes a + of a space.
func encodeURIComponent(s string) string {
	return strings.NewReplacer("+", "%20", "%21", "!", "%27", "'", "%28", "(", "%29", ")", "%2A", "*").Replace(url.QueryEscape(s))
}
