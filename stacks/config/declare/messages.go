package declare

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// forbidden reports a value of the right type that isn't what its field must hold.
func forbidden(r *Report, at Path, s *Schema, violation jsonschema.ErrorKind, value any) {
	switch violation.(type) {
	case *kind.MinLength, *kind.MaxLength:
		r.Must(s.rule, at, "must have %s, got %d", s.characters(), utf8.RuneCountInString(value.(string)))
	case *kind.MinItems, *kind.MinProperties:
		hint := ""
		if slices.Contains(s.choices, "none") {
			hint = `: write "none"`
		}
		r.Must(s.rule, at, "must not be empty%s", hint)
	case *kind.Enum, *kind.Pattern:
		hint := s.hint(value)
		if items := s.itemsMeant(at, value); hint == "" && items != nil {
			hint = ": write " + Quoted(items)
		}
		if text, isText := value.(string); isText && LooksSecret(text) && strings.HasPrefix(hint, ": ") {
			r.Must(s.rule, at, "must %s%s", s.what, hint) // it is known what was meant: no secret
			return
		}
		r.Must(s.rule, at, "must %s, got %s%s", s.what, quoted(value), hint)
	case *kind.Minimum, *kind.Maximum, *kind.ExclusiveMinimum:
		r.Must(s.rule, at, "must %s, got %s", s.what, quoted(value))
	case *kind.AnyOf:
		hint := s.hint(value)
		if text, isText := value.(string); isText && text != "" && hint == "" && s.isTextOrList() && !LooksSecret(text) {
			hint = ": write [" + Quoted(strings.FieldsFunc(text, separates)) + "]"
		}
		r.Must(s.rule, at, "must %s, got %s%s", s.what, quoted(value), hint)
	default:
		panic(fmt.Sprintf("declare: no message for %T", violation))
	}
}

func separates(r rune) bool { return r == ',' || unicode.IsSpace(r) }

// Items returns what stands between commas; nil: the text has none.
func Items(text string) []string {
	if !strings.Contains(text, ",") {
		return nil
	}
	return strings.FieldsFunc(text, separates)
}

// Quoted are the items of a list as JSON has them.
func Quoted(items []string) string {
	var list []string
	for _, item := range items {
		list = append(list, quoted(item))
	}
	return strings.Join(list, ", ")
}

// itemsMeant are the items of a list that stand in the text of one; nil: it isn't one, or not each of them would do.
func (s *Schema) itemsMeant(at Path, value any) []string {
	text, _ := value.(string)
	_, isItem := at[len(at)-1].(int)
	items := Items(text)
	refused := func(item string) bool { return !s.allows(item) }
	if !isItem || len(items) < 2 || LooksSecret(text) || slices.ContainsFunc(items, refused) {
		return nil
	}
	return items
}

// allows reports whether a text is one of the choices, or like the pattern, of a field.
func (s *Schema) allows(text string) bool {
	if s.Enum != nil {
		return slices.Contains(s.Enum, any(text))
	}
	return s.Pattern == "" || regexp.MustCompile(s.Pattern).MatchString(text)
}

