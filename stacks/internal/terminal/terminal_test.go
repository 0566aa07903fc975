package terminal_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/terminal"
)

func TestHarmless(t *testing.T) {
	for text, want := range map[string]string{
		"":                            "",
		"/v1/models?a=b&c=%1b":        "/v1/models?a=b&c=%1b",
		`C:\models\a`:                 `C:\models\a`,
		"Größe 東京 🙂 á":                "Größe 東京 🙂 á",
		"\x1b[2J\x1b]0;owned\x07":     `\x1b[2J\x1b]0;owned\x07`,
		"OK\nGET /admin 200":          `OK\nGET /admin 200`,
		"a\rb\tc\x00\x7f":             `a\rb\tc\x00\x7f`,
		"\u009b31m\u0085":             `\u009b31m\u0085`,
		"\u2028\u2029":                `\u2028\u2029`,
		"\u202egnp.exe\u2066\u2069":   `\u202egnp.exe\u2066\u2069`,
		"a\u200bb\u200d\ufeff\u00ad":  `a\u200bb\u200d\ufeff\u00ad`,
		"a\u00a0b\u3000c":             `a\u00a0b\u3000c`,
		"\u3164\u115f\u034f\ufe0f":    `\u3164\u115f\u034f\ufe0f`,
		"\u2800\ue000\U000e0041":      `\u2800\ue000\U000e0041`,
		"\xff\xc3(\xed\xa0\x80":       `\xff\xc3(\xed\xa0\x80`,
		"\ufffd":                      "\ufffd",
		"\ufffd\x9b":                  "\ufffd" + `\x9b`,
		"key\u200b of a caller\x1b[m": `key\u200b of a caller\x1b[m`,
	} {
		require.Equal(t, want, terminal.Harmless(text))
	}
}

func FuzzHarmless(f *testing.F) {
	f.Add("a\x1b[31m\xff\u202e")
	f.Fuzz(func(t *testing.T, text string) {
		got := terminal.Harmless(text)
		require.True(t, utf8.ValidString(got))
		require.Equal(t, got, terminal.Harmless(got))
		require.False(t, strings.ContainsFunc(got, func(r rune) bool {
			return r != utf8.RuneError && !unicode.IsPrint(r) || unicode.Is(unicode.Bidi_Control, r)
		}), "%q", got)
	})
}
