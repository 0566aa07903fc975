package inspect

import (
	"embed"
	"encoding/json"
	"net/http"
	"path"
	"strconv"
)

//go:embed page
var page embed.FS

// The types are said here: on Windows, mime asks a registry that others write.
var contentTypes = map[string]string{
	".html": "text/html; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".svg":  "image/svg+xml",
}

// Nothing but the page's own files runs, and no text becomes HTML.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"

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
			http.Error(w, "The inspector is there for localhost and for the address it listens on.", http.StatusForbidden)
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
	_, _ = w.Write(file) // who has left needs nothing
}

func (i *Inspector) serveExchange(w http.ResponseWriter, r *http.Request) {
	n, _ := strconv.ParseUint(r.PathValue("n"), 10, 64)
	d := i.detail(n)
	if d == nil {
		http.Error(w, "This request is no longer kept.", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(d) // who has left needs nothing
}
