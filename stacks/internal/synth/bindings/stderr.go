package bindings

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// stderr is what Node.js writes there while the kernel runs. It isn't shown at once: a process that fails writes pages.
type stderr struct {
	file   *os.File
	before *os.File
}

// divertStderr keeps it in a file of the folder. The client of the kernel writes to os.Stderr, and leaves no other choice.
func divertStderr(folder string) (*stderr, error) {
	file, err := os.OpenFile(filepath.Join(folder, "stderr"), os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	s := &stderr{file, os.Stderr}
	os.Stderr = file
	return s, nil
}

// restore shows what was written, unless a process failed and its cause is told: the client of the kernel then still has to
// say that it ended.
func (s *stderr) restore(failed bool) {
	if null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0); failed && err == nil {
		os.Stderr = null
	} else {
		os.Stderr = s.before
		_, _ = io.WriteString(s.before, s.text())
	}
	s.file.Close()
}

func (s *stderr) text() string {
	if s == nil {
		return ""
	}
	data, err := io.ReadAll(io.NewSectionReader(s.file, 0, 1<<20))
	if err != nil {
		return ""
	}
	return string(data)
}

// causes are lines that tell why a process failed, the best first: that of V8, of an exception, and any.
var causes = []*regexp.Regexp{
	regexp.MustCompile(`(?m)^FATAL ERROR: (.+)$`),
	regexp.MustCompile(`(?m)^(?:Uncaught )?\w*(?:Error|Fault): (.+)$`),
	regexp.MustCompile(`(?m)^(\S.*)$`),
}

// effect is what one process writes when the other has ended (jsii starts two), and the client of the kernel.
var effect = regexp.MustCompile(`(?s)(?:node:\S+\n[^\n]*throw er;.*?(?:ECONNRESET|EPIPE)|Runtime process exited abnormally).*`)

// cause is one line of a text, or "".
func cause(text string) string {
	text = effect.ReplaceAllString(text, "")
	for _, pattern := range causes {
		if found := pattern.FindStringSubmatch(text); found != nil {
			return strings.TrimSpace(found[1])
		}
	}
	return ""
}
