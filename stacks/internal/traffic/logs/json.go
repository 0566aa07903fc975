package logs

import (
	"slices"

	"github.com/tidwall/gjson"
)

// objects are the lines of a file of JSON, as version 2 delivers it: an object each, whose names are the fields
// (Athena User Guide, Create a table for CloudFront logs in Athena using manual partitioning with JSON). Their order may
// differ from line to line.
type objects struct {
	columns map[string]int // by the names of the first object
	values  []string       // of the line that is being read
}

// fieldsByColumn are the fields that are read, by what Athena calls them, which is also what files have that were made
// from a table.
var fieldsByColumn = func() map[string]string {
	fields := map[string]string{}
	for field := range set {
		fields[Column(field)] = field
	}
	return fields
}()

// first takes the names of the first object, and returns the fields that they stand for.
func (o *objects) first(line string) (header []string, valid bool) {
	o.columns = map[string]int{}
	valid = eachMember(line, func(name string, _ gjson.Result) bool {
		if field, read := fieldsByColumn[Column(name)]; read && !slices.Contains(header, field) {
			o.columns[name] = len(header)
			header = append(header, field)
		}
		return true
	})
	o.values = make([]string, len(header))
	return header, valid
}

// parse reads an object, and reports whether it is a line of a log.
func (o *objects) parse(line string, c *columns, l *Line) bool {
	clear(o.values)
	if !eachMember(line, func(name string, value gjson.Result) bool {
		i, read := o.columns[name]
		if !read {
			return true
		}
		switch value.Type {
		case gjson.String:
			o.values[i] = value.Str
		case gjson.Number: // CloudFront writes strings; what was made from a table may have numbers
			o.values[i] = value.Raw
		case gjson.Null:
		default:
			return false
		}
		return true
	}) {
		return false
	}
	for i, value := range o.values {
		if !c.put(i, value, l) {
			return false
		}
	}
	return c.setTime(l)
}

// eachMember reports whether a text is an object with only what use takes.
func eachMember(text string, use func(name string, value gjson.Result) bool) bool {
	object := gjson.Parse(text)
	if !object.IsObject() || !gjson.Valid(text) {
		return false
	}
	valid := true
	object.ForEach(func(name, value gjson.Result) bool {
		valid = use(name.Str, value)
		return valid
	})
	return valid
}
