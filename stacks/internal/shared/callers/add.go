package callers

import (
	"fmt"
	"slices"
	"strings"
)

// maxKeys is how many keys a caller may have: one that is in use, one that follows it, and some forgotten ones.
const maxKeys = 5

// CheckAdd tells why a key can't be added to what the store has.
func (c Content) CheckAdd(added Key) error {
	for _, k := range c.Keys {
		if k.Hash == added.Hash {
			return fmt.Errorf("the key: is there already, as %s's key %s", k.Name, k.ID())
		}
	}
	if slices.Contains(c.Foreign, added.Hash) {
		return fmt.Errorf("the key: is there already, in an entry that the commands didn't write")
	}
	if own := c.Of(added.Name); len(own) >= maxKeys {
		return fmt.Errorf("%s: has %d keys already (%s), and no more are allowed; remove one first", added.Name, len(own), ids(own))
	}
	return nil
}

// ids lists keys as a command line names them.
func ids(keys []Key) string {
	var list []string
	for _, k := range keys {
		list = append(list, k.ID())
	}
	return strings.Join(list, ", ")
}
