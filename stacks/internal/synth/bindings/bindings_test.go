package bindings

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ml-api-accelerator/stacks/internal/shared/longtest"
	"ml-api-accelerator/stacks/internal/synth/cache"
)

// fullFiles is what is synthesized with the full bindings.
var fullFiles map[string]string

// fullRun fills fullFiles once, since it takes seconds.
func fullRun(t *testing.T) map[string]string {
	t.Helper()
	longtest.Only(t, "the whole bindings take seconds to load")
	if fullFiles == nil {
		fullFiles, _ = run{"full", t.TempDir(), everything, nil}.do(t)
	}
	return fullFiles
}

func TestLongPrunedAndFullSynthesizeTheSame(t *testing.T) {
	full := fullRun(t)
	if stack := full["/stacks/everything-full/cdk.tf.json"]; !strings.Contains(stack, "aws_cloudfront_distribution") {
		t.Fatalf("synthesized %s", stack)
	}
	userCache := t.TempDir()
	for _, use := range []string{"first", "second"} {
		pruned, warning := run{"pruned", userCache, everything, nil}.do(t)
		if warning != "" {
			t.Errorf("%s use: %s", use, warning)
		}
		if !maps.Equal(pruned, full) {
			t.Errorf("%s use: pruned %v\nfull %v", use, pruned, full)
		}
	}
}

// TestLongWithoutCaches takes away the cache of this package, only the place of the assembly in it, the cache
// of the kernel, which is below the home folder, and the knowledge where they are.
func TestLongWithoutCaches(t *testing.T) {
	full := fullRun(t)
	noFolder, userCache := filepath.Join(t.TempDir(), "file"), t.TempDir()
	writeFile(t, noFolder, nil)
	assemblyFile := filepath.Join(userCache, "ml-api-accelerator", cacheName(mustEmbedded(t), importedSubmodules))
	writeFile(t, filepath.Join(assemblyFile, "file"), nil)
	for _, c := range []struct{ cache, home, warning string }{
		{noFolder, os.Getenv("HOME"), noFolder},
		{userCache, os.Getenv("HOME"), assemblyFile},
		{t.TempDir(), noFolder, noFolder},
		{"", "", "$HOME"},
	} {
		files, warning := run{"pruned", c.cache, everything, []string{"HOME=" + c.home}}.do(t)
		if !maps.Equal(files, full) {
			t.Errorf("%v: synthesized %v\nnot %v", c, files, full)
		}
		if strings.Count(warning, "\n") != 1 || !strings.Contains(warning, c.warning) {
			t.Errorf("%v: warned %q, not in one line", c, warning)
		}
	}
	if left, err := filepath.Glob("*.cache"); err != nil || len(left) > 0 {
		t.Errorf("left %v", left)
	}
}

// A kernel that unpacked a package without an assembly refuses it from then on,
// and the full one in its name.
func TestLongFallsBackWhenTheKernelRefuses(t *testing.T) {
	full := fullRun(t)
	userCache := t.TempDir()
	noAssembly := pack(t, "package/package.json", `{"name": "`+assembly+`", "version": "`+version+`"}`)
	folder := cache.In(filepath.Join(userCache, "ml-api-accelerator"))
	if err := folder.Put(cacheName(mustEmbedded(t), importedSubmodules), noAssembly); err != nil {
		t.Fatal(err)
	}

	files, warning := run{"pruned", userCache, everything, nil}.do(t)
	if !maps.Equal(files, full) {
		t.Errorf("synthesized %v\nnot %v", files, full)
	}
	if strings.Count(warning, "\n") != 1 || !strings.Contains(warning, "load the pruned assembly") {
		t.Errorf("warned %q, not in one line about the assembly", warning)
	}
}

func TestSubmoduleLeftOutIsAnError(t *testing.T) {
	_, output := run{"incomplete", t.TempDir(), everything, nil}.do(t)
	if !strings.Contains(output, "@cdktf/provider-aws.s3Bucket") {
		t.Errorf("the synthesis ended with %q", output)
	}
}
