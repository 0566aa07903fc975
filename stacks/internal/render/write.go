package render

import (
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
)

// write writes a value so that no other of its type is written alike. JSON doesn't: what is omitted when empty
// is the same there whether it is nil or not, and fields may be left out.
func write(w io.Writer, v reflect.Value) {
	switch v.Kind() {
	case reflect.Bool:
		fmt.Fprint(w, v.Bool(), " ")
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		fmt.Fprint(w, v.Int(), " ")
	case reflect.Float32, reflect.Float64:
		fmt.Fprint(w, v.Float(), " ")
	case reflect.String:
		fmt.Fprintf(w, "%q ", v.String())
	case reflect.Struct:
		for i := range v.NumField() {
			write(w, v.Field(i))
		}
	case reflect.Pointer:
		if writeNil(w, v) {
			write(w, v.Elem())
		}
	case reflect.Slice:
		if writeNil(w, v) {
			fmt.Fprint(w, v.Len(), " ")
			for i := range v.Len() {
				write(w, v.Index(i))
			}
		}
	case reflect.Map:
		if writeNil(w, v) {
			writeMap(w, v)
		}
	default:
		panic("a configuration can't hold values of the type " + v.Type().String())
	}
}

// writeNil tells whether there is more to write.
func writeNil(w io.Writer, v reflect.Value) bool {
	fmt.Fprint(w, v.IsNil(), " ")
	return !v.IsNil()
}

func writeMap(w io.Writer, v reflect.Value) {
	var members []string
	for key, value := range v.Seq2() {
		var member strings.Builder
		write(&member, key)
		write(&member, value)
		members = append(members, member.String())
	}
	slices.Sort(members)
	fmt.Fprint(w, len(members), " ", members)
}
