package cachecontrol

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParse(t *testing.T) {
	for _, r := range []struct {
		name  string
		lines []string
		want  Directives
	}{
		{"no header", nil, Directives{}},
		{"an empty header", []string{""}, Directives{}},
		{"nothing but commas", []string{", ,\t,"}, Directives{}},
		{"directives", []string{"max-age=60, no-store"}, Directives{"max-age": "60", "no-store": ""}},
		{"without spaces", []string{"max-age=60,no-store"}, Directives{"max-age": "60", "no-store": ""}},
		{"with many", []string{" \tmax-age=60 ,\t no-store "}, Directives{"max-age": "60", "no-store": ""}},
		{"any case", []string{"MaX-aGe=60, No-StOrE"}, Directives{"max-age": "60", "no-store": ""}},
		{"several lines", []string{"max-age=60", "s-maxage=5"}, Directives{"max-age": "60", "s-maxage": "5"}},
		{"what nobody knows", []string{"foobar, max-age=60, x=y"}, Directives{"foobar": "", "max-age": "60", "x": "y"}},
		{"one directive twice", []string{"max-age=1800, max-age=1"}, Directives{"max-age": "1800"}},
		{"one directive twice, on two lines", []string{"max-age=1", "Max-Age=1800"}, Directives{"max-age": "1"}},
		{"a number in quotes", []string{`max-age="60"`}, Directives{"max-age": "60"}},
		{"a list in quotes", []string{`no-cache="a, b", max-age=60`}, Directives{"no-cache": "a, b", "max-age": "60"}},
		{"a directive in quotes is none", []string{`extension="a, max-age=3600", max-age=1`}, Directives{"extension": "a, max-age=3600", "max-age": "1"}},
		{"nor is one after the true one", []string{`max-age=1, extension="max-age=3600"`}, Directives{"max-age": "1", "extension": "max-age=3600"}},
		{"a quote in quotes", []string{`x="a\", no-store", max-age=60`}, Directives{"x": `a", no-store`, "max-age": "60"}},
		{"quotes that don't end", []string{`x="a, no-store`}, Directives{"x": `"a`, "no-store": ""}},
		{"a backslash at the end", []string{`x="a\`}, Directives{"x": `"a\`}},
		{"no argument", []string{"max-age="}, Directives{"max-age": ""}},
		{"no name", []string{"=60"}, Directives{}},
		{"one that can't be read hides no other", []string{"max-age=a, no-store=1"}, Directives{"max-age": "a", "no-store": "1"}},
		// RFC 9111, 5.2, lets nothing stand beside the equals sign.
		{"a space before the equals sign", []string{"max-age =60"}, Directives{"max-age ": "60"}},
		{"a space after the equals sign", []string{"max-age= 60"}, Directives{"max-age": " 60"}},
	} {
		require.Equal(t, r.want, Parse(http.Header{"Cache-Control": r.lines}), r.name)
	}
}

func TestSeconds(t *testing.T) {
	for _, r := range []struct {
		argument string
		want     int
	}{
		{"60", 60}, {"0", 0}, {"0060", 60}, {"2147483648", 2147483648}, {"99999999999", MaxSeconds}, {"999999999999999999999999", MaxSeconds},
		{"-60", 0}, {"+60", 0}, {"60.0", 0}, {"60.5", 0}, {"a60", 0}, {"60a", 0}, {"'60'", 0}, {" 60", 0}, {"", 0}, {"１", 0},
	} {
		seconds, found := Directives{"max-age": r.argument}.Seconds("s-maxage", "max-age")
		require.Equal(t, r.want, seconds, "%q", r.argument)
		require.True(t, found, "%q", r.argument)
	}
	_, found := Directives{"max-age": "60"}.Seconds("s-maxage")
	require.False(t, found)
	seconds, _ := Directives{"max-age": "60", "s-maxage": "x"}.Seconds("s-maxage", "max-age")
	require.Equal(t, 0, seconds, "what can't be read isn't passed over for what counts less")
}

func TestFields(t *testing.T) {
	require.Equal(t, []string{"Set-Cookie", "A"}, Directives{"no-cache": "Set-Cookie ,, A"}.Fields("no-cache"))
	require.Empty(t, Directives{"no-cache": ""}.Fields("no-cache"))
	require.Empty(t, Directives{}.Fields("no-cache"))
}

func FuzzParse(f *testing.F) {
	f.Add(`no-cache="a\"`)
	f.Fuzz(func(t *testing.T, line string) {
		for name := range Parse(http.Header{"Cache-Control": {line}}) {
			require.NotContains(t, name, "=")
		}
	})
}
