package replay

import (
	"fmt"
	"strings"

	"ml-api-accelerator/stacks/internal/shared/figures"
	"ml-api-accelerator/stacks/internal/shared/markdown"
)

// Markdown is what GitHub shows of a comparison. It may be public, so it has nothing of the logs but how many: no path that was asked for,
// and of what couldn't be read neither the name nor the text.
func Markdown(r Result) string {
	var out strings.Builder
	out.WriteString(r.summary() + ".\n\n")
	out.WriteString("| route | requests | refused | logged hits | simulated hits | requests to the origin | change | bytes from the origin |\n")
	out.WriteString("|---|--:|--:|--:|--:|--:|--:|--:|\n")
	list := pairs(r)
	for i, p := range list {
		if !p.asked() {
			continue
		}
		route := markdown.Code(p.path)
		if i == len(list)-1 {
			route = p.path // the total
		}
		fmt.Fprintf(&out, "| %s |\n", strings.Join([]string{
			route,
			p.both(func(c *Count) string { return figures.Thousands(c.Requests) }),
			p.both(func(c *Count) string { return figures.Thousands(c.Refused) }),
			p.both(func(c *Count) string { return c.rate(int64(c.LoggedHits)) }),
			p.both(func(c *Count) string { return within(c.rate(c.Hits.Expected), c.rates()) }),
			p.both(func(c *Count) string {
				return within(figures.Thousands(c.OriginRequests.Expected), between(c.OriginRequests, figures.Thousands[int64]))
			}),
			p.change(),
			p.both(func(c *Count) string {
				return within(figures.Bytes(c.OriginBytes.Expected), between(c.OriginBytes, figures.Bytes))
			}),
		}, " | "))
	}
	out.WriteString(markdownLegend)
	if len(r.Unread) > 0 {
		out.WriteString("\n" + unread(r))
	}
	if lack := r.lack(); lack != "" {
		out.WriteString("\n" + lack)
	}
	return out.String()
}

// A line of a comment on GitHub is one that breaks.
const markdownLegend = "\nRoutes that nobody asked for are left out. Hits are counted among requests by GET and HEAD that were no errors. " +
	"Refused is what CloudFront answers itself. Expected is that callers differ in each part of the key that the log lacks, and that the origin " +
	"says nothing about caching. In brackets are the bounds: answers live for the minimum TTL; callers don't differ, and answers live for the maximum TTL.\n"

// asked tells whether a route has a request, now or before.
func (p pair) asked() bool {
	return p.now != nil && p.now.Requests > 0 || p.before != nil && p.before.Requests > 0
}

// within is what is expected, and the bounds if they are more than one number.
func within(expected, bounds string) string {
	if expected == bounds {
		return expected
	}
	return expected + " (" + bounds + ")"
}

// unread tells how much couldn't be read.
func unread(r Result) string {
	lines, whole := 0, 0
	for _, p := range r.Unread {
		lines += p.Lines
		if p.Lines == 0 {
			whole++
		}
	}
	return fmt.Sprintf("Not counted, because they couldn't be read: lines: %s; files, or the rest of them: %s.\n", figures.Thousands(lines), figures.Thousands(whole))
}
