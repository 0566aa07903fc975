// Package callers is the API keys of an environment's callers, as the key value store of its function has them.
package callers

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
)

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
		return fmt.Errorf("name %q: must be 1 to 64 letters, digits and . _ @ -, beginning with a letter or a digit", text)
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

// Visible tells whether a key has nothing but visible ASCII characters, of which the function takes it to be.
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
