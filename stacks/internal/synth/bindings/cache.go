package bindings

import (
	"crypto/sha256"
	"fmt"
	"strings"

	"ml-api-accelerator/stacks/internal/synth/cache"
)

// format is part of the name of a cache file: count it up when prune writes
// something else for the same input.
const format = "1"

// cached returns the pruned tarball from the cache. If it is not there, cached makes it, and may return it
// together with why it couldn't be kept.
func cached(folder cache.Folder, full source, submodules []string) ([]byte, error) {
	name := cacheName(full, submodules)
	if pruned, found := folder.Get(name); found {
		return pruned, nil
	}
	pruned, err := prune(full, submodules)
	if err != nil {
		return nil, err
	}
	return pruned, folder.Put(name, pruned)
}

// cacheName names the file by all that its content depends on.
func cacheName(full source, submodules []string) string {
	list := sha256.Sum256([]byte(format + "\n" + strings.Join(submodules, "\n")))
	return fmt.Sprintf("provider-aws-%s-%s-%x", full.version, full.identity(), list[:8])
}
