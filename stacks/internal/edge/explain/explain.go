// Package explain tells a person what a distribution does with a request.
package explain

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"text/tabwriter"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/webacl"
	"ml-api-accelerator/stacks/internal/shared/callers"
	"ml-api-accelerator/stacks/internal/shared/cloudfront"
	"ml-api-accelerator/stacks/internal/shared/format"
	"ml-api-accelerator/stacks/internal/shared/optional"
)

// Request makes one of what a person types: the headers are like "Name: value".
func Request(method, target string, headers []string) (edge.Request, error) {
	r := edge.Request{Method: method, URL: target, Headers: map[string]string{}}
	if !slices.Contains(cloudfront.Methods, method) {
		hint := ""
		if upper := strings.ToUpper(method); slices.Contains(cloudfront.Methods, upper) {
			hint = " (did you mean " + upper + "?)"
		}
		return r, fmt.Errorf("method %q: not found%s; there are %s", method, hint, strings.Join(cloudfront.Methods, ", "))
	}
	if err := checkURL(target); err != nil {
		return r, fmt.Errorf("URL %q: %w", target, err)
	}
	for _, header := range headers {
		name, value, found := strings.Cut(header, ":")
		if !found || !token.MatchString(name) {
			return r, fmt.Errorf(`header %q: must be like "Name: value"`, header)
		}
		value = strings.TrimSpace(value)
		add(r.Headers, name, value)
		if r.Values == nil {
			r.Values = http.Header{}
		}
		r.Values.Add(name, value)
	}
	return r, nil
}

func checkURL(target string) error {
	u, err := url.Parse(target)
	if err != nil {
		return errors.Unwrap(err)
	}
	if u.Scheme == "" && u.Host == "" && strings.HasPrefix(target, "/") {
		return nil
	}
	if strings.HasPrefix(target, "//") {
		return fmt.Errorf("is read as the host %s: for a path that begins with //, write the whole URL, https://HOST%s", u.Host, target)
	}
	if (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" {
		return errors.New("must begin with https://, http:// and a host, or with / for a path at the first alias")
	}
	if own := map[string]string{"http": "80", "https": "443"}[u.Scheme]; u.Port() != "" && u.Port() != own {
		return fmt.Errorf("must have port %s, at which CloudFront takes %s, or none, got %s", own, u.Scheme, u.Port())
	}
	return nil
}

// token is what the name of a header is (RFC 9110, 5.6.2).
var token = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")

// As makes a request one of a known caller, and of one who gets the canary, where the distribution knows of callers and
// canaries.
func As(d *edge.Distribution, r edge.Request, caller string, canary bool) (edge.Request, error) {
	if caller != "" {
		if err := callers.CheckName(caller); err != nil {
			return r, fmt.Errorf("--caller: %w", err)
		}
		if !d.ChecksKeys() {
			return r, errors.New("--caller needs api.keys: without them the edge knows no callers")
		}
	}
	if canary && !d.HasCanary() {
		return r, errors.New("--in-canary needs api.canary")
	}
	r.Caller, r.Canary = caller, canary
	return r, nil
}

// add joins the values of a header that is given twice, in whatever case (RFC 9110, 5.3; RFC 6265, 5.4).
func add(headers map[string]string, name, value string) {
	for other, former := range headers {
		if strings.EqualFold(other, name) {
			separator := ", "
			if http.CanonicalHeaderKey(name) == "Cookie" {
				separator = "; "
			}
			headers[other] = former + separator + value
			return
		}
	}
	headers[name] = value
}

// Decide is what the distribution does with a request of a person, who leaves out what every client sends: without an
// Accept-Encoding the key is shown with all that it can have.
func Decide(d *edge.Distribution, r edge.Request) edge.Decision {
	decision := d.Decide(r)
	if decision.Cache == nil {
		return decision
	}
	for name := range r.Headers {
		if strings.EqualFold(name, "Accept-Encoding") {
			return decision
		}
	}
	decision.Cache.Key.Encodings = decision.Behavior.CachePolicy.Encodings("br, gzip")
	return decision
}

