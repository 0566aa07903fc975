// Package plan says what a Terraform plan changes, without its secrets.
package plan

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"maps"
	"reflect"
	"slices"
	"strings"

	"ml-api-accelerator/stacks/config"
)

// Plan is a plan as terraform show -json prints it.
type Plan struct {
	all     object
	public  []string // the custom headers of origins whose values are no secrets, in lower case
	secrets []string
}

// object is a JSON object; nothing is left out that a later Terraform may add.
type object = map[string]any

// sensitive is how Terraform shows what it hides.
const sensitive = "(sensitive)"

const distribution = "aws_cloudfront_distribution"

// Read reads a plan.
func Read(r io.Reader) (Plan, error) {
	var p Plan
	decoder := json.NewDecoder(r)
	decoder.UseNumber()
	if err := decoder.Decode(&p.all); err != nil {
		return Plan{}, fmt.Errorf("not a plan as terraform show -json prints it: %w", err)
	}
	p.public, p.secrets = publicHeaders(p.all), secrets(p.all)
	return p, nil
}

func child(v any, name string) any {
	o, _ := v.(object)
	return o[name]
}

func list(v any) []any {
	items, _ := v.([]any)
	return items
}

// item returns what a list has at a place, or nothing.
func item(v any, i int) any {
	if items := list(v); i < len(items) {
		return items[i]
	}
	return nil
}

// values are a value and all below it.
func values(v any) iter.Seq[any] {
	return func(yield func(any) bool) {
		below := list(v)
		if o, ok := v.(object); ok {
			below = slices.Collect(maps.Values(o))
		}
		if !yield(v) {
			return
		}
		for _, each := range below {
			for v := range values(each) {
				if !yield(v) {
					return
				}
			}
		}
	}
}

// publicHeaders are those whose values stand in the configuration, and so are known to all who read it.
func publicHeaders(all object) []string {
	var names []string
	for v := range values(all["configuration"]) {
		if child(v, "type") != distribution {
			continue
		}
		for _, origin := range list(child(child(v, "expressions"), "origin")) {
			for _, header := range list(child(origin, "custom_header")) {
				value, given := child(header, "value").(object)
				name, _ := child(child(header, "name"), "constant_value").(string)
				_, refers := value["references"]
				if given && !refers && name != "" && !strings.EqualFold(name, config.VerifyHeader) {
					names = append(names, strings.ToLower(name))
				}
			}
		}
	}
	return names
}

// secrets are all texts that are marked as sensitive. Origins, which are marked as a whole, don't count.
func secrets(all object) []string {
	found := map[string]bool{}
	add := func(v any) {
		for v := range values(v) {
			if text, _ := v.(string); text != "" {
				found[text] = true
			}
		}
	}
	marked := func(value, marks any) {
		if marks, ok := marks.(object); ok {
			eachMarked(value, without(marks, "origin"), add)
		}
	}
	for _, r := range list(all["resource_changes"]) {
		change := child(r, "change")
		marked(child(change, "before"), child(change, "before_sensitive"))
		marked(child(change, "after"), child(change, "after_sensitive"))
	}
	for v := range values(all) {
		marked(child(v, "values"), child(v, "sensitive_values"))
		if child(v, "sensitive") == true {
			add(child(v, "value"))
		}
	}
	return slices.Collect(maps.Keys(found))
}

// eachMarked calls see for each value that is marked.
func eachMarked(value, marks any, see func(any)) {
	switch marks := marks.(type) {
	case bool:
		if marks {
			see(value)
		}
	case object:
		for name, below := range marks {
			eachMarked(child(value, name), below, see)
		}
	case []any:
		for i, below := range marks {
			eachMarked(item(value, i), below, see)
		}
	}
}

func without(o object, names ...string) object {
	o = maps.Clone(o)
	for _, name := range names {
		delete(o, name)
	}
	return o
}

// Nothing is the digest of a plan that isn't empty but for what check blocks read.
const Nothing = "nothing"

// Digest returns a digest of what changes. It has no secrets: it is public, and one that has a weak secret in it confirms
// a guess. Nor has it what stays, whose status or time may differ between equal plans, nor the roles that planned.
func (p Plan) Digest() (string, error) {
	var resources []any
	for _, r := range list(p.all["resource_changes"]) {
		if isCheckRead(r) {
			continue
		}
		change, _ := child(r, "change").(object)
		stays := reflect.DeepEqual(change["actions"], []any{"no-op"})
		if stays && change["importing"] == nil && child(r, "previous_address") == nil {
			continue
		}
		shown := maps.Clone(r.(object))
		shown["change"] = p.withoutSecrets(change)
		resources = append(resources, shown)
	}
	outputs := object{}
	changes, _ := p.all["output_changes"].(object)
	stay := true
	for name, change := range changes {
		change, _ := change.(object)
		outputs[name] = p.withoutSecrets(change)
		stay = stay && reflect.DeepEqual(change["actions"], []any{"no-op"})
	}
	if len(resources) == 0 && stay && slices.ContainsFunc(list(p.all["resource_changes"]), isCheckRead) {
		return Nothing, nil
	}
	text, err := json.Marshal(object{"resources": resources, "outputs": outputs})
	return fmt.Sprintf("%x", sha256.Sum256(text)), err
}

// isCheckRead reports whether a change is none: the data source of a check block is read in every apply, so that each plan
// has it (Terraform, JSON Output Format, Change Representation, action_reason).
func isCheckRead(r any) bool { return child(r, "action_reason") == "read_because_check_nested" }

func (p Plan) withoutSecrets(change object) object {
	shown := maps.Clone(change)
	for _, side := range []string{"before", "after"} {
		if value, there := shown[side]; there {
			shown[side] = p.hide(value, change[side+"_sensitive"])
		}
	}
	return shown
}

// hide hides what is marked. Of origins, all of which Terraform marks because of one header, it hides the headers that
// aren't public.
func (p Plan) hide(value, marks any) any {
	o, _ := value.(object)
	if o["origin"] == nil {
		return hideMarked(value, marks)
	}
	o = edited(o, "origin", func(origin object) object {
		return edited(origin, "custom_header", func(header object) object {
			if !p.isPublic(header) {
				header["value"] = sensitive
			}
			return header
		})
	})
	if m, ok := marks.(object); ok {
		marks = without(m, "origin")
	}
	return hideMarked(o, marks)
}

// edited returns an object after a change of copies of the objects in one of its lists.
func edited(o object, name string, change func(object) object) object {
	o = maps.Clone(o)
	items := slices.Clone(list(o[name]))
	for i, below := range items {
		if below, ok := below.(object); ok {
			items[i] = change(maps.Clone(below))
		}
	}
	if items != nil {
		o[name] = items
	}
	return o
}

func (p Plan) isPublic(header any) bool {
	return slices.Contains(p.public, strings.ToLower(fmt.Sprint(child(header, "name"))))
}

// hideMarked returns a value in which what is marked is hidden.
func hideMarked(value, marks any) any {
	switch marks := marks.(type) {
	case bool:
		if marks && value != nil {
			return sensitive
		}
	case object:
		if o, ok := value.(object); ok {
			o = maps.Clone(o)
			for name, below := range o {
				o[name] = hideMarked(below, marks[name])
			}
			return o
		}
	case []any:
		if items, ok := value.([]any); ok {
			items = slices.Clone(items)
			for i, below := range items {
				items[i] = hideMarked(below, item(marks, i))
			}
			return items
		}
	}
	return value
}
