package declare

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// misencoded says how an editor saved the file in another way than cdktf reads it.
func misencoded(data []byte) string {
	switch {
	case bytes.HasPrefix(data, []byte("\xff\xfe")), bytes.HasPrefix(data, []byte("\xfe\xff")):
		return "is UTF-16: save it as UTF-8"
	case bytes.HasPrefix(data, []byte("\xef\xbb\xbf")):
		return "begins with a byte order mark: save it as UTF-8 without one"
	case !utf8.Valid(data):
		return "must be UTF-8 text"
	}
	return ""
}

// unreadableAt says what is wrong with the syntax, and where.
func unreadableAt(err error, file string, data []byte) *Unreadable {
	syntax := (*json.SyntaxError)(nil)
	if !errors.As(err, &syntax) {
		return &Unreadable{File: file, Reason: err.Error()}
	}
	s := scan(data[:max(syntax.Offset-1, 0)])
	if syntax.Offset == int64(len(data)) && syntax.Error() == "unexpected end of JSON input" {
		s = scan(data)
	}
	at, reason := s.wrong(data)
	line, column := position(data[:at])
	return &Unreadable{File: file, Line: line, Column: column, Reason: reason}
}

// expected is what may follow a part of a JSON file.
type expected int

const (
	aValue expected = iota
	aName           // or, in an empty object, its end
	aColon
	aComma // or the end of what is open
)

// scanned is what a part of a JSON file, which is valid as far as it goes, leaves open.
type scanned struct {
	length int
	open   []int // where the objects and lists begin
	next   expected
	token  int // where the text, number or word begins that isn't complete; -1: none
}

// scan reads the beginning of a JSON file.
func scan(data []byte) scanned {
	s := scanned{length: len(data), token: -1}
	for i := 0; i < len(data); i++ {
		c := data[i]
		if s.token >= 0 && data[s.token] == '"' {
			switch c {
			case '\\':
				i++
			case '"':
				s.ended()
			}
			continue
		}
		if isWord(c) {
			if s.token < 0 {
				s.token = i
			}
			continue
		}
		if s.token >= 0 {
			s.ended()
		}
		switch c {
		case '"':
			s.token = i
		case '{', '[':
			s.open, s.next = append(s.open, i), aValue
			if c == '{' {
				s.next = aName
			}
		case '}', ']':
			s.open, s.next = s.open[:max(len(s.open)-1, 0)], aComma
		case ':':
			s.next = aValue
		case ',':
			s.next = aValue
			if s.in(data) == '{' {
				s.next = aName
			}
		}
	}
	return s
}

// ended is the end of a text, number or word.
func (s *scanned) ended() {
	s.token = -1
	if s.next == aName {
		s.next = aColon
	} else {
		s.next = aComma
	}
}

// in returns what begins the object or list that is open, or 0.
func (s *scanned) in(data []byte) byte {
	if len(s.open) == 0 {
		return 0
	}
	return data[s.open[len(s.open)-1]]
}

func isWord(c byte) bool {
	return c == '_' || c == '+' || c == '-' || c == '.' || '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
}

// words are what people write for the words of JSON.
var words = map[string]string{
	"yes": "true", "on": "true", "true": "true", "no": "false", "off": "false", "false": "false",
	"none": "null", "nil": "null", "null": "null", "undefined": "null",
}

// wrong says what is wrong with what follows, and where that is.
func (s scanned) wrong(data []byte) (at int, reason string) {
	if s.token >= 0 && data[s.token] == '"' {
		return s.wrongText(data)
	}
	begin := s.length
	if s.token >= 0 {
		begin = s.token
	}
	rest := data[begin:]
	word := rest
	if i := slices.IndexFunc(rest, func(c byte) bool { return !isWord(c) }); i >= 0 {
		word = rest[:i]
	}
	switch {
	case s.token >= 0 && json.Valid(word): // what is wrong comes after it
		s.ended()
	case len(word) > 0 && len(s.open) > 0 && (s.next == aValue || s.next == aName):
		return begin, wrongWord(string(word), s.next)
	}
	return s.wrongSign(data)
}

