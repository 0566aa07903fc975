package bindings

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"strings"
	"testing"

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
