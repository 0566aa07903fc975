package bindings

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// prune copies the npm package of a jsii assembly, keeping only the named Go
// packages: their types, their submodules and their folders.
func prune(full source, packages []string) ([]byte, error) {
	unzip, err := gzip.NewReader(bytes.NewReader(full.tarball))
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	zip := gzip.NewWriter(&out)
	p := pruner{version: full.version, packages: packages, out: tar.NewWriter(zip)}
	for in := tar.NewReader(unzip); ; {
		header, err := in.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		if err := p.file(header.Name, in); err != nil {
			return nil, fmt.Errorf("%s: %w", header.Name, err)
		}
	}
	// A tar file ends before its gzip file does, and the end has the checksum.
	if _, err := io.Copy(io.Discard, unzip); err != nil {
		return nil, err
	}
	if p.folders == nil || !p.manifest {
		return nil, errors.New("the tarball is no jsii package")
	}
	if err := errors.Join(p.out.Close(), zip.Close()); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// pruner holds what one file of the package tells about the others.
type pruner struct {
	version  string
	packages []string
	out      *tar.Writer
	folders  map[string]bool // of the kept submodules, known from the assembly
	manifest bool            // package.json was there
}

func (p *pruner) file(name string, in io.Reader) error {
	switch {
	case name == "package/.jsii":
		return p.assembly(name, in)
	case name == "package/package.json":
		return p.packageJSON(name, in)
	case !strings.HasPrefix(name, "package/lib/") || !strings.HasSuffix(name, ".js"):
		return nil
	case p.folders == nil:
		return errors.New("comes before the assembly")
	case p.folders[strings.Split(name, "/")[2]]:
		content, err := io.ReadAll(in)
		if err != nil {
			return err
		}
		// More than half of it is a source map, which nothing reads.
		content, _, _ = bytes.Cut(content, []byte("\n//# sourceMappingURL="))
		return p.add(name, content)
	}
	return nil
}

func (p *pruner) assembly(name string, in io.Reader) error {
	pruned, submodules, err := pruneAssembly(in, p.packages)
	if err != nil {
		return err
	}
	p.folders = map[string]bool{}
	var index bytes.Buffer
	for _, s := range submodules {
		p.folders[s.folder] = true
		fmt.Fprintf(&index, "Object.defineProperty(exports, %q, { get: () => require(%q) });\n",
			s.name, "./"+s.folder)
	}
	return errors.Join(p.add(name, pruned), p.add("package/lib/index.js", index.Bytes()))
}

// packageJSON refuses a version other than the expected one: the bindings would
// ask the kernel for theirs as well, and it refuses two versions.
func (p *pruner) packageJSON(name string, in io.Reader) error {
	content, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	var manifest struct{ Name, Version string }
	if err := json.Unmarshal(content, &manifest); err != nil {
		return err
	}
	if manifest.Name != assembly || manifest.Version != p.version {
		return fmt.Errorf("is of %s %s, not of %s %s: assembly and version in bindings.go are out of date",
			manifest.Name, manifest.Version, assembly, p.version)
	}
	p.manifest = true
	return p.add(name, content)
}

func (p *pruner) add(name string, content []byte) error {
	header := tar.Header{Name: name, Mode: 0o644, Size: int64(len(content))}
	if err := p.out.WriteHeader(&header); err != nil {
		return err
	}
	_, err := p.out.Write(content)
	return err
}

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

// skipped is a JSON value that is read and dropped.
type skipped struct{}

func (*skipped) UnmarshalJSON([]byte) error { return nil }

// object copies a JSON object. It calls member with each key, and member reads
// the value and writes both, or neither.
func (a *assemblyPruner) object(member func(key string) error) error {
	switch open, err := a.in.Token(); {
	case err != nil:
		return err
	case open != json.Delim('{'):
		return fmt.Errorf("a JSON object was expected, not %v", open)
	}
	a.out.WriteByte('{')
	for a.in.More() {
		key, err := a.in.Token()
		if err != nil {
			return err
		}
		if err := member(key.(string)); err != nil {
			return err
		}
	}
	a.out.WriteByte('}')
	_, err := a.in.Token() // the closing brace
	return err
}

// key writes a key, after a comma if it isn't the first of its object.
func (a *assemblyPruner) key(key string) {
	if written := a.out.Bytes(); written[len(written)-1] != '{' {
		a.out.WriteByte(',')
	}
	quoted, _ := json.Marshal(key) // a string can't fail
	a.out.Write(append(quoted, ':'))
}

// copy reads a value and writes it with its key, byte by byte as it was.
func (a *assemblyPruner) copy(key string) ([]byte, error) {
	var raw json.RawMessage
	if err := a.in.Decode(&raw); err != nil {
		return nil, err
	}
	a.key(key)
	a.out.Write(raw)
	return raw, nil
}
