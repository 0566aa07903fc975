// Package edgetest has distributions for the tests of those who ask the model of the edge.
package edgetest

import (
	_ "embed"
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/shared/viewerrequest"
)

//go:embed edge.tf.json
var stack []byte

// Distribution is that of a stack with everything that the model knows.
func Distribution(t testing.TB) *edge.Distribution {
	t.Helper()
	d, err := edge.Parse(stack)
	require.NoError(t, err)
	return d
}

//go:embed callers.tf.json
var callers string

// Callers is the distribution of an API that knows its callers by their keys and has a canary, except for what is
// changed.
func Callers(t testing.TB, change ...func(*viewerrequest.Options)) *edge.Distribution {
	t.Helper()
	o := viewerrequest.Options{
		KeyHeaders: []string{"authorization"}, CORS: &viewerrequest.CORS{AllowOrigins: []string{"https://app.example.com"},
			AllowCredentials: true},
		Canary: &viewerrequest.Canary{Origin: "api-canary", Percent: 5},
	}
	for _, change := range change {
		change(&o)
	}
	without := viewerrequest.Code(o)
	if o.Canary != nil {
		failover := *o.Canary
		failover.Failover, failover.FailoverOn = "api-failover", []int{500, 502, 503}
		o.Canary = &failover
	}
	return CallersRunning(t, without, viewerrequest.Code(o))
}

// WithoutCallers is the same distribution before any function ran.
func WithoutCallers(t testing.TB) *edge.Distribution {
	t.Helper()
	text := regexp.MustCompile(`,\s*"function_association": \[[^]]*\]`).ReplaceAllString(callers, "")
	require.NotEqual(t, callers, text)
	d, err := edge.Parse([]byte(text))
	require.NoError(t, err)
	require.False(t, d.HasFunctions())
	return d
}

// CallersRunning is the same distribution with other code, for the routes that don't fail over and those that do.
func CallersRunning(t testing.TB, code, failover string) *edge.Distribution {
	t.Helper()
	d, err := edge.Parse([]byte(strings.NewReplacer(`"(the code of api)"`, quoted(t, code),
		`"(the code of api-failover)"`, quoted(t, failover)).Replace(callers)))
	require.NoError(t, err)
	return d
}

// quoted is a text as Terraform's JSON has it.
func quoted(t testing.TB, code string) string {
	text, err := json.Marshal(strings.NewReplacer("${", "$${", "%{", "%%{").Replace(code))
	require.NoError(t, err)
	return string(text)
}
