// Package bindings makes the AWS bindings start fast: it loads an assembly that holds only the submodules this
// program imports.
//
// The bindings of cdktf carry all 2,123 submodules of the provider in one jsii
// assembly, and the first construct of any of them makes the kernel read all of it.
package bindings

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/aws/jsii-runtime-go"
	"github.com/aws/jsii-runtime-go/runtime"
	cdktf "github.com/hashicorp/terraform-cdk-go/cdktf/jsii"

	"ml-api-accelerator/stacks/internal/synth/cache"
)

// Kernel is the Node.js that runs the constructs.
type Kernel struct {
	folder string
	stderr *stderr
}

// Load starts the kernel and gives it the AWS assembly pruned to importedSubmodules. What fails is done in a slower way,
// which one line to warn tells.
//
// Call it before the first construct, that of the app included: it ends a kernel that runs, and objects made
// before would be lost.
func Load(warn io.Writer) (*Kernel, error) { return load(warn, importedSubmodules) }

func load(warn io.Writer, submodules []string) (*Kernel, error) {
	jsii.Close() // importing jsii has prepared a kernel, with the environment of that time
	folder, err := os.MkdirTemp("", "jsii.")
	if err != nil {
		return nil, err
	}
	k := &Kernel{folder: folder}
	if err := k.start(warn, submodules); err != nil {
		defer k.unload(true)
		return nil, k.Explain(err)
	}
	return k, nil
}

func (k *Kernel) start(warn io.Writer, submodules []string) (err error) {
	if k.stderr, err = divertStderr(k.folder); err != nil {
		return err
	}
	variables, err := environment(k.folder)
	if err != nil {
		return err
	}
	defer setenv(variables)()
	slow := try("start the kernel", cdktf.Initialize)
	if slow != nil {
		// It has a cache of its own, and fails where it can't write to it, unless it is told to do without.
		defer setenv(map[string]string{"JSII_RUNTIME_PACKAGE_CACHE": "disabled"})()
		jsii.Close()
	}
	if err := loadPruned(submodules); err != nil {
		slow = err
	}
	if err := try("start the kernel", cdktf.Initialize); err != nil {
		return err
	}
	if slow != nil {
		fmt.Fprintf(warn, "bindings: the AWS bindings start slowly: %s\n", strings.Join(strings.Fields(slow.Error()), " "))
	}
	return nil
}

// Unload removes the kernel's temporary files; call it after the last construct. The kernel itself ends with the
// program: jsii.Close waits for it in two places at once, and one time in six it reports the second as an error.
func (k *Kernel) Unload() { k.unload(!k.runs()) }

func (k *Kernel) unload(failed bool) {
	if k.stderr != nil {
		k.stderr.restore(failed)
	}
	os.RemoveAll(k.folder)
}

// runs asks the kernel something.
func (k *Kernel) runs() bool {
	var answer any
	return try("", func() { runtime.StaticInvoke("cdktf.Token", "isUnresolved", []any{""}, &answer) }) == nil
}

// loadPruned loads the pruned assembly in place of the one the bindings carry.
//
// The client of the kernel loads a name and version once and ignores the rest,
// so the Initialize of the bindings finds its work done.
func loadPruned(submodules []string) error {
	full, err := embedded()
	if err != nil {
		return err
	}
	pruned, err := cached(cache.Open(), full, submodules)
	if pruned == nil {
		return err
	}
	loading := try("load the pruned assembly", func() {
		cdktf.Initialize()
		runtime.Load(assembly, full.version, pruned)
	})
	if loading != nil {
		jsii.Close() // a kernel that failed to load a package can't load it again
		return loading
	}
	return err
}

// try returns as an error what doing something panics with.
func try(something string, do func()) (err error) {
	defer func() {
		if failure := recover(); failure != nil {
			err = fmt.Errorf("%s: %v", something, failure)
		}
	}()
	do()
	return nil
}
