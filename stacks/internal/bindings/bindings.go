// Package bindings makes the AWS bindings start fast: it loads an assembly that
// holds only the submodules this program imports.
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

// Load gives the jsii kernel the AWS assembly pruned to Submodules.
//
// Call it before the first construct, that of the app included: after a failure
// it ends the kernel process, and objects made before would be lost. On failure
// it writes one line to warn, and the bindings load the whole assembly themselves.
func Load(warn io.Writer) {
	load(warn, Submodules)
}

func load(warn io.Writer, submodules []string) {
	if err := loadPruned(submodules); err != nil {
		reason := strings.Join(strings.Fields(err.Error()), " ")
		fmt.Fprintf(warn, "bindings: the AWS bindings start slowly: %s\n", reason)
	}
}

func loadPruned(submodules []string) error {
	full, err := embedded()
	if err != nil {
		return err
	}
	pruned, err := cached(full, submodules)
	if err != nil {
		return err
	}
	return loadAssembly(full.version, pruned)
}

// loadAssembly loads a tarball in place of the one the bindings carry.
//
// The client of the kernel loads a name and version once and ignores the rest,
// so the Initialize of the bindings finds its work done.
func loadAssembly(version string, tarball []byte) (err error) {
	defer func() {
		if failure := recover(); failure != nil {
			// A kernel that failed to load a package can't load it again.
			jsii.Close()
			err = fmt.Errorf("load the pruned assembly: %v", failure)
		}
	}()
	cdktf.Initialize()
	runtime.Load(assembly, version, tarball)
	return nil
}
