package cli

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/function"
	"ml-api-accelerator/stacks/internal/local/serve"
	"ml-api-accelerator/stacks/internal/shared/callers"
)

var errNoKeys = errors.New("--key needs api.keys: without them the edge knows no callers")

// localCaller is whose the key is that is made where none is given.
const localCaller = "local"

// know has the edge on this machine know the callers and the canary's share. The hint is how to send a key that was made.
func (f serveFlags) know(d *edge.Distribution, o *serve.Options) (hint string, err error) {
	if len(f.keys) > 0 && !d.ChecksKeys() {
		return "", errNoKeys
	}
	if (f.canary != "" || f.canaryPercent != "") && !d.HasCanary() {
		return "", errors.New("--canary and --canary-percent need api.canary")
	}
	store, err := keyStore(f.keys)
	if err != nil {
		return "", err
	}
	if f.canaryPercent != "" {
		if err := callers.CheckShare(f.canaryPercent); err != nil {
			return "", fmt.Errorf("--canary-%w", err)
		}
		store[callers.CanaryEntry] = f.canaryPercent
	}
	if d.ChecksKeys() && len(f.keys) == 0 {
		key := callers.NewKey()
		letIn(store, localCaller, key)
		hint = fmt.Sprintf("callers need a key; for this run there is one, of the caller %s: %s", localCaller, howToSend(d.KeyHeaders(), key))
	}
	o.Store = store
	return hint, nil
}

// keyStore has the keys of flags like NAME=KEY. It repeats none of what it refuses.
func keyStore(flags []string) (function.Map, error) {
	store := function.Map{}
	for _, flag := range flags {
		name, key, err := namedKey("--key", flag)
		if err != nil {
			return nil, err
		}
		if store[callers.Hash(key)] != "" {
			return nil, errors.New("--key: one key is given twice")
		}
		letIn(store, name, key)
	}
	return store, nil
}

// namedKey takes NAME=KEY apart. It repeats nothing of what it refuses: without a name, a key that has a = begins with what looks like one.
func namedKey(from, text string) (name, key string, err error) {
	name, key, found := strings.Cut(text, "=")
	if !found || key == "" {
		return "", "", errors.New(from + " must be NAME=KEY")
	}
	if err := callers.CheckName(name); err != nil {
		return "", "", errors.New(from + " must be NAME=KEY, a caller's name of letters, digits and . _ @ - first")
	}
	if !callers.Visible(key) {
		return "", "", errors.New(from + ": a key must be visible ASCII characters, without spaces")
	}
	return name, key, nil
}

func letIn(store function.Map, name, key string) {
	hash := callers.Hash(key)
	store[hash] = callers.Key{Hash: hash, Name: name, Created: time.Now()}.Value()
}

// howToSend is the header, or the headers, with a key.
func howToSend(headers []string, key string) string {
	var list []string
	for _, name := range headers {
		list = append(list, name+": "+callers.InHeader(name, key))
	}
	return strings.Join(list, " or ")
}
