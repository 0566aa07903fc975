package edge

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestOriginsOfOthers has what an origin is called whose name AWS or a record gives, and how CloudFront speaks to it.
func TestOriginsOfOthers(t *testing.T) {
	for _, r := range []struct {
		snapshot, domain, url, signed string
		authorization                 string
	}{
		{"inside", "(load balancer inside)", "http://(load balancer inside):8080/v1", "", "Bearer x"},
		{"balanced", "balanced.example.com", "https://balanced.example.com/v1", "", "Bearer x"},
		{"serverless", "(function chat)", "https://(function chat)/v1", "the origin access control", "(signed by the origin access control)"},
		{"public", "(function embed)", "https://(function embed)/v1", "", "Bearer x"},
	} {
		d := snapshot(t, r.snapshot, nil)
		o := d.Origins["api"]
		require.Equal(t, r.domain, o.Domain)
		require.Equal(t, r.signed, o.SignedBy)
		require.False(t, o.S3)
		asked := d.Decide(Request{Method: "POST", URL: "/v1", Headers: headers("Authorization", "Bearer x")}).Origin
		require.Equal(t, r.url, asked.URL)
		require.Equal(t, r.domain, asked.Host)
		all := shown(asked.Headers)
		for name, value := range shown(asked.Sets) {
			all[name] = value
		}
		require.Equal(t, r.authorization, all["Authorization"], r.snapshot)
	}
}

// TestOriginsOfNothing takes away what an origin's name is taken from.
func TestOriginsOfNothing(t *testing.T) {
	for name, kind := range map[string]string{"inside": "aws_lb", "balanced": "aws_route53_record", "serverless": "aws_lambda_function_url"} {
		_, err := Parse(changed(t, name, func(stack map[string]any) {
			for _, part := range []string{"data", "resource"} {
				delete(stack[part].(map[string]any), kind)
			}
		}))
		require.ErrorContains(t, err, "which isn't in the stack", name)
	}
}

// snapshot is the distribution of an environment of everything.json.
func snapshot(t *testing.T, environment string, change func(stack map[string]any)) *Distribution {
	t.Helper()
	d, err := Parse(changed(t, environment, change))
	require.NoError(t, err)
	return d
}

func changed(t *testing.T, environment string, change func(stack map[string]any)) []byte {
	t.Helper()
	text, err := os.ReadFile("../../testdata/everything-" + environment + ".tf.json")
	require.NoError(t, err)
	if change == nil {
		return text
	}
	var stack map[string]any
	require.NoError(t, json.Unmarshal(text, &stack))
	if stack["data"] == nil {
		stack["data"] = map[string]any{}
	}
	change(stack)
	text, err = json.Marshal(stack)
	require.NoError(t, err)
	return text
}
