//go:build unix

package stacks_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hashicorp/terraform-exec/tfexec"
	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/awstest"
)

const stateConfig = `{"context": {"accelerator": {
	"name": "ml-api",
	"state": {"bucket": "acme-terraform-state", "region": "eu-central-1"},
	"environments": {"dev": {"region": "us-east-1", "api": {"domainName": "inference.example.com"}}}
}}}`

// TestLongStateBackend runs Terraform with the backend block as synthesized.
func TestLongStateBackend(t *testing.T) {
	synthesized := synthesize(t, stateConfig)["ml-api-dev"]
	const region, bucket, stateKey, lockKey = "eu-central-1", "acme-terraform-state", "ml-api/dev.tfstate", "ml-api/dev.tfstate.tflock"
	start := func(t *testing.T) *awstest.Server {
		aws := needAWS(t)
		aws.CreateBucket(t, region, bucket)
		return aws
	}

	t.Run("an apply leaves the state under its key and nothing else", func(t *testing.T) {
		aws := start(t)
		alice := newOperator(t, aws, synthesized)
		alice.apply(t, "1")
		require.Equal(t, []string{stateKey}, aws.Objects(t, bucket))
		require.Equal(t, "1", alice.revision(t))
	})

	t.Run("a running apply locks the state", func(t *testing.T) {
		aws := start(t)
		alice, bob := newOperator(t, aws, synthesized), newOperator(t, aws, synthesized)
		running := alice.startApply(t, "alice's")
		refused := bob.refusedApply(t, "bob's")
		require.Equal(t, alice.lock(t), refused, "the refusal must name the holder")
		alice.finishApply(t, running)
		require.Equal(t, []string{stateKey}, aws.Objects(t, bucket), "the lock must be gone")
		require.Equal(t, "alice's", alice.revision(t))
	})

	t.Run("a killed apply leaves the last state and a lock that can be forced", func(t *testing.T) {
		aws := start(t)
		alice, bob := newOperator(t, aws, synthesized), newOperator(t, aws, synthesized)
		alice.apply(t, "1")
		before := alice.state(t)
		kill(t, alice.startApply(t, "2"))
		require.Equal(t, []string{stateKey, lockKey}, aws.Objects(t, bucket), "the lock must stay")

		refused := bob.refusedApply(t, "3")
		require.NoError(t, bob.ForceUnlock(t.Context(), refused.ID))
		require.Equal(t, []string{stateKey}, aws.Objects(t, bucket), "the lock must be gone")
		require.Equal(t, before, alice.state(t), "the state must be that of the last completed apply")

		bob.apply(t, "3")
		after := bob.state(t)
		require.Equal(t, "3", bob.revision(t))
		require.Equal(t, before.Lineage, after.Lineage, "the state must be the same one, carried on")
		require.Greater(t, after.Serial, before.Serial)
		require.Equal(t, []string{stateKey}, aws.Objects(t, bucket))
	})
}

// workload is deployed instead of a stack's resources, under its backend. An apply lasts while there
// is a file "hold", at most 15 seconds (after 20 Terraform would save the state of an unfinished one),
// and tells so with a file "holding".
const workload = `{
	"terraform": {"backend": %s},
	"variable": {"revision": {}},
	"output": {"revision": {"value": "${terraform_data.workload.output}"}},
	"resource": {"terraform_data": {"workload": {
		"input": "${var.revision}",
		"triggers_replace": "${var.revision}",
		"provisioner": [{"local-exec": {
			"command": "i=0; while [ -e hold ] && [ $i -lt 150 ]; do touch holding; sleep 0.1; i=$((i+1)); done; [ ! -e hold ]"
		}}]
	}}}
}`

// operator is someone who runs Terraform in a working directory of their own.
type operator struct {
	deployment
	env []string
}

// newOperator works under the backend of a stack.
func newOperator(t *testing.T, aws *awstest.Server, synthesized []byte) operator {
	t.Helper()
	backend, err := json.Marshal(parse(t, synthesized).Terraform.Backend)
	require.NoError(t, err)
	text := fmt.Appendf(nil, workload, backend)
	o := operator{deployment{workdir: newWorkdir(t, aws, text, object{}), backend: backendOf(t, text)}, variables(t, aws)}
	require.NoError(t, o.Init(t.Context()))
	return o
}

func (o operator) apply(t *testing.T, revision string) {
	t.Helper()
	require.NoError(t, o.Apply(t.Context(), tfexec.Var("revision="+revision)))
}

// revision is the one that the state says is deployed.
func (o operator) revision(t *testing.T) any {
	t.Helper()
	return o.state(t).Outputs["revision"].Value
}

// lock is what Terraform writes and says about the holder of a lock.
type lock struct{ ID, Operation, Who string }

// lock reads the lock of the state.
func (o operator) lock(t *testing.T) (l lock) {
	t.Helper()
	require.NoError(t, json.Unmarshal(o.aws.Object(t, o.backend.S3.Bucket, o.backend.S3.Key+".tflock"), &l))
	return l
}

var refusal = regexp.MustCompile(`(?m)^Error: Error acquiring the state lock$(?s:.*)^ +ID: +(.+)$(?s:.*)^ +Operation: +(.+)\n +Who: +(.+)$`)

// refusedApply returns what the refusal says about the holder of the lock.
func (o operator) refusedApply(t *testing.T, revision string) lock {
	t.Helper()
	err := o.Apply(t.Context(), tfexec.Var("revision="+revision))
	require.Error(t, err, "the apply must be refused")
	said := refusal.FindStringSubmatch(err.Error())
	require.NotNil(t, said, err.Error())
	return lock{said[1], said[2], said[3]}
}

// startApply returns an apply that holds the lock: it is making its resource. tfexec doesn't tell
// the process, which kill needs.
func (o operator) startApply(t *testing.T, revision string) *exec.Cmd {
	t.Helper()
	write(t, filepath.Join(o.dir, "hold"), "")
	var output strings.Builder
	cmd := exec.Command(o.ExecPath(), "apply", "-auto-approve", "-input=false", "-no-color", "-var=revision="+revision)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = o.dir, o.env, &output, &output
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		if cmd.ProcessState == nil { // a check failed
			_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
			_ = cmd.Wait()
			t.Log(output.String())
		}
	})
	require.Eventually(t, func() bool {
		_, err := os.Stat(filepath.Join(o.dir, "holding"))
		return err == nil
	}, time.Minute, 20*time.Millisecond, "the apply must come to its resource")
	return cmd
}

func (o operator) finishApply(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	require.NoError(t, os.Remove(filepath.Join(o.dir, "hold")))
	require.NoError(t, cmd.Wait(), "%s", cmd.Stdout)
}

// kill leaves Terraform and its provisioner no time to clean up.
func kill(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	require.NoError(t, syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL))
	require.EqualError(t, cmd.Wait(), "signal: killed")
}
