package function

import (
	"slices"
	"strings"

	"github.com/dop251/goja"
)

// parseQuery collapses parameters of one name, in the order of their first; nothing is decoded (CloudFront Functions event structure,
// Example event object).
func parseQuery(query string) fields {
	var made fields
	at := map[string]int{}
	for pair := range strings.SplitSeq(utf8Of(query), "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		if i, again := at[name]; again {
			made[i].values = append(made[i].values, value)
			continue
		}
		at[name] = len(made)
		made = append(made, field{name, []string{value}})
	}
	return made
}

// readQuery takes an object or a text (the same page, Query strings values or query string objects). What wasn't changed goes on
// as it came.
func readQuery(value goja.Value, before string) (string, error) {
	if text, is := value.Export().(string); is {
		return text, nil
	}
	given := parseQuery(before)
	after, err := readFields("querystring", value, given)
	if err != nil {
		return "", err
	}
	if slices.EqualFunc(after, given, func(a, b field) bool { return a.name == b.name && slices.Equal(a.values, b.values) }) {
		return before, nil
	}
	var pairs []string
	for _, one := range after {
		for _, value := range one.values {
			pairs = append(pairs, one.name+"="+value)
		}
	}
	return strings.Join(pairs, "&"), nil
}
