package explain

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"ml-api-accelerator/stacks/internal/edge"
)

// Route is how the requests of one path are treated.
type Route struct {
	Path     string   `json:"path"`
	Methods  []string `json:"methods"`
	Origin   string   `json:"origin"`
	Failover string   `json:"failover,omitempty"`
	Cached   bool     `json:"cached"`
	Signed   bool     `json:"signed"`

	kept string
}

// Routes are those of a distribution, in the order in which they are tried.
func Routes(d *edge.Distribution) []Route {
	var list []Route
	for _, b := range d.Behaviors {
		r := Route{Path: b.Path, Methods: b.AllowedMethods, Origin: b.Origin.ID, Cached: b.CachePolicy.MaxTTL > 0, Signed: len(b.Keys) > 0}
		if b.Failover != nil {
			r.Failover = b.Failover.Origin.ID
		}
		if r.kept = "no"; r.Cached {
			p := b.CachePolicy
			r.kept = fmt.Sprintf("%d s (%d to %d)", max(p.DefaultTTL, p.MinTTL), p.MinTTL, p.MaxTTL)
		}
		list = append(list, r)
	}
	return list
}

// Table has a line for each route.
func Table(routes []Route) string {
	var out strings.Builder
	table := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "path\tmethods\torigin\tcached\tsigned")
	for _, r := range routes {
		methods, origin, signed := strings.Join(r.Methods, " "), r.Origin, "no"
		if len(r.Methods) == len(allMethods) {
			methods = "all"
		}
		if r.Failover != "" {
			origin += ", then " + r.Failover
		}
		if r.Signed {
			signed = "yes"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", r.Path, methods, origin, r.kept, signed)
	}
	_ = table.Flush() // what is written to takes everything
	return out.String()
}
