package config

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// mending is a tree that decodes, and what was wrong with it before.
type mending struct {
	tree any
	// What is wrong in itself: unknown and missing fields, and values of wrong types.
	broken *report
	// What is under a wrong name, and was moved to where it probably belongs. Its value isn't reported as well.
	renamed *report
	moves   []move
	// Values of the right type that their field forbids.
	values *report
	// Objects with fields of which nothing is known, so that those which are missing may be there under other names.
	incomplete []path
	// Places whose value isn't known, since what is written there is missing or makes no sense.
	holes []hole
}

// hole is a place whose value isn't known.
type hole struct {
	at path
	// What is written there, if it is a text.
	text string
}

// move is one of a value, from where it was typed to where it probably belongs.
type move struct{ from, to path }

// mend holds a tree to the schema. It takes out what doesn't exist or has the wrong type, or moves it to where it
// probably belongs, and looks at it again there.
func mend(tree any) *mending {
	m := &mending{tree: tree, broken: &report{}, renamed: &report{}}
	m.nameEnvironment()
	for moved := true; moved; {
		m.values = &report{}
		moved = m.round()
	}
	return m
}

// round is one of mend, and reports whether it put anything elsewhere, which has to be looked at there.
func (m *mending) round() (moved bool) {
	broken := &report{}
	for _, leaf := range leaves(violations(m.tree)) {
		at, value := locate(m.tree, leaf.InstanceLocation)
		schema := configuration().at(at)
		switch k := leaf.ErrorKind.(type) {
		case *kind.AdditionalProperties:
			names := slices.Sorted(slices.Values(k.Properties))
			if schema.NamesLike != "" {
				m.misnamed(at, value.(map[string]any), names, schema)
				continue
			}
			moved = m.unknown(broken, at, value.(map[string]any), names, schema) || moved
		case *kind.Required:
			for _, name := range slices.Sorted(slices.Values(k.Missing)) {
				if _, mended := value.(map[string]any)[name]; !mended && !slices.ContainsFunc(m.incomplete, at.equal) {
					broken.must(ruleRequiredField, at.field(name), "is required")
					m.holes = append(m.holes, hole{at: at.field(name)})
				}
			}
		case *kind.Type:
			message, meant := wrongType(at, schema, value)
			broken.must(ruleFieldType, at, "%s", message)
			text, _ := value.(string)
			m.holes = append(m.holes, hole{at, text})
			take(m.tree, at)
			moved = meant != nil && put(m.tree, at, meant) || moved
		default:
			forbidden(m.values, at, schema, leaf.ErrorKind, value)
			m.holes = append(m.holes, hole{at: at})
		}
	}
	m.broken.addUnlessFollowing(broken.problems)
	return moved
}

// misnamed reports names that an object's own schema forbids. What is below such a name isn't looked into.
func (m *mending) misnamed(at path, object map[string]any, names []string, schema *JSONSchema) {
	for _, name := range names {
		m.values.must(schema.rule, at.key(name), "must %s, got %q", schema.what, name)
		object[name] = nil
	}
}

// unknown reports fields of an object that don't exist, and reports whether it moved any to where it belongs.
func (m *mending) unknown(
	broken *report, at path, object map[string]any, names []string, schema *JSONSchema,
) (moved bool) {
	var unexplained []path
	for _, name := range names {
		value := object[name]
		delete(object, name)
		from := at.key(name)
		switch s := meant(at, name, value, schema); {
		case s.hint == "", s.to == nil && len(absent(schema.Required, object)) > 0:
			unexplained = append(unexplained, from)
		case s.free && put(m.tree, s.to, value):
			m.renamed.must(ruleKnownField, m.typed(from), "unknown field%s", s.hint)
			m.moves = append(m.moves, move{from, s.to})
			moved = true
		default:
			broken.must(ruleKnownField, from, "unknown field%s", s.hint)
			m.holes = append(m.holes, hole{at: s.to})
		}
	}
	if len(unexplained) == 0 {
		return moved
	}
	m.incomplete = append(m.incomplete, at)
	for _, field := range absent(schema.FieldNames(), object) {
		m.holes = append(m.holes, hole{at: at.field(field)})
	}
	hint := ""
	if missing := absent(schema.Required, object); len(missing) > 0 {
		hint = " (missing here: " + strings.Join(missing, ", ") + ")"
	}
	for _, from := range unexplained {
		broken.must(ruleKnownField, from, "unknown field%s", hint)
	}
	return moved
}

// absent returns those of the fields that an object doesn't have.
func absent(fields []string, object map[string]any) []string {
	return slices.DeleteFunc(slices.Clone(fields), func(field string) bool {
		_, there := object[field]
		return there
	})
}

// unnamed is the environment for fields that stand where its name should.
const unnamed = "unnamed"

