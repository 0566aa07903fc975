package stacks

import (
	"encoding/json"
	"strings"
)

// object is a JSON object.
type object = map[string]any

// toJSON renders what AWS takes as JSON text; & and < stay readable.
func toJSON(v any) string {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		panic(err) // only a value that JSON has no form for gets here
	}
	return strings.TrimSpace(text.String())
}
