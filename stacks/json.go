package stacks

import (
	"encoding/json"
	"strings"
)

// toJSON renders what AWS takes as JSON text; & and < stay readable.
func toJSON(v any) string {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		panic(err) // only values that can't be JSON end here
	}
	return strings.TrimSpace(text.String())
}
