package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"slices"
)

// Load reads the configuration under context.accelerator of a cdktf.json.
//
// The warnings never stop anything. The error is an *Invalid when the configuration breaks rules; otherwise it is an
// *Unreadable: the file can't be read, or is no JSON.
func Load(file string) (Config, []Problem, error) {
	return loadBut(file, nothing)
}

// loadBut is Load without some problems.
func loadBut(file string, without func(Problem) bool) (Config, []Problem, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return Config{}, nil, notRead(file, err)
	}
	return parseBut(file, data, without)
}

func nothing(Problem) bool { return false }

// Parse is Load for the text of the file; file is only its name in messages.
func Parse(file string, data []byte) (Config, []Problem, error) {
	return parseBut(file, data, nothing)
}

// parseBut is Parse without some problems.
func parseBut(file string, data []byte, without func(Problem) bool) (Config, []Problem, error) {
	r := &report{}
	tree, places, err := parse(r, file, data)
	if err != nil {
		return Config{}, nil, err
	}
	r.keepBelow(inFile)
	context, _ := tree["context"].(map[string]any)
	typed, ok := context[accelerator].(map[string]any)
	if !ok {
		return Config{}, nil, &Unreadable{File: file, Reason: "must have the configuration under context." + accelerator + ", as an object"}
	}
	c := decode(r, typed)
	var warnings, errs []Problem
	for _, p := range slices.DeleteFunc(r.sorted(), without) {
		if p.Line == 0 {
			p.Line, p.Column = places.find(inFile, p.at)
		}
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

// Locate says where problems that were found after loading stand in the file.
func Locate(file string, problems []Problem) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return notRead(file, err)
	}
	_, places, err := parse(&report{}, file, data)
	if err != nil {
		return err
	}
	for i, p := range problems {
		problems[i].Line, problems[i].Column = places.find(inFile, p.at)
	}
	return nil
}

// accelerator is the name of the configuration within context.
const accelerator = "accelerator"

// inFile is where a file has the configuration.
var inFile = path{"context", accelerator}

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
		fmt.Fprintf(&text, "\n  %s", p.In(e.File))
	}
	return text.String()
}

// decode makes a Config of what is right in typed and reports the rest; the rules then see
// a misspelt field under the name it should have.
func decode(r *report, typed any) Config {
	m := mend(typed)
	for _, p := range r.problems {
		if p.Rule == ruleFieldType.ID { // a number that is too large
			m.holes = append(m.holes, hole{at: p.at})
		}
	}
	texts, rules := &report{}, &report{}
	c := readSection[Config](texts, nil, typed)
	c.check(rules)
	for _, p := range texts.problems {
		m.holes = append(m.holes, hole{at: p.at})
	}
	m.report(r, texts.problems, rules.problems)
	return c
}

// isSet tells whether a section differs from one in which everything is left out.
func isSet(section, unset any) bool { return fmt.Sprint(section) != fmt.Sprint(unset) }

// parse reads a file that is one JSON object, and reports keys that are written twice.
func parse(r *report, file string, data []byte) (map[string]any, places, error) {
	if reason := misencoded(data); reason != "" {
		return nil, places{}, &Unreadable{File: file, Reason: reason}
	}
	var whole json.RawMessage
	if err := json.Unmarshal(data, &whole); err != nil {
		return nil, places{}, unreadableAt(err, file, data)
	}
	walk := walker{json.NewDecoder(bytes.NewReader(data)), r, places{data, map[string]int{}}}
	walk.UseNumber()
	tree, ok := walk.value(nil).(map[string]any)
	if !ok {
		return nil, places{}, &Unreadable{File: file, Reason: "must be a JSON object"}
	}
	return tree, walk.places, nil
}