// Route is how the requests of one path are treated.
type Route struct {
	Path              string        `json:"route"`
	Methods           []string      `json:"methods"`
	Origin            string        `json:"origin"`
	Canary            optional.Text `json:"canary"` // that some of its callers get
	Failover          optional.Text `json:"failover"`
	CachedMethods     []string      `json:"cachedMethods"`
	MinTTLSeconds     int           `json:"minTTLSeconds"` // 0, as the others are, where nothing is cached
	DefaultTTLSeconds int           `json:"defaultTTLSeconds"`
	MaxTTLSeconds     int           `json:"maxTTLSeconds"`
	Signed            bool          `json:"signed"`
	APIKey            bool          `json:"apiKey"` // whether it needs a caller's
	Public            bool          `json:"public"` // whether it needs none, although others do
	Strip             optional.Text `json:"strip"`  // taken away from the beginning of its paths
	Index             optional.Text `json:"index"`  // what a page serves for paths without a file
	// Ranges that requests must come from; nil: from anywhere that isn't blocked.
	AllowedIPs []netip.Prefix `json:"allowedIPs"`

	by edge.Behavior
}

// Routes are those of a distribution, in the order in which they are tried.
func Routes(d *edge.Distribution) []Route {
	var list []Route
	for _, b := range d.Behaviors {
		r := Route{
			Path: b.Path, Methods: b.AllowedMethods, Origin: b.Origin.ID, CachedMethods: []string{}, Signed: len(b.Keys) > 0,
			AllowedIPs: d.AllowedAt(b), by: b,
		}
		if b.Failover != nil {
			r.Failover = optional.Text(b.Failover.Origin.ID)
		}
		if f := b.Function; f != nil {
			r.APIKey, r.Public, r.Strip = f.ChecksKeys(), f.Public, optional.Text(f.Strip)
			if f.Page != nil {
				r.Index = optional.Text(cmp.Or(f.Page.Index, "index.html"))
			}
			if f.Canary != nil {
				r.Canary = optional.Text(f.Canary.ID)
			}
		}
		if p := b.CachePolicy; p.MaxTTL > 0 {
			r.CachedMethods = slices.Sorted(slices.Values(b.CachedMethods))
			r.MinTTLSeconds, r.DefaultTTLSeconds, r.MaxTTLSeconds = p.MinTTL, max(p.DefaultTTL, p.MinTTL), p.MaxTTL
		}
		list = append(list, r)
	}
	return list
}

// Table has a line for each route, which says whether it needs a key, and from where it lets in whom, if one does.
func Table(routes []Route) string {
	var out strings.Builder
	keys := slices.ContainsFunc(routes, func(r Route) bool { return r.APIKey })
	table := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	lists := slices.ContainsFunc(routes, func(r Route) bool { return r.AllowedIPs != nil })
	write := func(columns []string, key, from string) {
		if keys {
			columns = append(columns, key)
		}
		if lists {
			columns = append(columns, from)
		}
		fmt.Fprintln(table, strings.Join(columns, "\t"))
	}
	write([]string{"path", "methods", "origin", "cached", "signed"}, "API key", "from")
	for _, r := range routes {
		methods, key := strings.Join(r.Methods, " "), yesOrNo(r.APIKey)
		if len(r.Methods) == len(cloudfront.Methods) {
			methods = "all"
		}
		if r.Public {
			key = "no, public"
		}
		from := "anywhere"
		if r.AllowedIPs != nil {
			from = "only " + webacl.Text(r.AllowedIPs)
		}
		write([]string{r.Path, methods, r.origin(), r.kept(), yesOrNo(r.Signed)}, key, from)
	}
	_ = table.Flush() // what is written to takes everything
	return out.String()
}

// Countries says which countries get in, as a line of its own; empty: all do.
func Countries(d *edge.Distribution) string {
	if countries := d.Countries(); countries != "" {
		return "countries: " + countries + " (distribution.geoRestriction)\n"
	}
	return ""
}

