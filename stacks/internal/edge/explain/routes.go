package explain

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"ml-api-accelerator/stacks/internal/edge"
)

// Route is how the requests of one path are treated.
type Route struct {
	Path     string   `json:"path"`
	Methods  []string `json:"methods"`
	Origin   string   `json:"origin"`
	Canary   string   `json:"canary,omitempty"` // that some of its callers get
	Failover string   `json:"failover,omitempty"`
	Cached   bool     `json:"cached"`
	Signed   bool     `json:"signed"`
	Key      bool     `json:"key,omitempty"` // whether it needs a caller's

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
		if f := b.Function; f != nil {
			if r.Key = f.KeyHeader != ""; f.Canary != nil {
				r.Canary = f.Canary.ID
			}
		}
		if r.kept = "no"; r.Cached {
			p := b.CachePolicy
			r.kept = fmt.Sprintf("%s %d s (%d to %d)", strings.Join(slices.Sorted(slices.Values(b.CachedMethods)), " "), max(p.DefaultTTL, p.MinTTL), p.MinTTL, p.MaxTTL)
		}
		list = append(list, r)
	}
	return list
}

// Table has a line for each route, which says whether it needs a key if one does.
func Table(routes []Route) string {
	var out strings.Builder
	keys := slices.ContainsFunc(routes, func(r Route) bool { return r.Key })
	table := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	write := func(columns []string, key string) {
		if keys {
			columns = append(columns, key)
		}
		fmt.Fprintln(table, strings.Join(columns, "\t"))
	}
	write([]string{"path", "methods", "origin", "cached", "signed"}, "key")
	for _, r := range routes {
		methods, origin := strings.Join(r.Methods, " "), r.Origin
		if len(r.Methods) == len(allMethods) {
			methods = "all"
		}
		if r.Canary != "" {
			origin += " or " + r.Canary
		}
		if r.Failover != "" {
			origin += ", then " + r.Failover
		}
		write([]string{r.Path, methods, origin, r.kept, yesOrNo(r.Signed)}, yesOrNo(r.Key))
	}
	_ = table.Flush() // what is written to takes everything
	return out.String()
}

func yesOrNo(is bool) string {
	if is {
		return "yes"
	}
	return "no"
}
