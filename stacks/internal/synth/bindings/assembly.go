package bindings

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// submodule is one entry of a jsii assembly's submodules.
type submodule struct {
	name   string // in the assembly, such as s3Bucket
	folder string // below lib, such as s3-bucket
}

// assemblyPruner copies a jsii assembly without the types and submodules of
// other packages. It reads the 120 MB as a stream and holds only what it keeps.
type assemblyPruner struct {
	in         *json.Decoder
	out        bytes.Buffer
	kept       map[string]bool // by Go package: whether its submodule was seen
	submodules []submodule
}

func pruneAssembly(in io.Reader, packages []string) ([]byte, []submodule, error) {
	a := assemblyPruner{in: json.NewDecoder(in), kept: map[string]bool{}}
	for _, name := range packages {
		a.kept[name] = false
	}
	if err := a.object(a.section); err != nil {
		return nil, nil, err
	}
	for _, name := range packages {
		if !a.kept[name] {
			return nil, nil, fmt.Errorf("has no submodule %s", name)
		}
	}
	return a.out.Bytes(), a.submodules, nil
}

func (a *assemblyPruner) section(key string) error {
	switch key {
	case "types":
		a.key(key)
		return a.object(a.typ)
	case "submodules":
		a.key(key)
		return a.object(a.submodule)
	}
	_, err := a.copy(key)
	return err
}

func (a *assemblyPruner) submodule(fqn string) error {
	name, kept := a.goPackage(fqn)
	if !kept {
		return a.in.Decode(new(skipped))
	}
	raw, err := a.copy(fqn)
	if err != nil {
		return err
	}
	var value struct{ SymbolID string } // "src/<folder>/index:"
	if err := json.Unmarshal(raw, &value); err != nil {
		return err
	}
	path := strings.Split(value.SymbolID, "/")
	if len(path) != 3 {
		return fmt.Errorf("unexpected symbolId %q of %s", value.SymbolID, fqn)
	}
	a.kept[name] = true
	a.submodules = append(a.submodules, submodule{strings.Split(fqn, ".")[1], path[1]})
	return nil
}

// reference finds the types of the same assembly that a type refers to.
var reference = regexp.MustCompile(`"` + assembly + `\.\w+\.\w+`)

func (a *assemblyPruner) typ(fqn string) error {
	if _, kept := a.goPackage(fqn); !kept {
		return a.in.Decode(new(skipped))
	}
	raw, err := a.copy(fqn)
	if err != nil {
		return err
	}
	for _, match := range reference.FindAll(raw, -1) {
		if name, kept := a.goPackage(string(match)); !kept {
			return fmt.Errorf("%s refers to %s: add %q to importedSubmodules", fqn, match[1:], name)
		}
	}
	return nil
}

// goPackage returns the Go package of a name such as
// "@cdktf/provider-aws.s3Bucket.S3Bucket": its second part in lower case.
func (a *assemblyPruner) goPackage(fqn string) (name string, kept bool) {
	if parts := strings.Split(fqn, "."); len(parts) > 1 {
		name = strings.ToLower(parts[1])
	}
	_, kept = a.kept[name]
	return name, kept
}
