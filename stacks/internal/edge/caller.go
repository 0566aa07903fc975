package edge

import (
	"strings"

	"ml-api-accelerator/stacks/internal/edge/function"
	"ml-api-accelerator/stacks/internal/shared/callers"
)

// key is a caller's key: the one that a request carries, or one that is made up for it.
type key struct {
	text   string
	madeUp bool
	shown  string // in place of the header with one that is made up
}

// present finds the key in a request of a known caller, and puts one there if there is none.
func (f *Function) present(e function.Event, caller string) key {
	if f.KeyHeader == "" || caller == "" {
		return key{}
	}
	if values := e.Headers[f.KeyHeader]; len(values) > 0 {
		text := values[0]
		if callers.InHeader(f.KeyHeader, "") != "" { // a scheme comes first
			_, text, _ = strings.Cut(text, " ")
		}
		return key{text: strings.TrimLeft(text, " ")}
	}
	made := key{text: "key-of-" + caller, madeUp: true, shown: callers.InHeader(f.KeyHeader, "(key of "+caller+")")}
	e.Headers[f.KeyHeader] = []string{callers.InHeader(f.KeyHeader, made.text)}
	return made
}

// store is what a key value store has for a request of a known caller, and of one who gets the canary or doesn't.
func (f *Function) store(k key, r Request) function.Store {
	store := function.Map{callers.CanaryEntry: "0"}
	if r.Canary {
		store[callers.CanaryEntry] = "100"
	}
	if k.text != "" {
		hash := callers.Hash(k.text)
		store[hash] = callers.Key{Hash: hash, Name: r.Caller}.Value()
	}
	return store
}
