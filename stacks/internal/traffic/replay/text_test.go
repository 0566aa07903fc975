package replay

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/traffic/logs"
)

// counted is an example of a result.
func counted() Result {
	models := Count{
		Requests: 1234567, Refused: 1, Cacheable: 1000, LoggedHits: 501, Hits: Bounds{0, 620, 810}, OriginRequests: Bounds{190, 380, 1000},
		Bytes: 5_000_000, OriginBytes: Bounds{900, 1_234_567, 123_456_789},
	}
	rest := Count{Requests: 10, Refused: 10, Bytes: 999}
	r := Result{
		From: time.Date(2026, 1, 31, 10, 0, 0, 0, time.UTC), To: time.Date(2026, 1, 31, 11, 59, 59, 0, time.UTC), Files: 1,
		Now: Report{Routes: []Route{{"/v1/models*", models}, {"*", rest}}}, Unread: []logs.Problem{{File: "a.gz", Problem: "is odd"}, {File: "b.gz", Problem: "too odd", Lines: 3}},
		Lacking: []string{"sc-range-end", "sc-range-start"},
	}
	r.Now.Total.sum(models)
	r.Now.Total.sum(rest)
	return r
}

func TestText(t *testing.T) {
	want := `1,234,577 requests in 1 file, 2026-01-31 10:00:00 to 2026-01-31 11:59:59 UTC

route        requests   refused  logged hits  simulated hits  expected  to the origin  expected  sent    from the origin
/v1/models*  1,234,567  1        50 %         0–81 %          62 %      190–1,000      380       5.0 MB  900 B–123 MB
*            10         10       -            -               -         0              0         999 B   0 B
total        1,234,577  11       50 %         0–81 %          62 %      190–1,000      380       5.0 MB  900 B–123 MB
` + legend + `
not counted:
  a.gz: is odd
  b.gz: 3 lines too odd

some of the logs have no sc-range-end, sc-range-start: there they count as empty
`
	if diff := cmp.Diff(want, Text(counted())); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestTextOfAChange has routes that are new and such that are gone, side by side.
func TestTextOfAChange(t *testing.T) {
	r := counted()
	r.Unread, r.Lacking, r.Files = nil, nil, 1000
	former := Count{Requests: 9, Cacheable: 9, Hits: Bounds{3, 3, 3}, OriginRequests: Bounds{6, 6, 6}, Bytes: 999, OriginBytes: Bounds{1000, 1000, 1000}}
	r.Before = &Report{Routes: []Route{{"/old*", former}, {"*", r.Now.Routes[1].Count}}}
	r.Before.Total.sum(former)
	r.Before.Total.sum(r.Now.Routes[1].Count)
	want := `1,234,577 requests in 1,000 files, 2026-01-31 10:00:00 to 2026-01-31 11:59:59 UTC

route        requests        refused  logged hits  hits before  now     expected     to the origin before  now        expected  change   from the origin before  now
/v1/models*  - → 1,234,567   - → 1    - → 50 %     -            0–81 %  - → 62 %     -                     190–1,000  - → 380   -        -                       900 B–123 MB
*            10              10       -            -            -       -            0                     0          0         none     0 B                     0 B
/old*        9 → -           0 → -    0 % → -      33 %         -       33 % → -     6                     -          6 → -     -        1.0 KB                  -
total        19 → 1,234,577  10 → 11  0 % → 50 %   33 %         0–81 %  33 % → 62 %  6                     190–1,000  6 → 380   +6233 %  1.0 KB                  900 B–123 MB
` + legend
	if diff := cmp.Diff(want, Text(r)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestChange(t *testing.T) {
	for _, r := range []struct {
		before, now int64
		want        string
	}{{4, 3, "-25 %"}, {4, 5, "+25 %"}, {4, 4, "none"}, {0, 1200, "+1,200"}, {0, 0, "none"}} {
		p := pair{before: &Count{OriginRequests: Bounds{Expected: r.before}}, now: &Count{OriginRequests: Bounds{Expected: r.now}}}
		require.Equal(t, r.want, p.change())
	}
}

func TestShare(t *testing.T) {
	for percent, want := range map[float64]string{
		0: "0", 0.01: "<0.1", 0.14: "0.1", 1: "1", 49.6: "50", 99: "99", 99.14: "99.1", 99.96: ">99.9", 100: "100",
	} {
		require.Equal(t, want, share(percent))
	}
}
