package edge

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
)

// parser reads a synthesized stack and keeps the first thing that it can't read.
type parser struct {
	stack struct {
		Resource, Data map[string]map[string]map[string]any
	}

	blocks []*block
	err    error
}

func (p *parser) fail(at, format string, args ...any) {
	if p.err == nil {
		p.err = fmt.Errorf("%s: %s", at, fmt.Sprintf(format, args...))
	}
}

// finish fails for the arguments that nobody read: what the model doesn't know must not be passed over.
func (p *parser) finish() error {
	for _, b := range p.blocks {
		for _, name := range slices.Sorted(maps.Keys(b.unread)) {
			p.fail(b.at+"."+name, "is not part of the model of the edge")
		}
	}
	return p.err
}

// reference is ${kind.name.attribute}, or the same of a data source.
var reference = regexp.MustCompile(`^\$\{(data\.)?([a-z0-9_]+)\.([A-Za-z0-9_-]+)\.([a-z0-9_]+)\}$`)

// find returns the address and the arguments of what a value refers to.
func (p *parser) find(at, value, kind string) (address string, args map[string]any) {
	match := reference.FindStringSubmatch(value)
	if match == nil || match[2] != kind {
		p.fail(at, "must refer to an %s, got %q", kind, value)
		return at, nil
	}
	found := p.stack.Resource[kind][match[3]]
	if match[1] != "" {
		found = p.stack.Data[kind][match[3]]
	}
	if found == nil {
		p.fail(at, "refers to %s, which isn't in the stack", value)
	}
	return match[1] + kind + "." + match[3], found
}

func (p *parser) resolve(at, value, kind string) *block { return p.resource(p.find(at, value, kind)) }

// resource is a block without the arguments that every resource can have.
func (p *parser) resource(at string, args map[string]any) *block {
	b := p.block(at, args)
	b.name, _ = args["name"].(string)
	b.ignore("//", "depends_on", "lifecycle", "provider", "comment", "name")
	return b
}

func (p *parser) block(at string, args map[string]any) *block {
	b := &block{parser: p, at: at, unread: maps.Clone(args)}
	p.blocks = append(p.blocks, b)
	return b
}

// block is a block of arguments, of which those that were read are gone.
type block struct {
	parser   *parser
	at, name string
	unread   map[string]any
}

// read returns an argument, or the zero value if there is none.
func read[T any](b *block, name string) (value T) {
	any := b.unread[name]
	delete(b.unread, name)
	value, ok := any.(T)
	if any != nil && !ok {
		b.parser.fail(b.at+"."+name, "must be a %T, got %T", value, any)
	}
	return value
}

func (b *block) text(name string) string { return read[string](b, name) }

func (b *block) flag(name string) bool { return read[bool](b, name) }

func (b *block) has(name string) bool { return b.unread[name] != nil }

func (b *block) number(name string, otherwise int) int {
	if !b.has(name) {
		return otherwise
	}
	return int(read[float64](b, name))
}

// ignore reads what changes nothing about how a request is treated.
func (b *block) ignore(names ...string) {
	for _, name := range names {
		delete(b.unread, name)
	}
}

func list[T any](b *block, name string) []T {
	var items []T
	for _, any := range read[[]any](b, name) {
		item, ok := any.(T)
		if !ok {
			b.parser.fail(b.at+"."+name, "must be a list of %T, got %T", item, any)
		}
		items = append(items, item)
	}
	return items
}

func (b *block) texts(name string) []string { return list[string](b, name) }

// child is a nested block; an empty one if there is none.
func (b *block) child(name string) *block {
	return b.parser.block(b.at+"."+name, read[map[string]any](b, name))
}

func (b *block) children(name string) []*block {
	var blocks []*block
	for i, args := range list[map[string]any](b, name) {
		blocks = append(blocks, b.parser.block(fmt.Sprintf("%s.%s[%d]", b.at, name, i), args))
	}
	return blocks
}

func newParser(text []byte) (*parser, error) {
	var p parser
	return &p, json.Unmarshal(text, &p.stack)
}
