package logs

import (
	"strings"
	"time"
)

// columns are the fields of a file, as it names them.
type columns struct {
	set        []func(l *Line, value string) bool // nil: it isn't read
	date, time int

	dateOf, clockOf string // of the line that is being read

	// The last date, of which most lines have the same.
	day      string
	midnight int64
}

// newColumns are those of a file; missing is one that is needed.
func newColumns(header []string) (c *columns, missing string) {
	c = &columns{date: -1, time: -1}
	found := map[string]bool{}
	for i, name := range header {
		switch name {
		case "date":
			c.date = i
		case "time":
			c.time = i
		}
		c.set = append(c.set, set[name])
		found[name] = true
	}
	for _, name := range strings.Fields(names) {
		if _, read := set[name]; read && !optional[name] && !found[name] {
			return nil, name
		}
	}
	return c, ""
}

// parse reads a line, and tells whether it is one of a log.
func (c *columns) parse(text string, l *Line) bool {
	last := len(c.set) - 1
	for i := range c.set {
		value := text
		tab := strings.IndexByte(text, '\t')
		if (tab < 0) != (i == last) {
			return false
		}
		if tab >= 0 {
			value, text = text[:tab], text[tab+1:]
		}
		if !c.put(i, value, l) {
			return false
		}
	}
	return c.setTime(l)
}

// put takes the value of a column into a line.
func (c *columns) put(i int, value string, l *Line) bool {
	if value == "-" {
		value = ""
	}
	switch set := c.set[i]; {
	case i == c.date:
		c.dateOf = value
	case i == c.time:
		c.clockOf = value
	case set != nil:
		return set(l, value)
	}
	return true
}

// setTime takes the date and the time, which need each other.
func (c *columns) setTime(l *Line) bool {
	date, clock := c.dateOf, c.clockOf
	if date != c.day {
		midnight, err := time.Parse(time.DateOnly, date)
		if err != nil {
			return false
		}
		c.day, c.midnight = strings.Clone(date), midnight.Unix()
	}
	if len(clock) != len("15:04:05") || clock[2] != ':' || clock[5] != ':' {
		return false
	}
	l.Time = c.midnight
	for i, seconds := range [...]int64{36000, 3600, 0, 600, 60, 0, 10, 1} {
		if i == 2 || i == 5 {
			continue
		}
		digit := clock[i] - '0'
		if digit > 9 {
			return false
		}
		l.Time += int64(digit) * seconds
	}
	return true
}
