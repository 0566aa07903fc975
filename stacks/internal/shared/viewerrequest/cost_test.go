package viewerrequest

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge/function"
	"ml-api-accelerator/stacks/internal/shared/format"
)

// counted counts the reads of a store.
type counted struct {
	function.Map

	reads int
}

func (c *counted) Get(key string) (value string, found bool, err error) {
	c.reads++
	return c.Map.Get(key)
}

// TestCosts holds the table in CONTRIBUTING.md to what the function does with a request.
func TestCosts(t *testing.T) {
	keys := []string{"authorization"}
	known := get("authorization", "Bearer sk-alice")
	store := func(share string) function.Map {
		made := withCredentials(entries("sk-alice", alice))
		if share != "" {
			made["canary"] = share
		}
		return made
	}
	table := "| function for | request | reads of the store | hashes | bytes of code |\n|---|---|---|---|---|\n"
	for _, row := range []struct {
		what, request string
		options       Options
		event         function.Event
		store         function.Map
		status        int // of a refusal
	}{
		{"`keys`", "known key", Options{KeyHeaders: keys}, known, store("0"), 0},
		{"", "unknown key", Options{KeyHeaders: keys}, get("authorization", "Bearer sk-mallory"), store("0"), http.StatusUnauthorized},
		{"", "no key", Options{KeyHeaders: keys}, get(), store("0"), http.StatusUnauthorized},
		{"", "preflight", Options{KeyHeaders: keys}, preflight(), store("0"), 0},
		{"a public route", "any", Options{KeyHeaders: keys, Public: true}, get(), store("0"), 0},
		{"`canary`", "share is set", Options{Canary: &stable}, get(), store("0"), 0},
		{"", "share isn't set", Options{Canary: &stable}, get(), store(""), 0},
		{"`keys` and `canary`", "known key, share is set", Options{KeyHeaders: keys, Canary: &stable}, known, store("0"), 0},
		{"`keys` and a `credential` in a secret", "known key", Options{KeyHeaders: keys, Credential: &Credential{}}, known, store("0"), 0},
		{"`keys` and a `credential` in the store", "known key, up to 1,012 characters", Options{KeyHeaders: keys, Credential: &kept}, known, store("0"), 0},
		{"", "known key, up to 2,000", Options{KeyHeaders: keys, Credential: &other}, known, store("0"), 0},
		{"all of these", "known key, share is set", Options{KeyHeaders: keys, Credential: &kept, Canary: &paid, CORS: &pages}, known, store("0"), 0},
	} {
		row.options.Pausable = true
		const hashing = "crypto.createHash("
		code := Code(row.options)
		program, err := function.Compile("f", strings.ReplaceAll(code, hashing, "(console.log('hash'), crypto).createHash("))
		require.NoError(t, err)
		counting := &counted{Map: row.store}
		result, err := program.Run(row.event, counting)
		require.NoError(t, err)
		require.Equal(t, row.status != 0, result.Response != nil, row)
		bytes := ""
		if row.what != "" {
			bytes = format.Thousands(len(code))
		}
		table += fmt.Sprintf("| %s | %s | %d | %d | %s |\n", row.what, row.request, counting.reads, len(result.Log), bytes)
	}
	readme, err := os.ReadFile("../../../../.github/CONTRIBUTING.md")
	require.NoError(t, err)
	require.True(t, strings.Contains(string(readme), table), "CONTRIBUTING.md must have\n%s", table)
}
