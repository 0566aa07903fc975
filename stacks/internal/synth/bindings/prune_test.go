package bindings

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"flag"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ml-api-accelerator/stacks/golden"
	"ml-api-accelerator/stacks/internal/synth/cache"
)

func TestEmbeddedTarball(t *testing.T) {
	full := mustEmbedded(t)
	if !bytes.HasPrefix(full.tarball, []byte{0x1f, 0x8b}) || full.version == "" {
		t.Errorf("version %q, %d bytes that are no gzip file: has the variable of the bindings changed?",
			full.version, len(full.tarball))
	}
}

// TestSubmodulesAreInTheAssembly prunes when the list has changed: the cache file is named by it.
func TestSubmodulesAreInTheAssembly(t *testing.T) {
	if _, err := cached(cache.Open(), mustEmbedded(t), importedSubmodules); err != nil {
		t.Error(err)
	}
}

const smallManifest = `{"name": "@cdktf/provider-aws", "version": "1.2.3"}`

// smallAssembly has a reference between submodules, which the real one lacks.
const smallAssembly = `{
  "name": "@cdktf/provider-aws",
  "submodules": {
    "@cdktf/provider-aws.s3Bucket": {"symbolId": "src/s3-bucket/index:"},
    "@cdktf/provider-aws.iamRole": {"symbolId": "src/iam-role/index:"}
  },
  "types": {
    "@cdktf/provider-aws.s3Bucket.S3Bucket": {"base": "cdktf.TerraformResource",  "n": 1.50},
    "@cdktf/provider-aws.iamRole.IamRole": {"fqn": "@cdktf/provider-aws.s3Bucket.S3Bucket"}
  },
  "version": "1.2.3"
}`

func TestPrune(t *testing.T) {
	pruned, err := prune(source{"1.2.3", pack(t,
		"package/.jsii", smallAssembly,
		"package/README.md", "text",
		"package/lib/index.js", "all",
		"package/lib/s3-bucket/index.js", "bucket\n//# sourceMappingURL=data:,map",
		"package/lib/s3-bucket/index.d.ts", "types",
		"package/lib/s3-bucket/index-structs/structs0.js", "structs",
		"package/lib/iam-role/index.js", "role",
		"package/package.json", smallManifest,
	)}, []string{"s3bucket"})
	if err != nil {
		t.Fatal(err)
	}
	want := pack(t,
		"package/.jsii", `{"name":"@cdktf/provider-aws",`+
			`"submodules":{"@cdktf/provider-aws.s3Bucket":{"symbolId": "src/s3-bucket/index:"}},`+
			`"types":{"@cdktf/provider-aws.s3Bucket.S3Bucket":{"base": "cdktf.TerraformResource",  "n": 1.50}},`+
			`"version":"1.2.3"}`,
		"package/lib/index.js",
		`Object.defineProperty(exports, "s3Bucket", { get: () => require("./s3-bucket") });`+"\n",
		"package/lib/s3-bucket/index.js", "bucket",
		"package/lib/s3-bucket/index-structs/structs0.js", "structs",
		"package/package.json", smallManifest,
	)
	if !bytes.Equal(pruned, want) {
		t.Errorf("got\n%s\nwant\n%s", unzipped(t, pruned), unzipped(t, want))
	}
}

