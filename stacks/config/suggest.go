package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

// guesses are names that people try first, and the fields they mean.
var guesses = map[string][]string{
	"acl":         {"webACLArn"},
	"backend":     {"domainName", "api"},
	"bucketname":  {"bucket"},
	"certificate": {"certificateArn"},
	"domain":      {"domainName"},
	"enable":      {"enabled"},
	"endpoint":    {"domainName"},
	"host":        {"domainName"},
	"hostname":    {"domainName"},
	"key":         {"publicKey"},
	"kmskey":      {"kmsKeyArn"},
	"log":         {"logging"},
	"logs":        {"logging"},
	"origin":      {"domainName"},
	"path":        {"request"},
	"pathpattern": {"path"},
	"pattern":     {"path"},
	"port":        {"httpsPort"},
	"rate":        {"requestsPer5Minutes"},
	"ratelimit":   {"requestsPer5Minutes"},
	"role":        {"roleArn"},
	"timeout":     {"readTimeoutSeconds"},
	"ttl":         {"defaultTTLSeconds"},
	"url":         {"domainName", "request", "path"},
	"waf":         {"firewall"},
	"zone":        {"hostedZoneId"},
	"zoneid":      {"hostedZoneId"},
}

// suggestion is where a field that doesn't exist probably belongs.
type suggestion struct {
	to   path   // nil: several places are as likely; in a list that of the whole list
	free bool   // the value can be moved there, if nothing is there
	hint string // empty: nothing is likely
}

// meant suggests, in this order: a field here that differs only in case, one of exactly this name elsewhere, what
// people try first or a likely misspelling, and what people try first elsewhere.
func meant(at path, name string, value any, schema *JSONSchema) suggestion {
	known := schema.FieldNames()
	here := func(field string) suggestion {
		return suggestion{at.field(field), true, " (did you mean " + field + "?)"}
	}
	if i := slices.IndexFunc(known, func(field string) bool { return strings.EqualFold(field, name) }); i >= 0 {
		return here(known[i])
	}
	if object, _ := value.(map[string]any); len(at) == 0 && (object["api"] != nil || object["region"] != nil) {
		return suggestion{path{environments, name}, true, " (an environment belongs into environments)"}
	}
	homes, of := elsewhere(at, name, value)
	if len(homes) > 0 {
		field := homes[0][len(homes[0])-1]
		return belonging(at, homes, fmt.Sprintf(" (%s is a field of %s, not of %s)", field, of, inWords(general(at))))
	}
	fitting := slices.DeleteFunc(slices.Clone(known), func(field string) bool {
		return !schema.Properties[field].takes(value)
	})
	for _, fields := range [][]string{fitting, known} {
		if field := similar(name, fields); field != "" {
			return here(field)
		}
	}
	for _, guess := range guesses[strings.ToLower(name)] {
		if homes, of := elsewhere(at, guess, value); len(homes) > 0 {
			return belonging(at, homes, fmt.Sprintf(" (did you mean %s, a field of %s?)", guess, of))
		}
	}
	return suggestion{}
}

// similar returns the field that a name probably means.
func similar(name string, known []string) string {
	for _, field := range guesses[strings.ToLower(name)] {
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
func elsewhere(at path, name string, value any) (places []path, of string) {
	var look func(at path, s *JSONSchema)
	look = func(at path, s *JSONSchema) {
		switch {
		case s.Items != nil:
			look(at.index(0), s.Items)
		case s.Values != nil:
			look(at.key(anyName), s.Values)
		}
		for _, field := range s.FieldNames() {
			if strings.EqualFold(field, name) && s.Properties[field].takes(value) {
				places = append(places, at.field(field))
			}
			look(at.field(field), s.Properties[field])
		}
	}
	look(nil, configuration())
	if len(places) == 0 {
		return nil, ""
	}
	from := general(at)
	way := func(home path) int { return len(from) + len(home) - 2*shared(from, home) }
	slices.SortStableFunc(places, func(a, b path) int { return way(a) - way(b) })
	places = slices.DeleteFunc(places, func(home path) bool { return way(home) > way(places[0]) })
	var owners []string
	for _, home := range places {
		owners = append(owners, inWords(home.parent()))
	}
	return places, listed(owners, "and")
}

// general returns the place in the schema of a place in a configuration.
func general(at path) path {
	place := slices.Clone(at)
	for i := range place {
		if _, isIndex := place[i].(int); isIndex {
			place[i] = 0
		} else if configuration().at(at[:i]).Values != nil {
			place[i] = anyName
		}
	}
	return place
}

// shared returns how many steps two paths have in common.
func shared(a, b path) int {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

// belonging suggests to move a field of the object at a place to the one of the homes that there is.
func belonging(at path, homes []path, hint string) suggestion {
	if len(homes) > 1 {
		return suggestion{hint: hint}
	}
	home := homes[0]
	common := shared(general(at), home)
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
func inWords(at path) string {
	switch {
	case len(at) == 0:
		return "the configuration itself"
	case at.equal(path{environments, anyName}):
		return "an environment"
	case at.within(path{environments, anyName}):
		at = at[2:]
	}
	return strings.ReplaceAll(at.String(), "[0]", "[]")
}

// nearest returns the choice that a text is a likely misspelling of, or nothing. One of two letters may only differ in
// case.
func nearest(text string, choices []string) string {
	best, distance := "", 1+len(text)/3
	if len(text) < 3 {
		distance = 0
	}
	for _, c := range choices {
		if d := levenshtein.ComputeDistance(strings.ToLower(text), strings.ToLower(c)); d <= distance {
			best, distance = c, d-1
		}
	}
	return best
}

// Suggestion is a hint at the choice that a text is a likely misspelling of, to stand after it, or nothing.
func Suggestion(text string, choices []string) string { return didYouMean(text, choices) }

// didYouMean is a hint at the choice that a value is a likely misspelling of, or nothing.
func didYouMean(value any, choices []string) string {
	text, _ := value.(string)
	if otherPartition(text) && slices.Contains(choices, EdgeRegion) {
		return " (GovCloud and China are not supported)"
	}
	if near := nearest(text, choices); near != "" {
		return " (did you mean " + near + "?)"
	}
	return ""
}

// otherPartition tells whether a Region is one of those that are kept apart from all others.
func otherPartition(region string) bool {
	return strings.HasPrefix(region, "us-gov-") || strings.HasPrefix(region, "cn-")
}
