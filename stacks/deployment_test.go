package stacks_test

import (
	"encoding/json"
	"testing"

	"github.com/hashicorp/terraform-exec/tfexec"
	tfjson "github.com/hashicorp/terraform-json"
	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/awstest"
	"ml-api-accelerator/stacks/internal/iampolicy"
)

// deployment is a stack that Terraform deploys, as synthesized, to a stand-in for AWS.
type deployment struct {
	workdir
	aws      *awstest.Server
	policies *[]iampolicy.Policy // of what was deployed and is: what is taken out is deleted under the former policy
}

// newDeployment needs aws to be in the environment. The folder lasts as long as t.
func newDeployment(t *testing.T, aws *awstest.Server, synthesized []byte, override object) deployment {
	t.Helper()
	d := deployment{newWorkdir(t, synthesized, override), aws, &[]iampolicy.Policy{}}
	d.change(t, synthesized, override)
	require.NoError(t, d.Init(t.Context()))
	return d
}

// patience is what differs from the stack as synthesized: Terraform doesn't wait for the edges, of which the
// stand-in has none, nor for the lifecycle rules, which the provider watches for 55 seconds each.
func patience(t *testing.T, synthesized []byte) object {
	override := withoutEdges(t, synthesized)
	for id := range parse(t, synthesized).Resource["aws_s3_bucket_lifecycle_configuration"] {
		set(override, object{"count": 0}, "resource", "aws_s3_bucket_lifecycle_configuration", id)
	}
	return override
}

func withoutEdges(t *testing.T, synthesized []byte) object {
	override := object{}
	for id := range parse(t, synthesized).Resource["aws_cloudfront_distribution"] {
		set(override, object{"wait_for_deployment": false}, "resource", "aws_cloudfront_distribution", id)
	}
	return override
}

// set puts a value below the names, and makes the objects on the way.
func set(into object, value any, names ...string) {
	for _, name := range names[:len(names)-1] {
		if into[name] == nil {
			into[name] = object{}
		}
		into = into[name].(object)
	}
	into[names[len(names)-1]] = value
}

// change puts another configuration of the stack in the place of the one before.
func (d deployment) change(t *testing.T, synthesized []byte, override object) {
	t.Helper()
	d.write(t, synthesized, override)
	policy, err := iampolicy.New(synthesized)
	require.NoError(t, err)
	*d.policies = append(*d.policies, policy)
}

// apply deploys what is written. The stand-in then has only the calls of this apply.
func (d deployment) apply(t *testing.T, options ...tfexec.ApplyOption) {
	t.Helper()
	d.aws.ResetCalls()
	require.NoError(t, d.Apply(t.Context(), options...))
	d.requireAllowed(t)
}

func (d deployment) destroy(t *testing.T) {
	t.Helper()
	d.aws.ResetCalls()
	require.NoError(t, d.Destroy(t.Context()))
	d.requireAllowed(t)
}

// withoutRefresh spares an apply to read all that the one before has just written.
var withoutRefresh = tfexec.Refresh(false)

// requireNoChanges plans once more: there must be nothing left to do.
func (d deployment) requireNoChanges(t *testing.T) {
	t.Helper()
	plan, warnings := d.plan(t)
	require.Empty(t, warnings)
	require.Empty(t, changes(plan))
	for name, output := range plan.OutputChanges {
		require.True(t, output.Actions.NoOp(), "output %s", name)
	}
}

// changes returns what a plan does, by address.
func changes(plan *tfjson.Plan) map[string]tfjson.Actions {
	found := map[string]tfjson.Actions{}
	for _, c := range plan.ResourceChanges {
		if !c.Change.Actions.NoOp() {
			found[c.Address] = c.Change.Actions
		}
	}
	return found
}

// ids returns the ids of the resources in the state, by address.
func (d deployment) ids(t *testing.T) map[string]string {
	t.Helper()
	state, err := d.Show(t.Context())
	require.NoError(t, err)
	ids := map[string]string{}
	if state.Values == nil {
		return ids
	}
	for _, r := range state.Values.RootModule.Resources {
		if id, ok := r.AttributeValues["id"].(string); ok && r.Mode == tfjson.ManagedResourceMode {
			ids[r.Address] = id
		}
	}
	return ids
}

func (d deployment) output(t *testing.T, name string) (value string) {
	t.Helper()
	outputs, err := d.Output(t.Context())
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(outputs[name].Value, &value))
	return value
}

// step runs a part of a scenario; the later ones build on it.
func step(t *testing.T, name string, run func(t *testing.T)) {
	t.Helper()
	if !t.Run(name, run) {
		t.FailNow()
	}
}

// needAWS starts a stand-in for AWS, and has every client in this process and below talk to it.
func needAWS(t *testing.T) *awstest.Server {
	t.Helper()
	if testing.Short() {
		t.Skip("deploying takes minutes")
	}
	if lacking := awstest.Missing(); lacking != "" {
		missing(t, lacking)
	}
	needProvider(t)
	aws := awstest.Start(t)
	aws.Setenv(t)
	return aws
}
