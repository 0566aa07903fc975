package declare

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

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// mending is a tree that decodes, and what was wrong with it before.
type mending struct {
	suggester
	valid *jsonschema.Schema // the same schema, for validation
	tree  any
	// What is wrong in itself: unknown and missing fields, and values of wrong types.
	broken Report
	// What is under a wrong name, and was moved to where it probably belongs. Its value isn't reported as well.
	renamed Report
	moves   []move
	// Values of the right type that their field forbids.
	values Report
	// Objects with fields of which nothing is known, so that those which are missing may be there under other names.
	incomplete []Path
	// Places whose value isn't known, since what is written there is missing or makes no sense.
	holes []hole
}

// hole is a place whose value isn't known.
type hole struct {
	at Path
	// What is written there, if it is a text.
	text string
}

// move is one of a value, from where it was typed to where it probably belongs.
type move struct{ from, to Path }

// mend holds the tree to the schema. It takes out what doesn't exist or has the wrong type, or moves it to where it
// probably belongs, and looks at it again there.
func (m *mending) mend() {
	m.nameItem()
	for moved := true; moved; {
		m.values = Report{}
		moved = m.round()
	}
}

// round is one of mend, and reports whether it put anything elsewhere, which has to be looked at there.
func (m *mending) round() (moved bool) {
	broken := &Report{}
	for _, leaf := range leaves(m.violations()) {
		at, value := locate(m.tree, leaf.InstanceLocation)
		schema := m.schema.at(at)
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
				if _, mended := value.(map[string]any)[name]; !mended && !slices.ContainsFunc(m.incomplete, at.Equal) {
					broken.Must(ruleRequiredField, at.Field(name), "is required")
					m.holes = append(m.holes, hole{at: at.Field(name)})
				}
			}
		case *kind.Type:
			message, meant := wrongType(at, schema, value)
			broken.Must(ruleFieldType, at, "%s", message)
			text, _ := value.(string)
			m.holes = append(m.holes, hole{at, text})
			take(m.tree, at)
			moved = meant != nil && put(m.tree, at, meant) || moved
		default:
			forbidden(&m.values, at, schema, leaf.ErrorKind, value)
			m.holes = append(m.holes, hole{at: at})
		}
	}
	m.broken.addUnless(precedes, broken.Problems)
	return moved
}

// misnamed reports names that an object's own schema forbids. What is below such a name isn't looked into.
func (m *mending) misnamed(at Path, object map[string]any, names []string, schema *Schema) {
	for _, name := range names {
		m.values.Must(schema.rule, at.Field(name), "must %s, got %q", schema.what, name)
		object[name] = nil
	}
}

