// Package diagram draws what a stack's distribution does with requests, as a flowchart that GitHub shows (https://mermaid.js.org).
package diagram

import (
	"fmt"
	"strings"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/shared/stackjson"
)

// Mermaid draws the stack of a cdk.tf.json.
func Mermaid(text []byte) (string, error) {
	d, err := edge.Parse(text)
	if err != nil {
		return "", err
	}
	stack, err := stackjson.Parse(text)
	if err != nil {
		return "", err
	}
	c := chart{ids: map[string]string{}}
	c.line("flowchart LR")
	c.front(d, stack)
	c.routes(d, surroundings{stack})
	return c.text.String(), nil
}

// chart is a flowchart that is being drawn.
type chart struct {
	text strings.Builder
	ids  map[string]string // the nodes of origins
}

func (c *chart) line(format string, args ...any) { fmt.Fprintf(&c.text, format+"\n", args...) }

// front draws what is before the routes.
func (c *chart) front(d *edge.Distribution, stack stackjson.Stack) {
	lines := []string{"CloudFront"}
	lines = append(lines, d.Aliases...)
	switch d.GeoType {
	case "whitelist":
		lines = append(lines, "only from "+strings.Join(d.GeoLocations, ", "))
	case "blacklist":
		lines = append(lines, "not from "+strings.Join(d.GeoLocations, ", "))
	}
	c.line("    edge[%s]", label(lines...))
	if d.WebACL == "" {
		c.line("    callers([callers]) -->|HTTPS| edge")
		return
	}
	c.line("    firewall{{%s}}", label("firewall", webACLName(d.WebACL, stack)))
	c.line("    callers([callers]) -->|HTTPS| firewall --> edge")
}

// routes draws them in the order in which they are tried, with their origins.
func (c *chart) routes(d *edge.Distribution, s surroundings) {
	for i, b := range d.Behaviors {
		c.origin(b.Origin, s)
		if b.Failover != nil {
			c.origin(b.Failover.Origin, s)
		}
		c.line("    route%d[%s]", i+1, label(route(b)...))
		c.line("    edge -->|%d| route%d --> %s", i+1, i+1, c.ids[b.Origin.ID])
		if f := b.Function; f != nil && f.Canary != nil {
			c.origin(f.Canary, s)
			c.line("    route%d -->|%d %% of the callers| %s", i+1, f.CanaryPercent, c.ids[f.Canary.ID])
		}
		if b.Failover != nil {
			c.line("    route%d -.->|%s| %s", i+1, strings.Trim(fmt.Sprint(b.Failover.On), "[]"), c.ids[b.Failover.Origin.ID])
		}
	}
	for _, copied := range s.copies() {
		if c.ids[copied.from] != "" && c.ids[copied.to] != "" {
			c.line("    %s -.->|copies| %s", c.ids[copied.from], c.ids[copied.to])
		}
	}
}

// origin draws one that isn't drawn, and what its name leads to.
func (c *chart) origin(o *edge.Origin, s surroundings) {
	if c.ids[o.ID] != "" {
		return
	}
	id := fmt.Sprintf("origin%d", len(c.ids)+1)
	c.ids[o.ID] = id
	if o.S3 {
		c.line("    %s[(%s)]", id, label(strings.Trim(o.Domain, "()")+o.Path))
		return
	}
	c.line("    %s[%s]", id, label(append([]string{address(o)}, s.within(o.ID)...)...))
	for i, r := range s.regions(o.Domain) {
		c.line("    %s -.->|%s| %s_%d[%s]", id, r.name, id, i+1, label(r.backend))
	}
}
