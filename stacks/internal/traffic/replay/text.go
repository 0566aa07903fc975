package replay

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"ml-api-accelerator/stacks/internal/shared/format"
	"ml-api-accelerator/stacks/internal/terminal"
	"ml-api-accelerator/stacks/internal/traffic/logs"
)

// Text is a result as a terminal shows it.
func Text(r Result) string {
	var out strings.Builder
	out.WriteString(logs.Heading(r.Now.Total.Requests, r.Files, r.From, r.To) + "\n\n")
	table := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	write := writeRow
	if r.Before == nil {
		fmt.Fprintln(table, "route\trequests\trefused\tlogged hits\tsimulated hits\texpected\t"+
			"to the origin\texpected\tsent\tfrom the origin")
	} else {
		fmt.Fprintln(table, "route\trequests\trefused\tlogged hits\thits before\tnow\texpected\t"+
			"to the origin before\tnow\texpected\tchange\tfrom the origin before\tnow")
		write = writeChange
	}
	for _, p := range pairs(r) {
		write(table, p)
	}
	_ = table.Flush() // what is written to takes everything
	out.WriteString(legend)
	if len(r.Unread) > 0 {
		out.WriteString("\nnot counted:\n" + logs.List(r.Unread))
	}
	if lack := (logs.Gaps{Lacking: r.Lacking}).Lack(); lack != "" {
		out.WriteString("\n" + lack + "\n")
	}
	return out.String()
}

const legend = `
Hits are counted among requests by GET and HEAD that were no errors. Refused is what CloudFront answers itself.
Low:      callers differ in every part of the key that the log lacks, and answers live for the minimum TTL.
Expected: callers differ, and answers live for the default TTL, as if the origin said nothing.
High:     callers don't differ, and answers live for the maximum TTL.
There is one cache for all edge locations, which drops nothing early: AWS may have fewer hits. Compare with the logged ones.
`

// pair is what came of a route's requests now and before; nil: there is no such route.
type pair struct {
	path        string
	now, before *Count
}

// pairs are the routes in their order, those that are no more, and the total.
func pairs(r Result) []pair {
	var list []pair
	for i := range r.Now.Routes {
		list = append(list, pair{path: r.Now.Routes[i].Path, now: &r.Now.Routes[i].Count})
	}
	total := pair{path: "total", now: &r.Now.Total}
	if r.Before != nil {
		for i := range r.Before.Routes {
			b := &r.Before.Routes[i]
			at := slices.IndexFunc(list, func(p pair) bool { return p.path == b.Path })
			if at < 0 {
				at = len(list)
				list = append(list, pair{path: b.Path})
			}
			list[at].before = &b.Count
		}
		total.before = &r.Before.Total
	}
	return append(list, total)
}

func writeRow(table *tabwriter.Writer, p pair) {
	c := p.now
	row(table, p.path, format.Thousands(c.Requests), format.Thousands(c.Refused), c.rate(int64(c.LoggedHits)),
		c.rates(), c.rate(c.Hits.Expected),
		between(c.OriginRequests, format.Thousands[int64]), format.Thousands(c.OriginRequests.Expected),
		format.Bytes(c.Bytes), between(c.OriginBytes, format.Bytes))
}

func writeChange(table *tabwriter.Writer, p pair) {
	hitsBefore, hits := p.each((*Count).rates)
	originBefore, origin := p.each(func(c *Count) string { return between(c.OriginRequests, format.Thousands[int64]) })
	bytesBefore, bytes := p.each(func(c *Count) string { return between(c.OriginBytes, format.Bytes) })
	row(table, p.path,
		p.both(func(c *Count) string { return format.Thousands(c.Requests) }),
		p.both(func(c *Count) string { return format.Thousands(c.Refused) }),
		p.both(func(c *Count) string { return c.rate(int64(c.LoggedHits)) }),
		hitsBefore, hits, p.both(func(c *Count) string { return c.rate(c.Hits.Expected) }),
		originBefore, origin,
		p.both(func(c *Count) string { return format.Thousands(c.OriginRequests.Expected) }), p.change(),
		bytesBefore, bytes)
}

// each is what a route's count has before and now; -: there is no such route.
func (p pair) each(of func(*Count) string) (before, now string) {
	before, now = "-", "-"
	if p.before != nil {
		before = of(p.before)
	}
	if p.now != nil {
		now = of(p.now)
	}
	return before, now
}

// both is the same in one cell.
func (p pair) both(of func(*Count) string) string {
	before, now := p.each(of)
	if before == now {
		return now
	}
	return before + " → " + now
}

func row(table *tabwriter.Writer, path string, cells ...string) {
	fmt.Fprintln(table, terminal.Harmless(path)+"\t"+strings.Join(cells, "\t"))
}

// change is that of the requests that are expected to reach the origin.
func (p pair) change() string {
	if p.now == nil || p.before == nil {
		return "-"
	}
	now, before := p.now.OriginRequests.Expected, p.before.OriginRequests.Expected
	switch {
	case now == before:
		return "none"
	case before == 0:
		return "+" + format.Thousands(now)
	}
	return fmt.Sprintf("%+.0f %%", 100*float64(now-before)/float64(before))
}

// rate is the share of hits.
func (c *Count) rate(hits int64) string {
	if c.Cacheable == 0 {
		return "-"
	}
	return c.share(hits) + " %"
}

func (c *Count) share(hits int64) string { return share(100 * float64(hits) / float64(c.Cacheable)) }

// rates are the bounds of that share.
func (c *Count) rates() string {
	if c.Cacheable == 0 || c.rate(c.Hits.Low) == c.rate(c.Hits.High) {
		return c.rate(c.Hits.Low)
	}
	return c.share(c.Hits.Low) + "–" + c.share(c.Hits.High) + " %"
}

// between is the least and the most.
func between(b Bounds, text func(int64) string) string {
	low, high := text(b.Low), text(b.High)
	if low == high {
		return low
	}
	return low + "–" + high
}

// share is a percentage, of which nearly all isn't all, and hardly any isn't none.
func share(percent float64) string {
	switch {
	case percent > 0 && percent < 0.1:
		return "<0.1"
	case percent > 99.9 && percent < 100:
		return ">99.9"
	case percent > 0 && percent < 1, percent > 99 && percent < 100:
		return fmt.Sprintf("%.1f", percent)
	}
	return fmt.Sprintf("%.0f", percent)
}
