package stacks_test

import (
	"testing"

	"github.com/hashicorp/terraform-exec/tfexec"
	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/awstest"
	"ml-api-accelerator/stacks/internal/live/iampolicy"
)

// deployment is a stack that Terraform deploys, as synthesized, to a stand-in for AWS.
type deployment struct {
	workdir
	backend  backend
	policies *[]iampolicy.Policy // of what was deployed and is: what is taken out is deleted under the former policy
	planning *iampolicy.Policy   // of a plan role
}

// newDeployment initializes a stack. The folder lasts as long as t.
func newDeployment(t *testing.T, aws *awstest.Server, synthesized []byte, override object) deployment {
	t.Helper()
	d := deployment{newWorkdir(t, aws, synthesized, override), backendOf(t, synthesized), &[]iampolicy.Policy{}, &iampolicy.Policy{}}
	d.change(t, synthesized, override)
	aws.ResetCalls()
	require.NoError(t, d.Init(t.Context()))
	d.requireAllowedToPlan(t)
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
	*d.planning, err = iampolicy.NewForPlan(synthesized, iampolicy.PlanRoles{})
	require.NoError(t, err)
}

// apply deploys what is written. The stand-in then has only the calls of this apply.
func (d deployment) apply(t *testing.T, options ...tfexec.ApplyOption) {
	t.Helper()
	d.whileAllowed(t, func() error { return d.Apply(t.Context(), options...) })
}

// deploy changes the stack and applies it. It spares the reads of all that the apply before has just written.
func (d deployment) deploy(t *testing.T, synthesized []byte) {
	t.Helper()
	d.change(t, synthesized, patience(t, synthesized))
	d.apply(t, withoutRefresh)
}

func (d deployment) destroy(t *testing.T, options ...tfexec.DestroyOption) {
	t.Helper()
	d.whileAllowed(t, func() error { return d.Destroy(t.Context(), options...) })
}

// whileAllowed holds what Terraform calls to the deployer's policies.
func (d deployment) whileAllowed(t *testing.T, run func() error) {
	t.Helper()
	var before state
	if d.hasState(t) {
		before = d.state(t)
	}
	d.aws.ResetCalls()
	require.NoError(t, run())
	d.requireAllowed(t, newAccount(before, d.state(t)))
}

var withoutRefresh = tfexec.Refresh(false)

// planAllowed plans as a plan role does, and holds what Terraform calls to its policy.
func (d deployment) planAllowed(t *testing.T, options ...tfexec.PlanOption) plan {
	t.Helper()
	d.aws.ResetCalls()
	planned := d.plan(t, append(options, tfexec.Lock(false))...)
	d.requireAllowedToPlan(t)
	return planned
}

// requireNoChanges plans once more: there must be nothing left to do.
func (d deployment) requireNoChanges(t *testing.T) {
	t.Helper()
	requireNothingToDo(t, d.planAllowed(t))
}

func requireNothingToDo(t *testing.T, planned plan) {
	t.Helper()
	require.Empty(t, planned.warnings)
	require.Empty(t, planned.changes)
	for name, action := range planned.outputs {
		require.Equal(t, "noop", action, "output %s", name)
	}
}

// step runs a part of a scenario; the later ones build on it.
func step(t *testing.T, name string, run func(t *testing.T)) {
	t.Helper()
	if !t.Run(name, run) {
		t.FailNow()
	}
}
