package cli

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/function"
	"ml-api-accelerator/stacks/internal/shared/callers"
	"ml-api-accelerator/stacks/internal/shared/names"
)

// localCaller is whose the key is that is made where none is given.
const localCaller = "local"

// callerKeys returns the entries of the key value store with the callers' keys and the canary's share, as typed.
func (f *serveFlags) callerKeys(cmd *cobra.Command, d *edge.Distribution) (function.Map, error) {
	if len(f.keys) > 0 && !d.ChecksKeys() {
		return nil, errNoKeys
	}
	store, err := keyStore(cmd, f.keys)
	if err != nil {
		return nil, err
	}
	if f.canaryPercent != "" {
		if err := callers.CheckShare(f.canaryPercent); err != nil {
			return nil, usageErrorf("--canary-%w", err)
		}
		store[callers.CanaryEntry] = f.canaryPercent
	}
	return store, nil
}

// letLocalIn lets a caller in where keys are checked and none is given, with a key that is made once for the run. The
// hint is how to send it.
func (f *serveFlags) letLocalIn(store function.Map, d *edge.Distribution) (hint string) {
	if !d.ChecksKeys() || len(f.keys) > 0 {
		return ""
	}
	if f.madeKey == "" {
		f.madeKey = callers.NewKey()
	}
	letIn(store, localCaller, f.madeKey)
	return fmt.Sprintf("callers need a key; for this run there is one, of the caller %s: %s", localCaller,
		howToSend(d.KeyHeaders(), f.madeKey))
}

// keyStore has the keys of flags like NAME=KEY. It repeats none of what it refuses.
func keyStore(cmd *cobra.Command, flags []string) (function.Map, error) {
	lines, err := secretLines(cmd, "api-key", flags)
	if err != nil {
		return nil, err
	}
	store := function.Map{}
	for _, line := range lines {
		name, key, err := namedKey(line)
		if err != nil {
			return nil, err
		}
		if store[callers.Hash(key)] != "" {
			return nil, usageErrorf("%s: one key is given twice", line.from)
		}
		letIn(store, name, key)
	}
	return store, nil
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

// credential is one of a backend, as typed.
type credential struct{ from, name, value string }

// backendCredentials reads the credentials of flags like [NAME=]VALUE. It repeats none of them, and nothing that might be
// the beginning of one.
func (f *serveFlags) backendCredentials(cmd *cobra.Command, e config.Environment) ([]credential, error) {
	lines, err := secretLines(cmd, "credential", f.credentials)
	if err != nil {
		return nil, err
	}
	known := credentialsOf(e)
	given := map[string]bool{}
	var list []credential
	for _, line := range lines {
		name, value := namedCredential(line.text, known)
		switch {
		case len(known) == 0:
			return nil, usageErrorf("--credential: no backend has a credential")
		case known[name] == nil:
			return nil, usageErrorf("%s: must be NAME=VALUE, and NAME one of %s",
				line.from, strings.Join(slices.Sorted(maps.Keys(known)), ", "))
		case given[name]:
			return nil, usageErrorf("%s: the credential of %s is given twice", line.from, name)
		}
		given[name] = true
		list = append(list, credential{line.from, name, value})
	}
	return list, nil
}

// credentialsOf returns the credentials of an environment by the names of their backends.
func credentialsOf(e config.Environment) map[string]*config.Credential {
	known := map[string]*config.Credential{}
	for _, c := range e.Credentials() {
		if c.Of != nil {
			known[c.Name] = c.Of
		}
	}
	return known
}

// giveCredentials puts credentials where an environment has them: into the key value store or a secret. It leaves out
// those of backends that have none there.
func giveCredentials(list []credential, e config.Environment, store function.Map, secrets map[string]string) error {
	known := credentialsOf(e)
	for _, given := range list {
		c := known[given.name]
		switch {
		case c == nil:
			continue
		case c.Secret != "" && secrets[c.Secret] != "" && secrets[c.Secret] != given.value:
			return usageErrorf("%s: the secret %s has another value already", given.from, c.Secret)
		}
		if err := callers.CheckCredential(given.value, c.Scheme); err != nil {
			return usageErrorf("%s: %w", given.from, err)
		}
		if c.Secret != "" {
			secrets[c.Secret] = given.value
			continue
		}
		put, _ := callers.SetCredential(nil, given.name, given.value, time.Now())
		maps.Copy(store, put)
	}
	return nil
}

// namedCredential takes [NAME=]VALUE apart. A key may have = itself, mostly at its end.
func namedCredential(text string, known map[string]*config.Credential) (name, value string) {
	name, value, found := strings.Cut(text, "=")
	switch {
	case found && known[name] != nil:
		return name, value
	case found && looksLikeName.MatchString(name) && strings.Trim(value, "=") != "":
		return "", "" // more likely a wrong name than a key
	}
	return names.API, text
}

// looksLikeName is what the names of backends look like.
var looksLikeName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}$`)
