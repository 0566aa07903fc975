package callers

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"ml-api-accelerator/stacks/internal/shared/cloudfront"
)

// CredentialEntry is the key under which the store has the credential of a backend. The value is up to three lines: the
// credential, the key of the entry in which it goes on, and since when it is there, in seconds since 1970. The function
// in viewerrequest reads the first two.
func CredentialEntry(backend string) string { return credentialEntry + backend }

const credentialEntry = "credential-"

// CredentialOf is the name of the backend whose credential an entry has.
func CredentialOf(entry string) string { return strings.TrimPrefix(entry, credentialEntry) }

// tailSeparator parts the name of a backend, which has none, from what tells the entries of its credential apart.
const tailSeparator = "."

// Credential is what the store has for a backend.
type Credential struct {
	Backend string
	Since   time.Time // zero: something else than the commands wrote it
	Whole   bool      // whether each part is there; the function answers 503 otherwise
}

// maxCredential is the most that a backend's credential may have. Together with the other headers it has to fit into
// the 32,768 bytes of a request (CloudFront Developer Guide, Quotas), and many servers take no header of more than 8 KB
// (nginx, large_client_header_buffers; Apache, LimitRequestFieldSize).
const maxCredential = 4096

// CheckCredential holds a credential to what a header can have, of which the edge adds the scheme. It never repeats the
// credential.
func CheckCredential(text, scheme string) error {
	word, _, _ := strings.Cut(text, " ")
	switch {
	case text == "":
		return errors.New("the credential: is empty")
	case word != text && strings.EqualFold(word, scheme):
		return fmt.Errorf("the credential: must come without %q, which the edge puts before it", scheme)
	case word != text && strings.EqualFold(word, "bearer"):
		return errors.New(`the credential: must come without "Bearer"; a word before it is the field scheme of the configuration`)
	case len(text) > maxCredential:
		return fmt.Errorf("the credential: must have at most %d characters", maxCredential)
	case !Visible(text):
		return errors.New("the credential: must be one line of visible ASCII characters, without spaces")
	}
	return nil
}

// SetCredential returns what to put into a store, and to delete from it, for a backend to have a credential. The parts
// of a long one are called by what is in them, so no request gets a part of one credential and a part of another.
func SetCredential(
	entries map[string]string, backend, text string, now time.Time,
) (put map[string]string, gone []string) {
	put = map[string]string{}
	since := "\n" + strconv.FormatInt(now.Unix(), 10)
	for key := CredentialEntry(backend); key != ""; {
		part, next := text, ""
		if room := cloudfront.MaxValueBytes - len("\n"+since); len(text) > room {
			room -= len(tail(backend, ""))
			part, text = text[:room], text[room:]
			next = tail(backend, text)
		}
		put[key] = strings.TrimRight(part+"\n"+next+since, "\n")
		key, since = next, ""
	}
	return put, slices.DeleteFunc(RemoveCredential(entries, backend), func(key string) bool { return put[key] != "" })
}

// tail is the key of the entry with the rest of a credential.
func tail(backend, rest string) string {
	sum := sha256.Sum256([]byte(rest))
	return CredentialEntry(backend) + tailSeparator + hex.EncodeToString(sum[:8])
}

// RemoveCredential returns the keys of the entries that have the credential of a backend.
func RemoveCredential(entries map[string]string, backend string) []string {
	var list []string
	for _, key := range slices.Sorted(maps.Keys(entries)) {
		if key == CredentialEntry(backend) || strings.HasPrefix(key, CredentialEntry(backend)+tailSeparator) {
			list = append(list, key)
		}
	}
	return list
}

// readCredential makes sense of the first entry of a credential.
func readCredential(entries map[string]string, key string) Credential {
	c := Credential{Backend: CredentialOf(key), Whole: true}
	if lines := strings.Split(entries[key], "\n"); len(lines) > 2 {
		if seconds, err := strconv.ParseInt(lines[2], 10, 64); err == nil {
			c.Since = time.Unix(seconds, 0).UTC()
		}
	}
	for seen := map[string]bool{}; key != "" && c.Whole; {
		value, found := entries[key]
		c.Whole = found && !seen[key]
		seen[key] = true
		_, rest, _ := strings.Cut(value, "\n")
		key, _, _ = strings.Cut(rest, "\n")
	}
	return c
}

// Pause says that all calls are refused for now.
type Pause struct {
	Since   time.Time // zero: something else than the commands wrote it
	Message string
}

// PauseEntry is the key under which the store has it: an object with since, in seconds since 1970, and message.
const PauseEntry = "pause"

// DefaultMessage is what callers read if nobody says why all is paused.
const DefaultMessage = "The API is paused. Try again later."

// maxMessage is how many characters a message may have: an entry has room for them, of up to four bytes each.
const maxMessage = 240

// CheckMessage holds a message to what an entry of the store has room for, and people can read.
func CheckMessage(text string) error {
	switch n := utf8.RuneCountInString(text); {
	case strings.TrimSpace(text) == "":
		return errors.New("must say something")
	case n > maxMessage:
		return fmt.Errorf("must have at most %d characters, got %d", maxMessage, n)
	case !utf8.ValidString(text), strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }):
		return errors.New("must be one line of printable characters")
	}
	return nil
}

type pauseEntry struct {
	Since   int64  `json:"since"`
	Message string `json:"message"`
}

// Value is what the store has, and the function reads.
func (p Pause) Value() string {
	e := pauseEntry{Message: p.Message}
	if !p.Since.IsZero() {
		e.Since = p.Since.Unix()
	}
	var out strings.Builder
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false) // six bytes for one
	if err := encoder.Encode(e); err != nil {
		panic(err) // a number and a text
	}
	return strings.TrimSuffix(out.String(), "\n")
}

// ReadPause makes sense of an entry as the function does: without a message nothing is paused.
func ReadPause(value string) *Pause {
	var e pauseEntry
	if json.Unmarshal([]byte(value), &e) != nil || e.Message == "" {
		return nil
	}
	p := Pause{Message: e.Message}
	if e.Since != 0 {
		p.Since = time.Unix(e.Since, 0).UTC()
	}
	return &p
}