// nameEnvironment makes an environment of fields that stand right under environments, where the names are.
func (m *mending) nameEnvironment() {
	root, _ := m.tree.(map[string]any)
	all, _ := root[environments].(map[string]any)
	fields := configuration().Properties[environments].Values.Properties
	var misplaced []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		inner, _ := all[name].(map[string]any)
		if _, isField := fields[name]; isField && inner["region"] == nil && inner["api"] == nil {
			misplaced = append(misplaced, name)
		}
	}
	if !slices.Contains(misplaced, "region") && !slices.Contains(misplaced, "api") || all[unnamed] != nil {
		return
	}
	environment := map[string]any{}
	for _, name := range misplaced {
		environment[name] = all[name]
		delete(all, name)
		m.moves = append(m.moves, move{path{environments, name}, path{environments, unnamed, name}})
	}
	all[unnamed] = environment
	first := misplaced[0]
	m.renamed.must(ruleKnownField, path{environments, first},
		`must be the name of an environment, which has the fields: {"dev": {%q: …}}`, first)
}

// typed returns where something stands that the mended tree has at a place.
func (m *mending) typed(at path) path {
	for _, move := range slices.Backward(m.moves) {
		if at.within(move.to) {
			at = move.from.join(at[len(move.to):])
		}
	}
	return at
}

// report adds all that is wrong with the configuration of which c is what decodes, each mistake once.
func (m *mending) report(r *report, texts, rules []Problem) {
	add := func(add func([]Problem), problems []Problem) {
		var list []Problem
		for _, p := range problems {
			p.at = m.typed(p.at)
			if !slices.ContainsFunc(m.renamed.problems, func(k Problem) bool {
				return k.at.equal(p.at) || p.Class == Warning && k.at.within(p.at)
			}) {
				list = append(list, p)
			}
		}
		add(list)
	}
	add(r.addUnlessFollowing, m.broken.problems)
	add(func(list []Problem) { r.problems = append(r.problems, list...) }, texts)
	m.values.addElsewhere(m.certain(rules))
	add(r.addUnlessFollowing, m.values.problems)
	r.problems = append(r.problems, m.renamed.problems...)
}

// certain returns those of the problems that a rule finds whatever was meant by what isn't known: with those places
// left out, with small and with large values there, and without what was moved. Problems below what was moved are its
// own.
func (m *mending) certain(problems []Problem) []Problem {
	problems = slices.DeleteFunc(problems, func(p Problem) bool {
		return slices.ContainsFunc(m.holes, func(h hole) bool { return len(h.at) > 0 && p.at.within(h.at) })
	})
	worlds := []func(tree any){
		func(tree any) { fill(tree, m.holes, func(*JSONSchema, string) any { return nil }) },
		func(tree any) { fill(tree, m.holes, smallest) },
		func(tree any) { fill(tree, m.holes, largest) },
	}
	if len(m.holes) == 0 {
		worlds = nil
	}
	if len(m.moves) > 0 {
		worlds = append(worlds, func(tree any) {
			for _, move := range m.moves {
				takeWhole(tree, move.to)
			}
		})
	}
	for _, change := range worlds {
		tree, found := cloned(m.tree), &report{}
		change(tree)
		readSection[Config](&report{}, nil, tree).check(found)
		problems = slices.DeleteFunc(problems, func(p Problem) bool {
			return !slices.ContainsFunc(found.problems, func(f Problem) bool { return f.at.equal(p.at) && f.Equal(p) }) &&
				!slices.ContainsFunc(m.moves, func(move move) bool { return p.at.within(move.to) && !p.at.equal(move.to) })
		})
	}
	return problems
}

// fill puts values that suit their places into a tree, or takes out what is there where the value is nil.
func fill(tree any, holes []hole, with func(s *JSONSchema, text string) any) {
	for _, h := range holes {
		at, schema := h.at, configuration().at(h.at)
		if schema == nil || len(at) == 0 {
			continue
		}
		if value := with(schema, cmp.Or(h.text, "x")); value == nil {
			take(tree, at)
		} else if holder, _ := located(tree, at.parent()); holder != nil {
			set(holder, at[len(at)-1], value)
		}
	}
}

// smallest returns a value with as little as possible.
func smallest(s *JSONSchema, text string) any { return standIn(s, text, false) }

// largest returns a value with as much as possible.
func largest(s *JSONSchema, text string) any { return standIn(s, text, true) }

