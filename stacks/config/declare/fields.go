// Package declare is the engine of a configuration in JSON. Each object of the configuration is a Go struct that
// declares its fields once: name, type, meaning, default, and what they must hold. From that come the strict decoding,
// the JSON Schema, and messages that say what is wrong, where it stands in the file, and what was probably meant.
// It knows nothing of what is configured.
package declare

import (
	"encoding/json"
	"slices"
)

// Section is an object of the configuration.
type Section interface{ Declare(f *Fields) }

// Completer is a section with defaults that depend on what is written elsewhere in it.
type Completer interface{ Complete(written map[string]any) }

// Fields are those of one object.
type Fields struct {
	schema  *Schema
	readers map[string]func(value any)
}

// Field is one that holds a T. The methods of its schema say what its value must hold.
type Field[T any] struct {
	*Schema
	name string
	of   *Schema
	to   *T
}

// Default is the value of a field that is left out; without it that is the zero value.
func (d *Field[T]) Default(value T) *Field[T] {
	d.Schema.Default, *d.to = value, value
	return d
}

// Required makes a field one that can't be left out.
func (d *Field[T]) Required() *Field[T] {
	d.of.Required = append(d.of.Required, d.name)
	return d
}

// add declares a field. What is read has its JSON type: the schema has been checked before.
func add[T any](f *Fields, name string, to *T, s *Schema, meaning string, read func(value any) T) *Field[T] {
	s.Description = meaning
	f.schema.Properties[name] = s
	f.schema.order = append(f.schema.order, name)
	f.readers[name] = func(value any) { *to = read(value) }
	return &Field[T]{Schema: s, name: name, of: f.schema, to: to}
}

// Text declares a text of one line.
func (f *Fields) Text(name string, to *string, meaning string) *Field[string] {
	return add(f, name, to, &Schema{Type: "string"}, meaning, readText)
}

// Lines declares a text of several lines.
func (f *Fields) Lines(name string, to *string, meaning string) *Field[string] {
	return add(f, name, to, &Schema{Type: "string", lines: true}, meaning, readText)
}

// Confidential declares the name of something secret, in whose place the secret itself may stand: no message shows it.
func (f *Fields) Confidential(name string, to *string, meaning string) {
	add(f, name, to, &Schema{Type: "string", confidential: true}, meaning, readText)
}

// Integer declares a whole number.
func (f *Fields) Integer(name string, to *int, meaning string) *Field[int] {
	return add(f, name, to, &Schema{Type: "integer"}, meaning, func(value any) int {
		n, _ := value.(json.Number).Int64()
		return int(n)
	})
}

// Number declares any number.
func (f *Fields) Number(name string, to *float64, meaning string) *Field[float64] {
	return add(f, name, to, &Schema{Type: "number"}, meaning, func(value any) float64 {
		n, _ := value.(json.Number).Float64()
		return n
	})
}

// Boolean declares a field that is true or false.
func (f *Fields) Boolean(name string, to *bool, meaning string) *Field[bool] {
	return add(f, name, to, &Schema{Type: "boolean"}, meaning, func(value any) bool { return value.(bool) })
}

// OptionalBoolean declares a Boolean that is nil where it is left out.
func (f *Fields) OptionalBoolean(name string, to **bool, meaning string) *Field[*bool] {
	return add(f, name, to, &Schema{Type: "boolean"}, meaning, func(value any) *bool {
		is := value.(bool)
		return &is
	})
}

// Texts declares a list of texts of one line.
func (f *Fields) Texts(name string, to *[]string, meaning string) *Field[[]string] {
	return add(f, name, to, &Schema{Type: "array", Items: &Schema{Type: "string"}}, meaning, listOf(readText))
}

// TextOrList declares a text, in whose place a list of texts may stand.
func (f *Fields) TextOrList(name string, to *TextOrList, meaning string) *Field[TextOrList] {
	s := &Schema{Type: []string{"string", "array"}, Items: &Schema{Type: "string"}, MinItems: 1}
	return add(f, name, to, s, meaning, func(value any) TextOrList {
		if list, isList := value.([]any); isList {
			return TextOrList{List: listOf(readText)(list)}
		}
		return TextOrList{Text: readText(value)}
	})
}

