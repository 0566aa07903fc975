package questions

import (
	"strings"
	"time"

	"ml-api-accelerator/stacks/internal/traffic/logs"
)

// Range is a time, of which To is no part. Without From, Athena is asked of the last 24 hours, and files have no first second; without To it
// is open.
type Range struct{ From, To time.Time }

// Covers tells whether a line is of that time.
func (r Range) Covers(l *logs.Line) bool {
	return (r.From.IsZero() || l.Time >= r.From.Unix()) && (r.To.IsZero() || l.Time < r.To.Unix())
}

// How the partition and the line write a time, here and in Trino's date_format.
const (
	hourLayout, hourFormat     = "2006/01/02/15", "%Y/%m/%d/%H"
	secondLayout, secondFormat = time.DateTime, "%Y-%m-%d %H:%i:%s"
)

// late is how long after a request CloudFront may deliver its line (Standard logging reference, Timing of log file delivery). The guide doesn't
// say whether the folder of version 2 is the hour of the requests or of their delivery (Configure standard logging (v2), Partitioning).
const late = 24 * time.Hour

// condition has the hours first, by which Athena knows at planning which partitions to read: from the one before, since a file may be of the
// hour of its requests, and a line is of the second when its answer ended, to the last one in which a line may be delivered. Both conditions
// are of literals and of what a planner makes a literal of.
func (r Range) condition() string {
	from, hour := lastHours("24", secondFormat), lastHours("25", hourFormat)
	if !r.From.IsZero() {
		from, hour = literal(r.From, secondLayout), literal(r.From.Add(-time.Hour), hourLayout)
	}
	conditions := []string{`"hour" >= ` + hour}
	if !r.To.IsZero() {
		conditions = append(conditions, `"hour" <= `+literal(r.To.Add(late), hourLayout))
	}
	conditions = append(conditions, `"date" || ' ' || "time" >= `+from)
	if !r.To.IsZero() {
		conditions = append(conditions, `"date" || ' ' || "time" < `+literal(r.To, secondLayout))
	}
	return strings.Join(conditions, "\n    AND ")
}

func literal(t time.Time, layout string) string { return "'" + t.UTC().Format(layout) + "'" }

// lastHours is a time some hours ago, in UTC whatever the session's time zone is.
func lastHours(hours, format string) string {
	return "date_format((current_timestamp - INTERVAL '" + hours + "' HOUR) AT TIME ZONE 'UTC', '" + format + "')"
}
