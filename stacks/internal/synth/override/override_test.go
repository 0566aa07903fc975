package override

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

const stack = `{
  "//": {"metadata": {"stackName": "a"}},
  "data": {"aws_lb": {"api": {"arn": "x"}}},
  "resource": {
    "aws_cloudfront_distribution": {"edge": {
      "default_cache_behavior": {"compress": true, "methods": ["GET", "HEAD"]},
      "origin": [{"id": "a"}, {"id": "b"}], "price_class": "All", "tags": "${local.tags}", "n": 18446744073709551615, "group": []
    }},
    "aws_s3_bucket": {"models": {}}
  }
}`

// decoded keeps numbers as they are written.
func decoded(t *testing.T, text []byte) (object map[string]any) {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	require.NoError(t, decoder.Decode(&object))
	return object
}

func overrides(t *testing.T, text string) (o map[string]map[string]any) {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
	decoder.UseNumber()
	require.NoError(t, decoder.Decode(&o))
	return o
}

func TestApply(t *testing.T) {
	for name, c := range map[string]struct{ patch, want, set string }{
		"a value":         {`{"price_class": "100"}`, `"price_class": "100"`, `"price_class"`},
		"an object":       {`{"default_cache_behavior": {"compress": false, "new": {"a": 1}}}`, `"default_cache_behavior": {"compress": false, "methods": ["GET", "HEAD"], "new": {"a": 1}}`, `"default_cache_behavior.compress", "default_cache_behavior.new.a"`},
		"a list":          {`{"origin": [{"id": "c"}]}`, `"origin": [{"id": "c"}]`, `"origin"`},
		"an empty list":   {`{"origin": []}`, `"origin": []`, `"origin"`},
		"into none":       {`{"group": [{"a": null}]}`, `"group": [{"a": null}]`, `"group"`},
		"taken away":      {`{"price_class": null, "default_cache_behavior": {"methods": null}}`, `"price_class": null, "default_cache_behavior": {"compress": true}`, `"default_cache_behavior.methods", "price_class"`},
		"none to take":    {`{"new": {"a": null, "b": 1}}`, `"new": {"b": 1}`, `"new.a", "new.b"`},
		"a whole block":   {`{"default_cache_behavior": null}`, `"default_cache_behavior": null`, `"default_cache_behavior"`},
		"for a reference": {`{"tags": {"a": "b"}}`, `"tags": {"a": "b"}`, `"tags.a"`},
		"a reference":     {`{"default_cache_behavior": "${x}"}`, `"default_cache_behavior": "${x}"`, `"default_cache_behavior"`},
		"empty":           {`{"new": {}, "default_cache_behavior": {}}`, `"new": {}`, `"new"`},
		"a number":        {`{"new": 18446744073709551615}`, `"new": 18446744073709551615`, `"new"`},
		"nothing":         {`{}`, ``, ``},
	} {
		t.Run(name, func(t *testing.T) {
			patch := overrides(t, `{"aws_cloudfront_distribution.edge": `+c.patch+`}`)
			before, err := json.Marshal(patch)
			require.NoError(t, err)
			got, mistakes, err := Apply([]byte(stack), patch)
			require.NoError(t, err)
			if name != "none to take" {
				require.Empty(t, mistakes)
			}

			want := decoded(t, []byte(stack))
			edge := want["resource"].(map[string]any)["aws_cloudfront_distribution"].(map[string]any)["edge"].(map[string]any)
			for argument, value := range decoded(t, []byte("{"+c.want+"}")) {
				if edge[argument] = value; value == nil {
					delete(edge, argument)
				}
			}
			list := decoded(t, []byte(`{"aws_cloudfront_distribution.edge": [`+c.set+`]}`))
			want["//"].(map[string]any)["overrides"] = list
			require.Equal(t, want, decoded(t, got))
			after, err := json.Marshal(patch)
			require.NoError(t, err)
			require.Equal(t, string(before), string(after), "it belongs to the configuration")
		})
	}
}

func TestMistakes(t *testing.T) {
	for patch, want := range map[string]Mistake{
		`{"aws_cloudfront_distribution.edgy": {"a": 1}}`: {Steps: []any{"aws_cloudfront_distribution.edgy"},
			Message: "is not in the stack (did you mean aws_cloudfront_distribution.edge?); terraform state list, and cdk.tf.json, have the names"},
		`{"aws_lb.api": {"a": 1}}`: {Steps: []any{"aws_lb.api"},
			Message: "is not in the stack; terraform state list, and cdk.tf.json, have the names"},
		`{"aws_cloudfront_distribution.edge": {"default_cache_behavior": [{}], "price_class": 1}}`: {Steps: []any{"aws_cloudfront_distribution.edge", "default_cache_behavior"},
			Message: "must be an object, got a list: the stack has an object here, which is merged"},
		`{"aws_cloudfront_distribution.edge": {"default_cache_behavior": {"methods": {}}}}`: {Steps: []any{"aws_cloudfront_distribution.edge", "default_cache_behavior", "methods"},
			Message: "must be a list, got an object: the stack has a list here, which is replaced, so give all of its items"},
	} {
		got, mistakes, err := Apply([]byte(stack), overrides(t, patch))
		require.NoError(t, err)
		require.Equal(t, []Mistake{want}, mistakes)
		require.Equal(t, stack, string(got))
	}
	_, mistakes, err := Apply([]byte(stack), overrides(t, `{"aws_x.y": {}, "aws_x.z": {}, "data.aws_lb.api": {"arn": 1}}`))
	require.NoError(t, err)
	require.Len(t, mistakes, 2)
}

// TestNoEffect tells of null for what isn't there, and merges the rest.
func TestNoEffect(t *testing.T) {
	patch := overrides(t, `{"aws_cloudfront_distribution.edge": {"price_klass": null, "default_cache_behavior": {"zzz": null, "compress": null}, "n": 1}}`)
	text, mistakes, err := Apply([]byte(stack), patch)
	require.NoError(t, err)
	const none = "has no effect: null takes an argument away, and the stack has none of this name here"
	require.Equal(t, []Mistake{
		{[]any{"aws_cloudfront_distribution.edge", "default_cache_behavior", "zzz"}, none, true},
		{[]any{"aws_cloudfront_distribution.edge", "price_klass"}, none + " (did you mean price_class?)", true},
	}, mistakes)
	require.Contains(t, string(text), `"n": 1`)
	require.NotContains(t, string(text), `"compress":`)

	text, mistakes, err = Apply([]byte(stack), overrides(t, `{"aws_cloudfront_distribution.edge": {"new": null, "origin": {}}}`))
	require.NoError(t, err)
	require.Len(t, mistakes, 2)
	require.Equal(t, stack, string(text))
}

// TestLeavesTheRest writes what it doesn't change byte by byte as cdktf does.
func TestLeavesTheRest(t *testing.T) {
	files, err := filepath.Glob("../../../testdata/*.tf.json")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		same, mistakes, err := Apply(text, nil)
		require.NoError(t, err)
		require.Empty(t, mistakes)
		require.Equal(t, string(text), string(same))
		again, err := encode(decoded(t, text))
		require.NoError(t, err)
		require.Equal(t, string(text), string(again), file)
	}
}
