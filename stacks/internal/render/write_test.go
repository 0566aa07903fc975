package render

import (
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

type written struct {
	A, B  string
	On    bool
	N     int
	F     float64
	Flags []bool
	More  []bool
	List  []string
	Map   map[string]string
	Below *written
	Named map[string]*written
	Many  []written
}

// TestWriteTellsValuesApart has only values that differ.
func TestWriteTellsValuesApart(t *testing.T) {
	texts := map[string]written{}
	for _, v := range []written{
		{},
		{A: "a"},
		{B: "a"},
		{A: "a b"},
		{A: "a "},
		{A: "a", B: " "},
		{A: `a" "b`},
		{A: "a", B: "b"},
		{On: true},
		{N: 1},
		{N: -1},
		{F: 1},
		{F: 1.5},
		{Flags: []bool{}},
		{More: []bool{}},
		{Flags: []bool{false}, More: []bool{}},
		{Flags: []bool{}, More: []bool{false}},
		{List: []string{}},
		{List: []string{""}},
		{List: []string{"a", "b"}},
		{List: []string{"b", "a"}},
		{List: []string{"a b"}},
		{Map: map[string]string{}},
		{Map: map[string]string{"a": "b"}},
		{Map: map[string]string{"b": "a"}},
		{Map: map[string]string{"a": "b", "c": "d"}},
		{Map: map[string]string{"a": `b" "c" "d`}},
		{Below: &written{}},
		{Below: &written{Below: &written{}}},
		{Below: &written{A: "a"}},
		{Named: map[string]*written{"a": nil}},
		{Named: map[string]*written{"a": {}}},
		{Many: []written{{}}},
		{Many: []written{{}, {}}},
		{Many: []written{{A: "a"}, {B: "b"}}},
	} {
		text := textOf(v)
		require.NotContains(t, texts, text, "%+v", v)
		texts[text] = v
	}
}

func TestWriteWritesEqualValuesAlike(t *testing.T) {
	value := func() written {
		return written{Below: &written{N: 2}, Map: map[string]string{"a": "b", "c": "d", "e": "f"}, Named: map[string]*written{"x": {On: true}, "y": {F: 2}}}
	}
	for range 20 { // maps are in another order each time
		require.Equal(t, textOf(value()), textOf(value()))
	}
}

func TestWriteRefusesWhatItDoesNotKnow(t *testing.T) {
	require.PanicsWithValue(t, "a configuration can't hold values of the type func()", func() { textOf(struct{ F func() }{}) })
}

func textOf(v any) string {
	var text strings.Builder
	write(&text, reflect.ValueOf(v))
	return text.String()
}
