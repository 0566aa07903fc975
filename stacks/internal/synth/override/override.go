// Package override merges what users say in Terraform's own words into the Terraform JSON of a stack.
package override

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"ml-api-accelerator/stacks/config/declare"
)

// Mistake is something that can't be merged, or that changes nothing. The steps lead to it: an address, and names of
// arguments.
type Mistake struct {
	Steps    []any
	Message  string
	NoEffect bool // it can be merged
}

// Apply merges arguments, by the address of their resource or data source, into a cdk.tf.json, as a JSON merge patch
// (RFC 7396): objects are merged, null takes away, and all else is replaced. Below "//" it lists what it has set. With
// mistakes that can't be merged it returns the stack as it was.
func Apply(stack []byte, overrides map[string]map[string]any) ([]byte, []Mistake, error) {
	if len(overrides) == 0 {
		return stack, nil, nil
	}
	var whole map[string]any
	decoder := json.NewDecoder(bytes.NewReader(stack))
	decoder.UseNumber()
	if err := decoder.Decode(&whole); err != nil {
		return stack, nil, err
	}
	known := addresses(whole)
	var mistakes []Mistake
	set := map[string]any{}
	for _, address := range slices.Sorted(maps.Keys(overrides)) {
		m := merging{address: address, set: []string{}}
		if args := known[address]; args == nil {
			m.mistake(nil, "is not in the stack%s; terraform state list, and cdk.tf.json, have the names",
				declare.Suggestion(address, slices.Sorted(maps.Keys(known))))
		} else {
			m.merge(args, overrides[address], nil)
			m.follow(known, overrides[address], nil)
			m.followNames(known, providers(whole), overrides[address])
		}
		mistakes = append(mistakes, m.mistakes...)
		set[address] = m.set
	}
	if slices.ContainsFunc(mistakes, func(m Mistake) bool { return !m.NoEffect }) {
		return stack, mistakes, nil
	}
	comment, _ := whole["//"].(map[string]any)
	if comment == nil {
		comment = map[string]any{}
		whole["//"] = comment
	}
	comment["overrides"] = set
	text, err := encode(whole)
	return text, mistakes, err
}

// addresses returns the arguments of the resources and data sources of a stack.
func addresses(stack map[string]any) map[string]map[string]any {
	found := map[string]map[string]any{}
	for section, before := range map[string]string{"resource": "", "data": "data."} {
		kinds, _ := stack[section].(map[string]any)
		for kind, named := range kinds {
			named, _ := named.(map[string]any)
			for name, args := range named {
				if args, isObject := args.(map[string]any); isObject {
					found[before+kind+"."+name] = args
				}
			}
		}
	}
	return found
}

// merging is what becomes of one resource.
type merging struct {
	address  string
	set      []string // arguments, as dotted paths
	mistakes []Mistake
}

// merge puts a patch into the arguments of a block.
func (m *merging) merge(args, patch map[string]any, at []string) {
	for _, name := range slices.Sorted(maps.Keys(patch)) {
		at := append(slices.Clip(at), name)
		before, after := args[name], patch[name]
		block, isBlock := before.(map[string]any)
		_, isList := before.([]any)
		inner, isObject := after.(map[string]any)
		_, toList := after.([]any)
		switch {
		case isBlock && toList:
			m.mistake(at, "must be an object, got a list: the stack has an object here, which is merged")
		case isList && isObject:
			m.mistake(at, "must be a list, got an object: "+
				"the stack has a list here, which is replaced, so give all of its items")
		case isObject && (isBlock || len(inner) > 0):
			if !isBlock {
				block = map[string]any{}
				args[name] = block
			}
			m.merge(block, inner, at)
		case after == nil:
			if _, there := args[name]; !there {
				m.mistake(at, "has no effect: null takes an argument away, and the stack has none of this name here%s",
					declare.Suggestion(name, slices.Sorted(maps.Keys(args))))
				m.mistakes[len(m.mistakes)-1].NoEffect = true
			}
			delete(args, name)
			m.set = append(m.set, strings.Join(at, "."))
		default:
			args[name] = after
			m.set = append(m.set, strings.Join(at, "."))
		}
	}
}

