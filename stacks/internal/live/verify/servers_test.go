package verify_test

import (
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
)

var quiet = log.New(io.Discard, "", 0)

// inTurn answers with one handler, and then with others, the last of which stays.
func inTurn(handlers ...http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next := handlers[0]
		if len(handlers) > 1 {
			handlers = handlers[1:]
		}
		next.ServeHTTP(w, r)
	})
}

func hangs() http.Handler {
	return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
}

// breaks ends the connection after the request.
func breaks(how func(*net.TCPConn)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		connection, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		raw := connection
		if secure, ok := connection.(*tls.Conn); ok {
			raw = secure.NetConn()
		}
		how(raw.(*net.TCPConn))
		_ = raw.Close()
	})
}

// says answers with a text that may be no HTTP.
func says(text string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if connection, _, err := w.(http.Hijacker).Hijack(); err == nil {
			_, _ = io.WriteString(connection, text)
			_ = connection.Close()
		}
	})
}
