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

	"ml-api-accelerator/stacks/internal/cache"
)

// Load starts the kernel and gives it the AWS assembly pruned to importedSubmodules. What fails is done in a slower way,
// which one line to warn tells.
//
// Call it before the first construct, that of the app included: it ends a kernel that runs, and objects made
// before would be lost. Call unload after the last one: it removes the kernel's temporary files. The kernel
// itself ends with the program: jsii.Close waits for it in two places at once, and one time in six it reports
// the second as an error.
func Load(warn io.Writer) (unload func(), err error) {
	return load(warn, importedSubmodules)
}

func load(warn io.Writer, submodules []string) (unload func(), err error) {
	jsii.Close() // importing jsii has prepared a kernel, with the environment of that time
	folder, err := os.MkdirTemp("", "jsii.")
	if err != nil {
		return nil, err
	}
	unload = func() { os.RemoveAll(folder) }
	variables, err := environment(folder)
	if err != nil {
		unload()
		return nil, err
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
		unload()
		return nil, err
	}
	if slow != nil {
		fmt.Fprintf(warn, "bindings: the AWS bindings start slowly: %s\n", strings.Join(strings.Fields(slow.Error()), " "))
	}
	return unload, nil
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
