package webfiles

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestContentType(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"index.html":               "text/html; charset=utf-8",
		"assets/index-BfZ3d9aQ.js": "text/javascript; charset=utf-8",
		"chunk.MJS":                "text/javascript; charset=utf-8",
		"a.b/LOGO.SVG":             "image/svg+xml",
		"main.4f3c2b1a.css.map":    "application/json",
		"site.webmanifest":         "application/manifest+json",
		"runtime.wasm":             "application/wasm",
		"CNAME":                    "application/octet-stream",
		"folder.js/file":           "application/octet-stream",
		"model.gguf":               "application/octet-stream",
		"":                         "application/octet-stream",
	} {
		assert.Equal(t, want, ContentType(name), name)
	}
}

func TestCacheControlForever(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"assets/index-BfZ3d9aQ.js",                         // Vite
		"assets/index-D_x3-aQb.css",                        // Vite, with signs
		"assets/index-BfZ3d9aQ.js.map",                     //
		"assets/logo-C7pQ2xRk.png",                         // Vite
		"static/css/main.4f3c2b1a.css",                     // Create React App
		"static/js/453.8beb2b77.chunk.js",                  //
		"main.4f3c2b1a.css.map",                            //
		"chunk-abc12345.mjs",                               //
		"main-5INURTSO.js",                                 // Angular, esbuild
		"runtime.9a3f5c1d2e4b6071.js",                      // Angular before 17
		"index.8f2c4d1e.css",                               // Parcel
		"5f363e0e58a95f06cbe9bbc662c5dfb6.woff2",           // webpack's asset modules
		"_next/static/chunks/pages/_app-52924524f99094.js", // Next.js
		"_next/static/Zx81k/_buildManifest.js",             //
		"_app/immutable/entry/start.Bn2KKtXh.js",           // SvelteKit
		"ui/_astro/client.DLkVyOBr.js",                     // Astro
	} {
		assert.Equal(t, Forever, CacheControl(name), name)
	}
}

func TestCacheControlRevalidate(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"index.html",
		"docs/page-BfZ3d9aQ.html", // a page is what links lead to
		"_next/static/index.html",
		"favicon.ico",
		"sw.js",
		"service-worker.js",
		"asset-manifest.json",
		"user-settings.js",         // eight letters
		"user-MyWidget.js",         //
		"assets/user-MyWidget.js",  //
		"react-Button2D.js",        //
		"lib-iOSAppV2.js",          //
		"holiday-IMG_1234.jpg",     //
		"holiday-DSC00123.jpg",     //
		"video-H264HEVC.mp4",       //
		"notes-COVIDAGE.js",        //
		"report-20261130.pdf",      // dates
		"report-1dec2026.pdf",      //
		"report-2024feb1.pdf",      //
		"app-1.20.300.js",          // versions
		"jquery-3.7.1.min.js",      //
		"bootstrap.bundle.min.js",  //
		"cafe-deadbeef.js",         // no digit
		"4f3c2b1a.js",              // too short to be all of a name
		"main.4f3c2b1.css",         // seven
		"4f3c2b1a/index.js",        // a folder's name
		"BfZ3d9aQ",                 // no extension
		"index-BfZ3d9aQ",           //
		"_astronomy/index.js",      //
		"nothing_app/immutable.js", //
		"",
	} {
		assert.Equal(t, Revalidate, CacheControl(name), name)
	}
}
