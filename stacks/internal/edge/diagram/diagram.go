// Package diagram draws what a stack's distribution does with requests, as a flowchart that GitHub shows
// (https://mermaid.js.org).
package diagram

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/webacl"
	"ml-api-accelerator/stacks/internal/shared/cloudfront"
	"ml-api-accelerator/stacks/internal/shared/names"
	"ml-api-accelerator/stacks/internal/shared/stackjson"
	"ml-api-accelerator/stacks/internal/terminal"
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
	ids  map[string]string // the nodes of origins by their names
}

func (c *chart) line(format string, args ...any) { fmt.Fprintf(&c.text, format+"\n", args...) }

// front draws what is before the routes.
func (c *chart) front(d *edge.Distribution, stack stackjson.Stack) {
	lines := []string{"CloudFront"}
	lines = append(lines, d.Aliases...)
	if countries := d.Countries(); countries != "" {
		lines = append(lines, countries)
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
		c.line("    route%d[%s]", i+1, label(route(b, d.AllowedAt(b))...))
		if f := b.Function; f != nil && f.Canary != nil {
			c.origin(f.Canary, s)
			c.line("    edge -->|%d| route%d -->|%d %% of the callers| %s", i+1, i+1, 100-f.CanaryPercent,
				c.ids[b.Origin.Name()])
			c.line("    route%d -->|%d %% of the callers| %s", i+1, f.CanaryPercent, c.ids[f.Canary.Name()])
		} else {
			c.line("    edge -->|%d| route%d --> %s", i+1, i+1, c.ids[b.Origin.Name()])
		}
		if b.Failover != nil {
			c.line("    route%d -.->|%s| %s", i+1, strings.Trim(fmt.Sprint(b.Failover.On), "[]"),
				c.ids[b.Failover.Origin.Name()])
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
	if c.ids[o.Name()] != "" {
		return
	}
	id := fmt.Sprintf("origin%d", len(c.ids)+1)
	c.ids[o.Name()] = id
	if o.S3 {
		c.line("    %s[(%s)]", id, label(append(called(o), strings.Trim(o.Domain, "()")+o.Path)...))
		return
	}
	c.line("    %s[%s]", id, label(slices.Concat(called(o), []string{address(o)}, s.within(o.ID))...))
	for i, r := range s.regions(o.Domain) {
		c.line("    %s -.->|%s| %s_%d[%s]", id, r.name, id, i+1, label(r.backend))
	}
}

// called is the name of an origin that has one of the user's.
func called(o *edge.Origin) []string {
	usual := []string{
		names.API, names.FailoverOrigin(names.API), names.OriginCanary, names.Models, names.ReplicaOrigin(names.Models),
	}
	if slices.Contains(usual, o.Name()) {
		return nil
	}
	return []string{o.Name()}
}

// route is what the node of a behavior says: its path, and how it is treated.
func route(b edge.Behavior, allowed []netip.Prefix) []string {
	lines := []string{b.Path}
	if b.Path == "*" {
		lines[0] = "all other paths"
	}
	var marks []string
	if len(b.AllowedMethods) < len(cloudfront.Methods) {
		marks = append(marks, "only "+strings.Join(b.AllowedMethods, ", "))
	}
	if b.GRPC {
		marks = append(marks, "gRPC")
	}
	if p := b.CachePolicy; p.MaxTTL > 0 {
		marks = append(marks, fmt.Sprintf("cached %d s", max(p.MinTTL, p.DefaultTTL)))
	}
	if allowed != nil {
		marks = append(marks, "only from "+webacl.Text(allowed))
	}
	if len(b.Keys) > 0 {
		marks = append(marks, "signed")
	}
	switch f := b.Function; {
	case f.ChecksKeys():
		marks = append(marks, "needs a key")
	case f == nil:
	case f.Public:
		marks = append(marks, "public, needs no key")
	case f.Page != nil && f.Page.Index != "":
		marks = append(marks, "single-page app")
	case f.Page == nil && f.Strip == "":
		marks = append(marks, "runs "+f.Name)
	}
	if b.Function != nil && b.Function.Strip != "" {
		marks = append(marks, "strips "+b.Function.Strip)
	}
	if b.Origin.WaitsOtherwise() {
		marks = append(marks, fmt.Sprintf("waits %d s", b.Origin.ReadTimeout))
	}
	if len(marks) > 0 {
		lines = append(lines, strings.Join(marks, " · "))
	}
	return lines
}

// address is where an origin is reached, and how if that isn't by TLS.
func address(o *edge.Origin) string {
	scheme, port, usual := "", o.HTTPSPort, 443
	if o.Protocol == "http-only" {
		scheme, port, usual = "http://", o.HTTPPort, 80
	}
	name := strings.Trim(o.Domain, "()")
	if port != usual {
		name += fmt.Sprintf(":%d", port)
	}
	return scheme + name + o.Path
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

// surroundings are the resources around a distribution, in which the model of the edge has no part.
type surroundings struct{ stackjson.Stack }

// webACLName is that of one made here, or the one in an ARN, which ends with webacl/NAME/ID.
func webACLName(arn string, stack stackjson.Stack) string {
	if r, found := stackjson.Refers(arn); found {
		return fmt.Sprint(stack.Find(r)["name"])
	}
	if parts := strings.Split(arn, "/"); len(parts) > 2 {
		return parts[len(parts)-2]
	}
	return arn
}

// region is one of several backends under one name.
type region struct{ name, backend string }

// regions are the backends to which Route 53 leads the edges that ask for a name, each to the nearest.
func (s surroundings) regions(domain string) (found []region) {
	records := s.Resource["aws_route53_record"]
	for _, name := range slices.Sorted(maps.Keys(records)) {
		policy, latency := records[name]["latency_routing_policy"].(stackjson.Object)
		targets, _ := records[name]["records"].([]any)
		if latency && records[name]["name"] == domain && len(targets) > 0 {
			found = append(found, region{fmt.Sprint(policy["region"]), fmt.Sprint(targets[0])})
		}
	}
	return found
}

// within tells where an origin is, if it isn't on the internet.
func (s surroundings) within(id string) []string {
	for _, o := range s.origins() {
		if _, vpc := o["vpc_origin_config"]; vpc && o["origin_id"] == id {
			return []string{"inside your VPC"}
		}
	}
	return nil
}

// replication is between the buckets of two origins.
type replication struct{ from, to string }

func (s surroundings) copies() (found []replication) {
	origins := map[string]string{}
	for _, o := range s.origins() {
		if r, found := stackjson.Refers(o["domain_name"]); found {
			origins[r.Name] = fmt.Sprint(o["origin_id"])
		}
	}
	configurations := s.Resource["aws_s3_bucket_replication_configuration"]
	for _, name := range slices.Sorted(maps.Keys(configurations)) {
		rules, _ := configurations[name]["rule"].([]any)
		for _, r := range rules {
			rule, _ := r.(stackjson.Object)
			destination, _ := rule["destination"].(stackjson.Object)
			if r, is := stackjson.Refers(strings.TrimPrefix(fmt.Sprint(destination["bucket"]), "arn:aws:s3:::")); is {
				found = append(found, replication{origins[name], origins[r.Name]})
			}
		}
	}
	return found
}

// origins are those of the distributions.
func (s surroundings) origins() (all []stackjson.Object) {
	for _, d := range s.Resource["aws_cloudfront_distribution"] {
		list, _ := d["origin"].([]any)
		for _, o := range list {
			if origin, ok := o.(stackjson.Object); ok {
				all = append(all, origin)
			}
		}
	}
	return all
}
