package bindings

import (
	"maps"
	"path/filepath"
	"strings"
	"testing"
)

// fullFiles is what is synthesized with the full bindings.
var fullFiles map[string]string

// fullRun fills fullFiles once, since it takes seconds.
func fullRun(t *testing.T) map[string]string {
	t.Helper()
	if fullFiles == nil {
		fullFiles, _ = run{"full", t.TempDir(), everything, nil}.do(t)
	}
	return fullFiles
}

func TestPrunedAndFullSynthesizeTheSame(t *testing.T) {
	full := fullRun(t)
	if stack := full["/stacks/everything-full/cdk.tf.json"]; !strings.Contains(stack, "aws_cloudfront_distribution") {
		t.Fatalf("synthesized %s", stack)
	}
	cache := t.TempDir()
	for _, use := range []string{"first", "second"} {
		pruned, warning := run{"pruned", cache, everything, nil}.do(t)
		if warning != "" {
			t.Errorf("%s use: %s", use, warning)
		}
		if !maps.Equal(pruned, full) {
			t.Errorf("%s use: pruned %v\nfull %v", use, pruned, full)
		}
	}
}

// TestFallsBackToTheFullBindings takes away the cache of this package, and that of the kernel below the
// home folder.
func TestFallsBackToTheFullBindings(t *testing.T) {
	full := fullRun(t)
	noFolder := filepath.Join(t.TempDir(), "file")
	writeFile(t, noFolder, nil)
	for _, cache := range []string{noFolder, t.TempDir()} {
		files, warning := run{"pruned", cache, everything, []string{"HOME=" + noFolder}}.do(t)
		if !maps.Equal(files, full) {
			t.Errorf("synthesized %v\nnot %v", files, full)
		}
		if strings.Count(warning, "\n") != 1 || strings.Count(warning, noFolder) != 1 {
			t.Errorf("warned %q, not in one line about %s", warning, noFolder)
		}
	}
}

// A kernel that unpacked a package without an assembly refuses it from then on,
// and the full one in its name.
func TestFallsBackWhenTheKernelRefuses(t *testing.T) {
	full := fullRun(t)
	cache := t.TempDir()
	noAssembly := pack(t, "package/package.json", `{"name": "`+assembly+`", "version": "`+version+`"}`)
	writeFile(t, cachePath(filepath.Join(cache, "ml-api-accelerator"), mustEmbedded(t), Submodules), seal(noAssembly))

	files, warning := run{"pruned", cache, everything, nil}.do(t)
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
