package cloudfront

import (
	"slices"
	"strings"
	"time"

	"ml-api-accelerator/stacks/internal/awstest/xmltree"
)

// entry is one resource.
type entry struct {
	kind    *kind
	id      string
	arn     string // of what has tags
	etag    string
	config  *xmltree.Element // as sent, with what AWS adds
	made    time.Time
	changed time.Time
	tags    map[string]string

	canonical string           // canonical user of an origin access identity
	metrics   *xmltree.Element // monitoring subscription of a distribution
	uuid      string           // in the ARN of a key value store
	status    string           // of a key value store
	code      []byte           // of a function
	live      *version         // of a function that is published
}

// store holds all resources by kind and id.
type store struct {
	account string
	entries map[*kind]map[string]*entry
}

func newStore(account string) store {
	s := store{account, map[*kind]map[string]*entry{}}
	for _, k := range kinds {
		s.entries[k] = map[string]*entry{}
	}
	return s
}

// ids returns the ids of a kind in the order of their creation.
func (s store) ids(k *kind) []string {
	var ids []string
	for id := range s.entries[k] {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b string) int {
		if c := s.entries[k][a].made.Compare(s.entries[k][b].made); c != 0 {
			return c
		}
		return strings.Compare(a, b)
	})
	return ids
}

// lookup returns an entry or the kind's error for a missing one.
func (s store) lookup(k *kind, id string) (*entry, error) {
	if e := s.entries[k][id]; e != nil {
		return e, nil
	}
	return nil, k.missing.say("The specified %s does not exist: %s", k.noun, id)
}

// insert stores a new entry unless its unique name is taken.
func (s store) insert(k *kind, config *xmltree.Element) (*entry, error) {
	if err := s.checkUnique(k, "", config); err != nil {
		return nil, err
	}
	e := s.add(k, k.newID(), config)
	if k.noun == "CloudFrontOriginAccessIdentity" {
		e.canonical = canonicalUserID()
	}
	return e, nil
}

// insertNamed stores a new entry of a kind that has names as ids.
func (s store) insertNamed(k *kind, name string, config *xmltree.Element) (*entry, error) {
	if s.entries[k][name] != nil {
		return nil, k.exists.say("A %s with the same Name already exists: %s", k.noun, name)
	}
	return s.add(k, name, config), nil
}

func (s store) add(k *kind, id string, config *xmltree.Element) *entry {
	now := time.Now().UTC()
	e := &entry{kind: k, id: id, config: config, etag: newETag(), made: now, changed: now, tags: map[string]string{}}
	if k.arn != "" {
		e.arn = s.arn(k.arn + id)
	}
	s.entries[k][id] = e
	return e
}

func (s store) arn(resource string) string {
	return "arn:aws:cloudfront::" + s.account + ":" + resource
}

func (s store) checkUnique(k *kind, self string, config *xmltree.Element) error {
	name := config.Get(k.unique)
	for _, other := range s.entries[k] {
		if other.id != self && other.config.Get(k.unique) == name {
			return k.exists.say("A %s with the same %s already exists: %s", k.noun, k.unique, name)
		}
	}
	return nil
}

// change stores a new configuration under a new ETag.
func (s store) change(e *entry, config *xmltree.Element) {
	e.config, e.etag, e.changed = config, newETag(), time.Now().UTC()
}

// byARN finds an entry that has tags.
func (s store) byARN(arn string) (*entry, error) {
	for _, byID := range s.entries {
		for _, e := range byID {
			if arn != "" && e.arn == arn {
				return e, nil
			}
		}
	}
	return nil, refusal{404, "NoSuchResource"}.say("A resource that was specified is not valid: %s", arn)
}
