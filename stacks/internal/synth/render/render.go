// Package render makes the Terraform JSON of stacks, and keeps it: a stack is made anew only if the program or
// its part of the configuration has changed.
package render

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"ml-api-accelerator/stacks"
	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/shared/stackjson"
	"ml-api-accelerator/stacks/internal/synth/bindings"
	"ml-api-accelerator/stacks/internal/synth/cache"
)

// Stack is what cdktf writes for a stack.
type Stack struct {
	JSON      []byte // cdk.tf.json
	Manifest  []byte // manifest.json of an app with this stack alone
	Resources int    // how many it has
	// What overrides say that has no effect on it, once they are merged.
	Warnings []config.Problem
}

// Options say how to render.
type Options struct {
	Fresh bool      // use nothing that was kept
	Warn  io.Writer // is told what makes it slow
	// Is told how many of the stacks that must be made are made, if there are any.
	Progress func(made, all int)
	// The kernel that makes them, for who renders several times; nil: one for this time.
	Kernel *bindings.Kept
}

func (o Options) tell(made, all int) {
	if o.Progress != nil {
		o.Progress(made, all)
	}
}

// Stacks renders the named stacks of a valid configuration, without what is overridden in them. With an error it returns
// those that are kept or were made before. The error is context.Canceled where the context ends, and a
// *bindings.UnusableNode where stacks have to be made and can't.
func Stacks(ctx context.Context, c config.Config, warnings []config.Problem, names []string, o Options) (map[string]Stack, error) {
	var parts []part
	for _, name := range names {
		parts = append(parts, partOf(c, warnings, name))
	}
	kernel := o.Kernel
	if kernel == nil {
		kernel = &bindings.Kept{}
		defer kernel.Unload()
	}
	return render(ctx, parts, keptIn(cache.Open()), o, func(
		ctx context.Context, parts []part, warn io.Writer, done func(part, Stack),
	) error {
		return synthesize(ctx, kernel, parts, warn, done)
	})
}

// synthesizer makes stacks and calls done with each.
type synthesizer func(ctx context.Context, parts []part, warn io.Writer, done func(part, Stack)) error

// render returns the stacks that are kept, and has the others made.
func render(ctx context.Context, parts []part, k kept, o Options, synthesize synthesizer) (map[string]Stack, error) {
	stacks := map[string]Stack{}
	var missing []part
	for _, p := range parts {
		if stack, found := k.get(p); found && !o.Fresh {
			stacks[p.Name] = stack
		} else {
			missing = append(missing, p)
		}
	}
	if len(missing) == 0 {
		return stacks, nil
	}
	unkept := map[string][]string{} // the stacks that can't be kept, by why
	made := 0
	o.tell(made, len(missing))
	err := synthesize(ctx, missing, o.Warn, func(p part, stack Stack) {
		stacks[p.Name] = stack
		if err := k.put(p, stack); err != nil {
			unkept[err.Error()] = append(unkept[err.Error()], p.Name)
		}
		made++
		o.tell(made, len(missing))
	})
	k.folder.Prune()
	for _, why := range slices.Sorted(maps.Keys(unkept)) {
		fmt.Fprintf(o.Warn, "render: not kept, and made anew each time: %s: %s\n", strings.Join(unkept[why], ", "), why)
	}
	return stacks, err
}

// part is what a stack is made from. Its types have no JSON tags, so that two values that differ are two texts. The constructs
// see nothing else of the configuration, so a stack that is kept for its part can't be out of date.
type part struct {
	Name     string // of the stack
	Config   config.Config
	Warnings []config.Problem
}

// partOf leaves out the other environments, and the warnings about them, and what is expected of the stack and overridden
// in it, which comes once it is made.
func partOf(c config.Config, warnings []config.Problem, name string) part {
	p := part{Name: name, Config: c}
	p.Config.Environments = map[string]config.Environment{}
	for environment := range c.Environments {
		if c.StackName(environment) == name {
			without := c.Environments[environment]
			without.Expect, without.Overrides = nil, nil
			p.Config.Environments[environment] = without
		}
	}
	for _, w := range warnings {
		if environment := config.EnvironmentOf(w); environment == "" || c.StackName(environment) == name {
			w.Line, w.Column = 0, 0 // a stack doesn't change where the file is laid out anew
			p.Warnings = append(p.Warnings, w)
		}
	}
	return p
}

// kept are the stacks that this program has rendered.
type kept struct {
	folder  cache.Folder
	program string
	unknown error // why the program isn't known, and keeps nothing
}

func keptIn(folder cache.Folder) kept {
	if os.Getenv("JSII_RUNTIME") != "" {
		return kept{folder: folder, unknown: errors.New("JSII_RUNTIME is set, and what it does isn't known")}
	}
	id, err := program()
	return kept{folder, id, err}
}

