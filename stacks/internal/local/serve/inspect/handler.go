package inspect

import (
	"embed"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"
)

//go:embed page
var page embed.FS

// contentTypes doesn't depend on what mime finds on a machine.
var contentTypes = map[string]string{
	".html": "text/html; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".svg":  "image/svg+xml",
}

// policy lets nothing but the page's own files run, and no text become HTML.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"

// Address returns where the inspector listens: only on this machine if all that is given is a port.
func Address(flag string) (string, error) {
	address := flag
	if strings.Trim(flag, "0123456789") == "" {
		address = ":" + flag
	}
	host, port, err := net.SplitHostPort(address)
	if number, _ := strconv.ParseUint(port, 10, 16); err != nil || strconv.FormatUint(number, 10) != port {
		return "", fmt.Errorf("%q: must be a port like 8081, or an address like 0.0.0.0:8081", flag)
	}
	if host == "" {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port), nil
}

// letsIn keeps out pages whose host name points at this machine (DNS rebinding).
func (i *Inspector) letsIn(r *http.Request) bool {
	local, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if tcp, ok := local.(*net.TCPAddr); ok && !tcp.IP.IsLoopback() {
		return true // it was told to listen there
	}
	host := hostOf(r.Host)
	return strings.EqualFold(host, "localhost") || net.ParseIP(host).IsLoopback() ||
		host != "" && strings.EqualFold(host, hostOf(i.options.Listen))
}

func hostOf(address string) string {
	if host, _, err := net.SplitHostPort(address); err == nil {
		return host
	}
	return strings.Trim(address, "[]")
}

// Handler serves the page and what it asks for.
func (i *Inspector) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /", servePage)
	mux.HandleFunc("GET /events", i.serveEvents)
	mux.HandleFunc("GET /exchanges/{n}", i.serveExchange)
	mux.HandleFunc("POST /clear", func(w http.ResponseWriter, _ *http.Request) {
		i.clear()
		w.WriteHeader(http.StatusNoContent)
	})
	inside := http.NewCrossOriginProtection().Handler(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !i.letsIn(r) {
			http.Error(w, "The inspector only answers at localhost and at the address of --inspect: open one of them.",
				http.StatusForbidden)
			return
		}
		for name, value := range map[string]string{
			"Cache-Control":                "no-store",
			"Content-Security-Policy":      policy,
			"Cross-Origin-Opener-Policy":   "same-origin",
			"Cross-Origin-Resource-Policy": "same-origin",
			"Referrer-Policy":              "no-referrer",
			"X-Content-Type-Options":       "nosniff",
		} {
			w.Header().Set(name, value)
		}
		inside.ServeHTTP(w, r)
	})
}

func servePage(w http.ResponseWriter, r *http.Request) {
	name := r.URL.Path
	if name == "/" {
		name = "/index.html"
	}
	file, err := page.ReadFile(path.Join("page", name))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", contentTypes[path.Ext(name)])
	_, _ = w.Write(file) // the browser may have left
}

func (i *Inspector) serveExchange(w http.ResponseWriter, r *http.Request) {
	n, _ := strconv.ParseUint(r.PathValue("n"), 10, 64)
	d := i.detail(n)
	if d == nil {
		http.Error(w, fmt.Sprintf("This request is no longer kept: only the last %d are.", capacity), http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(d) // the browser may have left
}

// pace is how events are sent.
type pace struct {
	pause     time.Duration // changes within it are one event
	heartbeat time.Duration // proxies drop a connection that is silent for longer
	patience  time.Duration // a browser that takes nothing for so long is dropped; it comes back with its last id
}

var usualPace = pace{50 * time.Millisecond, 15 * time.Second, 10 * time.Second}

// serveEvents sends what a browser lacks, and then what changes, until it leaves (HTML Standard, Server-sent events). A
// slow browser gets fewer events, not older ones: each has how things stand when it is sent.
func (i *Inspector) serveEvents(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	send := func(text string) bool {
		control := http.NewResponseController(w)
		_ = control.SetWriteDeadline(time.Now().Add(i.pace.patience)) // best effort: not every connection has one
		_, err := fmt.Fprint(w, text)
		return err == nil && control.Flush() == nil
	}
	beat := time.NewTicker(i.pace.heartbeat)
	defer beat.Stop()
	known, text := i.known(r.Header.Get("Last-Event-ID")), "retry: 1000\n\n"
	for {
		s, anew, version, changed := i.since(known)
		known = version
		if s != nil {
			text += i.event(s, anew, version)
		}
		if !send(text) {
			return
		}
		select {
		case <-r.Context().Done():
			return
		case <-beat.C:
			text = ":\n\n"
			continue
		case <-changed:
			text = ""
		}
		select {
		case <-r.Context().Done():
			return
		case <-time.After(i.pace.pause):
		}
	}
}

func (i *Inspector) event(s *state, anew bool, version uint64) string {
	name := "update"
	if anew {
		name = "state"
	}
	data, _ := json.Marshal(s) // it can't fail
	return fmt.Sprintf("event: %s\nid: %s-%d\ndata: %s\n\n", name, i.instance, version, data)
}

// known returns the version that a browser has; 0: none of this run.
func (i *Inspector) known(id string) uint64 {
	if number, found := strings.CutPrefix(id, i.instance+"-"); found {
		version, _ := strconv.ParseUint(number, 10, 64)
		return version
	}
	return 0
}
