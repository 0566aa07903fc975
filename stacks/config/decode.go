package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"strconv"
	"unicode/utf8"
)

// Load reads the configuration under context.accelerator of a cdktf.json.
//
// The warnings never stop anything. The error is an *Invalid when the configuration breaks rules;
// otherwise the file can't be read, or is no JSON, and the error says where.
func Load(file string) (Config, []Problem, error) {
	data, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return Config{}, nil, fmt.Errorf("%s: not found; run this where your cdktf.json is, or name the file with --config", file)
	}
	if err != nil {
		return Config{}, nil, err
	}
	return Parse(file, data)
}

// Parse is Load for the text of the file; file is only its name in messages.
func Parse(file string, data []byte) (Config, []Problem, error) {
	r := &report{}
	tree, err := parse(r, data)
	if err != nil {
		return Config{}, nil, fmt.Errorf("%s: %w", file, err)
	}
	r.keepBelow(path("context").field(accelerator))
	context, _ := tree["context"].(map[string]any)
	typed, ok := context[accelerator].(map[string]any)
	if !ok {
		return Config{}, nil, fmt.Errorf("%s: must have the configuration under context.%s, as an object", file, accelerator)
	}
	c := decode(r, typed)
	var warnings, errs []Problem
	for _, p := range r.sorted() {
		if p.Class == Warning {
			warnings = append(warnings, p)
		} else {
			errs = append(errs, p)
		}
	}
	if len(errs) > 0 {
		return Config{}, warnings, &Invalid{File: file, Problems: errs}
	}
	return c, warnings, nil
}

// accelerator is the name of the configuration within context.
const accelerator = "accelerator"

// Invalid is a configuration that breaks rules.
type Invalid struct {
	File     string
	Problems []Problem
}

func (e *Invalid) Error() string {
	var text bytes.Buffer
	things := "problems"
	if len(e.Problems) == 1 {
		things = "problem"
	}
	fmt.Fprintf(&text, "%s: %d %s in context.%s", e.File, len(e.Problems), things, accelerator)
	for _, p := range e.Problems {
		fmt.Fprintf(&text, "\n  %s", p)
	}
	return text.String()
}

// decode makes a Config of what is right in typed and reports the rest; the rules then see
// a misspelt field under the name it should have.
func decode(r *report, typed any) Config {
	values, rules := &report{}, &report{}
	structure(r, values, typed)
	c := readSection[Config](r, "", typed)
	c.check(rules)
	values.addElsewhere(rules.problems)
	r.addUnlessFollowing(values.problems)
	return c
}

// isSet tells whether a section differs from one in which everything is left out.
func isSet(section, unset any) bool { return fmt.Sprint(section) != fmt.Sprint(unset) }

// parse reads a file that is one JSON object, and reports keys that are written twice.
func parse(r *report, data []byte) (map[string]any, error) {
	if !utf8.Valid(data) {
		return nil, errors.New("must be UTF-8 text")
	}
	var whole json.RawMessage
	if err := json.Unmarshal(data, &whole); err != nil {
		return nil, locate(err, data)
	}
	walk := walker{json.NewDecoder(bytes.NewReader(data)), r}
	walk.UseNumber()
	tree, ok := walk.value("").(map[string]any)
	if !ok {
		return nil, errors.New("must be a JSON object")
	}
	return tree, nil
}

// locate puts line and column before an error of the syntax.
func locate(err error, data []byte) error {
	syntax := (*json.SyntaxError)(nil)
	if !errors.As(err, &syntax) {
		return err
	}
	before := data[:max(syntax.Offset-1, 0)]
	if syntax.Offset == int64(len(data)) && syntax.Error() == "unexpected end of JSON input" {
		before = data
	}
	line := bytes.Count(before, []byte("\n")) + 1
	column := utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1
	return fmt.Errorf("line %d, column %d: %w", line, column, err)
}

// walker makes a tree of valid JSON like encoding/json, but sees keys that are written twice.
type walker struct {
	*json.Decoder
	report *report
}

func (w walker) value(at path) any {
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

func (w walker) object(at path) map[string]any {
	members := map[string]any{}
	for w.More() {
		key := w.token().(string)
		where := at.key(key)
		if _, twice := members[key]; twice {
			w.report.must(ruleS2, where, "must not be written twice")
		}
		members[key] = w.value(where)
	}
	w.token()
	return members
}

func (w walker) array(at path) []any {
	items := []any{}
	for w.More() {
		items = append(items, w.value(at.index(len(items))))
	}
	w.token()
	return items
}

// number writes whole numbers as such: 1.0 and 1e3 are integers in a JSON Schema, but not to encoding/json.
func (w walker) number(at path, n json.Number) json.Number {
	f, err := n.Float64()
	if err != nil || math.Abs(f) > 1<<53 {
		w.report.must(ruleS3, at, "must be a number between -2^53 and 2^53, got %s", n)
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
		panic("config: " + err.Error())
	}
	return token
}