// unknown reports fields of an object that don't exist, and reports whether it moved any to where it belongs.
func (m *mending) unknown(
	broken *Report, at Path, object map[string]any, names []string, schema *Schema,
) (moved bool) {
	var unexplained []Path
	for _, name := range names {
		value := object[name]
		delete(object, name)
		from := at.Field(name)
		switch s := m.meant(at, name, value, schema); {
		case s.hint == "", s.to == nil && len(absent(schema.Required, object)) > 0:
			unexplained = append(unexplained, from)
		case s.free && put(m.tree, s.to, value):
			m.renamed.Must(ruleKnownField, m.typed(from), "unknown field%s", s.hint)
			m.moves = append(m.moves, move{from, s.to})
			moved = true
		default:
			broken.Must(ruleKnownField, from, "unknown field%s", s.hint)
			m.holes = append(m.holes, hole{at: s.to})
		}
	}
	if len(unexplained) == 0 {
		return moved
	}
	m.incomplete = append(m.incomplete, at)
	for _, field := range absent(schema.FieldNames(), object) {
		m.holes = append(m.holes, hole{at: at.Field(field)})
	}
	hint := ""
	if missing := absent(schema.Required, object); len(missing) > 0 {
		hint = " (missing here: " + strings.Join(missing, ", ") + ")"
	}
	for _, from := range unexplained {
		more, name := hint, from[len(from)-1].(string)
		if HasSecret(name) { // neither the message nor its path may show it
			if schema.instead != "" {
				more = "; " + strings.ReplaceAll(schema.instead, anyName, "NAME")
			}
			broken.Must(ruleKnownField, at, "has a key or a token as the name of a field, which isn't shown: take it out%s", more)
			continue
		}
		if schema.instead != "" && !LooksSecret(name) {
			more = ": " + strings.ReplaceAll(schema.instead, anyName, name)
		}
		broken.Must(ruleKnownField, from, "unknown field%s", more)
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

// unnamed is the item for fields that stand where its name should.
const unnamed = "unnamed"

// nameItem makes an item, such as an environment, of fields that stand right where the names of items are.
func (m *mending) nameItem() {
	holder, item := m.schema.items()
	if item == nil {
		return
	}
	root, _ := m.tree.(map[string]any)
	all, _ := root[holder].(map[string]any)
	var misplaced []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		inner, _ := all[name].(map[string]any)
		if _, isField := item.Properties[name]; isField && !item.hasRequired(inner) {
			misplaced = append(misplaced, name)
		}
	}
	fields := map[string]any{}
	for _, name := range misplaced {
		fields[name] = all[name]
	}
	if !item.hasRequired(fields) || all[unnamed] != nil {
		return
	}
	for _, name := range misplaced {
		delete(all, name)
		m.moves = append(m.moves, move{Path{holder, name}, Path{holder, unnamed, name}})
	}
	all[unnamed] = fields
	m.renamed.Must(ruleKnownField, Path{holder, misplaced[0]},
		`must be the name of %s, which has the fields: {"NAME": {%q: …}}`, item.title, misplaced[0])
}

// typed returns where something stands that the mended tree has at a place.
func (m *mending) typed(at Path) Path {
	for _, move := range slices.Backward(m.moves) {
		if at.Within(move.to) {
			at = move.from.Join(at[len(move.to):])
		}
	}
	return at
}

// report adds all that is wrong with the configuration, each mistake once.
func (m *mending) report(r *Report, texts, rules []Problem) {
	r.addUnless(precedes, m.said(m.broken.Problems))
	r.Problems = append(r.Problems, m.said(texts)...)
	m.values.addUnless(covers, rules)
	r.addUnless(precedes, m.said(m.values.Problems))
	r.Problems = append(r.Problems, m.renamed.Problems...)
}

// said returns problems at the places that the user typed, without those that are reported under a wrong name already.
func (m *mending) said(problems []Problem) (list []Problem) {
	for _, p := range problems {
		p.At = m.typed(p.At)
		if !slices.ContainsFunc(m.renamed.Problems, func(k Problem) bool {
			return k.At.Equal(p.At) || p.Class == Warning && k.At.Within(p.At)
		}) {
			list = append(list, p)
		}
	}
	return list
}

// certain returns those of the problems that are there whatever was meant by what isn't known: with those places left
// out, with small and with large values there, and without what was moved. Problems below what was moved are its own.
func (m *mending) certain(problems []Problem, check func(tree any) []Problem) []Problem {
	problems = slices.DeleteFunc(problems, func(p Problem) bool {
		return slices.ContainsFunc(m.holes, func(h hole) bool { return len(h.at) > 0 && p.At.Within(h.at) })
	})
	var trees []any
	if len(m.holes) > 0 {
		trees = append(trees, m.filled(nothing), m.filled(smallest), m.filled(largest))
	}
	if len(m.moves) > 0 {
		trees = append(trees, m.withoutMoved())
	}
	for _, tree := range trees {
		found := check(tree)
		problems = slices.DeleteFunc(problems, func(p Problem) bool {
			return !slices.ContainsFunc(found, func(f Problem) bool { return f.At.Equal(p.At) && f.Equal(p) }) &&
				!slices.ContainsFunc(m.moves, func(move move) bool { return p.At.Within(move.to) && !p.At.Equal(move.to) })
		})
	}
	return problems
}

// filled returns the tree with values in its holes that suit them; one that is nil takes out what is there.
func (m *mending) filled(value func(s *Schema, text string) any) any {
	tree := cloned(m.tree)
	for _, h := range m.holes {
		schema := m.schema.at(h.at)
		if schema == nil || len(h.at) == 0 {
			continue
		}
		if v := value(schema, cmp.Or(h.text, "x")); v == nil {
			take(tree, h.at)
		} else if holder, _ := located(tree, h.at.Parent()); holder != nil {
			set(holder, h.at[len(h.at)-1], v)
		}
	}
	return tree
}

// withoutMoved returns the tree without what was moved.
func (m *mending) withoutMoved() any {
	tree := cloned(m.tree)
	for _, move := range m.moves {
		takeWhole(tree, move.to)
	}
	return tree
}

func nothing(*Schema, string) any { return nil }

// smallest returns a value with as little as possible.
func smallest(s *Schema, text string) any { return standIn(s, text, false) }

// largest returns a value with as much as possible.
func largest(s *Schema, text string) any { return standIn(s, text, true) }

// standIn returns a value of the type that a schema wants, in place of one that isn't known. The text is that of every
// text in it.
func standIn(s *Schema, text string, large bool) any {
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
	case s.Values != nil, s.free:
		return map[string]any{}
	case s.isTextOrList() && !large && s.choices != nil:
		return s.choices[0]
	case s.isTextOrList() && !large:
		return text
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

// compiled returns the schema for validation.
func (s *Schema) compiled() *jsonschema.Schema {
	data, err := json.Marshal(s)
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
}

func (m *mending) violations() *jsonschema.ValidationError {
	var found *jsonschema.ValidationError
	errors.As(m.valid.Validate(m.tree), &found)
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
func locate(tree any, steps []string) (at Path, value any) {
	at, value = Path{}, tree
	for _, step := range steps {
		switch holder := value.(type) {
		case map[string]any:
			at, value = at.Field(step), holder[step]
		case []any:
			i, _ := strconv.Atoi(step)
			at, value = at.Index(i), holder[i]
		}
	}
	return at, value
}

// located returns what a tree has at a place.
func located(tree any, at Path) (value any, found bool) {
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
func put(tree any, at Path, value any) bool {
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
func takeWhole(tree any, at Path) {
	take(tree, at)
	if holder, _ := located(tree, at.Parent()); len(at) > 1 && reflect.DeepEqual(holder, map[string]any{}) {
		takeWhole(tree, at.Parent())
	}
}

// take takes the member of an object out, and leaves nil of a list's item.
func take(tree any, at Path) {
	if _, found := located(tree, at); !found {
		return
	}
	switch holder, _ := located(tree, at.Parent()); holder := holder.(type) {
	case map[string]any:
		delete(holder, at[len(at)-1].(string))
	case []any:
		holder[at[len(at)-1].(int)] = nil
	}
}
