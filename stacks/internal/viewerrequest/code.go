// Package viewerrequest writes the CloudFront function that knows the API's callers by their keys, and leads a share of them to a canary.
package viewerrequest

import (
	_ "embed"
	"strings"
	"text/template"
)

// Options are the parts that the function has: keys, a canary, or both.
type Options struct {
	KeyHeader  string // in lower case; "": no keys
	ForwardKey bool   // the backend receives the key
	Canary     *Canary
	CORS       bool // refusals can be read by pages of other origins
}

// Canary is the second backend.
type Canary struct {
	Origin  string
	Percent int // of the callers, until the store says otherwise
	// The origin that the canary's requests fail over to, and on which statuses; "": none.
	Failover   string
	FailoverOn []int
}

// Bearer tells whether the key has a scheme before it.
func (o Options) Bearer() bool { return o.KeyHeader == "authorization" }

//go:embed function.js.tmpl
var source string

var script = template.Must(template.New("function.js").Parse(source))

// Code is the function's JavaScript.
func Code(o Options) string {
	var code strings.Builder
	if err := script.Execute(&code, o); err != nil {
		panic(err) // the template and its values are this package's
	}
	return code.String()
}
