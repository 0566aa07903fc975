package plan

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// Origins returns what changes in the origins that Terraform hides because of one secret, in Terraform's form and
// without the secret; nothing if it hides none, or they stay.
func (p Plan) Origins() string {
	var text strings.Builder
	for _, r := range list(p.all["resource_changes"]) {
		change := child(r, "change")
		if child(r, "type") != distribution || !hidesOrigins(change) {
			continue
		}
		lines := p.differences(p.originsOf(child(change, "before"), nil),
			p.originsOf(child(change, "after"), child(child(change, "after_unknown"), "origin")))
		if len(lines) > 0 {
			fmt.Fprintf(&text, "# %s: its origins, which Terraform hides because of a secret\n%s\n\n",
				child(r, "address"), strings.Join(lines, "\n"))
		}
	}
	return text.String()
}

func hidesOrigins(change any) bool {
	for _, side := range []string{"before_sensitive", "after_sensitive"} {
		for mark := range values(child(child(change, side), "origin")) {
			if mark == true {
				return true
			}
		}
	}
	return false
}

// field is a field of an origin, and how it is shown.
type field struct {
	raw   any
	shown string
}

// fields are those of an origin by name, those of a block like custom_origin_config.https_port.
type fields map[string]field

// originsOf returns the fields of each origin of a distribution, by the origin's id.
func (p Plan) originsOf(distribution, unknown any) map[string]fields {
	all := map[string]fields{}
	for i, origin := range list(child(distribution, "origin")) {
		o, _ := origin.(object)
		found := fields{}
		u, _ := item(unknown, i).(object)
		p.add(found, "", without(o, "custom_header", "origin_id"), without(u, "custom_header"))
		for _, header := range list(o["custom_header"]) {
			f := p.field(child(header, "value"))
			if !p.isPublic(header) {
				f.shown = sensitive
			}
			found[fmt.Sprint("custom_header.", child(header, "name"))] = f
		}
		all[fmt.Sprint(o["origin_id"])] = found
	}
	return all
}

// add adds a value under a name, or what is below it. Empty ones are left out.
func (p Plan) add(to fields, name string, value, unknown any) {
	o, block := value.(object)
	u, blockLater := unknown.(object)
	isBlock := func(v any) bool { _, ok := v.(object); return ok }
	switch {
	case unknown == true:
		to[name] = field{nil, "(known after apply)"}
	case block || blockLater:
		names := maps.Clone(o)
		if names == nil {
			names = object{}
		}
		maps.Copy(names, u)
		for below := range names {
			p.add(to, strings.TrimPrefix(name+"."+below, "."), o[below], u[below])
		}
	case slices.ContainsFunc(list(value), isBlock):
		for i, below := range list(value) {
			p.add(to, name, below, item(unknown, i))
		}
	case value != nil && value != "" && !reflect.DeepEqual(value, []any{}):
		to[name] = p.field(value)
	}
}

// field hides a value that has a secret in it.
func (p Plan) field(value any) field {
	for v := range values(value) {
		if v == nil {
			continue
		}
		text := fmt.Sprint(v)
		if slices.ContainsFunc(p.secrets, func(secret string) bool { return strings.Contains(text, secret) }) {
			return field{value, sensitive}
		}
	}
	return field{value, asJSON(value)}
}

func asJSON(value any) string {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(value) // it comes from JSON
	return strings.TrimSpace(text.String())
}

// differences has a line for each origin that differs, and one for each field below it.
func (p Plan) differences(before, after map[string]fields) []string {
	var lines []string
	for _, id := range keysOf(before, after) {
		var differing []string
		for _, name := range keysOf(before[id], after[id]) {
			old, was := before[id][name]
			new, is := after[id][name]
			switch {
			case !was:
				differing = append(differing, fmt.Sprintf("      + %s = %s", name, new.shown))
			case !is:
				differing = append(differing, fmt.Sprintf("      - %s = %s", name, old.shown))
			case !reflect.DeepEqual(old, new):
				differing = append(differing, fmt.Sprintf("      ~ %s = %s -> %s", name, old.shown, new.shown))
			}
		}
		sign := "~"
		if before[id] == nil {
			sign = "+"
		} else if after[id] == nil {
			sign = "-"
		}
		if len(differing) > 0 {
			lines = append(append(lines, "  "+sign+" origin "+asJSON(id)), differing...)
		}
	}
	return lines
}

// keysOf returns the keys of two maps, sorted.
func keysOf[V any](a, b map[string]V) []string {
	keys := slices.AppendSeq(slices.Collect(maps.Keys(a)), maps.Keys(b))
	slices.Sort(keys)
	return slices.Compact(keys)
}
