package bindings

import (
	"bytes"
	"maps"
	"slices"
	"sync"
	"testing"

	"ml-api-accelerator/stacks/internal/synth/cache"
)

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