// origin says where requests go by the names that people use, and how that differs from other routes to the same one.
func (r Route) origin() string {
	origin := r.by.Origin.Name()
	if f := r.by.Function; f != nil && f.Canary != nil {
		origin += " or " + f.Canary.Name()
	}
	if r.by.Failover != nil {
		origin += ", then " + r.by.Failover.Origin.Name()
	}
	if r.Strip != "" {
		origin += ", strips " + string(r.Strip)
	}
	switch index := string(r.Index); {
	case strings.HasPrefix(index, "/"):
		origin += ", " + index + " where there's no file"
	case index != "":
		origin += ", " + index + " of folders"
	}
	if r.by.Origin.WaitsOtherwise() {
		origin += fmt.Sprintf(", waits %d s", r.by.Origin.ReadTimeout)
	}
	return origin
}

// kept says what is cached, and for how long where the origin says nothing, at least and at most.
func (r Route) kept() string {
	if len(r.CachedMethods) == 0 {
		return "no"
	}
	return fmt.Sprintf("%s %d s (%d to %d)",
		strings.Join(r.CachedMethods, " "), r.DefaultTTLSeconds, r.MinTTLSeconds, r.MaxTTLSeconds)
}

func yesOrNo(is bool) string {
	if is {
		return "yes"
	}
	return "no"
}

// PlanFit is how an environment and a plan go together, as JSON shows it.
type PlanFit struct {
	Plan       string          `json:"plan"`
	Dollars    int             `json:"dollarsPerMonth"`
	Requests   int             `json:"requestsPerMonth"`
	TransferGB int             `json:"transferGBPerMonth"`
	Set        bool            `json:"set"`
	Fits       bool            `json:"fits"`
	InTheWay   []config.Misfit `json:"inTheWay"`
	Unsure     []config.Misfit `json:"unsure"`
}

// PlanFits are the fits of an environment as JSON shows them.
func PlanFits(fits []config.PlanFit) []PlanFit {
	list := make([]PlanFit, len(fits))
	for i, f := range fits {
		list[i] = PlanFit{
			Plan: f.Plan.Name, Dollars: f.Plan.Dollars, Requests: f.Plan.Requests, TransferGB: f.Plan.TransferGB,
			Set: f.Set, Fits: f.Fits(),
			InTheWay: append([]config.Misfit{}, f.InTheWay...), Unsure: append([]config.Misfit{}, f.Unsure...),
		}
	}
	return list
}

// Plans says which plans fit an environment, and what stands between it and the others.
func Plans(fits []config.PlanFit) string {
	var text strings.Builder
	for _, f := range fits {
		fmt.Fprintf(&text, "%s, $%s a month for %d million requests and %s: %s\n", f.Plan.Name,
			format.Thousands(f.Plan.Dollars), f.Plan.Requests/1_000_000, gigabytes(f.Plan.TransferGB), verdict(f))
		for _, m := range f.InTheWay {
			fmt.Fprintf(&text, "  %s: %s\n", m.Path, m.Message)
		}
		for _, m := range f.Unsure {
			fmt.Fprintf(&text, "  unsure: %s: %s\n", m.Path, m.Message)
		}
		text.WriteString("\n")
	}
	fmt.Fprintf(&text, "Pay-as-you-go, without a plan, takes everything.\nSource: %s, read on %s.\n",
		config.PlansSource, config.PlansRead)
	return text.String()
}

// gigabytes is a number of them as people read it.
func gigabytes(n int) string {
	if n >= 1000 {
		return fmt.Sprintf("%d TB", n/1000)
	}
	return fmt.Sprintf("%d GB", n)
}

func verdict(f config.PlanFit) string {
	said := "fits"
	switch n := len(f.InTheWay); {
	case n == 1:
		said = "1 thing is in the way"
	case n > 1:
		said = format.Count(n, "thing") + " are in the way"
	case len(f.Unsure) > 0:
		said = "fits, if AWS takes what is unsure"
	}
	if f.Set {
		said += " (distribution.pricingPlan)"
	}
	return said
}
