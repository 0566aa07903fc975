// Package optional has values that JSON shows as null where there is none.
package optional

import "encoding/json"

// Text is null in JSON if it is empty.
type Text string

// MarshalJSON returns a string or null.
func (t Text) MarshalJSON() ([]byte, error) {
	if t == "" {
		return []byte("null"), nil
	}
	return json.Marshal(string(t))
}
