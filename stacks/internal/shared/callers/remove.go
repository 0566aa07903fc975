package callers

import (
	"fmt"
	"slices"
	"strings"
)

// Removal says which keys of a caller are to go.
type Removal struct {
	Name string
	ID   string // only the key whose hash begins so
	All  bool
}

// Choose returns the keys that a removal means, if it is clear.
func (c Content) Choose(r Removal) ([]Key, error) {
	own := c.Of(r.Name)
	switch {
	case len(own) == 0:
		return nil, fmt.Errorf("%s: has no key%s", r.Name, c.names())
	case r.All || r.ID == "" && len(own) == 1:
		return own, nil
	case r.ID == "":
		return nil, fmt.Errorf("%s: has %d keys, %s; say which with --id, or --all", r.Name, len(own), ids(own))
	}
	chosen := slices.DeleteFunc(slices.Clone(own), func(k Key) bool { return len(r.ID) < len(k.ID()) || !strings.HasPrefix(k.Hash, r.ID) })
	switch len(chosen) {
	case 0:
		return nil, fmt.Errorf("%s: has no key %s; there are %s", r.Name, r.ID, ids(own))
	case 1:
		return chosen, nil
	default:
		return nil, fmt.Errorf("%s: has %d keys that begin with %s; remove them together, with --all", r.Name, len(chosen), r.ID)
	}
}

// names says whose keys there are, where they are few enough to read.
func (c Content) names() string {
	var names []string
	for _, k := range c.Keys {
		names = append(names, k.Name)
	}
	switch names = slices.Compact(names); {
	case len(names) == 0:
		return "; nobody has"
	case len(names) > 10:
		return ""
	}
	return "; there are keys of " + strings.Join(names, ", ")
}
