package callers

import (
	"cmp"
	"maps"
	"slices"
)

// CanaryEntry is the key under which the store has the share of the callers, in percent, that get the canary.
const CanaryEntry = "canary"

// Content is what the store has.
type Content struct {
	Keys    []Key    // by name, then by age
	Foreign []string // keys of entries that the commands didn't write
}

// Read makes sense of the entries of the store.
func Read(entries map[string]string) Content {
	var c Content
	for _, key := range slices.Sorted(maps.Keys(entries)) {
		k, err := parse(key, entries[key])
		switch {
		case err == nil:
			c.Keys = append(c.Keys, k)
		case key != CanaryEntry:
			c.Foreign = append(c.Foreign, key)
		}
	}
	slices.SortStableFunc(c.Keys, func(a, b Key) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), a.Created.Compare(b.Created))
	})
	return c
}

// Of returns the keys of one caller, the oldest first.
func (c Content) Of(name string) []Key {
	var own []Key
	for _, k := range c.Keys {
		if k.Name == name {
			own = append(own, k)
		}
	}
	return own
}
