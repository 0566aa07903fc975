package stacks_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-exec/tfexec"
	tfjson "github.com/hashicorp/terraform-json"
	"github.com/stretchr/testify/require"
)

// TestPlan takes every stack through the real Terraform and the real AWS provider, with nothing
// deployed and no AWS but a few answers from this process.
func TestPlan(t *testing.T) {
	needProvider(t)
	newFakeAccount(t)
	for _, file := range []string{shipped, everything} {
		for name, text := range synthesizeConfig(t, load(t, file)) {
			t.Run(name, func(t *testing.T) {
				tf := newWorkdir(t, text, object{"terraform": object{"backend": object{"local": object{}}}})
				require.NoError(t, tf.Init(t.Context()))

				validated, err := tf.Validate(t.Context())
				require.NoError(t, err)
				require.Empty(t, validated.Diagnostics)

				plan, warnings := tf.plan(t)
				require.Empty(t, warnings)
				require.Equal(t, parse(t, text).Addresses(), created(plan))
			})
		}
	}
}

// workdir is a folder in which Terraform works on one stack.
type workdir struct {
	*tfexec.Terraform
	dir string
}

// newWorkdir lays a stack out as synth does, with an override file beside it: what is in it replaces
// the same in the stack.
func newWorkdir(t *testing.T, synthesized []byte, override object) workdir {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "cdktf.out", "stacks", "stack")
	require.NoError(t, os.MkdirAll(dir, 0o755))
	tf, err := tfexec.NewTerraform(dir, needTerraform(t))
	require.NoError(t, err)
	w := workdir{tf, dir}
	w.write(t, synthesized, override)
	return w
}

func (w workdir) write(t *testing.T, synthesized []byte, override object) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(w.dir, "cdk.tf.json"), synthesized, 0o644))
	text, err := json.Marshal(override)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(w.dir, "test_override.tf.json"), text, 0o644))
}

// plan returns the plan and the warnings of Terraform and the provider.
func (w workdir) plan(t *testing.T) (*tfjson.Plan, []string) {
	t.Helper()
	var log bytes.Buffer
	_, err := w.PlanJSON(t.Context(), &log, tfexec.Out("plan"))
	require.NoError(t, err, log.String())
	var warnings []string
	for _, line := range strings.Split(log.String(), "\n") {
		if strings.Contains(line, `"@level":"warn"`) {
			warnings = append(warnings, line)
		}
	}
	plan, err := w.ShowPlanFile(t.Context(), "plan")
	require.NoError(t, err)
	return plan, warnings
}

var index = regexp.MustCompile(`\[.*\]$`)

// created returns the addresses that a plan creates, once for all instances of a resource, and
// everything else that it changes with what it does.
func created(plan *tfjson.Plan) []string {
	addresses := map[string]bool{}
	for _, change := range plan.ResourceChanges {
		address := index.ReplaceAllString(change.Address, "")
		switch actions := change.Change.Actions; {
		case actions.Create():
			addresses[address] = true
		case !actions.Read() && !actions.NoOp():
			addresses[address+" is changed"] = true
		}
	}
	return slices.Sorted(maps.Keys(addresses))
}

// needProvider needs Terraform and a place that it can install the AWS provider from.
func needProvider(t *testing.T) {
	t.Helper()
	w := newWorkdir(t, []byte(`{"terraform": {"required_providers": {"aws": {"source": "aws", "version": "~> 5.99"}}}}`), object{})
	if err := w.Init(t.Context()); err != nil {
		missing(t, "Terraform can't install hashicorp/aws ~> 5.99: connect to its registry, or name a mirror in the file of TF_CLI_CONFIG_FILE: "+err.Error())
	}
}
