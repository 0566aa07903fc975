package stacks_test

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-exec/tfexec"
	"github.com/stretchr/testify/require"

	edgefunction "ml-api-accelerator/stacks/internal/edge/function"
	"ml-api-accelerator/stacks/internal/shared/callers"
	"ml-api-accelerator/stacks/internal/shared/names"
)

// TestLongDeployProviders takes an environment in front of model providers through its life. Credentials in the key value
// store change beside Terraform, which never sees them; those in secrets change with a deploy, and are in the state.
func TestLongDeployProviders(t *testing.T) {
	aws := needAWS(t)
	c := load(t, everything)
	e := c.Environments["providers"]
	e.Logging.ForceDestroy, e.Models.ForceDestroy = true, true
	aws.CreateBucket(t, c.State.Region, c.State.Bucket)
	text := synthesizeAs(t, c, "providers", e)
	createSecrets(t, aws, e.Region, text, map[string]bool{})
	sideBySide(t)
	user := newProgram(t, aws, "")
	command := func(t *testing.T, stdin, line string) string {
		t.Helper()
		stdout, stderr := user.run(t, "go run . "+line+" --config "+everything, stdin)
		require.NotContains(t, stdout+stderr, "marker-")
		return stdout
	}
	stack := newDeployment(t, aws, text, patience(t, text))
	store := names.KeyValueStore(c.StackName("providers"))

	headers := func(t *testing.T) (list []string) {
		t.Helper()
		_, d := sent[wireDistribution](t, aws, "Distribution")
		for _, o := range d.Origins {
			for _, h := range o.Headers {
				list = append(list, o.ID+" "+h.HeaderName+": "+h.HeaderValue)
			}
		}
		return list
	}
	step(t, "each origin gets its own credential, or none", func(t *testing.T) {
		stack.apply(t)
		require.ElementsMatch(t, []string{
			"api-failover Authorization: Bearer everything/second-provider", "anthropic x-api-key: everything/anthropic",
			"anthropic-failover Authorization: Key everything/anthropic-second",
		}, headers(t))
		stack.requireNoChanges(t)
		require.Empty(t, aws.Pairs(store))
	})

	edge := publishedFunctions{code: aws.FunctionCode, pairs: func() map[string]string { return aws.Pairs(store) }}
	const api, images = "everything-providers-api", "everything-providers-images"
	first, second := "bedrock-api-key-"+strings.Repeat("marker-1-", 200), "bedrock-api-key-"+strings.Repeat("marker-2-", 150)
	step(t, "credentials are set, replaced and removed without a deploy", func(t *testing.T) {
		key := strings.TrimSpace(command(t, "", "key add providers alice"))
		edge.key = key
		edge.refuses(t, api, "The credential of the backend can't be read now. Try again.")
		command(t, first, "credential set providers")
		command(t, "marker-3", "credential set providers --backend images")
		require.Equal(t, "Bearer "+first, edge.sends(t, api, "authorization"))
		require.Equal(t, "Token marker-3", edge.sends(t, images, "x-key"))
		command(t, second+"\n", "credential set providers")
		require.Equal(t, "Bearer "+second, edge.sends(t, api, "authorization"))
		require.Contains(t, command(t, "", "credential list providers"), "api-canary  missing")
		command(t, "", "credential remove providers --backend images")
		edge.refuses(t, images, "The credential of the backend can't be read now. Try again.")
	})
	step(t, "all is paused and resumed without a deploy", func(t *testing.T) {
		command(t, "", "pause providers --message 'Back at ten.'")
		edge.refuses(t, api, "Back at ten.")
		edge.refuses(t, images, "Back at ten.")
		command(t, "", "resume providers")
		require.Equal(t, "Bearer "+second, edge.sends(t, api, "authorization"))
	})
	step(t, "Terraform has nothing to do with them, and a secret that has changed is deployed", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "plan")
		stack.requireNoChanges(t)
		aws.PutSecret(t, e.Region, "everything/anthropic", "another-secret")
		planned := stack.planAllowed(t, tfexec.Out(file))
		require.Equal(t, map[string]string{"aws_cloudfront_distribution.edge": "update"}, planned.changes)
		for _, known := range [][]byte{stack.stateText(t), planText(t, file)} {
			require.True(t, bytes.Contains(known, []byte("everything/second-provider")))
			require.False(t, bytes.Contains(known, []byte("marker-")))
			require.False(t, bytes.Contains(known, []byte(edge.key)))
		}
		stack.apply(t)
		require.Contains(t, headers(t), "anthropic x-api-key: another-secret")
		require.Equal(t, "Bearer "+second, edge.sends(t, api, "authorization"))
	})
	step(t, "destroyed, it leaves nothing", func(t *testing.T) {
		stack.destroy(t, withoutRefresh)
		require.Empty(t, aws.Resources())
		require.Empty(t, aws.Pairs(store))
	})
}

// publishedFunctions is what the functions that are published do with the calls of someone who has a key.
type publishedFunctions struct {
	code  func(id string) string
	pairs func() map[string]string
	key   string
}

func (p publishedFunctions) run(t *testing.T, id string) edgefunction.Result {
	t.Helper()
	code := p.code(id)
	require.NotEmpty(t, code, id)
	program, err := edgefunction.Compile(id, code)
	require.NoError(t, err)
	result, err := program.Run(edgefunction.Event{
		Method: "POST", URI: "/v1/chat/completions", IP: "198.51.100.1", Time: time.Now(),
		Headers: map[string][]string{"authorization": {callers.InHeader("Authorization", p.key)}},
	}, edgefunction.Map(p.pairs()))
	require.NoError(t, err)
	return result
}

// sends is the header that a backend gets.
func (p publishedFunctions) sends(t *testing.T, id, header string) string {
	t.Helper()
	result := p.run(t, id)
	require.Nil(t, result.Response, "%+v", result.Response)
	require.NotContains(t, result.Headers["authorization"], "Bearer "+p.key)
	return strings.Join(result.Headers[header], ", ")
}

func (p publishedFunctions) refuses(t *testing.T, id, message string) {
	t.Helper()
	result := p.run(t, id)
	require.NotNil(t, result.Response)
	require.Equal(t, 503, result.Response.Status)
	require.Contains(t, result.Response.Body, message)
}
