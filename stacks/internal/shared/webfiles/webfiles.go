// Package webfiles says with which headers the files of a page are sent: what they are, and how long they are kept.
package webfiles

import (
	"path"
	"regexp"
	"strings"
)

// The two values of Cache-Control.
const (
	// Forever is for a file whose name changes with what is in it: a year, the longest that RFC 9111 speaks of, without
	// asking again (RFC 8246).
	Forever = "public, max-age=31536000, immutable"
	// Revalidate is for all other files, index.html first: kept, but never used without asking whether it has changed.
	Revalidate = "no-cache"
)

// contentTypes are those of the IANA registry. The system's own table isn't asked: it differs between machines.
var contentTypes = map[string]string{
	".avif":        "image/avif",
	".css":         "text/css; charset=utf-8",
	".csv":         "text/csv; charset=utf-8",
	".gif":         "image/gif",
	".htm":         "text/html; charset=utf-8",
	".html":        "text/html; charset=utf-8",
	".ico":         "image/vnd.microsoft.icon",
	".jpeg":        "image/jpeg",
	".jpg":         "image/jpeg",
	".js":          "text/javascript; charset=utf-8",
	".json":        "application/json",
	".map":         "application/json",
	".md":          "text/markdown; charset=utf-8",
	".mjs":         "text/javascript; charset=utf-8",
	".mp3":         "audio/mpeg",
	".mp4":         "video/mp4",
	".otf":         "font/otf",
	".pdf":         "application/pdf",
	".png":         "image/png",
	".svg":         "image/svg+xml",
	".ttf":         "font/ttf",
	".txt":         "text/plain; charset=utf-8",
	".wasm":        "application/wasm",
	".wav":         "audio/wav",
	".webm":        "video/webm",
	".webmanifest": "application/manifest+json",
	".webp":        "image/webp",
	".woff":        "font/woff",
	".woff2":       "font/woff2",
	".xml":         "application/xml",
	".yaml":        "application/yaml",
	".yml":         "application/yaml",
	".zip":         "application/zip",
}

// ContentType returns the media type of a file, by the end of its name. What isn't known is a download.
func ContentType(name string) string {
	if known, ok := contentTypes[strings.ToLower(path.Ext(name))]; ok {
		return known
	}
	return "application/octet-stream"
}

// CacheControl returns how long a file is kept, given its path below the page's folder: a year if its name has a hash
// of what is in it, otherwise it is asked for each time. A hash that isn't recognized costs an answer of 304; a name
// that is mistaken for one keeps an old file in browsers for a year. So what could be a word, a date or a version is
// none.
func CacheControl(name string) string {
	if NeverChanges(name) {
		return Forever
	}
	return Revalidate
}

// NeverChanges reports whether caches keep a file without asking again.
func NeverChanges(name string) bool { return !isHTML(name) && (isHashed(name) || isImmutable(name)) }

func isHTML(name string) bool { return strings.HasPrefix(ContentType(name), "text/html") }

// immutableFolders are those in which frameworks put nothing but files that never change: Next.js, SvelteKit, Astro.
var immutableFolders = regexp.MustCompile(`(^|/)(_next/static|_app/immutable|_astro)/.`)

func isImmutable(name string) bool { return immutableFolders.MatchString(name) }

var (
	// ending is what follows the hash: an extension, maybe one of a chunk, and one of a source map.
	ending = regexp.MustCompile(`(?i)(\.(chunk|bundle|min))?\.[a-z0-9]+(\.map)?$`)
	code   = regexp.MustCompile(`(?i)\.(m?js|css)(\.map)?$`)

	// hexadecimal is webpack's, Parcel's and Next.js's hash; a long one may be all of the name.
	hexadecimal = regexp.MustCompile(`[-.]([0-9a-f]{8,64})$|^([0-9a-f]{16,64})$`)
	// mixed is the hash of Rollup and Vite, base64url, without the signs - and _, which separate words, too.
	mixed = regexp.MustCompile(`[-.]([A-Za-z0-9]{8})$`)
	// mixedInAssets is the same with all signs, where Vite puts it.
	mixedInAssets = regexp.MustCompile(`-([A-Za-z0-9_-]{8})$`)
	// upper is esbuild's and Angular's hash, base32.
	upper = regexp.MustCompile(`[-.]([A-Z2-7]{8})$`)

	letterOfHex = regexp.MustCompile(`[a-f]`)
	digit       = regexp.MustCompile(`[0-9]`)
	digitInside = regexp.MustCompile(`[0-9].*[A-Za-z]`)
	monthInHex  = regexp.MustCompile(`feb|dec`) // the only ones in hexadecimal, as in 1dec2026
	bothCases   = regexp.MustCompile(`[a-z].*[A-Z]|[A-Z].*[a-z]`)
)

// isHashed reports whether a bundler has put a hash of the file in its name.
func isHashed(name string) bool {
	folder, file := path.Split(name)
	stem := ending.ReplaceAllString(file, "")
	if stem == file {
		return false
	}
	if hash := found(hexadecimal, stem); letterOfHex.MatchString(hash) && digit.MatchString(hash) &&
		(len(hash) >= 16 || !monthInHex.MatchString(hash)) {
		return true
	}
	if hash := found(mixed, stem); bothCases.MatchString(hash) &&
		(changes(hash) >= 5 || changes(hash) == 4 && digitInside.MatchString(hash)) {
		return true
	}
	if !code.MatchString(file) {
		return false
	}
	if path.Base(folder) == "assets" {
		if hash := found(mixedInAssets, stem); bothCases.MatchString(hash) && changes(hash) >= 4 {
			return true
		}
	}
	return digitInside.MatchString(found(upper, stem))
}

// found returns the group that has matched, or nothing.
func found(pattern *regexp.Regexp, text string) string {
	return strings.Join(append(pattern.FindStringSubmatch(text), "", "")[1:], "")
}

// changes counts how often the kind of sign changes. Words change it seldom: MyWidget three times, a random text of
// that length four or five times.
func changes(text string) int {
	n := 0
	for i := 1; i < len(text); i++ {
		if kind(text[i]) != kind(text[i-1]) {
			n++
		}
	}
	return n
}

func kind(sign byte) int {
	switch {
	case sign >= 'a' && sign <= 'z':
		return 1
	case sign >= 'A' && sign <= 'Z':
		return 2
	case sign >= '0' && sign <= '9':
		return 3
	}
	return 0
}
