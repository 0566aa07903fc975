package declare

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Options say what a Document is like beyond the fields that its sections declare.
type Options[T any] struct {
	// Under are the names below which a file has the configuration.
	Under []string
	// NotFound is what to do where there is no file.
	NotFound string
	// Check reports what is wrong with a configuration that no field can say alone.
	Check func(r *Report, c T)
	// CheckText reports what is wrong with any text, and with any name that the user chose.
	CheckText func(r *Report, at Path, text Text)
	// Guesses are names that people try first, in lower case, and the fields they mean.
	Guesses map[string][]string
}

// Document is a JSON file that has a configuration of type T in it.
type Document[T any] struct {
	Options[T]
	schema *Schema
	read   func(tree any) T
	valid  func() *jsonschema.Schema
}

// New returns the document whose configuration is what T declares.
func New[T any, P section[T]](o Options[T]) *Document[T] {
	d := &Document[T]{Options: o, schema: declared[T, P](new(T)).schema, read: readSection[T, P]}
	d.valid = sync.OnceValue(d.schema.compiled)
	return d
}

// Text is a text of a configuration.
type Text struct {
	Value        string
	Lines        bool // it may have several lines
	Confidential bool // no message shows it
	Free         bool // it stands in an object that holds anything
}

// Got ends a message with the text, unless that may be a secret.
func (t Text) Got() string {
	if t.Confidential {
		return ""
	}
	return fmt.Sprintf(", got %q", t.Value)
}

// Schema returns the schema of the configuration.
func (d *Document[T]) Schema() *Schema { return d.schema }

// AnswersNone answers no problem.
func AnswersNone(Problem) bool { return false }

// Load reads the configuration of a file.
//
// The warnings never stop anything. The error is an *Invalid when the configuration breaks rules; otherwise it is an
// *Unreadable: the file can't be read, or is no JSON. What is answered is no problem.
func (d *Document[T]) Load(file string, answered func(Problem) bool) (c T, warnings []Problem, err error) {
	data, err := d.readFile(file)
	if err != nil {
		return c, nil, err
	}
	return d.Parse(file, data, answered)
}

// Parse is Load for the text of the file; file is only its name in messages.
func (d *Document[T]) Parse(file string, data []byte, answered func(Problem) bool) (c T, warnings []Problem, err error) {
	r := &Report{}
	whole, places, err := parse(r, file, data)
	if err != nil {
		return c, nil, err
	}
	r.keepBelow(d.place())
	tree, found := located(whole, d.place())
	typed, isObject := tree.(map[string]any)
	if !found || !isObject {
		reason := "must have the configuration under " + d.place().String() + ", as an object"
		return c, nil, &Unreadable{File: file, Reason: reason}
	}
	decoded := d.decode(r, typed)
	var wrong []Problem
	for _, p := range r.sorted() {
		if answered(p) {
			continue
		}
		if p.Line == 0 {
			p.Line, p.Column = places.find(d.place(), p.At)
		}
		if p.Class == Warning {
			warnings = append(warnings, p)
		} else {
			wrong = append(wrong, p)
		}
	}
	if len(wrong) > 0 {
		return c, warnings, &Invalid{File: file, Under: d.place().String(), Problems: wrong}
	}
	return decoded, warnings, nil
}

// Locate says where problems that were found after loading stand in the file.
func (d *Document[T]) Locate(file string, problems []Problem) error {
	data, err := d.readFile(file)
	if err != nil {
		return err
	}
	_, places, err := parse(&Report{}, file, data)
	if err != nil {
		return err
	}
	for i, p := range problems {
		problems[i].Line, problems[i].Column = places.find(d.place(), p.At)
	}
	return nil
}

// place is where a file has the configuration.
func (d *Document[T]) place() Path {
	var at Path
	for _, name := range d.Under {
		at = at.Field(name)
	}
	return at
}

func (d *Document[T]) readFile(file string) ([]byte, error) {
	data, err := os.ReadFile(file)
	if err == nil {
		return data, nil
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &Unreadable{File: file, Reason: "not found; " + d.NotFound}
	}
	if of := (*fs.PathError)(nil); errors.As(err, &of) {
		err = of.Err
	}
	return nil, &Unreadable{File: file, Reason: "can't be read: " + err.Error()}
}

