// Package bindings makes the AWS bindings start fast: it starts the kernel of jsii without
// a process in front of it, and loads an assembly that holds only the submodules this program imports.
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
)

// Load starts the kernel and gives it the AWS assembly pruned to Submodules.
//
// Call it before the first construct, that of the app included: it ends a kernel
// that runs, and objects made before would be lost. On failure it writes one line
// to warn, and jsii and the bindings do all of it in their usual way.
func Load(warn io.Writer) {
	load(warn, Submodules)
}

func load(warn io.Writer, submodules []string) {
	err := loadFast(submodules)
	if err == nil {
		return
	}
	reason := strings.Join(strings.Fields(err.Error()), " ")
	fmt.Fprintf(warn, "bindings: the AWS bindings start slowly: %s\n", reason)
	// The kernel has a cache too, and fails where it can't write to it. One that failed to load a package can't
	// load it again.
	_ = os.Setenv("JSII_RUNTIME_PACKAGE_CACHE", "disabled")
	jsii.Close()
}

func loadFast(submodules []string) error {
	cache, err := cacheFolder()
	if err != nil {
		return err
	}
	if err := startKernel(cache); err != nil {
		return err
	}
	return loadPruned(cache, submodules)
}

// loadPruned loads the pruned assembly in place of the one the bindings carry.
//
// The client of the kernel loads a name and version once and ignores the rest,
// so the Initialize of the bindings finds its work done.
func loadPruned(cache string, submodules []string) error {
	full, err := embedded()
	if err != nil {
		return err
	}
	pruned, err := cached(cache, full, submodules)
	if err != nil {
		return err
	}
	return try("load the pruned assembly", func() {
		cdktf.Initialize()
		runtime.Load(assembly, full.version, pruned)
	})
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
