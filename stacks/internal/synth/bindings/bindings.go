// Package bindings makes the AWS bindings start fast. cdktf embeds all 2,123 submodules of the provider in one jsii
// assembly, and the first construct makes the kernel read all of it; this package loads an assembly with only the
// submodules that the stacks import.
package bindings

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	_ "unsafe" // for go:linkname

	"github.com/aws/jsii-runtime-go"
	"github.com/aws/jsii-runtime-go/runtime"
	_ "github.com/cdktf/cdktf-provider-aws-go/aws/v19/jsii" // has the tarball
	cdktf "github.com/hashicorp/terraform-cdk-go/cdktf/jsii"

	"ml-api-accelerator/stacks/internal/synth/cache"
)

// Kernel is the Node.js that runs the constructs.
type Kernel struct{ folder string }

// Load starts the kernel and gives it the AWS assembly pruned to importedSubmodules. Where that fails, the kernel
// starts the slow way, and a line to warn says why.
//
// Call it before the first construct, even the app: it ends a kernel that already runs, with all its objects.
func Load(warn io.Writer) (*Kernel, error) { return load(warn, importedSubmodules) }

func load(warn io.Writer, submodules []string) (*Kernel, error) {
	jsii.Close() // importing jsii has prepared a kernel, with the environment of that time
	folder, err := os.MkdirTemp("", "jsii.")
	if err != nil {
		return nil, err
	}
	k := &Kernel{folder}
	if err := k.start(warn, submodules); err != nil {
		defer k.Unload()
		return nil, k.Explain(err)
	}
	return k, nil
}

func (k *Kernel) start(warn io.Writer, submodules []string) error {
	variables, err := environment(k.folder)
	if err != nil {
		return err
	}
	defer setenv(variables)()
	slow := try("start the kernel", cdktf.Initialize)
	if slow != nil {
		// The kernel has a cache of its own, and fails if it can't write to it.
		defer setenv(map[string]string{"JSII_RUNTIME_PACKAGE_CACHE": "disabled"})()
		jsii.Close()
		if err := try("start the kernel", cdktf.Initialize); err != nil {
			return err
		}
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
func (k *Kernel) Unload() { os.RemoveAll(k.folder) }

// Explain returns the error that a construct or the kernel failed with, or says that Node.js ended. Its own words are
// on stderr by then; what the client of the kernel writes after them is not shown.
func (k *Kernel) Explain(err error) error {
	var answer any
	ask := func() { runtime.StaticInvoke("cdktf.Token", "isUnresolved", []any{""}, &answer) }
	if try("ask the kernel", ask) == nil {
		return err
	}
	fmt.Fprintln(os.Stderr)
	if null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0); err == nil {
		os.Stderr = null
	}
	return fmt.Errorf("%s: Node.js ended before it had made all stacks; what it wrote is above (it takes about 200 MB of memory)", Node())
}

// loadPruned loads the pruned assembly in place of the one that the bindings embed. The client of the kernel loads a
// name and version only once, so the Initialize of the bindings finds its work done.
func loadPruned(submodules []string) error {
	full, err := embedded()
	if err != nil {
		return err
	}
	pruned, err := cached(cache.Open(), full, submodules)
	if pruned == nil {
		return err
	}
	loading := try("load the pruned assembly", func() { runtime.Load(assembly, full.version, pruned) })
	if loading != nil {
		jsii.Close() // a kernel that failed to load a package can't load it again
		return loading
	}
	return err
}

// try returns as an error what do panics with.
func try(something string, do func()) (err error) {
	defer func() {
		if failure := recover(); failure != nil {
			err = fmt.Errorf("%s: %v", something, failure)
		}
	}()
	do()
	return nil
}

// format is part of the name of a cache file: increment it when prune writes something else for the same input.
const format = "1"

// cached returns the pruned tarball from the cache, or makes it. An error beside a tarball is why it couldn't be cached.
func cached(folder cache.Folder, full source, submodules []string) ([]byte, error) {
	name := cacheName(full, submodules)
	if pruned, found := folder.Get(name); found {
		return pruned, nil
	}
	pruned, err := prune(full, submodules)
	if err != nil {
		return nil, err
	}
	return pruned, folder.Put(name, pruned)
}

// cacheName names the file by all that its content depends on.
func cacheName(full source, submodules []string) string {
	list := sha256.Sum256([]byte(format + "\n" + strings.Join(submodules, "\n")))
	return fmt.Sprintf("provider-aws-%s-%s-%x", full.version, full.identity(), list[:8])
}

const (
	assembly = "@cdktf/provider-aws"
	// version is that of the assembly and of its Go module. The build information has it too, but not in a test.
	version = "19.65.1"
)

// tarball is the npm package that the bindings embed but don't export. It gets no value here: if a later version
// renames the variable, this one is nil, and embedded reports it.
//
//go:linkname tarball github.com/cdktf/cdktf-provider-aws-go/aws/v19/jsii.tarball
var tarball []byte

// source is an npm package as the bindings carry it.
type source struct {
	version string
	tarball []byte
}

func embedded() (source, error) {
	if len(tarball) < 18 { // the shortest gzip file
		return source{}, errors.New("the bindings embed no tarball")
	}
	return source{version, tarball}, nil
}

// identity names the content of the tarball without reading it: a gzip file ends in the CRC-32 and the length of its
// content, and prune checks both.
func (s source) identity() string {
	trailer := s.tarball[len(s.tarball)-8:]
	return fmt.Sprintf("%08x%08x", binary.LittleEndian.Uint32(trailer), binary.LittleEndian.Uint32(trailer[4:]))
}