// standIn returns a value of the type that a schema wants, in place of one that isn't known. The text is that of every
// text in it.
func standIn(s *JSONSchema, text string, large bool) any {
	switch {
	case s.Properties != nil:
		object := map[string]any{}
		for name, field := range s.Properties {
			if large || slices.Contains(s.Required, name) {
				object[name] = standIn(field, text, large)
			}
		}
		return object
	case s.Values != nil && large:
		return map[string]any{"x": standIn(s.Values, text, large)}
	case s.Values != nil:
		return map[string]any{}
	case s.Items != nil && large:
		return []any{standIn(s.Items, text, large)}
	case s.Items != nil:
		return []any{}
	case s.Type == "boolean":
		return large
	case s.Type != "string" && large:
		return json.Number("2147483647")
	case s.Type != "string":
		return json.Number("0")
	case s.Enum != nil && large:
		choices := slices.DeleteFunc(slices.Clone(s.Enum), func(choice any) bool { return choice == "" })
		return choices[len(choices)-1]
	case s.Enum != nil:
		return s.Enum[0]
	}
	return text
}

// cloned returns a copy of a tree.
func cloned(tree any) any {
	switch tree := tree.(type) {
	case map[string]any:
		object := maps.Clone(tree)
		for name, value := range object {
			object[name] = cloned(value)
		}
		return object
	case []any:
		list := slices.Clone(tree)
		for i, value := range list {
			list[i] = cloned(value)
		}
		return list
	}
	return tree
}

const schemaURL = "file:///configuration.json"

var compiled = sync.OnceValue(func() *jsonschema.Schema {
	data, err := json.Marshal(configuration())
	if err != nil {
		panic(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		panic(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(schemaURL, document); err != nil {
		panic(err)
	}
	return c.MustCompile(schemaURL)
})

func violations(tree any) *jsonschema.ValidationError {
	var found *jsonschema.ValidationError
	errors.As(compiled().Validate(tree), &found)
	return found
}

// leaves returns the violations that explain others, unknown fields first, since mending them may
// supply what is missing.
func leaves(v *jsonschema.ValidationError) []*jsonschema.ValidationError {
	if v == nil {
		return nil
	}
	if _, choice := v.ErrorKind.(*kind.AnyOf); choice || len(v.Causes) == 0 {
		return []*jsonschema.ValidationError{v}
	}
	var all []*jsonschema.ValidationError
	for _, cause := range v.Causes {
		all = append(all, leaves(cause)...)
	}
	slices.SortStableFunc(all, func(a, b *jsonschema.ValidationError) int { return rank(a) - rank(b) })
	return all
}

func rank(v *jsonschema.ValidationError) int {
	if _, unknown := v.ErrorKind.(*kind.AdditionalProperties); unknown {
		return 0
	}
	return 1
}

// locate returns the place and the value of what lies at the steps of a violation.
func locate(tree any, steps []string) (at path, value any) {
	at, value = path{}, tree
	for _, step := range steps {
		switch holder := value.(type) {
		case map[string]any:
			at, value = at.key(step), holder[step]
		case []any:
			i, _ := strconv.Atoi(step)
			at, value = at.index(i), holder[i]
		}
	}
	return at, value
}

// located returns what a tree has at a place.
func located(tree any, at path) (value any, found bool) {
	for _, step := range at {
		switch step := step.(type) {
		case string:
			object, _ := tree.(map[string]any)
			tree, found = object[step]
		case int:
			list, _ := tree.([]any)
			if found = step < len(list); found {
				tree = list[step]
			}
		}
		if !found {
			return nil, false
		}
	}
	return tree, true
}

// set sets one member of an object, or one item of a list.
func set(holder, step, value any) {
	switch holder := holder.(type) {
	case map[string]any:
		holder[step.(string)] = value
	case []any:
		if i := step.(int); i < len(holder) { // it may be in another hole
			holder[i] = value
		}
	}
}

// put puts a value where a tree has none, with the objects in which that is. It reports whether it could.
func put(tree any, at path, value any) bool {
	if _, taken := located(tree, at); taken {
		return false
	}
	for i := range at {
		object, isObject := tree.(map[string]any)
		name, isName := at[i].(string)
		switch {
		case isObject && isName && i == len(at)-1:
			object[name] = value
			return true
		case isObject && isName && object[name] == nil:
			object[name] = map[string]any{}
			tree = object[name]
		default:
			tree, _ = located(tree, at[i:i+1])
		}
	}
	return false
}

// takeWhole takes a member out, with the objects that have nothing else.
func takeWhole(tree any, at path) {
	take(tree, at)
	if holder, _ := located(tree, at.parent()); len(at) > 1 && reflect.DeepEqual(holder, map[string]any{}) {
		takeWhole(tree, at.parent())
	}
}

// take takes the member of an object out, and leaves nil of a list's item.
func take(tree any, at path) {
	if _, found := located(tree, at); !found {
		return
	}
	switch holder, _ := located(tree, at.parent()); holder := holder.(type) {
	case map[string]any:
		delete(holder, at[len(at)-1].(string))
	case []any:
		holder[at[len(at)-1].(int)] = nil
	}
}
