package declare

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"unicode/utf8"
)

// walker makes a tree of valid JSON like encoding/json, but sees keys that are written twice.
type walker struct {
	*json.Decoder
	report *Report
	places places
}

func (w walker) value(at Path) any {
	switch token := w.token().(type) {
	case json.Delim:
		if token == '{' {
			return w.object(at)
		}
		return w.array(at)
	case json.Number:
		return w.number(at, token)
	default:
		return token
	}
}

func (w walker) object(at Path) map[string]any {
	members, twice := map[string]any{}, map[string]bool{}
	for w.More() {
		begin := w.next()
		key := w.token().(string)
		where := at.Field(key)
		first, known := w.places.begin[where.String()]
		w.places.begin[where.String()] = begin
		value := w.value(where)
		if earlier, again := members[key]; again && known && !twice[key] {
			twice[key] = true
			w.twice(where, first, begin, earlier, value)
		}
		members[key] = value
	}
	w.token()
	return members
}

// twice reports a field that stands at two places of the file.
func (w walker) twice(at Path, first, second int, earlier, later any) {
	mend := "take one of the two out"
	_, object := earlier.(map[string]any)
	if _, too := later.(map[string]any); object && too {
		mend = "merge the two"
	}
	line, column := position(w.places.data[:first])
	w.report.Must(ruleFieldOnce, at, "must not be written twice, first in line %d, column %d: %s", line, column, mend)
	last := &w.report.Problems[len(w.report.Problems)-1]
	last.Line, last.Column = position(w.places.data[:second]) // another part of the file may have it
}

func (w walker) array(at Path) []any {
	items := []any{}
	for w.More() {
		where := at.Index(len(items))
		w.places.begin[where.String()] = w.next()
		items = append(items, w.value(where))
	}
	w.token()
	return items
}

// number writes whole numbers as such: 1.0 and 1e3 are integers in a JSON Schema, but not to encoding/json.
func (w walker) number(at Path, n json.Number) json.Number {
	f, err := n.Float64()
	whole, notWhole := n.Int64() // of two that are next to each other f may be the same
	if err != nil || math.Abs(f) > 1<<53 || notWhole == nil && max(whole, -whole) > 1<<53 {
		w.report.Must(ruleFieldType, at, "must be a number between -2^53 and 2^53, got %s", n)
		return "0"
	}
	if f == math.Trunc(f) {
		return json.Number(strconv.FormatInt(int64(f), 10))
	}
	return n
}

// token returns the next token; parse has seen that the JSON is valid.
func (w walker) token() json.Token {
	token, err := w.Token()
	if err != nil {
		panic("declare: " + err.Error())
	}
	return token
}

// next returns where the next key or item begins.
func (w walker) next() int {
	rest := w.places.data[w.InputOffset():]
	return int(w.InputOffset()) + len(rest) - len(bytes.TrimLeft(rest, " \t\r\n,"))
}

// places tells where in a file something stands.
type places struct {
	data  []byte
	begin map[string]int // by path
}

// find returns the line and column of a place below a part of the file, or of what is missing there: those of
// the object in which it is missing.
func (p places) find(part, at Path) (line, column int) {
	for where := part.Join(at); len(where) > 0; where = where.Parent() {
		if begin, ok := p.begin[where.String()]; ok {
			return position(p.data[:begin])
		}
	}
	return 1, 1
}

// position returns the line and column that follow a text.
func position(before []byte) (line, column int) {
	line = bytes.Count(before, []byte("\n")) + 1
	return line, utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1
}
