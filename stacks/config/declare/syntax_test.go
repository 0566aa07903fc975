package declare_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/config/declare"
)

// nothing is a configuration without fields.
type nothing struct{}

func (*nothing) Declare(*declare.Fields) {}

// TestSyntax says what is wrong in the words of a colleague, where terminals and editors can jump to.
func TestSyntax(t *testing.T) {
	for text, want := range map[string]string{
		"":                                 `1:1: the file is empty`,
		" \n":                              `2:1: the file is empty`,
		"{\"a\" 1}":                        `1:6: a colon must follow the name, got 1`,
		"{\n  \"a\": 1,\n  \"b\": tru,\n}": `3:8: write true, not tru`,
		"{\n  \"a\": 1,\n}":                `3:1: nothing follows the comma before this }: take the comma out`,
		"{\"äöü€😀\": x}":                   `1:11: a text has quotes: write "x"`,
		"{\r\n  x\r\n}":                    `2:3: a name has quotes: write "x"`,
		"{\"a\": {":                        `1:8: the file ends before the { of line 1 is closed`,
		"{\n  \"a\": [1,":                  `2:11: the file ends before the [ of line 2 is closed`,
		"{\n":                              `2:1: the file ends before the { of line 1 is closed`,
		"// x\n{}":                         `1:1: JSON has no comments: take this one out`,
		"{}\n{}":                           `2:1: nothing can follow the end of the JSON, got {`,
		"{} x":                             `1:4: nothing can follow the end of the JSON, got x`,
		"{\n “a”: 1}":                      `2:2: has the curly quote “, where JSON wants the straight "`,
		"{\"a\": yes}":                     `1:7: write true, not yes`,
		"{\"a\": True}":                    `1:7: write true, not True`,
		"{a: 1}":                           `1:2: a name has quotes: write "a"`,
		"{'a': 1}":                         `1:2: has the quote ', where JSON wants "`,
		"{\"a\": 'b'}":                     `1:7: has the quote ', where JSON wants "`,
		"{\"a\": 1 \"b\": 2}":              `1:9: a comma is missing before this "`,
		"{\"a\": \"x\" \"b\": 2}":          `1:11: a comma is missing before this "`,
		"{\"a\": 1\n \"b\": 2}":            `2:2: a comma is missing before this "`,
		"{\"a\": [1 2]}":                   `1:10: a comma is missing before this 2`,
		"{\"a\": [1, 2,]}":                 `1:13: nothing follows the comma before this ]: take the comma out`,
		"{\"a\": [1, 2}":                   `1:12: this } can't close the [ of line 1`,
		"{\"a\": 1]":                       `1:8: this ] can't close the { of line 1`,
		"{\"a\": 1,, \"b\": 2}":            `1:9: two commas follow each other: take one out`,
		"{,\"a\": 1}":                      `1:2: must be a name in quotes, got ,`,
		"{\"a\": , \"b\": 1}":              `1:7: must be a value, got ,`,
		"{\"a\": }":                        `1:7: must be a value, got }`,
		"{\"a\"= 1}":                       `1:5: a colon must follow the name, got =`,
		"{\"a\": 0123}":                    `1:7: 0123 isn't a JSON number: that begins with - or a digit, has 0 first only before the point, and has no _`,
		"{\"a\": 1_000}":                   `1:7: 1_000 isn't a JSON number: that begins with - or a digit, has 0 first only before the point, and has no _`,
		"{\"a\": .5}":                      `1:7: .5 isn't a JSON number: that begins with - or a digit, has 0 first only before the point, and has no _`,
		"{\"a\": 5.}":                      `1:7: 5. isn't a JSON number: that begins with - or a digit, has 0 first only before the point, and has no _`,
		"{\"a\": +5}":                      `1:7: +5 isn't a JSON number: that begins with - or a digit, has 0 first only before the point, and has no _`,
		"{\"a\": 60s}":                     `1:7: 60s isn't a number: write digits only, or a text in quotes`,
		"{\"a\": 1h}":                      `1:7: 1h isn't a number: write digits only, or a text in quotes`,
		"{\"a\": hello}":                   `1:7: a text has quotes: write "hello"`,
		"{\"a\": hello world}":             `1:7: a text has quotes: write "hello"`,
		"{\"a\": \"b":                      `1:7: the text that begins here isn't closed: a " is missing`,
		"{\"a\": \"b\n}":                   `1:7: the text that begins here isn't closed in its line: a " is missing, or \n for a line break`,
		"{\"a\": \"b\tc\"}":                `1:9: a tab in a text is written \t`,
		"{\"a\": \"\\x\"}":                 `1:9: this is not a valid escape: after \ comes one of "\/bfnrt, or u and four hexadecimal digits; a backslash itself is \\`,
		"{\"a\": \"\\u12\"}":               `1:12: this is not a valid escape: after \ comes one of "\/bfnrt, or u and four hexadecimal digits; a backslash itself is \\`,
		"{\"a\": 1} // c":                  `1:10: JSON has no comments: take this one out`,
		"{\"a\": 1, # c\n}":                `1:10: JSON has no comments: take this one out`,
		"{\"a\": /* c */ 1}":               `1:7: JSON has no comments: take this one out`,
		"{\"a\": 1}}":                      `1:9: nothing can follow the end of the JSON, got }`,
		"{\u00a0\"a\": 1}":                 `1:2: has the invisible U+00A0 outside of a text: take it out`,
		"{\"a\": 1,\u200b}":                `1:9: has the invisible U+200B outside of a text: take it out`,
		"{\"a\": None}":                    `1:7: write null, not None`,
		"{\"a\": NaN}":                     `1:7: a text has quotes: write "NaN"`,
		"{\"a\": -}":                       `1:7: - isn't a JSON number: that begins with - or a digit, has 0 first only before the point, and has no _`,
		"{\"a\": {}":                       `1:9: the file ends before the { of line 1 is closed`,
		"{\"a\": true false}":              `1:12: a comma is missing before this f`,
		"{\"a\": \"b\": \"c\"}":            `1:10: must be a comma or }, got :`,
		"{\"a\"}":                          `1:5: a colon must follow the name, got }`,
		"{\"a\", \"b\"}":                   `1:5: a colon must follow the name, got ,`,
		"[1":                               `1:3: the file ends before the [ of line 1 is closed`,
		"{\"a\": $x}":                      `1:7: must be a value, got $`,
		"{\"a\": [}":                       `1:8: this } can't close the [ of line 1`,
		"---\na: 1":                        `1:2: must be a JSON object, which begins with {, got -`,
		"a: 1":                             `1:1: must be a JSON object, which begins with {, got a`,
		"{\"a\": 1;}":                      `1:8: must be a comma or }, got ;`,
		"<html>":                           `1:1: must be a JSON object, which begins with {, got <`,
		"{\"a\": 1e}":                      `1:7: 1e isn't a number: write digits only, or a text in quotes`,
		"{\"a\": nul}":                     `1:7: write null, not nul`,
		"}":                                `1:1: must be a JSON object, which begins with {, got }`,
		"{\"a\":1} }":                      `1:9: nothing can follow the end of the JSON, got }`,
		"{\"a\": \"b\\\"}":                 `1:7: the text that begins here isn't closed: a " is missing`,
		"{\"a\": 0x10}":                    `1:7: 0x10 isn't a number: write digits only, or a text in quotes`,
		"{\"a\": \"b\x01\"}":               `1:9: a text can't have the control character U+0001`,
	} {
		_, _, err := declare.New(declare.Options[nothing]{}).Parse("f.json", []byte(text), declare.AnswersNone)
		require.EqualError(t, err, "f.json:"+want, text)
	}
}
