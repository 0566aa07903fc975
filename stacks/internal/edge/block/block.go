// Package block reads blocks of arguments from the Terraform JSON of a stack, and tells which of them nobody has read.
package block

import (
	"fmt"
	"maps"
	"slices"

	"ml-api-accelerator/stacks/internal/shared/stackjson"
)

// Stack is a synthesized stack that is being read. It keeps the first thing that can't be.
type Stack struct {
	stackjson.Stack

	blocks []*Block
	err    error
	unread []Unread
	read   map[string]bool // addresses
}

// Unread is an argument, as a dotted path, that an override sets and that can't be read.
type Unread struct {
	Address, Argument string
	Value             any // nil: it is taken away
}

// Parse reads a cdk.tf.json.
func Parse(text []byte) (*Stack, error) {
	parsed, err := stackjson.Parse(text)
	return &Stack{Stack: parsed, read: map[string]bool{}}, err
}

// Fail notes what is wrong at an address. What an override sets isn't wrong: Terraform knows more than this package.
func (s *Stack) Fail(at, format string, args ...any) {
	if s.err == nil && !s.overridden(at) {
		s.err = fmt.Errorf("%s: %s", at, fmt.Sprintf(format, args...))
	}
}

// Break notes what nothing can work with, also where an override sets it.
func (s *Stack) Break(at, format string, args ...any) {
	if s.err == nil {
		s.err = fmt.Errorf("%s: %s", at, fmt.Sprintf(format, args...))
	}
}

// Finish fails for the arguments that nobody read: what the model doesn't know must not be passed over. Those that an
// override sets are returned.
func (s *Stack) Finish() ([]Unread, error) {
	for _, b := range s.blocks {
		for _, name := range slices.Sorted(maps.Keys(b.unread)) {
			s.Fail(b.At+"."+name, "is not part of the model of the edge")
		}
	}
	for _, address := range slices.Sorted(maps.Keys(s.Comment.Overrides)) {
		if !s.read[address] && answers(address) {
			for _, argument := range s.Comment.Overrides[address] {
				s.note(address, argument)
			}
		}
	}
	return s.unread, s.err
}

// Find returns the address and the arguments of what a value refers to.
func (s *Stack) Find(at, value, kind string) (address string, args stackjson.Object) {
	r, ok := stackjson.Refers(value)
	if !ok || r.Kind != kind {
		s.Fail(at, "must refer to an %s, got %q", kind, value)
		return at, nil
	}
	if args = s.Stack.Find(r); args == nil {
		s.Fail(at, "refers to %s, which isn't in the stack", value)
	}
	return r.Address(), args
}

// Resolve reads the resource that a value refers to.
func (s *Stack) Resolve(at, value, kind string) *Block { return s.Read(s.Find(at, value, kind)) }

// Read is a resource without the arguments that every one can have.
func (s *Stack) Read(at string, args map[string]any) *Block {
	s.read[at] = true
	b := s.block(at, args)
	b.Name, _ = args["name"].(string)
	b.Ignore("//", "depends_on", "lifecycle", "provider", "comment", "name")
	return b
}

func (s *Stack) block(at string, args map[string]any) *Block {
	b := &Block{Stack: s, At: at, unread: maps.Clone(args)}
	s.blocks = append(s.blocks, b)
	return b
}

// Block is a block of arguments, of which those that were read are gone.
type Block struct {
	Stack *Stack
	At    string // its address
	Name  string // the argument of that name, of a resource

	unread map[string]any
}

// Read returns an argument, or the zero value if there is none.
func Read[T any](b *Block, name string) (value T) {
	any := b.unread[name]
	delete(b.unread, name)
	value, ok := any.(T)
	if any != nil && !ok {
		b.Stack.Fail(b.At+"."+name, "must be a %T, got %T", value, any)
	}
	return value
}

// List returns the items of an argument.
func List[T any](b *Block, name string) []T {
	var items []T
	for _, any := range Read[[]any](b, name) {
		item, ok := any.(T)
		if !ok {
			b.Stack.Fail(b.At+"."+name, "must be a list of %T, got %T", item, any)
		}
		items = append(items, item)
	}
	return items
}

// Text reads one.
func (b *Block) Text(name string) string { return Read[string](b, name) }

// Texts reads a list of them.
func (b *Block) Texts(name string) []string { return List[string](b, name) }

// Flag reads a boolean.
func (b *Block) Flag(name string) bool { return Read[bool](b, name) }

// Number reads a whole number, which is another one if nothing is said.
func (b *Block) Number(name string, otherwise int) int {
	if !b.Has(name) {
		return otherwise
	}
	return int(Read[float64](b, name))
}

// Has reports whether an argument is there and nobody has read it yet.
func (b *Block) Has(name string) bool { return b.unread[name] != nil }

// Ignore reads what changes nothing about how a request is treated.
func (b *Block) Ignore(names ...string) {
	for _, name := range names {
		delete(b.unread, name)
	}
}

// Child is a nested block; an empty one if there is none.
func (b *Block) Child(name string) *Block {
	return b.Stack.block(b.At+"."+name, Read[map[string]any](b, name))
}

// Children are the nested blocks of a list.
func (b *Block) Children(name string) []*Block {
	var blocks []*Block
	for i, args := range List[map[string]any](b, name) {
		blocks = append(blocks, b.Stack.block(fmt.Sprintf("%s.%s[%d]", b.At, name, i), args))
	}
	return blocks
}
