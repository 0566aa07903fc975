package bindings

import (
	"encoding/json"
	"fmt"
)

// skipped is a JSON value that is read and dropped.
type skipped struct{}

func (*skipped) UnmarshalJSON([]byte) error { return nil }

// object copies a JSON object. It calls member with each key, and member reads
// the value and writes both, or neither.
func (a *assemblyPruner) object(member func(key string) error) error {
	switch open, err := a.in.Token(); {
	case err != nil:
		return err
	case open != json.Delim('{'):
		return fmt.Errorf("a JSON object was expected, not %v", open)
	}
	a.out.WriteByte('{')
	for a.in.More() {
		key, err := a.in.Token()
		if err != nil {
			return err
		}
		if err := member(key.(string)); err != nil {
			return err
		}
	}
	a.out.WriteByte('}')
	_, err := a.in.Token() // the closing brace
	return err
}

// key writes a key, after a comma if it isn't the first of its object.
func (a *assemblyPruner) key(key string) {
	if written := a.out.Bytes(); written[len(written)-1] != '{' {
		a.out.WriteByte(',')
	}
	quoted, _ := json.Marshal(key) // a string can't fail
	a.out.Write(append(quoted, ':'))
}

// copy reads a value and writes it with its key, byte by byte as it was.
func (a *assemblyPruner) copy(key string) ([]byte, error) {
	var raw json.RawMessage
	if err := a.in.Decode(&raw); err != nil {
		return nil, err
	}
	a.key(key)
	a.out.Write(raw)
	return raw, nil
}
