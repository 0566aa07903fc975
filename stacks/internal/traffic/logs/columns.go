package logs

import (
	"math"
	"slices"
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

// Columns are those that somebody reads of a log. A name like a|b is a, or b where there is no a.
type Columns struct {
	Needed []string // a file without one of them isn't read, nor is one without date and time
	Wanted []string // a file without one of them has no value for it
}

// newColumns are those of a file; missing are needed ones that it hasn't, and lacking wanted ones.
func newColumns(header []string, read Columns) (c *columns, missing, lacking []string) {
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
	without := func(names []string) (list []string) {
		for _, name := range names {
			either := strings.Split(name, "|")
			if !slices.ContainsFunc(either, func(one string) bool { return found[one] }) {
				list = append(list, either[0])
			}
		}
		return list
	}
	return c, without(append([]string{"date", "time"}, read.Needed...)), without(read.Wanted)
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
		if err != nil || midnight.Unix() < 0 || midnight.Unix() > math.MaxUint32-86400 {
			return false
		}
		c.day, c.midnight = strings.Clone(date), midnight.Unix()
	}
	if len(clock) != len("15:04:05") || clock[2] != ':' || clock[5] != ':' {
		return false
	}
	hour, minute, second := twoDigits(clock[0:2]), twoDigits(clock[3:5]), twoDigits(clock[6:8])
	l.Time = c.midnight + 3600*hour + 60*minute + second
	return hour < 24 && minute < 60 && second < 60
}

// twoDigits is a number, or one that is too high for any part of a time.
func twoDigits(text string) int64 {
	tens, ones := text[0]-'0', text[1]-'0'
	if tens > 9 || ones > 9 {
		return 100
	}
	return int64(10*tens + ones)
}