func TestPruneRefuses(t *testing.T) {
	tarball := pack(t, "package/.jsii", smallAssembly, "package/package.json", smallManifest)
	damaged := bytes.Clone(tarball)
	damaged[len(damaged)-8] ^= 1
	for name, c := range map[string]struct {
		full     source
		packages []string
		want     string
	}{
		"an unknown package":    {source{"1.2.3", tarball}, []string{"vpc"}, "has no submodule vpc"},
		"a missing reference":   {source{"1.2.3", tarball}, []string{"iamrole"}, `add "s3bucket" to importedSubmodules`},
		"another version":       {source{"1.2.4", tarball}, nil, "is of @cdktf/provider-aws 1.2.3"},
		"no gzip file":          {source{"1.2.3", []byte("text")}, nil, "EOF"},
		"a wrong checksum":      {source{"1.2.3", damaged}, nil, "invalid checksum"},
		"no assembly":           {source{"1.2.3", pack(t, "package/package.json", smallManifest)}, nil, "no jsii package"},
		"no manifest":           {source{"1.2.3", pack(t, "package/.jsii", "{}")}, nil, "no jsii package"},
		"an assembly of text":   {source{"1.2.3", pack(t, "package/.jsii", `"text"`)}, nil, "JSON object was expected"},
		"half an assembly":      {source{"1.2.3", pack(t, "package/.jsii", smallAssembly[:400])}, nil, "EOF"},
		"the assembly too late": {source{"1.2.3", pack(t, "package/lib/vpc/index.js", "")}, nil, "comes before the assembly"},
	} {
		if _, err := prune(c.full, c.packages); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
}

// pack makes a tarball of paths and contents in turn.
func pack(t testing.TB, files ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	zip := gzip.NewWriter(&out)
	p := pruner{out: tar.NewWriter(zip)}
	for i := 0; i < len(files); i += 2 {
		if err := p.add(files[i], []byte(files[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(p.out.Close(), zip.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func unzipped(t testing.TB, tarball []byte) string {
	t.Helper()
	unzip, err := gzip.NewReader(bytes.NewReader(tarball))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if _, err := out.ReadFrom(unzip); err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(out.String(), "\x00", "")
}

var update = flag.Bool("update", false, "write submodules.go anew")

const (
	root          = "../../.." // the folder whose imports importedSubmodules lists
	module        = "github.com/cdktf/cdktf-provider-aws-go/aws/v19"
	updateCommand = "go test ./stacks/internal/synth/bindings -update"
)

func TestSubmodulesAreTheImports(t *testing.T) {
	golden.Equal(t, "submodules.go", submodulesFile(imports(t, root)), *update, updateCommand)
}

// submodulesFile is submodules.go.
func submodulesFile(names []string) []byte {
	var file strings.Builder
	fmt.Fprintf(&file, "// Code generated by %s; DO NOT EDIT.\n\npackage bindings\n\n", updateCommand)
	file.WriteString("// importedSubmodules lists the AWS packages that the stacks import: the last element of each import path, sorted.\n")
	file.WriteString("var importedSubmodules = []string{\n")
	for _, name := range names {
		fmt.Fprintf(&file, "\t%q,\n", name)
	}
	file.WriteString("}\n")
	return []byte(file.String())
}

func TestImports(t *testing.T) {
	root := t.TempDir()
	for path, content := range map[string]string{
		"a/site.go":           "package a\nimport \"" + module + "/s3bucket\"\nimport x \"" + module + "/iamrole\"",
		"a/site_test.go":      "package a\nimport \"" + module + "/sqsqueue\"",
		"b/c/network.go":      "package c\nimport (\n\"fmt\"\n\"" + module + "/vpc\"\n_ \"" + module + "/jsii\"\n)",
		"b/d/bucket.go":       "package d\nimport \"" + module + "/s3bucket\"",
		"b/testdata/x/bad.go": "package x\nimport \"" + module + "/kmskey\"",
	} {
		writeFile(t, filepath.Join(root, path), []byte(content))
	}
	if got, want := imports(t, root), []string{"iamrole", "s3bucket", "vpc"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// imports lists the packages of the AWS bindings that are imported below a folder, but by tests.
func imports(t *testing.T, root string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "testdata" || entry.Name() == "cdktf.out" || entry.Name() == "node_modules"):
			return filepath.SkipDir
		case entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range file.Imports {
			name, ok := strings.CutPrefix(strings.Trim(spec.Path.Value, "\"`"), module+"/")
			if ok && name != "jsii" { // that one holds the tarball
				found = append(found, name)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(found)
	return slices.Compact(found)
}
