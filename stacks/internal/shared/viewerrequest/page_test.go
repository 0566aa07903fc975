package viewerrequest

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge/function"
)

// TestPage has which file is looked for under a path, and where a caller is led.
func TestPage(t *testing.T) {
	var (
		spa      = Options{Page: &Page{Index: "/ui/index.html"}}
		stripped = Options{Page: &Page{Index: "/index.html"}, Strip: "/ui"}
		folders  = Options{Page: &Page{}}
		below    = Options{Page: &Page{}, Strip: "/docs"}
	)
	for _, c := range []struct {
		options           Options
		path, query, want string
	}{
		{spa, "/", "", "/ui/index.html"},
		{spa, "/ui/", "", "/ui/index.html"},
		{spa, "/ui/chat", "a=1", "/ui/index.html"},
		{spa, "/ui/v1.2/chat/", "", "/ui/index.html"},
		{spa, "/ui/chat%2Ejs", "", "/ui/index.html"},
		{spa, "//", "", "/ui/index.html"},
		{spa, "/ui/assets/index-BfZ3d9aQ.js", "v=2", "/ui/assets/index-BfZ3d9aQ.js"},
		{spa, "/ui/.well-known", "", "/ui/.well-known"},
		{spa, "/ui/a.", "", "/ui/a."},
		{stripped, "/ui", "", "/index.html"},
		{stripped, "/ui/", "", "/index.html"},
		{stripped, "/ui/chat", "", "/index.html"},
		{stripped, "/ui/a.js", "", "/a.js"},
		{stripped, "//ui/a", "", "400"},
		{folders, "/", "", "/index.html"},
		{folders, "/docs/", "a=1", "/docs/index.html"},
		{folders, "/docs", "", "302 /docs/"},
		{folders, "/docs", "a=%20&a=2&b", "302 /docs/?a=%20&a=2&b"},
		{folders, "//other.example/docs", "", "302 /other.example/docs/"},
		{folders, `/\other.example/docs`, "", `302 /other.example/docs/`},
		{folders, "/docs/a.html", "", "/docs/a.html"},
		{below, "/docs", "", "/index.html"},
		{below, "/docs/", "", "/index.html"},
		{below, "/docs/a", "q", "302 /docs/a/?q"},
		{below, "/docs/a/", "", "/a/index.html"},
	} {
		for _, method := range []string{"GET", "HEAD"} {
			event := with(get(), func(e *function.Event) { e.Method, e.URI, e.Query = method, c.path, c.query })
			result, err := compiled(t, c.options).Run(event, nil)
			require.NoError(t, err, c.path)
			got := result.URI
			if result.Response != nil {
				got = told(result)
				for _, location := range result.Response.Headers["location"] {
					got += " " + location
				}
			} else {
				require.Equal(t, c.query, result.Query)
			}
			assert.Equal(t, c.want, got, c.path)
		}
	}
}
