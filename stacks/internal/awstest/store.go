package awstest

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// entry is one resource in CloudFront's store.
type entry struct {
	kind    *kind
	id      string
	etag    string
	config  *node // as sent, with what AWS adds
	made    time.Time
	changed time.Time
	tags    map[string]string

	managed   bool   // one of AWS's own policies
	canonical string // canonical user of an origin access identity
	code      string // of a function, base64
	live      bool   // the function was published
	metrics   *node  // monitoring subscription of a distribution

	invalidations []*node // of a distribution
}

// store holds all resources of CloudFront by kind and id.
type store struct {
	sync.Mutex
	entries map[*kind]map[string]*entry
}

func newStore() *store {
	s := &store{entries: map[*kind]map[string]*entry{}}
	for _, k := range kinds {
		s.entries[k] = map[string]*entry{}
	}
	s.addManagedPolicies()
	return s
}

// all returns the entries of a kind in the order of their creation.
func (s *store) all(k *kind) []*entry {
	var list []*entry
	for _, e := range s.entries[k] {
		list = append(list, e)
	}
	slices.SortFunc(list, func(a, b *entry) int {
		if c := a.made.Compare(b.made); c != 0 {
			return c
		}
		return strings.Compare(a.id, b.id)
	})
	return list
}

// lookup returns an entry or the kind's error for a missing one.
func (s *store) lookup(k *kind, id string) (*entry, error) {
	if e := s.entries[k][id]; e != nil {
		return e, nil
	}
	return nil, k.missing.say("The specified %s does not exist: %s", k.noun, id)
}

// insert stores a new entry unless its unique name is taken.
func (s *store) insert(k *kind, id string, config *node) (*entry, error) {
	if k.unique != "" {
		if err := s.checkUnique(k, "", config); err != nil {
			return nil, err
		}
	}
	now := time.Now().UTC()
	e := &entry{kind: k, id: id, config: config, etag: newETag(), made: now, changed: now, tags: map[string]string{}}
	s.entries[k][id] = e
	return e, nil
}

func (s *store) checkUnique(k *kind, self string, config *node) error {
	name := config.get(k.unique)
	for _, other := range s.entries[k] {
		if other.id != self && other.config.get(k.unique) == name {
			return k.exists.say("A %s with the same %s already exists: %s", k.noun, k.unique, name)
		}
	}
	return nil
}

// change stores a new configuration under a new ETag.
func (s *store) change(e *entry, config *node) {
	e.config, e.etag, e.changed = config, newETag(), time.Now().UTC()
}

// users returns the entries whose configuration refers to e.
func (s *store) users(e *entry) []*entry {
	if e.kind.ref == "" {
		return nil
	}
	var users []*entry
	for _, byID := range s.entries {
		for _, other := range byID {
			if slices.Contains(references(other.config, e.kind), e.reference()) {
				users = append(users, other)
			}
		}
	}
	return users
}

// references returns what a configuration names of a kind.
func references(config *node, k *kind) []string {
	var found []string
	for _, n := range config.find(k.ref) {
		if ref := strings.TrimPrefix(n.text, "origin-access-identity/cloudfront/"); ref != "" {
			found = append(found, ref)
		}
	}
	return found
}

// reference is how other configurations name the entry.
func (e *entry) reference() string {
	if e.kind.ref == "FunctionARN" {
		return e.arn()
	}
	return e.id
}

// checkReferences refuses a configuration that names what does not exist.
func (s *store) checkReferences(config *node) error {
	for _, k := range kinds {
		if k.ref == "" {
			continue
		}
		for _, ref := range references(config, k) {
			known := slices.ContainsFunc(s.all(k), func(e *entry) bool { return e.reference() == ref })
			if !known {
				return k.dangling.say("The %s does not exist: %s", k.noun, ref)
			}
		}
	}
	return nil
}

func (e *entry) arn() string {
	return fmt.Sprintf("arn:aws:cloudfront::%s:%s%s", AccountID, e.kind.arn, e.id)
}

// byARN finds a taggable entry.
func (s *store) byARN(arn string) (*entry, error) {
	for _, byID := range s.entries {
		for _, e := range byID {
			if e.kind.arn != "" && e.arn() == arn {
				return e, nil
			}
		}
	}
	return nil, &Error{404, "NoSuchResource", "A resource that was specified is not valid: " + arn}
}

// say returns the error with a message.
func (e Error) say(format string, args ...any) error {
	e.Message = fmt.Sprintf(format, args...)
	return &e
}

func newETag() string { return shortID("E")() }

func timestamp(t time.Time) string { return t.Format("2006-01-02T15:04:05.000Z") }
