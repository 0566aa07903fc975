package stacks_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-exec/tfexec"
	"github.com/stretchr/testify/require"
)

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

func providerProgram(t *testing.T) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(providerFolder, ".terraform/providers/*/*/*/*/*/terraform-provider-aws*"))
	require.NoError(t, err)
	require.Len(t, found, 1)
	return found[0]
}

// pools are processes of the provider, by the stand-in that they call.
var pools sync.Map

// attach lets one command of Terraform use the processes of the provider.
func (w workdir) attach() (shared *tfexec.ReattachOption, detach func(), err error) {
	if w.provider == nil {
		return tfexec.Reattach(nil), func() {}, nil
	}
	stack, err := os.ReadFile(filepath.Join(w.dir, stackFile))
	if err != nil {
		return nil, nil, err
	}
	info, detach, err := w.provider.Attach(stack)
	return tfexec.Reattach(info), detach, err
}

func (w workdir) attached(run func(shared *tfexec.ReattachOption) error) error {
	shared, detach, err := w.attach()
	if err != nil {
		return err
	}
	defer detach()
	return run(shared)
}

func (w workdir) Init(ctx context.Context) error {
	return w.attached(func(shared *tfexec.ReattachOption) error { return w.Terraform.Init(ctx, shared) })
}

func (w workdir) Plan(ctx context.Context) (changes bool, err error) {
	err = w.attached(func(shared *tfexec.ReattachOption) error {
		changes, err = w.Terraform.Plan(ctx, shared)
		return err
	})
	return changes, err
}

func (w workdir) Apply(ctx context.Context, options ...tfexec.ApplyOption) error {
	return w.attached(func(shared *tfexec.ReattachOption) error {
		return w.Terraform.Apply(ctx, append(options, shared)...)
	})
}

func (w workdir) Destroy(ctx context.Context, options ...tfexec.DestroyOption) error {
	return w.attached(func(shared *tfexec.ReattachOption) error {
		return w.Terraform.Destroy(ctx, append(options, shared)...)
	})
}

func (w workdir) Import(ctx context.Context, to, id string) error {
	return w.attached(func(shared *tfexec.ReattachOption) error { return w.Terraform.Import(ctx, to, id, shared) })
}
