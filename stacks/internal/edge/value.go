package edge

import "encoding/json"

// Value is the value of a header that an origin gets: a text, or what stands for one that only AWS knows, or only who
// runs the edge. Which of these it is says its kind and never its text, since callers send what they like.
type Value struct {
	Kind   Kind
	Text   string
	Before string // of a secret: what is sent before it, such as "Bearer "
}

// Kind is what a Value is.
type Kind int

// The kinds of values.
const (
	Sent         Kind = iota // the text is sent as it is
	NotSent                  // part of the key, but the caller doesn't send it
	Secret                   // the value of the secret that the text names
	ByCloudFront             // what CloudFront makes, appended to the text if there is one
	Signed                   // what the text names signs the request
	CallerKey                // a key that was made up for a caller; the text is only shown
	Credential               // from the key value store: the text is sent, and never shown
)

// Plain returns a value that is sent as it is.
func Plain(text string) Value { return Value{Text: text} }

// String returns the value as people read it. Nothing else may be read from that.
func (v Value) String() string {
	switch {
	case v.Kind == Secret:
		return v.Before + "(secret " + v.Text + ")"
	case v.Kind == Credential:
		return v.Before + "(credential from the key value store)"
	case v.Kind == ByCloudFront && v.Text != "":
		return v.Text + ",(set by CloudFront)"
	case v.Kind == ByCloudFront:
		return "(set by CloudFront)"
	case v.Kind == Signed:
		return "(signed by " + v.Text + ")"
	}
	return v.Text
}

// MarshalJSON returns the value as people read it; null: it isn't sent.
func (v Value) MarshalJSON() ([]byte, error) {
	if v.Kind == NotSent {
		return []byte("null"), nil
	}
	return json.Marshal(v.String())
}
