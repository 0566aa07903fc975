// Package bindings makes the AWS bindings start fast: it loads an assembly that holds only the submodules this
// program imports.
//
// The bindings of cdktf carry all 2,123 submodules of the provider in one jsii
// assembly, and the first construct of any of them makes the kernel read all of it.
package bindings

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	_ "unsafe"

	"github.com/aws/jsii-runtime-go"
	"github.com/aws/jsii-runtime-go/runtime"
	_ "github.com/cdktf/cdktf-provider-aws-go/aws/v19/jsii"
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

// format is part of the name of a cache file: count it up when prune writes
// something else for the same input.
const format = "1"

// cached returns the pruned tarball from the cache. If it is not there, cached makes it, and may return it
// together with why it couldn't be kept.
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
	// version is that of the assembly, and equal to that of its Go module. The
	// build information would tell it too, but is empty in a test binary.
	version = "19.65.1"
)

// tarball is the npm package that the bindings embed and don't export.
//
// It must stay without a value here. If a later version renames the variable,
// this one is nil, and embedded reports it.
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

// identity names the content of the tarball without reading it: a gzip file
// ends in the CRC-32 and the length of its content, and pruning checks both.
func (s source) identity() string {
	trailer := s.tarball[len(s.tarball)-8:]
	return fmt.Sprintf("%08x%08x",
		binary.LittleEndian.Uint32(trailer), binary.LittleEndian.Uint32(trailer[4:]))
}
