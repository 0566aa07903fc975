package callers

import (
	"cmp"
	"maps"
	"slices"
)

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

// Without returns the content as it is when keys are gone.
func (c Content) Without(gone []Key) Content {
	c.Keys = slices.DeleteFunc(slices.Clone(c.Keys), func(k Key) bool { return slices.Contains(Hashes(gone), k.Hash) })
	return c
}

// Hashes are the keys of the entries of keys.
func Hashes(keys []Key) []string {
	var list []string
	for _, k := range keys {
		list = append(list, k.Hash)
	}
	return list
}
