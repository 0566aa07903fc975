package replay

// cache is what is kept in a simulation. A key is a hash, so that memory grows with how many objects there are and not with their names;
// among ten million, one in 100,000 times two of them are taken for one.
type cache struct {
	entries map[uint64]entry
	// Whether what has expired is forgotten, and at how many entries it is next.
	forgets bool
	limit   int
}

// entry is when an answer came, and for how many seconds it is served.
type entry struct{ came, life uint32 }

// keys are where an answer may be kept: one that serves every request, and one that only serves a request like this one; 0: there is none.
type keys struct{ whole, own uint64 }

// found is what the cache has for a request.
type found int

const (
	missing found = iota
	stale
	fresh
)

const firstLimit = 1 << 16

func newCache(forgets bool) *cache {
	return &cache{entries: map[uint64]entry{}, forgets: forgets, limit: firstLimit}
}

// ask looks for an answer, and keeps the one that comes from the origin otherwise.
func (c *cache) ask(k keys, life uint32, now int64) found {
	state := c.find(k.whole, now)
	if state != fresh && k.own != 0 {
		state = max(state, c.find(k.own, now))
	}
	if state == fresh || life == 0 {
		return state
	}
	key := k.whole
	if k.own != 0 {
		key = k.own
	}
	c.entries[key] = entry{uint32(now), life}
	if c.forgets && len(c.entries) > c.limit {
		c.forget(now)
	}
	return state
}

// find looks under one key. Lines needn't be in order: an answer to an earlier request would have served the later one as well, and is then
// the one that is kept.
func (c *cache) find(key uint64, now int64) found {
	e, kept := c.entries[key]
	if !kept {
		return missing
	}
	came, life := int64(e.came), int64(e.life)
	switch {
	case now >= came+life || now <= came-life:
		return stale
	case now < came:
		c.entries[key] = entry{uint32(now), e.life}
	}
	return fresh
}

// outOfOrder is how many seconds a line may come late and still find what was kept then.
const outOfOrder = 3600

func (c *cache) forget(now int64) {
	for key, e := range c.entries {
		if now > int64(e.came)+int64(e.life)+outOfOrder {
			delete(c.entries, key)
		}
	}
	c.limit = max(firstLimit, 2*len(c.entries))
}
