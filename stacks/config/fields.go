package config

import (
	"encoding/json"
	"maps"
	"slices"
)

// section is an object of the configuration. It declares its fields in one place: name, type, meaning,
// default, and what they must hold. The schema that validates, the one for editors, the tables of the
// README and the decoding are all made from that.
type section interface{ declare(*fields) }

// completer is a section with defaults that depend on what is written elsewhere in it.
type completer interface{ complete(written map[string]any) }

// fields are those of one object.
type fields struct {
	schema  *JSONSchema
	readers map[string]reader
}

// reader takes the value of a field from the tree of a file. The value has the field's JSON type.
type reader func(r *report, at path, value any)

// field is one that holds a T. The methods of its schema say what its value must hold.
type field[T any] struct {
	*JSONSchema
	name string
	of   *JSONSchema
	to   *T
}

// standard is the value of a field that is left out; without it that is the zero value.
func (d *field[T]) standard(value T) *field[T] {
	d.Default, *d.to = value, value
	return d
}

// required is a field that can't be left out.
func (d *field[T]) required() *field[T] {
	d.of.Required = append(d.of.Required, d.name)
	return d
}

func add[T any](f *fields, name string, to *T, s *JSONSchema, meaning string, read func(r *report, at path, value any) T) *field[T] {
	s.Description = meaning
	f.schema.Properties[name] = s
	f.schema.order = append(f.schema.order, name)
	f.readers[name] = func(r *report, at path, value any) { *to = read(r, at, value) }
	return &field[T]{JSONSchema: s, name: name, of: f.schema, to: to}
}

func (f *fields) text(name string, to *string, meaning string) *field[string] {
	return add(f, name, to, &JSONSchema{Type: "string"}, meaning, readText)
}

// lines is a text of several lines.
func (f *fields) lines(name string, to *string, meaning string) *field[string] {
	return add(f, name, to, &JSONSchema{Type: "string"}, meaning, readLines)
}

func (f *fields) integer(name string, to *int, meaning string) *field[int] {
	return add(f, name, to, &JSONSchema{Type: "integer"}, meaning, func(_ *report, _ path, value any) int {
		n, _ := value.(json.Number).Int64() // structure has seen that it is one
		return int(n)
	})
}

func (f *fields) number(name string, to *float64, meaning string) *field[float64] {
	return add(f, name, to, &JSONSchema{Type: "number"}, meaning, func(_ *report, _ path, value any) float64 {
		n, _ := value.(json.Number).Float64()
		return n
	})
}

func (f *fields) boolean(name string, to *bool, meaning string) *field[bool] {
	return add(f, name, to, &JSONSchema{Type: "boolean"}, meaning, func(_ *report, _ path, value any) bool { return value.(bool) })
}

// optionalBoolean is nil where it is left out.
func (f *fields) optionalBoolean(name string, to **bool, meaning string) *field[*bool] {
	return add(f, name, to, &JSONSchema{Type: "boolean"}, meaning, func(_ *report, _ path, value any) *bool {
		is := value.(bool)
		return &is
	})
}

func (f *fields) texts(name string, to *[]string, meaning string) *field[[]string] {
	return add(f, name, to, &JSONSchema{Type: "array", Items: &JSONSchema{Type: "string"}}, meaning, listOf(readText))
}

// confidential is the name or the ARN of something, in whose place what is secret may stand: no message shows it.
func (f *fields) confidential(name string, to *string, meaning string) {
	add(f, name, to, &JSONSchema{Type: "string"}, meaning, readConfidential)
}

// textsByName are texts under names that the user chooses.
func (f *fields) textsByName(name string, to *map[string]string, meaning string) *field[map[string]string] {
	return add(f, name, to, &JSONSchema{Type: "object", Values: &JSONSchema{Type: "string"}}, meaning, byName(readText))
}

// confidentialByName is textsByName for what no message shows.
func (f *fields) confidentialByName(name string, to *map[string]string, meaning string) *field[map[string]string] {
	return add(f, name, to, &JSONSchema{Type: "object", Values: &JSONSchema{Type: "string"}}, meaning, byName(readConfidential))
}

// object is a section within a section.
func object[T any, P pointerTo[T]](f *fields, name string, to *T, meaning string) *field[T] {
	return add(f, name, to, declared[T, P](to).schema, meaning, readSection[T, P])
}

// optional is a section that is nil where it is left out or null.
func optional[T any, P pointerTo[T]](f *fields, name string, to **T, meaning string) *field[*T] {
	s := declared[T, P](new(T)).schema
	s.Type = []string{"object", "null"}
	return add(f, name, to, s, meaning, func(r *report, at path, value any) *T {
		if value == nil {
			return nil
		}
		section := readSection[T, P](r, at, value)
		return &section
	})
}

func objects[T any, P pointerTo[T]](f *fields, name string, to *[]T, meaning string) *field[[]T] {
	return add(f, name, to, &JSONSchema{Type: "array", Items: declared[T, P](new(T)).schema}, meaning, listOf(readSection[T, P]))
}

// objectsByName are sections under names that the user chooses.
func objectsByName[T any, P pointerTo[T]](f *fields, name string, to *map[string]T, meaning string) *field[map[string]T] {
	return add(f, name, to, &JSONSchema{Type: "object", Values: declared[T, P](new(T)).schema}, meaning, byName(readSection[T, P]))
}

type pointerTo[T any] interface {
	*T
	section
}

// declared has a section declare its fields, which gives it their defaults.
func declared[T any, P pointerTo[T]](s *T) *fields {
	f := &fields{schema: &JSONSchema{Type: "object", Properties: map[string]*JSONSchema{}}, readers: map[string]reader{}}
	P(s).declare(f)
	for name, field := range f.schema.Properties {
		if field.Type == "string" && field.Default == nil && !slices.Contains(f.schema.Required, name) {
			field.allowEmpty()
		}
	}
	return f
}

// unset returns a section in which every field is left out.
func unset[T any, P pointerTo[T]]() T {
	var s T
	declared[T, P](&s)
	return s
}

func readText(r *report, at path, value any) string {
	text, _ := value.(string) // "" in place of an item of a wrong type
	checkLine(r, at, text)
	return text
}

func readLines(r *report, at path, value any) string {
	text, _ := value.(string) // "" in place of an item of a wrong type
	checkText(r, at, text)
	return text
}

func readSection[T any, P pointerTo[T]](r *report, at path, value any) T {
	var s T
	f := declared[T, P](&s)
	tree, _ := value.(map[string]any) // nil in place of an item of a wrong type
	for _, name := range slices.Sorted(maps.Keys(tree)) {
		f.readers[name](r, at.field(name), tree[name])
	}
	if c, ok := any(P(&s)).(completer); ok {
		c.complete(tree)
	}
	return s
}

func listOf[T any](read func(*report, path, any) T) func(*report, path, any) []T {
	return func(r *report, at path, value any) []T {
		list := []T{}
		for i, item := range value.([]any) {
			list = append(list, read(r, at.index(i), item))
		}
		return list
	}
}

func byName[T any](read func(*report, path, any) T) func(*report, path, any) map[string]T {
	return func(r *report, at path, value any) map[string]T {
		members := map[string]T{}
		for name, item := range value.(map[string]any) {
			readText(r, at.key(name), name)
			members[name] = read(r, at.key(name), item)
		}
		return members
	}
}
