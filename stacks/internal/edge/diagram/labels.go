package diagram

import (
	"fmt"
	"strings"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/terminal"
)

// route is what the node of a behavior says: its path, and how it is treated.
func route(b edge.Behavior) []string {
	lines := []string{b.Path}
	if b.Path == "*" {
		lines[0] = "all other paths"
	}
	var marks []string
	if len(b.AllowedMethods) < everyMethod {
		marks = append(marks, "only "+strings.Join(b.AllowedMethods, ", "))
	}
	if b.GRPC {
		marks = append(marks, "gRPC")
	}
	if p := b.CachePolicy; p.MaxTTL > 0 {
		marks = append(marks, fmt.Sprintf("cached %d s", max(p.MinTTL, p.DefaultTTL)))
	}
	if len(b.Keys) > 0 {
		marks = append(marks, "signed")
	}
	if f := b.Function; f != nil && f.KeyHeader != "" {
		marks = append(marks, "needs a key")
	} else if f != nil {
		marks = append(marks, "runs "+f.Name)
	}
	if len(marks) > 0 {
		lines = append(lines, strings.Join(marks, " · "))
	}
	return lines
}

// everyMethod is how many methods CloudFront passes on at most: GET, HEAD, OPTIONS, PUT, POST, PATCH and DELETE.
const everyMethod = 7

// address is where an origin is reached.
func address(o *edge.Origin) string {
	port := ""
	if o.HTTPSPort != 443 {
		port = fmt.Sprintf(":%d", o.HTTPSPort)
	}
	return o.Domain + port + o.Path
}

// escapes are for what ends a label, or is HTML.
var escapes = strings.NewReplacer(`"`, "#quot;", "&", "#amp;", "<", "#lt;", ">", "#gt;", "#", "#35;", "`", "#96;")

// emphasis is what makes Markdown of a label if it stands there twice (Flowcharts, Markdown formatting).
var emphasis = map[string]string{"*": "#42;", "_": "#95;", "~": "#126;"}

// label writes lines so that they are shown as they are (Flowcharts, Entity codes to escape characters).
func label(lines ...string) string {
	for i, line := range lines {
		lines[i] = escapes.Replace(terminal.Harmless(line))
	}
	text := strings.Join(lines, "<br/>")
	for sign, code := range emphasis {
		if strings.Count(text, sign) > 1 {
			text = strings.ReplaceAll(text, sign, code)
		}
	}
	return `"` + text + `"`
}
