package serve

import (
	"net/http"
)

// writer notes what a caller gets.
type writer struct {
	http.ResponseWriter

	call *call
	// Whether what is sent as a whole is a part of the object.
	part bool
	// Whether each part is sent on at once.
	stream  bool
	flusher *http.ResponseController
}

// Unwrap is for http.ResponseController.
func (w *writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *writer) WriteHeader(status int) {
	switch {
	case w.part && status == http.StatusOK:
		status = http.StatusPartialContent
	case w.part && status != http.StatusPartialContent:
		w.Header().Del("Content-Range")
	}
	if status >= 200 {
		w.call.answered(status, w.Header())
	}
	w.ResponseWriter.WriteHeader(status)
}

// answered notes that the answer begins.
func (c *call) answered(status int, header http.Header) {
	c.Answered, c.Status, c.AnswerHeader = c.s.now(), status, header
	c.observe()
}

func (w *writer) Write(p []byte) (int, error) {
	if w.call.Status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	n, err := w.ResponseWriter.Write(p)
	w.call.BodyBytes += int64(n)
	if err == nil && w.stream {
		w.flush()
	}
	return n, err
}

func (w *writer) flush() {
	if w.flusher == nil {
		w.flusher = http.NewResponseController(w.ResponseWriter)
	}
	_ = w.flusher.Flush() // a caller who has left shows in the next write
}

func (c *call) observe() {
	if c.s.options.Observe != nil {
		c.s.options.Observe(c.Exchange)
	}
}

func (c *call) end() {
	c.End = c.s.now()
	c.observe()
}
