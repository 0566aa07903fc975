package declare

import (
	"fmt"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

// suggester knows where a field may belong that doesn't exist.
type suggester struct {
	schema *Schema // of the whole configuration
	// Names that people try first, and the fields they mean.
	guesses map[string][]string
}

// suggestion is where a field that doesn't exist probably belongs.
type suggestion struct {
	to   Path   // nil: several places are as likely; in a list that of the whole list
	free bool   // the value can be moved there, if nothing is there
	hint string // empty: nothing is likely
}

// meant suggests, in this order: a field here that differs only in case, one of exactly this name elsewhere, what people
// try first (unless a field here differs in one letter), here or elsewhere, and a likely misspelling.
func (s suggester) meant(at Path, name string, value any, schema *Schema) suggestion {
	known := schema.FieldNames()
	here := func(field string) suggestion {
		return suggestion{at.Field(field), true, " (did you mean " + field + "?)"}
	}
	if i := slices.IndexFunc(known, func(field string) bool { return strings.EqualFold(field, name) }); i >= 0 {
		return here(known[i])
	}
	object, _ := value.(map[string]any)
	if holder, item := s.schema.items(); item != nil && len(at) == 0 && item.hasRequired(object) {
		return suggestion{Path{holder, name}, true, fmt.Sprintf(" (%s belongs in %s)", item.title, holder)}
	}
	homes, of := s.elsewhere(at, name, value)
	if len(homes) > 0 {
		field := homes[0][len(homes[0])-1]
		return s.belonging(at, homes, fmt.Sprintf(" (%s is a field of %s, not of %s)", field, of, s.inWords(s.general(at))))
	}
	guesses := s.guesses[strings.ToLower(name)]
	isMeant := func(field string) bool { return slices.Contains(guesses, field) || oneOff(field, name) }
	if !slices.ContainsFunc(known, isMeant) {
		for _, guess := range guesses {
			if homes, of := s.elsewhere(at, guess, value); len(homes) > 0 {
				return s.belonging(at, homes, fmt.Sprintf(" (did you mean %s, a field of %s?)", guess, of))
			}
		}
	}
	fitting := slices.DeleteFunc(slices.Clone(known), func(field string) bool {
		return !schema.Properties[field].takes(value)
	})
	if field := s.similar(name, fitting); field != "" {
		return here(field)
	}
	if field := s.similar(name, known); field != "" { // nothing in its value would make sense there
		guess := here(field)
		guess.free = false
		return guess
	}
	return suggestion{}
}

// similar returns the field that a name probably means.
func (s suggester) similar(name string, known []string) string {
	for _, field := range s.guesses[strings.ToLower(name)] {
		if slices.Contains(known, field) {
			return field
		}
	}
	if near := nearest(name, known); near != "" {
		return near
	}
	var holding []string
	for _, field := range known {
		if len(name) > 3 && strings.Contains(strings.ToLower(field), strings.ToLower(name)) {
			holding = append(holding, field)
		}
	}
	if len(holding) == 1 {
		return holding[0]
	}
	return ""
}

// anyName stands in a path for a name that the user chooses.
const anyName = "NAME"

// elsewhere returns the places, nearest to an object, of the fields of a name that take a value, and says what they are
// fields of. The index of an item is 0 there, and a name that the user chooses is anyName.
func (s suggester) elsewhere(at Path, name string, value any) (places []Path, of string) {
	var look func(at Path, of *Schema)
	look = func(at Path, of *Schema) {
		switch {
		case of.Items != nil:
			look(at.Index(0), of.Items)
		case of.Values != nil:
			look(at.Field(anyName), of.Values)
		}
		for _, field := range of.FieldNames() {
			if strings.EqualFold(field, name) && of.Properties[field].takes(value) {
				places = append(places, at.Field(field))
			}
			look(at.Field(field), of.Properties[field])
		}
	}
	look(nil, s.schema)
	if len(places) == 0 {
		return nil, ""
	}
	from := s.general(at)
	way := func(home Path) int { return len(from) + len(home) - 2*shared(from, home) }
	slices.SortStableFunc(places, func(a, b Path) int { return way(a) - way(b) })
	places = slices.DeleteFunc(places, func(home Path) bool { return way(home) > way(places[0]) })
	var owners []string
	for _, home := range places {
		owners = append(owners, s.inWords(home.Parent()))
	}
	return places, Listed(owners, "and")
}

// general returns the place in the schema of a place in a configuration.
func (s suggester) general(at Path) Path {
	place := slices.Clone(at)
	for i := range place {
		if _, isIndex := place[i].(int); isIndex {
			place[i] = 0
		} else if s.schema.at(at[:i]).Values != nil {
			place[i] = anyName
		}
	}
	return place
}

// shared returns how many steps two paths have in common.
func shared(a, b Path) int {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

// belonging suggests to move a field of the object at a place to the one of the homes that there is.
func (s suggester) belonging(at Path, homes []Path, hint string) suggestion {
	if len(homes) > 1 {
		return suggestion{hint: hint}
	}
	home := homes[0]
	common := shared(s.general(at), home)
	to := slices.Clone(at[:common])
	for _, step := range home[common:] {
		if step == 0 || step == anyName {
			return suggestion{to, false, hint}
		}
		to = append(to, step)
	}
	return suggestion{to, true, hint}
}

// inWords says which object stands at a place in the schema.
func (s suggester) inWords(at Path) string {
	holder, item := s.schema.items()
	switch of := (Path{holder, anyName}); {
	case len(at) == 0:
		return "the configuration itself"
	case at.Equal(of):
		return item.title
	case at.Within(of):
		at = at[2:]
	}
	return strings.ReplaceAll(at.String(), "[0]", "[]")
}

// nearest returns the choice that a text is a likely misspelling of, or nothing. Where either has two letters, they may
// only differ in case: another country is as near to a code as the right one.
func nearest(text string, choices []string) string {
	best, distance := "", 1+len(text)/3
	for _, c := range choices {
		d := levenshtein.ComputeDistance(strings.ToLower(text), strings.ToLower(c))
		if d == 0 || d <= distance && min(len(text), len(c)) > 2 {
			best, distance = c, d-1
		}
	}
	return best
}

// oneOff reports whether two names differ in at most one letter.
func oneOff(a, b string) bool {
	return levenshtein.ComputeDistance(strings.ToLower(a), strings.ToLower(b)) <= 1
}

// Suggestion returns a hint at the choice that a text is a likely misspelling of, to stand after it, or nothing.
func Suggestion(text string, choices []string) string {
	if near := nearest(text, choices); near != "" {
		return " (did you mean " + near + "?)"
	}
	return ""
}
