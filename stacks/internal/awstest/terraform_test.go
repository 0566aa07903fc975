package awstest

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/hashicorp/terraform-exec/tfexec"
	tfjson "github.com/hashicorp/terraform-json"
	"github.com/stretchr/testify/require"
)

// workspace copies a configuration and initializes it against the stand-in.
func workspace(t *testing.T, s *Server, name string) *tfexec.Terraform {
	t.Helper()
	program, err := exec.LookPath("terraform")
	if err != nil {
		missing(t, "terraform is not installed")
	}
	s.Setenv(t)
	directory := t.TempDir()
	require.NoError(t, os.CopyFS(directory, os.DirFS(filepath.Join("testdata", name))))
	tf, err := tfexec.NewTerraform(directory, program)
	require.NoError(t, err)
	if err := tf.Init(context.Background()); err != nil {
		missing(t, "Terraform can't install the AWS provider: "+err.Error())
	}
	return tf
}

// missing skips a test that lacks a tool, or fails it where ACCELERATOR_TERRAFORM=required says that all must run.
func missing(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("ACCELERATOR_TERRAFORM") == "required" {
		t.Fatal(what)
	}
	t.Skip(what)
}

// timed logs how long a step takes.
func timed(t *testing.T, what string, step func()) {
	t.Helper()
	started := time.Now()
	step()
	t.Logf("%s: %s", what, time.Since(started).Round(time.Second))
}

// planned returns the actions of a plan by the resource's address.
func planned(t *testing.T, tf *tfexec.Terraform, variables ...tfexec.PlanOption) map[string]tfjson.Actions {
	t.Helper()
	ctx, file := context.Background(), filepath.Join(t.TempDir(), "plan")
	_, err := tf.Plan(ctx, append(variables, tfexec.Out(file))...)
	require.NoError(t, err)
	plan, err := tf.ShowPlanFile(ctx, file)
	require.NoError(t, err)
	actions := map[string]tfjson.Actions{}
	for _, change := range plan.ResourceChanges {
		if !change.Change.Actions.NoOp() && change.Mode == tfjson.ManagedResourceMode {
			actions[change.Address] = change.Change.Actions
		}
	}
	return actions
}

func TestTerraformDeploysEverything(t *testing.T) {
	if testing.Short() {
		t.Skip("takes minutes")
	}
	s := start(t)
	s.CreateBucket(t, "state")
	tf, ctx := workspace(t, s, "full"), context.Background()

	timed(t, "apply", func() { require.NoError(t, tf.Apply(ctx)) })
	timed(t, "plan", func() { require.Empty(t, planned(t, tf), "the second plan is not empty") })
	require.NotEmpty(t, s.CallsTo("cloudfront:CreateDistribution"))
	for _, call := range s.Calls() {
		require.Less(t, call.Status, 500, call.Name())
	}
	id, policy := s.Resources()["Distribution"][0], s.Resources()["CachePolicy"][0]
	before := s.ETag("CachePolicy", policy)

	s.ResetCalls()
	ttl, comment := tfexec.Var("ttl=120"), tfexec.Var("comment=second")
	timed(t, "update", func() { require.NoError(t, tf.Apply(ctx, ttl, comment)) })
	var changes []string
	for _, call := range s.Calls() {
		if call.Service == "cloudfront" && call.Write() {
			changes = append(changes, call.Action)
		}
	}
	require.ElementsMatch(t, []string{"UpdateCachePolicy", "UpdateDistribution"}, changes, "nothing is replaced")
	require.Equal(t, []string{id}, s.Resources()["Distribution"])
	require.NotEqual(t, before, s.ETag("CachePolicy", policy))
	require.Contains(t, string(s.XML("Distribution", id)), "<Comment>second</Comment>")
	require.Contains(t, string(s.XML("CachePolicy", policy)), "<DefaultTTL>120</DefaultTTL>")

	timed(t, "destroy", func() { require.NoError(t, tf.Destroy(ctx, ttl, comment)) })
	require.Empty(t, s.Resources())
}

func TestFailedApplyIsFinishedByTheNext(t *testing.T) {
	if testing.Short() {
		t.Skip("runs Terraform")
	}
	s := start(t)
	tf, ctx := workspace(t, s, "small"), context.Background()

	s.FailNext("cloudfront", "CreateOriginAccessControl", AccessDenied)
	err := tf.Apply(ctx)
	require.ErrorContains(t, err, "AccessDenied")
	require.Empty(t, s.PendingFaults())
	require.Len(t, s.Resources()["CachePolicy"], 1)
	require.Empty(t, s.Resources()["OriginAccessControl"])

	require.NoError(t, tf.Apply(ctx))
	require.Len(t, s.Resources()["OriginAccessControl"], 1)
	require.Len(t, s.CallsTo("cloudfront:CreateCachePolicy"), 1)
}
