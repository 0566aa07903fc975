package bindings

import (
	"bytes"
	"maps"
	"path/filepath"
	"slices"
	"sync"
	"testing"
)

func TestTwoProcessesMakeTheCacheAtOnce(t *testing.T) {
	needProcess(t)
	cache := t.TempDir()
	var warnings [2]string
	var files [2]map[string]string
	var both sync.WaitGroup
	for i := range files {
		outdir, output := t.TempDir(), new(bytes.Buffer)
		cmd := run{"pruned", cache, everything, nil}.command(outdir)
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
	if left := slices.Collect(maps.Keys(readFiles(t, cache))); len(left) != 1 {
		t.Errorf("the cache holds %v, not the assembly alone", left)
	}
}

func TestDamagedCacheIsMadeAgain(t *testing.T) {
	full := smallSource(t)
	path := emptyCache(t, full)
	good := mustCached(t, path, full)
	for name, damage := range map[string]func([]byte) []byte{
		"cut":     func(data []byte) []byte { return data[:len(data)/2] },
		"empty":   func([]byte) []byte { return nil },
		"changed": func(data []byte) []byte { data[len(data)/2] ^= 1; return data },
	} {
		t.Run(name, func(t *testing.T) {
			writeFile(t, path, damage(seal(good)))
			if !bytes.Equal(mustCached(t, path, full), good) {
				t.Error("another tarball")
			}
			if !bytes.Equal(readFile(t, path), seal(good)) {
				t.Error("the file is still damaged")
			}
		})
	}
}

func TestIntactCacheIsNotMadeAgain(t *testing.T) {
	full := smallSource(t)
	path := emptyCache(t, full)
	writeFile(t, path, seal([]byte("kept")))
	if got := mustCached(t, path, full); string(got) != "kept" {
		t.Errorf("got %d bytes", len(got))
	}
}

func TestFailureLeavesNothingInTheCache(t *testing.T) {
	full := smallSource(t)
	path := emptyCache(t, full)
	full.tarball = full.tarball[:len(full.tarball)-1]
	if _, err := cached(filepath.Dir(path), full, smallSubmodules); err == nil {
		t.Error("a cut tarball was pruned")
	}
	if left := readFiles(t, filepath.Dir(path)); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}

func TestCacheFileDependsOnItsInput(t *testing.T) {
	full := smallSource(t)
	paths := map[string]string{}
	for name, input := range map[string]struct {
		full       source
		submodules []string
	}{
		"same":       {full, smallSubmodules},
		"version":    {source{"1.2.4", full.tarball}, smallSubmodules},
		"tarball":    {source{full.version, pack(t, "package/.jsii", "{}")}, smallSubmodules},
		"submodules": {full, []string{"iamrole", "s3bucket"}},
	} {
		path := cachePath("", input.full, input.submodules)
		if other, twice := paths[path]; twice {
			t.Errorf("%s and %s share %s", name, other, path)
		}
		paths[path] = name
	}
}

var smallSubmodules = []string{"s3bucket"}

// smallSource is a package that is pruned fast.
func smallSource(t testing.TB) source {
	return source{"1.2.3", pack(t, "package/.jsii", smallAssembly, "package/package.json", smallManifest)}
}

// emptyCache makes a cache folder and returns the path of its file to be.
func emptyCache(t *testing.T, full source) string {
	t.Helper()
	return cachePath(t.TempDir(), full, smallSubmodules)
}

func mustCached(t testing.TB, path string, full source) []byte {
	t.Helper()
	tarball, err := cached(filepath.Dir(path), full, smallSubmodules)
	if err != nil {
		t.Fatal(err)
	}
	return tarball
}

func mustEmbedded(t testing.TB) source {
	t.Helper()
	full, err := embedded()
	if err != nil {
		t.Fatal(err)
	}
	return full
}