// decode makes a configuration of what is right in a tree and reports the rest; Check then sees a misspelt field under
// the name it should have.
func (d *Document[T]) decode(r *Report, tree any) T {
	m := &mending{suggester: suggester{d.schema, d.Guesses}, valid: d.valid(), tree: tree}
	m.mend()
	for _, p := range r.Problems {
		if p.Rule == ruleFieldType.ID { // a number that is too large
			m.holes = append(m.holes, hole{at: p.At})
		}
	}
	texts, rules := &Report{}, &Report{}
	d.checkTexts(texts, nil, d.schema, tree)
	for _, p := range texts.Problems {
		m.holes = append(m.holes, hole{at: p.At})
	}
	c := d.read(tree)
	d.Check(rules, c)
	certain := m.certain(rules.Problems, func(tree any) []Problem {
		found := &Report{}
		d.Check(found, d.read(tree))
		return found.Problems
	})
	m.report(r, texts.Problems, certain)
	return c
}

// checkTexts looks at every text in a tree that was mended, and at every name that the user chose.
func (d *Document[T]) checkTexts(r *Report, at Path, s *Schema, value any) {
	if s.free {
		d.checkFree(r, at, value)
		return
	}
	switch value := value.(type) {
	case string:
		d.CheckText(r, at, Text{Value: value, Lines: s.lines, Confidential: s.confidential})
	case []any:
		for i, item := range value {
			d.checkTexts(r, at.Index(i), s.Items, item)
		}
	case map[string]any:
		for name, member := range value {
			if s.Values == nil {
				d.checkTexts(r, at.Field(name), s.Properties[name], member)
				continue
			}
			d.CheckText(r, at.Field(name), Text{Value: name})
			d.checkTexts(r, at.Field(name), s.Values, member)
		}
	}
}

// checkFree looks at every text and every name in an object that holds anything.
func (d *Document[T]) checkFree(r *Report, at Path, value any) {
	switch value := value.(type) {
	case string:
		d.CheckText(r, at, Text{Value: value, Free: true})
	case []any:
		for i, item := range value {
			d.checkFree(r, at.Index(i), item)
		}
	case map[string]any:
		for name, member := range value {
			d.CheckText(r, at, Text{Value: name, Free: true}) // no path may show what may be a secret
			d.checkFree(r, at.Field(name), member)
		}
	}
}

// Invalid is a configuration that breaks rules.
type Invalid struct {
	File     string
	Under    string // where the file has the configuration
	Problems []Problem
}

func (e *Invalid) Error() string {
	var text strings.Builder
	things := "problems"
	if len(e.Problems) == 1 {
		things = "problem"
	}
	fmt.Fprintf(&text, "%s: %d %s in %s", e.File, len(e.Problems), things, e.Under)
	for _, p := range e.Problems {
		fmt.Fprintf(&text, "\n  %s", p.In(e.File))
	}
	return text.String()
}

// Unreadable is a file in which there is no configuration to hold to the rules.
type Unreadable struct {
	File         string
	Line, Column int // 0 where no place in the file is to blame
	Reason       string
}

func (e *Unreadable) Error() string {
	if e.Line > 0 {
		return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Reason)
	}
	return e.File + ": " + e.Reason
}

// Problems returns those that an error tells of, for programs to read: a file without a configuration is one itself.
func Problems(err error) []Problem {
	invalid, unreadable := (*Invalid)(nil), (*Unreadable)(nil)
	switch {
	case err == nil:
		return nil
	case errors.As(err, &invalid):
		return invalid.Problems
	case errors.As(err, &unreadable):
		p := Problem{Rule: ruleJSON.ID, Class: Hard, Message: unreadable.Reason}
		p.Line, p.Column = unreadable.Line, unreadable.Column
		return []Problem{p}
	}
	return []Problem{{Rule: ruleJSON.ID, Class: Hard, Message: err.Error()}}
}

// parse reads a file that is one JSON object, and reports keys that are written twice.
func parse(r *Report, file string, data []byte) (map[string]any, places, error) {
	if reason := misencoded(data); reason != "" {
		return nil, places{}, &Unreadable{File: file, Reason: reason}
	}
	var whole json.RawMessage
	if err := json.Unmarshal(data, &whole); err != nil {
		return nil, places{}, unreadableAt(err, file, data)
	}
	walk := walker{json.NewDecoder(bytes.NewReader(data)), r, places{data, map[string]int{}}}
	walk.UseNumber()
	tree, ok := walk.value(nil).(map[string]any)
	if !ok {
		return nil, places{}, &Unreadable{File: file, Reason: "must be a JSON object"}
	}
	return tree, walk.places, nil
}
