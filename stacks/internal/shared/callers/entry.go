package callers

import (
	"encoding/json"
	"errors"
	"regexp"
	"time"
)

// Key is what the store knows of an API key.
type Key struct {
	Hash    string
	Name    string // of the caller
	Created time.Time
	Expires time.Time // zero: never
}

// ID is what people call a key by.
func (k Key) ID() string { return k.Hash[:8] }

// Expired tells whether the function refuses a key, as it does from the second on in which the key expires.
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
