package render

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Manifest returns the manifest.json of an app with all the stacks, byte by byte as cdktf writes it. The cdktf
// CLI knows the stacks from it.
func Manifest(stacks map[string]Stack) ([]byte, error) {
	var all struct {
		Stacks  map[string]json.RawMessage
		Version string
	}
	for name, stack := range stacks {
		if err := json.Unmarshal(stack.Manifest, &all); err != nil { // adds to the map
			return nil, fmt.Errorf("manifest of %s: %w", name, err)
		}
	}
	var members []string
	for _, name := range slices.Sorted(maps.Keys(all.Stacks)) {
		members = append(members, fmt.Sprintf("    %q: %s", name, all.Stacks[name]))
	}
	return fmt.Appendf(nil, "{\n  \"stacks\": {\n%s\n  },\n  \"version\": %q\n}", strings.Join(members, ",\n"), all.Version), nil
}
