package compare

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"ml-api-accelerator/stacks/internal/edge"
)

// Read reads the distributions of a folder of synthesized stacks, cdktf's output folder or the one with the stacks in
// it, by the names of their environments.
func Read(folder string) (map[string]*edge.Distribution, error) {
	stacks, err := readStacks(folder)
	if err != nil {
		return nil, err
	}
	distributions, prefix := map[string]*edge.Distribution{}, ""
	for _, name := range either(stacks, nil) {
		d, err := edge.Parse(stacks[name])
		switch {
		case errors.Is(err, edge.ErrNoDistribution):
			prefix = strings.TrimSuffix(name, "state") // of the stack of the state's bucket
		case err != nil:
			return nil, fmt.Errorf("%s of %s: %w", name, folder, err)
		default:
			distributions[name] = d
		}
	}
	environments := map[string]*edge.Distribution{}
	for name, d := range distributions {
		environments[strings.TrimPrefix(name, prefix)] = d
	}
	return environments, nil
}

func readStacks(folder string) (map[string][]byte, error) {
	below := filepath.Join(folder, "stacks")
	entries, err := os.ReadDir(below)
	if errors.Is(err, fs.ErrNotExist) {
		below = folder
		entries, err = os.ReadDir(below)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: not found", folder)
	}
	if err != nil {
		return nil, err
	}
	stacks := map[string][]byte{}
	for _, entry := range entries {
		text, err := os.ReadFile(filepath.Join(below, entry.Name(), "cdk.tf.json"))
		if err == nil {
			stacks[entry.Name()] = text
		} else if entry.IsDir() && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	if len(stacks) == 0 {
		return nil, fmt.Errorf("%s: has no stacks; name a folder that synth wrote to", folder)
	}
	return stacks, nil
}
