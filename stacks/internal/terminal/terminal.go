// Package terminal is what people see who run a command themselves: colours, and how far it is.
package terminal

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/mattn/go-isatty"
)

// Is reports whether a person at a terminal reads what is written.
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

// Paint colours a text for a terminal. Elsewhere, and with NO_COLOR (https://no-color.org), it returns the text as it
// is.
func Paint(w io.Writer, c Colour, text string) string {
	if !Is(w) || os.Getenv("NO_COLOR") != "" || !coloured(w.(*os.File)) {
		return text
	}
	return "\x1b[" + string(c) + "m" + text + "\x1b[0m"
}

// Progress is a line on a terminal that says what takes longer than a second, and disappears when that is done.
type Progress struct {
	out     io.Writer
	mutex   sync.Mutex
	what    string
	begun   time.Time
	shown   bool
	stopped chan struct{}
	done    chan struct{}
}

const eraseLine = "\r\x1b[K"

// Start shows what is under way, unless out is no terminal.
func Start(out io.Writer, what string) *Progress {
	p := &Progress{out: out, what: what, begun: time.Now(), stopped: make(chan struct{}), done: make(chan struct{})}
	if !Is(out) {
		close(p.done)
		return p
	}
	go func() {
		defer close(p.done)
		each := time.NewTicker(time.Second)
		defer each.Stop()
		for {
			select {
			case <-p.stopped:
				return
			case <-each.C:
				p.show()
			}
		}
	}()
	return p
}

// Tell changes what is under way.
func (p *Progress) Tell(what string) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.what = Harmless(what)
}

// Write writes text above the line.
func (p *Progress) Write(text []byte) (int, error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.erase()
	return p.out.Write(text)
}

// Stop removes the line.
func (p *Progress) Stop() {
	close(p.stopped)
	<-p.done
	p.erase()
}

func (p *Progress) show() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	fmt.Fprintf(p.out, "%s%s, %d s", eraseLine, p.what, int(time.Since(p.begun).Seconds()))
	p.shown = true
}

func (p *Progress) erase() {
	if p.shown {
		fmt.Fprint(p.out, eraseLine)
		p.shown = false
	}
}

// Harmless returns text that others wrote, such as a path, a header or the reason of a status, in a form that can be
// printed in a line: no terminal obeys anything in it, it ends no line, and it looks like what it is. It escapes as
// Go's strings do (\n, \x1b, \u202e, and \xff for a byte that isn't UTF-8) control characters, line separators,
// whatever changes the direction of text or has no width, private use, and spaces other than the usual one.
// Backslashes stay.
//
// Make text with newlines of its own harmless line by line. Markdown, HTML and file names need their own quoting as
// well.
func Harmless(s string) string {
	if !strings.ContainsFunc(s, harmful) { // also if a byte is no UTF-8
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		switch {
		case !harmful(r), r == utf8.RuneError && size > 1: // or a replacement character that was sent
			b.WriteString(s[:size])
		case size > 1, r == '\n', r == '\r', r == '\t':
			quoted := strconv.QuoteRuneToASCII(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		default:
			fmt.Fprintf(&b, `\x%02x`, s[0])
		}
		s = s[size:]
	}
	return b.String()
}

// harmful reports whether a character isn't printed as itself. Some letters and marks are never seen (Unicode Standard
// Annex #44, Default_Ignorable_Code_Point), and neither is the empty pattern of Braille.
func harmful(r rune) bool {
	return !unicode.IsPrint(r) || r == utf8.RuneError || r == '\u2800' ||
		unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}