// wrongText says what is wrong with a text that isn't closed.
func (s scanned) wrongText(data []byte) (at int, reason string) {
	if s.length >= len(data) {
		return s.token, `the text that begins here isn't closed: a " is missing`
	}
	switch c := data[s.length]; {
	case c == '\n', c == '\r':
		return s.token, `the text that begins here isn't closed in its line: a " is missing, or \n for a line break`
	case c == '\t':
		return s.length, `a tab in a text is written \t`
	case c < ' ':
		return s.length, fmt.Sprintf(`a text can't have the control character %U`, c)
	}
	return s.length, `this is not a valid escape: after \ comes one of "\/bfnrt, or u and four hexadecimal digits; ` +
		`a backslash itself is \\`
}

// wrongWord says what is wrong with a number or a word.
func wrongWord(word string, next expected) string {
	meant, known := words[strings.ToLower(word)]
	if near := nearest(word, []string{"true", "false", "null"}); !known && near != "" {
		meant, known = near, true
	}
	_, notNumber := strconv.ParseFloat(strings.ReplaceAll(word, "_", ""), 64)
	switch {
	case next == aName:
		return fmt.Sprintf("a name has quotes: write %q", word)
	case known:
		return fmt.Sprintf("write %s, not %s", meant, word)
	case notNumber == nil && '0' <= word[0] && word[0] <= '9' || strings.Trim(word, "0123456789+-._") == "":
		return word + " isn't a JSON number: that begins with - or a digit, has 0 first only before the point, and has no _"
	case '0' <= word[0] && word[0] <= '9':
		return fmt.Sprintf("%s isn't a number: write digits only, or a text in quotes", word)
	}
	return fmt.Sprintf("a text has quotes: write %q", word)
}

// wrongSign says what is wrong with a sign that can't follow.
func (s scanned) wrongSign(data []byte) (at int, reason string) {
	if s.length >= len(data) {
		if len(s.open) == 0 {
			return len(data), "the file is empty"
		}
		line, _ := position(data[:s.open[len(s.open)-1]])
		return len(data), fmt.Sprintf("the file ends before the %c of line %d is closed", s.in(data), line)
	}
	sign, size := utf8.DecodeRune(data[s.length:])
	before := bytes.TrimRight(data[:s.length], " \t\r\n")
	last := byte(0)
	if len(before) > 0 {
		last = before[len(before)-1]
	}
	closes := map[byte]rune{'{': '}', '[': ']'}[s.in(data)]
	switch {
	case strings.ContainsRune("“”„‟‘’", sign):
		return s.length, fmt.Sprintf("has the curly quote %c, where JSON wants the straight \"", sign)
	case sign == '\'', sign == '`':
		return s.length, fmt.Sprintf(`has the quote %c, where JSON wants "`, sign)
	case sign == '#', sign == '/' && s.length+size < len(data) && strings.ContainsRune("/*", rune(data[s.length+size])):
		return s.length, "JSON has no comments: take this one out"
	case unicode.IsSpace(sign) || Invisible(sign):
		return s.length, fmt.Sprintf("has the invisible %U outside of a text: take it out", sign)
	case len(s.open) == 0 && s.next == aComma:
		return s.length, fmt.Sprintf("nothing can follow the end of the JSON, got %c", sign)
	case len(s.open) == 0:
		return s.length, fmt.Sprintf("must be a JSON object, which begins with {, got %c", sign)
	case strings.ContainsRune("}]", sign) && last == ',' && sign == closes:
		return s.length, fmt.Sprintf("nothing follows the comma before this %c: take the comma out", sign)
	case strings.ContainsRune("}]", sign) && sign != closes && closes != 0:
		line, _ := position(data[:s.open[len(s.open)-1]])
		return s.length, fmt.Sprintf("this %c can't close the %c of line %d", sign, s.in(data), line)
	case s.next == aComma && (strings.ContainsRune(`"{[`, sign) || isWord(byte(sign))):
		return s.length, fmt.Sprintf("a comma is missing before this %c", sign)
	case s.next == aColon:
		return s.length, fmt.Sprintf("a colon must follow the name, got %c", sign)
	case last == ',' && sign == ',':
		return s.length, "two commas follow each other: take one out"
	case s.next == aName:
		return s.length, fmt.Sprintf("must be a name in quotes, got %c", sign)
	case s.next == aValue:
		return s.length, fmt.Sprintf("must be a value, got %c", sign)
	}
	return s.length, fmt.Sprintf("must be a comma or %c, got %c", closes, sign)
}
