package cloudfront

import (
	"slices"
	"strings"

	"ml-api-accelerator/stacks/internal/awstest/xmltree"
)

// users returns the entries whose configuration refers to e.
func (s store) users(e *entry) []*entry {
	var users []*entry
	for _, byID := range s.entries {
		for _, other := range byID {
			if slices.Contains(other.references(e.kind), e.reference()) {
				users = append(users, other)
			}
		}
	}
	return users
}

// references returns the ids that a configuration names of a kind.
func references(config *xmltree.Element, k *kind) []string {
	if k.ref == "" {
		return nil
	}
	var found []string
	for _, n := range config.Find(k.ref) {
		if ref := strings.TrimPrefix(n.Text, "origin-access-identity/cloudfront/"); ref != "" {
			found = append(found, ref)
		}
	}
	return found
}

// references returns what the entry names of a kind, a function in both of its stages.
func (e *entry) references(k *kind) []string {
	found := references(e.config, k)
	if e.live != nil {
		found = append(found, references(e.live.config, k)...)
	}
	return found
}

// reference is how another configuration names the entry.
func (e *entry) reference() string {
	if e.kind.byARN {
		return e.arn
	}
	return e.id
}

// referred returns the entry that a configuration names, or nil.
func (s store) referred(k *kind, reference string) *entry {
	if !k.byARN {
		return s.entries[k][reference]
	}
	for _, e := range s.entries[k] {
		if e.arn == reference {
			return e
		}
	}
	return nil
}

// checkReferences refuses a configuration that names what does not exist.
func (s store) checkReferences(config *xmltree.Element) error {
	for _, k := range kinds {
		for _, id := range references(config, k) {
			if s.referred(k, id) == nil && !slices.Contains(k.managed, id) {
				return k.dangling.say("The %s does not exist: %s", k.noun, id)
			}
		}
	}
	return nil
}
