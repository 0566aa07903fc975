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
)

// workload is deployed instead of a stack's resources, under its backend. An apply lasts while there
// is a file "hold", at most 15 seconds (after 20 Terraform would save the state of an unfinished one),
// and tells so with a file "holding".
const workload = `{
	"terraform": {"backend": {"s3": %s}},
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

// loopback leads the S3 backend to a fake of S3. It goes in by -backend-config, which adds to the
// backend block; a block in an override file would replace it.
const loopback = `
endpoints                   = { s3 = %q }
use_path_style              = true
access_key                  = "test"
secret_key                  = "test"
skip_credentials_validation = true
skip_requesting_account_id  = true
skip_metadata_api_check     = true
skip_region_validation      = true
`

// operator is someone who runs Terraform in a working directory of their own.
type operator struct {
	*tfexec.Terraform
	dir string
}

func newOperator(t *testing.T, terraform string, backend json.RawMessage, url string) operator {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "cdk.tf.json"), fmt.Sprintf(workload, backend))
	write(t, filepath.Join(dir, "loopback.tfbackend"), fmt.Sprintf(loopback, url))
	tf, err := tfexec.NewTerraform(dir, terraform)
	require.NoError(t, err)
	require.NoError(t, tf.SetEnv(environment()))
	require.NoError(t, tf.Init(t.Context(), tfexec.BackendConfig("loopback.tfbackend")))
	return operator{tf, dir}
}

// environment keeps settings of Terraform and AWS that the user has away from the test.
func environment() map[string]string {
	env := map[string]string{}
	for _, variable := range os.Environ() {
		name, value, _ := strings.Cut(variable, "=")
		if !strings.HasPrefix(name, "TF_") && !strings.HasPrefix(name, "AWS_") {
			env[name] = value
		}
	}
	env["CHECKPOINT_DISABLE"] = "1"
	env["AWS_CONFIG_FILE"], env["AWS_SHARED_CREDENTIALS_FILE"] = os.DevNull, os.DevNull
	return env
}

func (o operator) apply(t *testing.T, revision string) {
	t.Helper()
	require.NoError(t, o.Apply(t.Context(), tfexec.Var("revision="+revision)))
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
	cmd.Dir, cmd.Stdout, cmd.Stderr = o.dir, &output, &output
	for name, value := range environment() {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
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
	}, 10*time.Second, 20*time.Millisecond, "the apply must come to its resource")
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
