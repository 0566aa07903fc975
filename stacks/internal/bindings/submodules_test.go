package bindings

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	root   = "../.." // the folder whose imports importedSubmodules lists
	module = "github.com/cdktf/cdktf-provider-aws-go/aws/v19"
)

func TestSubmodulesAreTheImports(t *testing.T) {
	for _, message := range drift(t, root, importedSubmodules) {
		t.Error(message)
	}
}

func TestDrift(t *testing.T) {
	root := t.TempDir()
	for path, content := range map[string]string{
		"a/site.go":           "package a\nimport \"" + module + "/s3bucket\"\nimport x \"" + module + "/iamrole\"",
		"a/site_test.go":      "package a\nimport \"" + module + "/sqsqueue\"",
		"b/c/network.go":      "package c\nimport (\n\"fmt\"\n\"" + module + "/vpc\"\n_ \"" + module + "/jsii\"\n)",
		"b/testdata/x/bad.go": "package x\nimport \"" + module + "/kmskey\"",
	} {
		writeFile(t, filepath.Join(root, path), []byte(content))
	}
	for _, c := range []struct {
		submodules []string
		want       []string
	}{
		{[]string{"iamrole", "s3bucket", "vpc"}, nil},
		{[]string{"iamrole", "s3bucket"}, []string{
			`b/c/network.go imports ` + module + `/vpc: add the line "vpc", to importedSubmodules in submodules.go`,
		}},
		{[]string{"iamrole", "s3bucket", "sqsqueue", "vpc"}, []string{
			`nothing imports ` + module + `/sqsqueue: remove the line "sqsqueue", from importedSubmodules in submodules.go`,
		}},
		{[]string{"s3bucket", "iamrole", "vpc"}, []string{
			`importedSubmodules in submodules.go must be sorted, each name once: "iamrole" comes after "s3bucket"`,
		}},
		{[]string{"iamrole", "iamrole", "s3bucket", "vpc"}, []string{
			`importedSubmodules in submodules.go must be sorted, each name once: "iamrole" comes after "iamrole"`,
		}},
	} {
		if got := drift(t, root, c.submodules); !slices.Equal(got, c.want) {
			t.Errorf("%v: got %q, want %q", c.submodules, got, c.want)
		}
	}
}

// drift says how the list differs from the imports below the folder root.
func drift(t *testing.T, root string, submodules []string) (messages []string) {
	t.Helper()
	imported := imports(t, root)
	for _, name := range slices.Sorted(maps.Keys(imported)) {
		if !slices.Contains(submodules, name) {
			messages = append(messages, fmt.Sprintf("%s imports %s/%s: add the line %q, to importedSubmodules in submodules.go",
				imported[name], module, name, name))
		}
	}
	for i, name := range submodules {
		if _, ok := imported[name]; !ok {
			messages = append(messages, fmt.Sprintf("nothing imports %s/%s: remove the line %q, from importedSubmodules in submodules.go",
				module, name, name))
		}
		if i > 0 && submodules[i-1] >= name {
			messages = append(messages, fmt.Sprintf("importedSubmodules in submodules.go must be sorted, each name once: %q comes after %q",
				name, submodules[i-1]))
		}
	}
	return messages
}

// imports maps each imported package of the AWS bindings to a file importing it.
func imports(t *testing.T, root string) map[string]string {
	t.Helper()
	found := map[string]string{}
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
				found[name], _ = filepath.Rel(root, path)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
