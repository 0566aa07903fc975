package main

import (
	"context"
	"embed"
	"io/fs"
	"net/http"
	"path"
	"strings"

	"ml-api-accelerator/stacks/internal/local/examplebackend/echo"
	"ml-api-accelerator/stacks/internal/shared/webfiles"
)

//go:embed page
var embedded embed.FS

// contentSecurityPolicy is the strictest that is easy to read, and stays as it is when the page changes. Inline scripts
// would each need their hash in it, so the page has its script and its styles in files.
const contentSecurityPolicy = "default-src 'self'"

// handler serves the page, and the API beside it, both after any prefix, since the edge adds api.path.
func handler(pause func(context.Context)) http.Handler {
	api := echo.Handler(pause)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, name := path.Split(r.URL.Path)
		if name == "" {
			name = "index.html"
		}
		text, err := fs.ReadFile(embedded, path.Join("page", name))
		if err != nil || strings.Contains(r.URL.Path, "/v1/") || r.Method != http.MethodGet && r.Method != http.MethodHead {
			api.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", webfiles.ContentType(name))
		w.Header().Set("Cache-Control", webfiles.CacheControl(name))
		w.Header().Set("Content-Security-Policy", contentSecurityPolicy)
		_, _ = w.Write(text) // the caller may have left
	})
}
