package render

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"

	"ml-api-accelerator/stacks/internal/synth/cache"
)

// kept are the stacks that this program has rendered.
type kept struct {
	folder  cache.Folder
	program string
	unknown error // why the program isn't known, and keeps nothing
}

func keptIn(folder cache.Folder) kept {
	if os.Getenv("JSII_RUNTIME") != "" {
		return kept{folder: folder, unknown: errors.New("JSII_RUNTIME is set, and what it does isn't known")}
	}
	id, err := program()
	return kept{folder, id, err}
}

// file is the name under which a stack is kept: all that it depends on.
func (k kept) file(p part) string {
	data, err := json.Marshal(p)
	if err != nil {
		panic(err) // a configuration is what a JSON file can say
	}
	return fmt.Sprintf("stack-%x", sha256.Sum256(append([]byte(k.program+"\n"), data...)))
}

func (k kept) get(p part) (Stack, bool) {
	if k.unknown != nil {
		return Stack{}, false
	}
	data, found := k.folder.Get(k.file(p))
	fields := bytes.SplitN(data, separator, 3)
	if !found || len(fields) < 3 {
		return Stack{}, false
	}
	resources, err := strconv.Atoi(string(fields[0]))
	return Stack{Resources: resources, Manifest: fields[1], JSON: fields[2]}, err == nil
}

// separator is a byte that no JSON has.
var separator = []byte{0}

func (k kept) put(p part, s Stack) error {
	if k.unknown != nil {
		return k.unknown
	}
	return k.folder.Put(k.file(p), bytes.Join([][]byte{[]byte(strconv.Itoa(s.Resources)), s.Manifest, s.JSON}, separator))
}
