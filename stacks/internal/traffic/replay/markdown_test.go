package replay

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/traffic/logs"
)

// TestMarkdown has routes that are new, that are gone, and that nobody asked for; and names no file that couldn't be read.
func TestMarkdown(t *testing.T) {
	r := counted()
	r.Now.Routes = append(r.Now.Routes, Route{Path: "/quiet*"})
	former := Count{Requests: 9, Cacheable: 9, Hits: Bounds{3, 3, 3}, OriginRequests: Bounds{6, 6, 6}, Bytes: 999, OriginBytes: Bounds{1000, 1000, 1000}}
	r.Before = &Report{Routes: []Route{{"/o|d`*", former}, {"*", r.Now.Routes[1].Count}, {Path: "/never*"}}}
	r.Before.Total.sum(former)
	r.Before.Total.sum(r.Now.Routes[1].Count)
	want := "1,234,577 requests in 1 file, 2026-01-31 10:00:00 to 2026-01-31 11:59:59 UTC." + `

| route | requests | refused | logged hits | simulated hits | requests to the origin | change | bytes from the origin |
|---|--:|--:|--:|--:|--:|--:|--:|
` + "| `/v1/models*` | - → 1,234,567 | - → 1 | - → 50 % | - → 62 % (0–81 %) | - → 380 (190–1,000) | - | - → 1.2 MB (900 B–123 MB) |\n" +
		"| `*` | 10 | 10 | - | - | 0 | none | 0 B |\n" +
		"| `/o\\|d'*` | 9 → - | 0 → - | 0 % → - | 33 % → - | 6 → - | - | 1.0 KB → - |\n" +
		"| total | 19 → 1,234,577 | 10 → 11 | 0 % → 50 % | 33 % → 62 % (0–81 %) | 6 → 380 (190–1,000) | +6233 % | 1.0 KB → 1.2 MB (900 B–123 MB) |\n" +
		markdownLegend + `
Not counted, because they couldn't be read: lines: 3; files, or the rest of them: 1.

Some of the logs have no sc-range-end, sc-range-start: there they count as empty.
`
	if diff := cmp.Diff(want, Markdown(r)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestMarkdownShowsNothingOfLogs has text from a file in each place that takes it.
func TestMarkdownShowsNothingOfLogs(t *testing.T) {
	r := counted()
	r.Unread = []logs.Problem{{File: "s3cret.gz", Problem: `has version "s3cret", not 1.0`}, {File: "s3cret", Problem: "s3cret", Lines: 1}}
	require.Contains(t, Text(r), "s3cret")
	require.NotContains(t, Markdown(r), "s3cret")
	r.Unread = nil
	require.NotContains(t, Markdown(r), "Not counted")
}
