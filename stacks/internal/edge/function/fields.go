package function

import (
	"fmt"
	"maps"
	"slices"

	"github.com/dop251/goja"
)

// fields are headers, cookies or parameters in their order, which share one structure (CloudFront Functions event structure, Structure
// for a query string, header, or cookie).
type fields []field

type field struct {
	name   string
	values []string
}

// byName are the values by the names, of which a caller may send any number.
func (f fields) byName() map[string][]string {
	values := make(map[string][]string, len(f))
	for _, one := range f {
		values[one.name] = one.values
	}
	return values
}

// sorted has the names in an order that doesn't change from run to run, and the values as a function sees them.
func sorted(values map[string][]string) fields {
	made := make(fields, 0, len(values))
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if len(values[name]) == 0 {
			continue
		}
		texts := make([]string, len(values[name]))
		for i, text := range values[name] {
			texts[i] = utf8Of(text)
		}
		made = append(made, field{utf8Of(name), texts})
	}
	return made
}

// write has each field's first value, and all of them in multiValue if there are several.
func (r *run) write(all fields) *goja.Object {
	pairs := make([]any, 0, 2*len(all))
	for _, one := range all {
		object := r.record("value", one.values[0])
		if len(one.values) > 1 {
			items := make([]any, len(one.values))
			for i, value := range one.values {
				items[i] = r.record("value", value)
			}
			object = r.record("value", one.values[0], "multiValue", r.vm.NewArray(items...))
		}
		pairs = append(pairs, one.name, object)
	}
	return r.record(pairs...)
}

// readFields reads what the function left, given what it had.
func readFields(what string, value goja.Value, given fields) (fields, error) {
	object, is := value.(*goja.Object)
	if !is {
		return nil, fmt.Errorf("%s must be an object", what)
	}
	var made fields
	had := given.byName()
	for _, name := range object.Keys() {
		values, err := readField(object.Get(name), had[name])
		if err != nil {
			return nil, fmt.Errorf("%s[%q] %w", what, name, err)
		}
		made = append(made, field{name, values})
	}
	return made, nil
}

// readField follows the page's two rules: a multiValue that was changed counts; otherwise value does, and later values stay.
func readField(value goja.Value, given []string) ([]string, error) {
	object, is := value.(*goja.Object)
	if !is {
		return nil, fmt.Errorf("must be an object with a value")
	}
	several, later := object.Get("multiValue"), []string(nil)
	if several != nil {
		values, err := readValues(several)
		if err != nil {
			return nil, err
		}
		if len(given) < 2 || !slices.Equal(values, given) {
			return values, nil
		}
		later = given[1:]
	}
	first, err := readText(object)
	if err != nil {
		return nil, err
	}
	return append([]string{first}, later...), nil
}

func readValues(value goja.Value) ([]string, error) {
	array, is := value.(*goja.Object)
	if !is || array.ClassName() != "Array" {
		return nil, fmt.Errorf("must have an array in multiValue")
	}
	var values []string
	for _, index := range array.Keys() {
		item, is := array.Get(index).(*goja.Object)
		if !is {
			return nil, fmt.Errorf("must have objects with a value in multiValue")
		}
		text, err := readText(item)
		if err != nil {
			return nil, err
		}
		values = append(values, text)
	}
	return values, nil
}

func readText(object *goja.Object) (string, error) {
	value := object.Get("value")
	if value == nil {
		return "", fmt.Errorf("must have a value")
	}
	text, is := value.Export().(string)
	if !is {
		return "", fmt.Errorf("must have a text as its value, has %v", value)
	}
	return text, nil
}
