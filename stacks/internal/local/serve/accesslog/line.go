package accesslog

import (
	"net/netip"
	"strconv"
	"time"
)

// line grows by a field and a tab at a time.
type line []byte

const hexDigits = "0123456789ABCDEF"

// encoded are the bytes that are written as codes (CloudFront Developer Guide, Configure standard logging (legacy), Standard log
// file format). A % is one of them, so what a caller has encoded is encoded twice.
var encoded = func() (set [256]bool) {
	for c := range set {
		set[c] = c <= ' ' || c >= 0x7f
	}
	for _, c := range []byte("<>\"#%{}|\\^~[]`'") {
		set[c] = true
	}
	return set
}()

// text writes a value, and - if it is empty.
func (l *line) text(value string) {
	if value == "" {
		*l = append(*l, '-')
	}
	l.encode(value)
	l.end()
}

// texts writes values as one.
func (l *line) texts(values []string, separator string) {
	if len(values) == 0 {
		l.text("")
		return
	}
	for i, value := range values {
		if i > 0 {
			l.encode(separator)
		}
		l.encode(value)
	}
	l.end()
}

func (l *line) encode(value string) {
	from := 0
	for i := range len(value) {
		if c := value[i]; encoded[c] {
			*l = append(append(*l, value[from:i]...), '%', hexDigits[c>>4], hexDigits[c&15])
			from = i + 1
		}
	}
	*l = append(*l, value[from:]...)
}

func (l *line) end() { *l = append(*l, '\t') }

func (l *line) number(n int64) {
	*l = strconv.AppendInt(*l, n, 10)
	l.end()
}

// padded writes a number with at least some digits.
func (l *line) padded(n int64, digits int) {
	for limit := int64(10); digits > 1; digits-- {
		if n < limit {
			*l = append(*l, '0')
		}
		limit *= 10
	}
	*l = strconv.AppendInt(*l, n, 10)
}

// status is 000 if the caller had gone before there was an answer.
func (l *line) status(status int) {
	l.padded(int64(status), 3)
	l.end()
}

// seconds writes a time to the thousandth of a second.
func (l *line) seconds(d time.Duration) {
	ms := max(d.Milliseconds(), 0)
	*l = append(strconv.AppendInt(*l, ms/1000, 10), '.')
	l.padded(ms%1000, 3)
	l.end()
}

func (l *line) date(t time.Time) {
	*l = t.AppendFormat(*l, time.DateOnly)
	l.end()
}

func (l *line) clock(t time.Time) {
	*l = t.AppendFormat(*l, time.TimeOnly)
	l.end()
}

func (l *line) address(a netip.Addr) {
	if !a.IsValid() {
		l.text("")
		return
	}
	*l = a.Unmap().WithZone("").AppendTo(*l)
	l.end()
}