// reference is what ${…} refers to: a resource, a data source, or what a stack of ours has none of.
var reference = regexp.MustCompile(`(?:data\.)?\b(?:aws|terraform)_[a-z0-9_]+\.[A-Za-z_][\w-]*|\b(?:var|local|module)\.[A-Za-z_][\w-]*`)

// interpolation is a part of a text that Terraform evaluates; $${ is one that it doesn't.
var interpolation = regexp.MustCompile(`\$?\$\{[^}]*\}`)

// follow looks whether there is what texts refer to.
func (m *merging) follow(known map[string]map[string]any, value any, at []string) {
	switch value := value.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(value)) {
			m.follow(known, value[name], append(slices.Clip(at), name))
		}
	case []any:
		for _, item := range value {
			m.follow(known, item, at)
		}
	case string:
		for _, part := range interpolation.FindAllString(value, -1) {
			if strings.HasPrefix(part, "$$") {
				continue
			}
			for _, to := range reference.FindAllString(part, -1) {
				if known[to] == nil {
					m.mistake(at, "refers to %s, which is not in the stack%s", to,
						declare.Suggestion(to, slices.Sorted(maps.Keys(known))))
				}
			}
		}
	}
}

// followNames looks whether there are the resources and the provider that arguments of all resources name without ${…}
// (Terraform Language, Meta-Arguments).
func (m *merging) followNames(known map[string]map[string]any, providers []string, patch map[string]any) {
	list, _ := patch["depends_on"].([]any)
	for _, item := range list {
		text, _ := item.(string)
		if to := reference.FindString(text); to != "" && known[to] == nil && !strings.Contains(text, "${") {
			m.mistake([]string{"depends_on"}, "names %s, which is not in the stack%s", to,
				declare.Suggestion(to, slices.Sorted(maps.Keys(known))))
		}
	}
	provider, _ := patch["provider"].(string)
	if provider != "" && !strings.Contains(provider, "${") && !slices.Contains(providers, provider) {
		m.mistake([]string{"provider"}, "names %s, which is not in the stack%s; there are %s", provider,
			declare.Suggestion(provider, providers), strings.Join(providers, ", "))
	}
}

// providers returns the providers of a stack, by which resources name them.
func providers(stack map[string]any) (found []string) {
	all, _ := stack["provider"].(map[string]any)
	for kind, configured := range all {
		found = append(found, kind)
		list, _ := configured.([]any)
		for _, one := range list {
			one, _ := one.(map[string]any)
			if alias, _ := one["alias"].(string); alias != "" {
				found = append(found, kind+"."+alias)
			}
		}
	}
	slices.Sort(found)
	return found
}

func (m *merging) mistake(at []string, format string, args ...any) {
	steps := []any{m.address}
	for _, name := range at {
		steps = append(steps, name)
	}
	m.mistakes = append(m.mistakes, Mistake{Steps: steps, Message: fmt.Sprintf(format, args...)})
}

// empty is an object or a list with nothing in it, at the end of a line.
var empty = regexp.MustCompile(`(?m)^( *)(".*": )?(\{\}|\[\])(,?)$`)

// encode writes JSON byte by byte as cdktf does, which sorts the names and breaks the line in what is empty
// (json-stable-stringify).
func encode(value any) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return empty.ReplaceAllFunc(bytes.TrimSuffix(text.Bytes(), []byte("\n")), func(line []byte) []byte {
		part := empty.FindSubmatch(line)
		return fmt.Appendf(nil, "%s%s%c\n%s%c%s", part[1], part[2], part[3][0], part[1], part[3][1], part[4])
	}), nil
}
