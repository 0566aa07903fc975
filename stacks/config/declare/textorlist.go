package declare

import "encoding/json"

// TextOrList is a text, or a list of texts in its place.
type TextOrList struct {
	Text string
	List []string // nil: it is the text
}

// Is reports whether it is this text, and no list.
func (t TextOrList) Is(text string) bool { return t.List == nil && t.Text == text }

// Texts are those of the list, or the text alone.
func (t TextOrList) Texts() []string {
	if t.List == nil {
		return []string{t.Text}
	}
	return t.List
}

// At is the place of one of its texts.
func (t TextOrList) At(at Path, i int) Path {
	if t.List == nil {
		return at
	}
	return at.Index(i)
}

// MarshalJSON writes it as the user does.
func (t TextOrList) MarshalJSON() ([]byte, error) {
	if t.List == nil {
		return json.Marshal(t.Text)
	}
	return json.Marshal(t.List)
}
