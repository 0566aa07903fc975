// Package callers is the API keys of an environment's callers, as the key value store of its function has them.
package callers

import (
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Content is what the store has.
type Content struct {
	Keys        []Key // by name, then by age
	Credentials []Credential
	Pause       *Pause   // nil: nothing is paused
	Foreign     []string // keys of entries that the commands didn't write
}

// Read makes sense of the entries of the store.
func Read(entries map[string]string) Content {
	var c Content
	for _, key := range slices.Sorted(maps.Keys(entries)) {
		k, err := parse(key, entries[key])
		switch {
		case err == nil:
			c.Keys = append(c.Keys, k)
		case key == PauseEntry:
			c.Pause = ReadPause(entries[key])
		case strings.HasPrefix(key, credentialEntry):
			if !strings.Contains(key, tailSeparator) {
				c.Credentials = append(c.Credentials, readCredential(entries, key))
			}
		case key == CanaryEntry:
		default:
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

// Key is what the store knows of an API key.
type Key struct {
	Hash    string
	Name    string // of the caller
	Created time.Time
	Expires time.Time // zero: never
}

// ID is what people call a key by.
func (k Key) ID() string { return k.Hash[:8] }

// Expired reports whether the function refuses a key, as it does from the second on in which the key expires.
func (k Key) Expired(now time.Time) bool { return !k.Expires.IsZero() && !now.Before(k.Expires) }

// entry is the value of a key in the store; times are seconds since 1970.
type entry struct {
	Name    string `json:"name"`
	Created int64  `json:"created"`
	Expires *int64 `json:"expires,omitempty"`
}

// Value is what the store has under the key's hash, and the function reads.
func (k Key) Value() string {
	e := entry{Name: k.Name, Created: k.Created.Unix()}
	if !k.Expires.IsZero() {
		seconds := k.Expires.Unix()
		e.Expires = &seconds
	}
	text, err := json.Marshal(e)
	if err != nil {
		panic(err) // a text and numbers
	}
	return string(text)
}

var hash = regexp.MustCompile(`^[0-9a-f]{64}$`)

// parse reads an entry of the store.
func parse(key, value string) (Key, error) {
	var e entry
	if !hash.MatchString(key) {
		return Key{}, errors.New("isn't a hash")
	}
	if err := json.Unmarshal([]byte(value), &e); err != nil {
		return Key{}, err
	}
	k := Key{Hash: key, Name: e.Name, Created: time.Unix(e.Created, 0).UTC()}
	if e.Expires != nil {
		k.Expires = time.Unix(*e.Expires, 0).UTC()
	}
	return k, CheckName(e.Name)
}

// The headers in which the function tells the backend what it knows of a caller.
const (
	CallerHeader = "x-caller" // the caller's name
	CanaryHeader = "x-canary" // 1 if the request goes to the canary
)

// Name is what the name of a caller looks like.
var Name = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$`)

// CheckName holds the name of a caller to what a header may carry, and a command line show.
func CheckName(text string) error {
	if !Name.MatchString(text) {
		return fmt.Errorf("name %q: must be 1 to 64 letters, digits and . _ @ -, beginning with a letter or a digit",
			text)
	}
	return nil
}

// NewKey returns an API key of 256 random bits, which nobody can guess.
func NewKey() string {
	random := make([]byte, 32)
	_, _ = rand.Read(random) // never fails (crypto/rand)
	return "sk-" + base64.RawURLEncoding.EncodeToString(random)
}

// Lengths of an API key that someone else made: a shorter one is guessed, a longer one the function refuses.
const (
	minKey = 20
	maxKey = 512
)

// CheckKey holds an API key that someone else made to what the function takes. It never repeats the key.
func CheckKey(key string) error {
	switch {
	case strings.HasPrefix(strings.ToLower(key), "bearer "):
		return fmt.Errorf("the key: must come without %q, which callers put before it", key[:len("bearer")])
	case !Visible(key):
		return fmt.Errorf("the key: must be one line of visible ASCII characters, without spaces")
	case len(key) < minKey || len(key) > maxKey:
		return fmt.Errorf("the key: must have %d to %d characters, got %d", minKey, maxKey, len(key))
	}
	return nil
}

// Visible reports whether a key has nothing but visible ASCII characters, of which the function takes it to be.
func Visible(key string) bool {
	return !strings.ContainsFunc(key, func(c rune) bool { return c <= ' ' || c > '~' })
}

// InHeader is a key as callers send it: in Authorization as a bearer token, and bare in any other header.
func InHeader(header, key string) string {
	if strings.EqualFold(header, "Authorization") {
		return "Bearer " + key
	}
	return key
}

// Hash is the key under which the store has an API key: what leaks from the store opens nothing.
func Hash(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}

// maxKeys is how many keys a caller may have: one that is in use, one that follows it, and some forgotten ones.
const maxKeys = 5

// CheckAdd returns why a key can't be added to what the store has.
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
		return fmt.Errorf("%s: has %d keys already (%s), and no more are allowed; remove one first", added.Name,
			len(own), ids(own))
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
	chosen := slices.DeleteFunc(slices.Clone(own),
		func(k Key) bool { return len(r.ID) < len(k.ID()) || !strings.HasPrefix(k.Hash, r.ID) })
	switch len(chosen) {
	case 0:
		return nil, fmt.Errorf("%s: has no key %s; there are %s", r.Name, r.ID, ids(own))
	case 1:
		return chosen, nil
	default:
		return nil, fmt.Errorf("%s: has %d keys that begin with %s; remove them together, with --all", r.Name,
			len(chosen), r.ID)
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

// CanaryEntry is the key under which the store has the share of the callers, in percent, that get the canary.
const CanaryEntry = "canary"

// percentage is what the function takes for one.
var percentage = regexp.MustCompile(`^([0-9]{1,2}|100)$`)

// CheckShare holds a share to be a percentage.
func CheckShare(text string) error {
	if !percentage.MatchString(text) {
		return fmt.Errorf("percent: must be a whole number from 0 to 100, got %q", text)
	}
	return nil
}

// Share is the percentage that the function makes of what the store has: none of what isn't one.
func Share(value string) int {
	if !percentage.MatchString(value) {
		return 0
	}
	percent, _ := strconv.Atoi(value) // up to three digits
	return percent
}
