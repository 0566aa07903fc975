package webacl

import (
	"regexp"
	"strconv"
	"strings"
)

// transformations are what AWS WAF makes of a text before it compares it, by their types (AWS WAF Developer Guide,
// Using text transformations). What is no code is left as it is.
var transformations = map[string]func(string) string{
	"NONE":           func(text string) string { return text },
	"LOWERCASE":      lowercase,
	"URL_DECODE":     Decode,
	"URL_DECODE_UNI": func(text string) string { return decode(text, anyCode) },
}

var (
	code    = regexp.MustCompile(`%[0-9A-Fa-f]{2}`)
	anyCode = regexp.MustCompile(`%[0-9A-Fa-f]{2}|%[uU][0-9A-Fa-f]{4}`)
)

// Decode undoes codes once, as URL_DECODE does.
func Decode(text string) string { return decode(text, code) }

func decode(text string, codes *regexp.Regexp) string {
	if !strings.ContainsAny(text, "%+") {
		return text
	}
	return codes.ReplaceAllStringFunc(strings.ReplaceAll(text, "+", " "), func(code string) string {
		c, _ := strconv.ParseUint(strings.TrimLeft(code, "%uU"), 16, 16)
		if c >= 0xFF01 && c <= 0xFF5E { // full-width ASCII
			c += 0x20
		}
		return string([]byte{byte(c)})
	})
}

// lowercase changes the letters of ASCII alone, byte by byte: what was decoded needn't be UTF-8.
func lowercase(text string) string {
	bytes := []byte(text)
	for i, c := range bytes {
		if c >= 'A' && c <= 'Z' {
			bytes[i] = c + 'a' - 'A'
		}
	}
	return string(bytes)
}
