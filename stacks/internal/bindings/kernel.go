package bindings

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"embed"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	_ "unsafe" // for go:linkname

	"github.com/aws/jsii-runtime-go"
	cdktf "github.com/hashicorp/terraform-cdk-go/cdktf/jsii"
)

// jsiiRuntime holds what jsii runs in Node.js, unexported like the tarball of
// the bindings. If a later version renames it, startKernel reports it.
//
//go:linkname jsiiRuntime github.com/aws/jsii-runtime-go/internal/embedded.embeddedFS
var jsiiRuntime embed.FS

//go:embed kernel.js
var kernel []byte

// Node is the Node.js that runs the kernel: a name on the PATH, or a path.
func Node() string { return cmp.Or(os.Getenv("JSII_NODE"), "node") }

// startKernel starts the kernel without the process that jsii puts in front of
// it, which saves the start of a Node.js and a hop for every message.
//
// It leaves alone a runtime that the user chose, and Windows, whose shell quotes
// in ways of its own.
func startKernel(cache string) error {
	if os.Getenv("JSII_RUNTIME") != "" || runtime.GOOS == "windows" {
		return nil
	}
	program, err := kernelProgram(cache)
	if err != nil {
		return err
	}
	// The first option is jsii's own. With at most 4 MB for young objects the kernel is as fast and 25 MB smaller.
	// File descriptor 3 is taken, so that no file the program opens gets that number.
	command := fmt.Sprintf("exec %s --preserve-symlinks --max-semi-space-size=4 %s 3</dev/null",
		quoted(Node()), quoted(program))
	defer setenv("JSII_RUNTIME", command)()
	defer setenv("SHELL", "/bin/sh")() // jsii would take the user's, and not every one understands the command
	jsii.Close()                       // it reads them when it makes its next process, and has made one
	return try("start the kernel", cdktf.Initialize)
}

// startUsualKernel starts the kernel as jsii does. It has a cache of its own, and
// fails where it can't write to it, unless it is told to do without.
func startUsualKernel() {
	jsii.Close()
	if try("start the kernel", cdktf.Initialize) != nil {
		_ = os.Setenv("JSII_RUNTIME_PACKAGE_CACHE", "disabled")
		jsii.Close()
	}
}

// kernelProgram returns the path of the program that the kernel runs, in a folder
// of the cache whose name tells its content.
func kernelProgram(cache string) (string, error) {
	entryPoint, err := jsiiRuntime.ReadFile("resources/bin/jsii-runtime.js")
	if err != nil {
		return "", err
	}
	program, err := jsiiRuntime.ReadFile("resources/lib/program.js")
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(slices.Concat(kernel, entryPoint, program))
	folder := filepath.Join(cache, fmt.Sprintf("kernel-%x", sum[:8]))
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", err
	}
	for name, text := range map[string][]byte{
		"kernel.js": kernel, "jsii-runtime.js": entryPoint, "program.js": program,
		"package.json": []byte("{}\n"), // one in the home folder may call all below it ES modules
	} {
		if err := keep(filepath.Join(folder, name), text); err != nil {
			return "", err
		}
	}
	return filepath.Join(folder, "kernel.js"), nil
}

// keep has a file hold the text.
func keep(path string, text []byte) error {
	if kept, err := os.ReadFile(path); err == nil && bytes.Equal(kept, text) {
		return nil
	}
	return replace(path, text)
}

// setenv sets an environment variable and returns how to set it back. It can't
// fail: the names are given, and no value has a NUL.
func setenv(name, value string) (restore func()) {
	before, set := os.LookupEnv(name)
	_ = os.Setenv(name, value)
	return func() {
		_ = os.Unsetenv(name)
		if set {
			_ = os.Setenv(name, before)
		}
	}
}

// quoted is a word of a command line of /bin/sh.
func quoted(word string) string { return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'" }