// file is the name under which a stack is kept: all that it depends on.
func (k kept) file(p part) string {
	data, err := json.Marshal(p)
	if err != nil {
		panic(err) // a configuration is what a JSON file can say
	}
	return fmt.Sprintf("stack-%x", sha256.Sum256(append([]byte(k.program+"\n"), data...)))
}

func (k kept) get(p part) (Stack, bool) {
	if k.unknown != nil {
		return Stack{}, false
	}
	data, found := k.folder.Get(k.file(p))
	fields := bytes.SplitN(data, separator, 3)
	if !found || len(fields) < 3 {
		return Stack{}, false
	}
	resources, err := strconv.Atoi(string(fields[0]))
	return Stack{Resources: resources, Manifest: fields[1], JSON: fields[2]}, err == nil
}

// separator is a byte that no JSON has.
var separator = []byte{0}

func (k kept) put(p part, s Stack) error {
	if k.unknown != nil {
		return k.unknown
	}
	return k.folder.Put(k.file(p), bytes.Join([][]byte{[]byte(strconv.Itoa(s.Resources)), s.Manifest, s.JSON}, separator))
}

// Manifest returns the manifest.json of an app with all the stacks, byte by byte as cdktf writes it. The cdktf
// CLI knows the stacks from it.
func Manifest(stacks map[string]Stack) ([]byte, error) {
	var all struct {
		Stacks  map[string]json.RawMessage
		Version string
	}
	for name, stack := range stacks {
		if err := json.Unmarshal(stack.Manifest, &all); err != nil { // adds to the map
			return nil, fmt.Errorf("manifest of %s: %w", name, err)
		}
	}
	var members []string
	for _, name := range slices.Sorted(maps.Keys(all.Stacks)) {
		members = append(members, fmt.Sprintf("    %q: %s", name, all.Stacks[name]))
	}
	return fmt.Appendf(nil, "{\n  \"stacks\": {\n%s\n  },\n  \"version\": %q\n}", strings.Join(members, ",\n"), all.Version), nil
}

// synthesize has the constructs make the stacks, in Node.js, and calls done with each. The end of the context ends it
// after the stack that is under way, since the kernel can't stop halfway.
func synthesize(
	ctx context.Context, kept *bindings.Kept, parts []part, warn io.Writer, done func(part, Stack),
) error {
	kernel, err := kept.Load(ctx, warn)
	if err == nil {
		err = synthesizeEach(ctx, kernel, parts, done)
	}
	if err != nil {
		kept.Unload() // it may be the kernel that fails
	}
	return cmp.Or(ctx.Err(), err) // what fails then, fails for that
}

func synthesizeEach(ctx context.Context, kernel *bindings.Kernel, parts []part, done func(part, Stack)) error {
	for _, p := range parts {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		stack, err := synthesizeOne(p)
		if err != nil {
			return kernel.Explain(err)
		}
		done(p, stack)
	}
	return nil
}

func synthesizeOne(p part) (s Stack, err error) {
	dir, err := os.MkdirTemp("", "synth-")
	if err != nil {
		return Stack{}, err
	}
	defer os.RemoveAll(dir)
	defer func() {
		if problem := recover(); problem != nil {
			err = fmt.Errorf("synthesis failed: %v (please report this as a bug, unless your system is to blame)", problem)
		}
	}()
	stacks.New(p.Config, p.Warnings, dir, p.Name).Synth()
	if s.JSON, err = os.ReadFile(filepath.Join(dir, "stacks", p.Name, "cdk.tf.json")); err != nil {
		return Stack{}, err
	}
	if s.Manifest, err = os.ReadFile(filepath.Join(dir, "manifest.json")); err != nil {
		return Stack{}, err
	}
	parsed, err := stackjson.Parse(s.JSON)
	s.Resources = len(parsed.Addresses())
	return s, err
}

// buildID is how the Go toolchain marks a program near the beginning of its file: in a note of an ELF file,
// before the code in others (cmd/internal/buildid). It is four hashes that cover all that went into the build: the
// sources of this program and its dependencies, what they embed, the toolchain and its flags
// (cmd/go/internal/work/buildid.go).
var buildID = regexp.MustCompile(`(?:Go\x00\x00|Go build ID: ")((?:[\w-]{20}/){3}[\w-]{20})`)

// program returns the identity of the running program: the same wherever the file is, another for any other.
func program() (string, error) {
	path, err := os.Executable()
	if err != nil {
		return "", err
	}
	if runtime.GOOS == "linux" {
		path = "/proc/self/exe" // the file that runs, even if another has taken its place
	}
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	return readBuildID(file)
}

func readBuildID(file io.Reader) (string, error) {
	start, err := io.ReadAll(io.LimitReader(file, 64<<10))
	if err != nil {
		return "", err
	}
	id := buildID.FindSubmatch(start)
	if id == nil {
		return "", errors.New("the program has no build ID")
	}
	return string(id[1]), nil
}
