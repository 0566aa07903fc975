// Package bindings makes the AWS bindings start fast: it starts the kernel of jsii without
// a process in front of it, and loads an assembly that holds only the submodules this program imports.
//
// The bindings of cdktf carry all 2,123 submodules of the provider in one jsii
// assembly, and the first construct of any of them makes the kernel read all of it.
package bindings

import (
	"fmt"
	"io"
	"strings"

	"github.com/aws/jsii-runtime-go"
	"github.com/aws/jsii-runtime-go/runtime"
	cdktf "github.com/hashicorp/terraform-cdk-go/cdktf/jsii"
)

// Load starts the kernel and gives it the AWS assembly pruned to Submodules.
//
// Call it before the first construct, that of the app included: it ends a kernel
// that runs, and objects made before would be lost. What fails is done in a slower
// way, which one line to warn tells.
func Load(warn io.Writer) {
	load(warn, Submodules)
}

func load(warn io.Writer, submodules []string) {
	cache, err := cacheFolder()
	if err == nil {
		err = startKernel(cache)
	}
	if err != nil {
		startUsualKernel()
	}
	if problem := loadPruned(cache, submodules); err == nil {
		err = problem
	}
	if err != nil {
		reason := strings.Join(strings.Fields(err.Error()), " ")
		fmt.Fprintf(warn, "bindings: the AWS bindings start slowly: %s\n", reason)
	}
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
