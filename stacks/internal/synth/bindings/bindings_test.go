package bindings

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
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

func TestTwoProcessesMakeTheCacheAtOnce(t *testing.T) {
	needProcess(t)
	userCache := t.TempDir()
	var warnings [2]string
	var files [2]map[string]string
	var both sync.WaitGroup
	for i := range files {
		outdir, output := t.TempDir(), new(bytes.Buffer)
		cmd := run{"pruned", userCache, everything, nil}.command(outdir)
		cmd.Stdout = output
		both.Go(func() {
			if err := cmd.Run(); err != nil {
				t.Error(err)
				return
			}
			warnings[i], files[i] = output.String(), readFiles(t, outdir)
		})
	}
	both.Wait()
	if warnings[0]+warnings[1] != "" || len(files[0]) == 0 || !maps.Equal(files[0], files[1]) {
		t.Errorf("warned %q, synthesized %v", warnings, files)
	}
	if left := slices.Collect(maps.Keys(readFiles(t, userCache))); len(left) != 1 {
		t.Errorf("the cache holds %v, not the assembly alone", left)
	}
}

func TestIntactCacheIsNotMadeAgain(t *testing.T) {
	full, folder := smallSource(t), cache.In(t.TempDir())
	if err := folder.Put(cacheName(full, smallSubmodules), []byte("kept")); err != nil {
		t.Fatal(err)
	}
	if got, err := cached(folder, full, smallSubmodules); err != nil || string(got) != "kept" {
		t.Errorf("got %d bytes, %v", len(got), err)
	}
}

func TestFailureLeavesNothingInTheCache(t *testing.T) {
	full, dir := smallSource(t), t.TempDir()
	full.tarball = full.tarball[:len(full.tarball)-1]
	if _, err := cached(cache.In(dir), full, smallSubmodules); err == nil {
		t.Error("a cut tarball was pruned")
	}
	if left := readFiles(t, dir); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}

func TestCacheFileDependsOnItsInput(t *testing.T) {
	full := smallSource(t)
	cases := map[string]string{}
	for what, input := range map[string]struct {
		full       source
		submodules []string
	}{
		"same":       {full, smallSubmodules},
		"version":    {source{"1.2.4", full.tarball}, smallSubmodules},
		"tarball":    {source{full.version, pack(t, "package/.jsii", "{}")}, smallSubmodules},
		"submodules": {full, []string{"iamrole", "s3bucket"}},
	} {
		name := cacheName(input.full, input.submodules)
		if other, twice := cases[name]; twice {
			t.Errorf("%s and %s share %s", what, other, name)
		}
		cases[name] = what
	}
}

var smallSubmodules = []string{"s3bucket"}

// smallSource is a package that is pruned fast.
func smallSource(t testing.TB) source {
	return source{"1.2.3", pack(t, "package/.jsii", smallAssembly, "package/package.json", smallManifest)}
}

func mustEmbedded(t testing.TB) source {
	t.Helper()
	full, err := embedded()
	if err != nil {
		t.Fatal(err)
	}
	return full
}
