package stacks_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-exec/tfexec"
	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/awstest"
	"ml-api-accelerator/stacks/internal/shared/longtest"
)

// workdir is a folder in which Terraform works on one stack, against a stand-in for AWS.
type workdir struct {
	*tfexec.Terraform
	aws *awstest.Server
	dir string
}

// newWorkdir lays a stack out as synth does, with an override file beside it: what is in it replaces
// the same in the stack.
func newWorkdir(t *testing.T, aws *awstest.Server, synthesized []byte, override object) workdir {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "cdktf.out", "stacks", "stack")
	require.NoError(t, os.MkdirAll(dir, 0o755))
	tf, err := tfexec.NewTerraform(dir, needTerraform(t))
	require.NoError(t, err)
	require.NoError(t, tf.SetEnv(environment(t, aws)))
	w := workdir{tf, aws, dir}
	w.write(t, synthesized, override)
	return w
}

// environment leads Terraform to the stand-in, and keeps what the user has set of Terraform and AWS away from it.
func environment(t *testing.T, aws *awstest.Server) map[string]string {
	t.Helper()
	env := map[string]string{}
	for _, variable := range os.Environ() {
		name, value, _ := strings.Cut(variable, "=")
		if !strings.HasPrefix(name, "TF_") && !strings.HasPrefix(name, "AWS_") {
			env[name] = value
		}
	}
	maps.Copy(env, aws.Env())
	env["CHECKPOINT_DISABLE"] = "1"
	env["GOGC"] = "400" // Terraform and its provider spend a fifth of their time collecting garbage
	env["TF_CLI_CONFIG_FILE"] = needProvider(t)
	return env
}

// variables is the environment as a command takes it.
func variables(t *testing.T, aws *awstest.Server) []string {
	t.Helper()
	var list []string
	for name, value := range environment(t, aws) {
		list = append(list, name+"="+value)
	}
	return list
}

func (w workdir) write(t *testing.T, synthesized []byte, override object) {
	t.Helper()
	write(t, filepath.Join(w.dir, "cdk.tf.json"), string(synthesized))
	text, err := json.Marshal(override)
	require.NoError(t, err)
	write(t, filepath.Join(w.dir, "test_override.tf.json"), string(text))
}

// needAWS starts a stand-in for AWS.
func needAWS(t *testing.T) *awstest.Server {
	t.Helper()
	longtest.Only(t, "a deployment takes minutes")
	needProvider(t)
	if lacking := awstest.Missing(); lacking != "" {
		missing(t, lacking)
	}
	return awstest.Start(t)
}

// needProvider needs Terraform and a place that it can install the AWS provider from, and returns the settings
// with which Terraform finds it.
func needProvider(t *testing.T) string {
	t.Helper()
	needTerraform(t)
	settings, err := installProvider()
	if err != nil {
		missing(t, "Terraform can't install hashicorp/aws ~> 5.99: connect to its registry, or name a mirror in the file of TF_CLI_CONFIG_FILE: "+err.Error())
	}
	return settings
}

// installProvider installs the provider once: what was installed is the mirror of all later installations, which
// neither download nor copy its 700 MB.
var installProvider = sync.OnceValues(func() (settings string, err error) {
	if providerFolder, err = os.MkdirTemp("", "provider-"); err != nil {
		return "", err
	}
	const needed = `{"terraform": {"required_providers": {"aws": {"source": "aws", "version": "~> 5.99"}}}}`
	if err := os.WriteFile(filepath.Join(providerFolder, "main.tf.json"), []byte(needed), 0o644); err != nil {
		return "", err
	}
	tf, err := tfexec.NewTerraform(providerFolder, "terraform")
	if err != nil {
		return "", err
	}
	if err := tf.Init(context.Background()); err != nil {
		return "", err
	}
	settings = filepath.Join(providerFolder, "terraformrc")
	mirror := fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n",
		filepath.Join(providerFolder, ".terraform", "providers"))
	return settings, os.WriteFile(settings, []byte(mirror), 0o644)
})

// providerFolder is where the provider is installed, if it is.
var providerFolder string

func removeProvider() {
	if providerFolder != "" {
		_ = os.RemoveAll(providerFolder)
	}
}
