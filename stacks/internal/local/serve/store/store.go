package store

import (
	"container/list"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"ml-api-accelerator/stacks/internal/edge/freshness"
)

// Answer is an origin's answer in the cache. Nothing of it changes but its body, which grows until it is complete.
type Answer struct {
	Status int
	Header http.Header
	Body   *Body

	Came        time.Time
	Life        freshness.Lifetime // from then on
	Omitted     []string           // headers for the first caller only
	Compressed  string             // the format in which the edge has compressed it; empty: it hasn't
	FailedUntil time.Time          // the origin has failed, and isn't asked until then

	// The number of the deployment on which it was asked for, and how the requests of its route were treated there.
	Deployment int
	Treatment  string
}

// Store has answers by their keys.
type Store struct {
	dir    string
	limits limits

	mutex   sync.Mutex
	answers map[string]*list.Element
	memory  shelf
	disk    shelf
}

// shelf is the answers in memory or on disk, the last used in front.
type shelf struct {
	list  list.List
	bytes int64
	limit int64
}

type kept struct {
	key    string
	answer *Answer
	bytes  int64
	shelf  *shelf
}

// overhead is about what an answer takes beside its body and headers.
const overhead = 1 << 10

// writtenBytes is how much memory all bodies have while they are written, beside a window each.
const writtenBytes = 32 << 20

// New makes a store for so many bytes in memory and in files, and as many again in files that are being written.
func New(memoryBytes, diskBytes int64) (*Store, error) {
	dir, err := os.MkdirTemp("", "ml-api-edge-")
	s := &Store{
		dir: dir, answers: map[string]*list.Element{},
		memory: shelf{limit: memoryBytes}, disk: shelf{limit: diskBytes},
	}
	s.limits.memory.give(writtenBytes)
	s.limits.disk.give(diskBytes)
	return s, err
}

// NewBody makes an empty body with one user.
func (s *Store) NewBody() *Body { return newBody(s.dir, &s.limits) }

// Fits reports whether an answer of this length can be kept.
func (s *Store) Fits(length int64) bool {
	if length > memoryBytes {
		return length <= s.disk.limit
	}
	return length <= s.memory.limit
}

// Get returns an answer, or nil. The caller uses its body, and has to leave it. An answer that isn't usable is forgotten,
// also one of a later deployment, which has it fetched once more.
func (s *Store) Get(key string, usable func(*Answer) bool) *Answer {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	element, found := s.answers[key]
	if !found {
		return nil
	}
	k := element.Value.(*kept)
	if !usable(k.answer) {
		s.remove(element)
		return nil
	}
	k.shelf.list.MoveToFront(element)
	if !k.answer.Body.Use() {
		return nil
	}
	return k.answer
}

// Has reports whether the key has this answer; nil: whether it has none.
func (s *Store) Has(key string, a *Answer) bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	element, found := s.answers[key]
	return found == (a != nil) && (!found || element.Value.(*kept).answer == a)
}

// Put keeps an answer whose body is complete, in place of the former one, unless that is of a later deployment. It evicts
// what was used least recently.
func (s *Store) Put(key string, a *Answer) {
	k := &kept{key: key, answer: a, bytes: int64(len(key)) + overhead, shelf: &s.memory}
	for name, values := range a.Header {
		for _, value := range values {
			k.bytes += int64(len(name) + len(value))
		}
	}
	if a.Body.inFile() {
		k.shelf = &s.disk
	}
	k.bytes += a.Body.Size()
	s.mutex.Lock()
	defer s.mutex.Unlock()
	former, found := s.answers[key]
	if found && former.Value.(*kept).answer.Deployment > a.Deployment {
		return
	}
	// First, since the new answer may have the body of the former.
	used := k.bytes <= k.shelf.limit && a.Body.Whole() && a.Body.Use()
	if found {
		s.remove(former)
	}
	if !used {
		return
	}
	s.answers[key] = k.shelf.list.PushFront(k)
	for k.shelf.bytes += k.bytes; k.shelf.bytes > k.shelf.limit; {
		s.remove(k.shelf.list.Back())
	}
}

func (s *Store) remove(element *list.Element) {
	k := element.Value.(*kept)
	k.shelf.list.Remove(element)
	k.shelf.bytes -= k.bytes
	delete(s.answers, k.key)
	k.answer.Body.Leave()
}

// Delete forgets an answer, if the key still has this one.
func (s *Store) Delete(key string, a *Answer) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if element, found := s.answers[key]; found && element.Value.(*kept).answer == a {
		s.remove(element)
	}
}

// Bytes returns how much is kept in memory and in files.
func (s *Store) Bytes() (memory, disk int64) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.memory.bytes, s.disk.bytes
}

// Close empties the store, and removes the files.
func (s *Store) Close() error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for _, element := range s.answers {
		s.remove(element)
	}
	return os.RemoveAll(s.dir)
}

// Dir returns the folder of the files.
func (s *Store) Dir() string { return s.dir }

// limits are how much room is left for all bodies that are being written.
type limits struct{ memory, disk room }

// room counts the bytes that are left.
type room struct{ left atomic.Int64 }

func (r *room) take(n int64) bool {
	if r.left.Add(-n) >= 0 {
		return true
	}
	r.left.Add(n)
	return false
}

func (r *room) give(n int64) { r.left.Add(n) }
