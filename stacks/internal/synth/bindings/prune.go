package bindings

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
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
		return fmt.Errorf("is of %s %s, not of %s %s: the constants in embedded.go are out of date",
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
