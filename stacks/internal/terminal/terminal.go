// Package terminal is what people see who run a command themselves: colours, and how far it is.
package terminal

import (
	"io"
	"os"

	"github.com/mattn/go-isatty"
)

// Is tells whether what is written is read by a person at a terminal.
func Is(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && isatty.IsTerminal(file.Fd()) && os.Getenv("TERM") != "dumb"
}

// Colour is an SGR code of ECMA-48.
type Colour string

// The colours in use.
const (
	Red    Colour = "31"
	Green  Colour = "32"
	Yellow Colour = "33"
)

// Paint colours a text for a terminal; elsewhere, and with NO_COLOR (https://no-color.org), it is plain.
func Paint(w io.Writer, c Colour, text string) string {
	if !Is(w) || os.Getenv("NO_COLOR") != "" || !coloured(w.(*os.File)) {
		return text
	}
	return "\x1b[" + string(c) + "m" + text + "\x1b[0m"
}