// TextsByName declares texts under names that the user chooses.
func (f *Fields) TextsByName(name string, to *map[string]string, meaning string) *Field[map[string]string] {
	return add(f, name, to, &Schema{Type: "object", Values: &Schema{Type: "string"}}, meaning, byName(readText))
}

// ConfidentialByName is TextsByName for what no message shows.
func (f *Fields) ConfidentialByName(name string, to *map[string]string, meaning string) *Field[map[string]string] {
	values := &Schema{Type: "string", confidential: true}
	return add(f, name, to, &Schema{Type: "object", Values: values}, meaning, byName(readText))
}

// FreeByName declares objects under names that the user chooses, whose members are no business of the schema. Their
// numbers stay as they are written.
func (f *Fields) FreeByName(
	name string, to *map[string]map[string]any, meaning string,
) *Field[map[string]map[string]any] {
	values := &Schema{Type: "object", free: true}
	return add(f, name, to, &Schema{Type: "object", Values: values}, meaning, byName(readFree))
}

// Object declares a section within a section.
func Object[T any, P section[T]](f *Fields, name string, to *T, meaning string) *Field[T] {
	return add(f, name, to, declared[T, P](to).schema, meaning, readSection[T, P])
}

// Optional declares a section that is nil where it is left out or null.
func Optional[T any, P section[T]](f *Fields, name string, to **T, meaning string) *Field[*T] {
	s := declared[T, P](new(T)).schema
	s.Type = []string{"object", "null"}
	return add(f, name, to, s, meaning, func(value any) *T {
		if value == nil {
			return nil
		}
		read := readSection[T, P](value)
		return &read
	})
}

// Objects declares a list of sections.
func Objects[T any, P section[T]](f *Fields, name string, to *[]T, meaning string) *Field[[]T] {
	return add(f, name, to, &Schema{Type: "array", Items: declared[T, P](new(T)).schema}, meaning,
		listOf(readSection[T, P]))
}

// ObjectsByName declares sections under names that the user chooses. One of them is an item, such as "an environment".
func ObjectsByName[T any, P section[T]](
	f *Fields, name string, to *map[string]T, item, meaning string,
) *Field[map[string]T] {
	values := declared[T, P](new(T)).schema
	values.title = item
	return add(f, name, to, &Schema{Type: "object", Values: values}, meaning, byName(readSection[T, P]))
}

// section is a pointer to a T that declares the fields of T.
type section[T any] interface {
	*T
	Section
}

// declared has a section declare its fields, which gives it their defaults.
func declared[T any, P section[T]](s *T) *Fields {
	f := &Fields{schema: &Schema{Type: "object", Properties: map[string]*Schema{}}, readers: map[string]func(any){}}
	P(s).Declare(f)
	for name, field := range f.schema.Properties {
		if field.Type == "string" && field.Default == nil && !slices.Contains(f.schema.Required, name) {
			field.allowEmpty()
		}
	}
	return f
}

// Unset returns a section in which every field is left out.
func Unset[T any, P section[T]]() T {
	var s T
	declared[T, P](&s)
	return s
}

func readText(value any) string {
	text, _ := value.(string) // "" in place of an item of a wrong type
	return text
}

func readFree(value any) map[string]any {
	object, _ := value.(map[string]any) // nil in place of one of a wrong type
	return object
}

func readSection[T any, P section[T]](value any) T {
	var s T
	f := declared[T, P](&s)
	tree, _ := value.(map[string]any) // nil in place of an item of a wrong type
	for name, field := range tree {
		f.readers[name](field)
	}
	if c, ok := any(P(&s)).(Completer); ok {
		c.Complete(tree)
	}
	return s
}

func listOf[T any](read func(any) T) func(any) []T {
	return func(value any) []T {
		list := []T{}
		for _, item := range value.([]any) {
			list = append(list, read(item))
		}
		return list
	}
}

func byName[T any](read func(any) T) func(any) map[string]T {
	return func(value any) map[string]T {
		members := map[string]T{}
		for name, item := range value.(map[string]any) {
			members[name] = read(item)
		}
		return members
	}
}
