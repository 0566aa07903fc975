package config

import (
	"errors"
	"fmt"
	"io/fs"
)

// Unreadable is a file in which there is no configuration to hold to the rules.
type Unreadable struct {
	File         string
	Line, Column int // 0 where no place in the file is to blame
	Reason       string
}

func (e *Unreadable) Error() string {
	if e.Line > 0 {
		return fmt.Sprintf("%s: line %d, column %d: %s", e.File, e.Line, e.Column, e.Reason)
	}
	return e.File + ": " + e.Reason
}

// notRead is why a file can't be read.
func notRead(file string, err error) *Unreadable {
	if errors.Is(err, fs.ErrNotExist) {
		return &Unreadable{File: file, Reason: "not found; run this where your cdktf.json is, or name the file with --config"}
	}
	if of := (*fs.PathError)(nil); errors.As(err, &of) {
		err = of.Err
	}
	return &Unreadable{File: file, Reason: "can't be read: " + err.Error()}
}

// Problems are those that an error tells of, for programs to read: a file without a configuration is one itself.
func Problems(err error) []Problem {
	invalid, unreadable := (*Invalid)(nil), (*Unreadable)(nil)
	switch {
	case err == nil:
		return nil
	case errors.As(err, &invalid):
		return invalid.Problems
	case errors.As(err, &unreadable):
		return []Problem{{Rule: ruleS0.ID, Class: Hard, Message: unreadable.Reason, Line: unreadable.Line, Column: unreadable.Column}}
	}
	return []Problem{{Rule: ruleS0.ID, Class: Hard, Message: err.Error()}}
}
