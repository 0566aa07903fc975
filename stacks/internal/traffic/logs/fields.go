// Package logs reads CloudFront's standard access logs (CloudFront Developer Guide, Configure standard logging
// (legacy); Standard logging reference), a line at a time and in the order of time. What it can't read it tells, and
// never guesses.
package logs

import (
	"cmp"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Header is the two lines that begin a log of version 1, with the fields that CloudFront writes.
const Header = version + "\n" + fieldsPrefix + names + "\n"

// names are the fields of a log, in their order (Standard logging reference, Log file fields).
const names = "date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) " +
	"cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes " +
	"time-taken x-forwarded-for ssl-protocol ssl-cipher x-edge-response-result-type cs-protocol-version fle-status " +
	"fle-encrypted-fields c-port time-to-first-byte x-edge-detailed-result-type sc-content-type sc-content-len sc-range-start sc-range-end"

const (
	version       = versionPrefix + "1.0"
	versionPrefix = "#Version: "
	fieldsPrefix  = "#Fields: "
)

// CallerField is what the function at the edge writes into logs of version 2, URL-encoded: the name of the caller, and
// whether the canary gets the request (CloudFront Developer Guide, General helper methods, logCustomData;
// hashicorp/terraform-provider-aws#49176). CloudFront cuts it off after 800 bytes, which no name has.
const CallerField = "viewer-request-log-data"

// Delivered are the fields that are asked for in logs of version 2: those of version 1, then where callers are, which
// route they took, and how long the origin took (CloudFront Developer Guide, Configure standard logging (v2), Access
// log fields), and who they are.
func Delivered() []string {
	return append(strings.Fields(names), "c-country", "cache-behavior-path-pattern", "origin-fbl", "origin-lbl",
		CallerField)
}

// Column is the name of a field in Athena: cs_user_agent for cs(User-Agent).
func Column(field string) string {
	return strings.NewReplacer("-", "_", "(", "_", ")", "").Replace(strings.ToLower(field))
}

// Line is what is read of a line: a request and what became of it. What the log has no value for is empty.
type Line struct {
	Time   int64 // when the answer ended, in seconds since 1970
	Status int   // 0: the caller had gone before there was an answer
	// Bytes of the answer and of the request, with their headers.
	Bytes, SentBytes int64
	Location         string // the edge location, such as FRA56-P1

	IP, Method, Host, Protocol, Path, Query string // path and query as the caller sent them
	// As the log has them, with codes for some characters, but for cookies.
	UserAgent, Referer, Cookie string
	// What CloudFront says became of it when the last byte had left, and in more detail if it was an error; and what it
	// said before the first.
	Result, Detail, Response string
	// The part that was sent.
	RangeStart, RangeEnd string

	// Milliseconds from the request to the first and to the last byte of the answer, or Untimed.
	TimeToFirstByte, TimeTaken int32
	// Milliseconds that the origin took to its first and to its last byte, or Untimed, and whether it answered at all.
	OriginFirstByte, OriginLastByte int32
	FromOrigin                      Truth
	Country, Pattern                string // of the caller, such as DE; of the route. Version 1 has neither
	// The name of a caller with a known key, and whether the canary gets the request. Version 1 has neither.
	Caller string
	Canary Truth
}

// Untimed stands for a time that the log doesn't have.
const Untimed = -1

// untimed gives a new line no times.
func (l *Line) untimed() {
	l.TimeToFirstByte, l.TimeTaken, l.OriginFirstByte, l.OriginLastByte = Untimed, Untimed, Untimed, Untimed
}

// Truth is what a log says of something.
type Truth uint8

// What a log can say.
const (
	Untold Truth = iota // it hasn't the column
	Yes
	No
)

// CountsForRate reports whether a request counts for the rate of hits: "HTTP POST and PUT requests, and errors, are not
// considered cacheable requests" (View CloudFront and edge function metrics, Cache hit rate).
func (l *Line) CountsForRate() bool {
	return (l.Method == http.MethodGet || l.Method == http.MethodHead) && l.Status >= 200 && l.Status < 400 &&
		l.Result != "Redirect"
}

// IsHit reports whether the answer came from the cache without asking the origin whether it is still good. Its result
// turns from Hit to Error if the caller leaves before the end, as many do who download models; what was said before the
// first byte stays (Standard logging reference, x-edge-result-type, x-edge-response-result-type).
func (l *Line) IsHit() bool { return cmp.Or(l.Response, l.Result) == "Hit" }

// Airport is the letters of the edge location, "typically" those of an airport nearby, without the number that tells
// groups of servers apart (Standard logging reference, x-edge-location).
func (l *Line) Airport() string { return l.Location[:min(3, len(l.Location))] }

// IsWebSocket reports whether a line is of a connection that is logged when it closes.
func (l *Line) IsWebSocket() bool { return l.Protocol == "ws" || l.Protocol == "wss" }

// set are what a column's value does to a line; false: it can't be such a value. date and time need each other.
var set = map[string]func(l *Line, value string) bool{
	"date": nil,
	"time": nil,

	"sc-bytes":                    func(l *Line, v string) bool { return number(v, &l.Bytes) },
	"cs-bytes":                    func(l *Line, v string) bool { return number(v, &l.SentBytes) },
	"x-edge-location":             func(l *Line, v string) bool { l.Location = v; return true },
	"sc-status":                   (*Line).setStatus,
	"c-ip":                        func(l *Line, v string) bool { l.IP = v; return true },
	"cs-method":                   func(l *Line, v string) bool { l.Method = v; return v != "" },
	"x-host-header":               func(l *Line, v string) bool { l.Host = v; return true },
	"cs-protocol":                 func(l *Line, v string) bool { l.Protocol = v; return v != "" },
	"cs-uri-stem":                 (*Line).setPath,
	"cs-uri-query":                func(l *Line, v string) bool { l.Query = decoded(v); return true },
	"cs(User-Agent)":              func(l *Line, v string) bool { l.UserAgent = v; return true },
	"cs(Referer)":                 func(l *Line, v string) bool { l.Referer = v; return true },
	"cs(Cookie)":                  func(l *Line, v string) bool { l.Cookie = decoded(v); return true },
	"x-edge-result-type":          func(l *Line, v string) bool { l.Result = v; return v != "" },
	"x-edge-response-result-type": func(l *Line, v string) bool { l.Response = v; return true },
	"x-edge-detailed-result-type": func(l *Line, v string) bool { l.Detail = v; return true },
	"sc-range-start":              func(l *Line, v string) bool { l.RangeStart = v; return true },
	"sc-range-end":                func(l *Line, v string) bool { l.RangeEnd = v; return true },

	"time-to-first-byte":          func(l *Line, v string) bool { return milliseconds(v, &l.TimeToFirstByte) },
	"time-taken":                  func(l *Line, v string) bool { return milliseconds(v, &l.TimeTaken) },
	"origin-fbl":                  (*Line).setOrigin,
	"origin-lbl":                  func(l *Line, v string) bool { return milliseconds(v, &l.OriginLastByte) },
	"c-country":                   func(l *Line, v string) bool { l.Country = v; return true },
	"cache-behavior-path-pattern": func(l *Line, v string) bool { l.Pattern = decoded(v); return true },
	CallerField:                   (*Line).setCaller,
}

// setOrigin takes an answer without the time of an origin for one that no origin gave.
func (l *Line) setOrigin(value string) bool {
	l.FromOrigin = Yes
	if value == "" {
		l.FromOrigin = No
	}
	return milliseconds(value, &l.OriginFirstByte)
}

// setCaller takes what the function at the edge wrote, such as caller=alice&canary=1. Any other text in its place says
// nothing, and the first of two counts. Without a canary, whoever has a name gets no canary.
func (l *Line) setCaller(value string) bool {
	if value == "" {
		return true
	}
	for pair := range strings.SplitSeq(decoded(value), "&") {
		switch name, value, _ := strings.Cut(pair, "="); {
		case name == "caller" && l.Caller == "" && isName(value):
			l.Caller = value
		case name == "canary" && value == "1":
			l.Canary = Yes
		case name == "canary" && value == "0" && l.Canary == Untold:
			l.Canary = No
		}
	}
	if l.Caller != "" && l.Canary == Untold {
		l.Canary = No
	}
	return true
}

// isName reports whether a text may be the name of a caller, as the function at the edge judges it.
func isName(text string) bool { return text != "" && strings.Trim(text, nameCharacters) == "" }

const nameCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._@-"

func (l *Line) setPath(value string) bool {
	l.Path = decoded(value)
	return strings.HasPrefix(value, "/")
}

func (l *Line) setStatus(value string) bool {
	var status int64
	valid := len(value) == 3 && number(value, &status)
	l.Status = int(status)
	return valid
}

// mostBytes is twenty times what CloudFront sends of an object (Quotas, Maximum file size: 50 GB). More is no line of
// CloudFront's, and would overflow sums.
const mostBytes = 1 << 40

func number(text string, to *int64) bool {
	n, err := strconv.ParseUint(text, 10, 64)
	*to = int64(min(n, mostBytes))
	return err == nil && n <= mostBytes
}

// milliseconds reads seconds such as 0.082; empty is Untimed.
func milliseconds(text string, to *int32) bool {
	if text == "" {
		*to = Untimed
		return true
	}
	n, decimals := int64(0), -1
	for i := range len(text) {
		digit := text[i] - '0'
		switch {
		case text[i] == '.' && i > 0 && decimals < 0:
			decimals = 0
		case digit > 9 || n > math.MaxInt32:
			return false
		case decimals < 3:
			n = 10*n + int64(digit)
			if decimals >= 0 {
				decimals++
			}
		}
	}
	for range 3 - max(decimals, 0) {
		n *= 10
	}
	*to = int32(n)
	return n <= math.MaxInt32
}

// decoded undoes the log's own codes; those of the caller stay (Standard log file format: % is written as a code, too).
func decoded(text string) string {
	if strings.IndexByte(text, '%') < 0 {
		return text
	}
	plain, err := url.PathUnescape(text)
	if err != nil {
		return text
	}
	return plain
}

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

// parse reads a line, and reports whether it is one of a log.
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
