package accesslog

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"ml-api-accelerator/stacks/internal/local/serve/exchange"
)

// ended is the result after the last byte: an error if the caller had gone before it.
func ended(e *exchange.Exchange) exchange.Result {
	if e.Status == 0 || incomplete(e) {
		return exchange.Error
	}
	return e.Result
}

// incomplete tells that less was sent than had been announced.
func incomplete(e *exchange.Exchange) bool {
	if e.Method == http.MethodHead || e.Status == http.StatusNotModified {
		return false
	}
	announced, err := strconv.ParseInt(e.AnswerHeader.Get("Content-Length"), 10, 64)
	return err == nil && e.BodyBytes < announced
}

// detailed says what kind of error it was.
func detailed(e *exchange.Exchange, result exchange.Result) string {
	switch {
	case result != exchange.Error:
		return string(result)
	case e.Status == 0 || incomplete(e):
		return "ClientCommError"
	case e.Decision.Answer != nil && e.Decision.Answer.Reason == "method":
		if e.Method == http.MethodGet {
			return "InvalidRequest" // it has a body
		}
		return "InvalidRequestMethod"
	case len(e.Sent) > 0 && e.Sent[len(e.Sent)-1].Status == 0:
		if e.Status == http.StatusGatewayTimeout {
			return "OriginCommError"
		}
		return "OriginConnectError"
	}
	return string(exchange.Error)
}

// protocol is what the caller's request was decided as. A plain listener may count as HTTPS.
func protocol(e *exchange.Exchange) string {
	plain := strings.HasPrefix(e.Decision.Request.URL, "http://")
	switch {
	case e.Status == http.StatusSwitchingProtocols && plain:
		return "ws"
	case e.Status == http.StatusSwitchingProtocols:
		return "wss"
	case plain:
		return "http"
	case strings.HasPrefix(e.Header.Get("Content-Type"), "application/grpc"):
		return "grpcs"
	}
	return "https"
}

// untilAnswered is how long the first byte of the answer took; without an answer, until there was none to wait for.
func untilAnswered(e *exchange.Exchange) time.Duration {
	if e.Answered.IsZero() {
		return e.End.Sub(e.Begin)
	}
	return e.Answered.Sub(e.Begin)
}

// headerBytes is how long the answer's headers are as HTTP/1.1 writes them.
func headerBytes(e *exchange.Exchange) int64 {
	if e.Status == 0 {
		return 0
	}
	const first, separator, newline = len("HTTP/1.1 200 "), len(": "), len("\r\n")
	n := first + len(http.StatusText(e.Status)) + newline
	for name, values := range e.AnswerHeader {
		for _, value := range values {
			n += len(name) + separator + len(value) + newline
		}
	}
	return int64(n + newline)
}

// contentRange is the first and the last byte of a part, as the answer's header has them.
func contentRange(header string) (start, last string) {
	part, isBytes := strings.CutPrefix(header, "bytes ")
	part, _, _ = strings.Cut(part, "/")
	if !isBytes || part == "*" {
		return "", ""
	}
	start, last, _ = strings.Cut(part, "-")
	return start, last
}