// wrongType says what a field wants, what it got instead, and what to write. It returns the value that was meant as
// well; nil: it isn't clear.
func wrongType(at Path, s *Schema, value any) (message string, meant any) {
	wants := wanted(s)
	if value == nil {
		return "must be " + wants + ", got null: leave it out, or give it a value", nil
	}
	text, isText := value.(string)
	is, isBool := value.(bool)
	number, isNumber := value.(json.Number)
	got, write := quoted(value), ""
	if isText && (s.Properties != nil || s.Values != nil || s.free || s.Items != nil && s.Items.Type != "string") {
		got = "a text" // it may be a secret
	}
	switch {
	case s.Properties != nil || s.Values != nil || s.free:
		if s.instead != "" {
			return "must be " + wants + ", got " + got + ": " + s.instead, nil
		}
		switch _, canEnable := s.Properties["enabled"]; {
		case isBool && canEnable:
			write, meant = fmt.Sprintf(`{"enabled": %t}`, is), map[string]any{"enabled": is}
		case isBool && is && s.Properties != nil && len(s.Required) == 0:
			write, meant = "{}", map[string]any{}
		case isBool && !is:
			return "must be " + wants + ", got false: leave it out", nil
		}
	case s.Items != nil:
		if _, isObject := value.(map[string]any); isObject && s.Items.takes(value) {
			write, meant = "[{…}]", []any{value}
		} else if items := Items(text); len(items) > 0 && s.Items.takes(value) && !LooksSecret(text) {
			write = "[" + Quoted(items) + "]"
			list := []any{}
			for _, item := range items {
				list = append(list, item)
			}
			meant = list
		} else if s.Items.takes(value) {
			write, meant = "["+got+"]", []any{value}
		}
	case s.Type == "string":
		list, isList := value.([]any)
		switch {
		case s.explain != nil && s.explain(value) != "":
			return "must be " + wants + ", got " + got + s.explain(value), nil
		case (isNumber || isBool) && s.Enum == nil:
			write, meant = strconv.Quote(got), got
		case isList && len(list) == 1 && s.takes(list[0]) && !s.confidential && !LooksSecret(list[0].(string)):
			write, meant = strconv.Quote(list[0].(string)), list[0]
		}
	case s.Type == "boolean":
		switch strings.ToLower(text) {
		case "true", "yes", "on":
			write, meant = "true", true
		case "false", "no", "off":
			write, meant = "false", false
		}
	case isText && json.Valid([]byte(text)) && s.takes(json.Number(text)):
		write, meant = text, json.Number(text)
	case isText:
		name, _ := at[len(at)-1].(string)
		if lasts, ok := seconds(text); ok && strings.HasSuffix(name, "Seconds") {
			wants, write, meant = "seconds as a number", lasts, json.Number(lasts)
		}
	case isNumber && strings.HasSuffix(at.String(), "ercent"):
		if f, _ := number.Float64(); f > 0 && f < 1 {
			got += fmt.Sprintf(" (%d means %[1]d %%)", int(math.Ceil(f*100)))
		}
	}
	if write != "" {
		write = ": write " + write
	}
	return "must be " + wants + ", got " + got + write, meant
}

// wanted says in words what type a field has.
func wanted(s *Schema) string {
	switch {
	case s.Values != nil:
		return `an object like {"` + anyName + `": …}`
	case len(s.Required) > 0, len(s.Properties) == 1:
		var fields []string
		for _, name := range s.FieldNames() {
			if len(s.Properties) > 1 && !slices.Contains(s.Required, name) {
				continue
			}
			fields = append(fields, strconv.Quote(name)+": …")
		}
		return "an object like {" + strings.Join(fields, ", ") + "}"
	case s.Properties != nil, s.free:
		return "an object"
	case s.isTextOrList():
		return "a text or a list of texts"
	case s.Items != nil:
		return "a list"
	case s.Type == "string" && s.Enum != nil:
		return strings.TrimPrefix(s.what, "be ")
	case s.Type == "string":
		return "a text"
	case s.Type == "boolean":
		return "true or false"
	case s.Type == "number":
		return "a number"
	case s.Minimum != nil && s.Maximum != nil:
		return fmt.Sprintf("a whole number from %.0f to %.0f", *s.Minimum, *s.Maximum)
	}
	return "a whole number"
}

// seconds returns how many a text like 1h or 7d means.
func seconds(text string) (string, bool) {
	unit := time.Duration(1)
	if days, isDays := strings.CutSuffix(text, "d"); isDays {
		text, unit = days+"h", 24
	}
	d, err := time.ParseDuration(strings.ReplaceAll(text, " ", ""))
	return strconv.FormatInt(int64(unit*d/time.Second), 10), err == nil
}

// quoted is a value as a message shows it.
func quoted(value any) string {
	switch value := value.(type) {
	case string:
		if LooksSecret(value) {
			return "something that looks like a secret (not shown)"
		}
		return strconv.Quote(value)
	case map[string]any:
		return "an object"
	case []any:
		return "a list"
	}
	return fmt.Sprint(value)
}

// Listed returns names as a sentence has them: a, b and c. The last word stands before the last name.
func Listed(names []string, last string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " " + last + " " + names[len(names)-1]
}

// Invisible reports whether a character is never seen, or changes the order in which others are. A variation selector
// before U+FE10 chooses between two forms of the sign before it, as in ✔️.
func Invisible(r rune) bool {
	hidden := unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Other_Default_Ignorable_Code_Point,
		unicode.Variation_Selector)
	return hidden && !unicode.Is(unicode.Prepended_Concatenation_Mark, r) && (r < 0xFE00 || r > 0xFE0F)
}
