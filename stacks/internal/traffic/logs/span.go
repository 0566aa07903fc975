package logs

import (
	"fmt"
	"time"

	"ml-api-accelerator/stacks/internal/shared/figures"
)

// Span is how many lines there are, and their first and last second.
type Span struct {
	Lines       int
	first, last int64
}

// Add counts lines.
func (s *Span) Add(lines []Line) {
	for i := range lines {
		s.AddLine(&lines[i])
	}
}

// AddLine counts a line.
func (s *Span) AddLine(l *Line) {
	if s.Lines == 0 || l.Time < s.first {
		s.first = l.Time
	}
	s.last = max(s.last, l.Time)
	s.Lines++
}

// From is the first second, in UTC.
func (s *Span) From() time.Time { return time.Unix(s.first, 0).UTC() }

// To is the last second, in UTC.
func (s *Span) To() time.Time { return time.Unix(s.last, 0).UTC() }

// Heading says what was read, above what came of it.
func Heading(requests, files int, from, to time.Time) string {
	where := "1 file"
	if files != 1 {
		where = figures.Thousands(files) + " files"
	}
	return fmt.Sprintf("%s requests in %s, %s to %s UTC", figures.Thousands(requests), where, from.Format(time.DateTime), to.Format(time.DateTime))
}
