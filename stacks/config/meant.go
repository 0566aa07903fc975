package config

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// writing are the methods that MethodsRead doesn't have.
var writing = []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, "*", "ANY"}

// methodsMeant says which set of methods somebody means who lists them.
func methodsMeant(value any) string {
	var listed []string
	switch value := value.(type) {
	case string:
		listed = strings.FieldsFunc(value, func(r rune) bool { return strings.ContainsRune(" ,;|/", r) })
	case []any:
		for _, item := range value {
			listed = append(listed, fmt.Sprint(item))
		}
	}
	reads := len(listed) > 0
	for _, method := range listed {
		switch method = strings.ToUpper(method); {
		case slices.Contains(writing, method):
			reads = false
		case method != http.MethodGet && method != http.MethodHead && method != http.MethodOptions:
			return ""
		}
	}
	switch {
	case reads:
		return `: write "methods": "read"`
	case len(listed) > 0:
		return `: write "methods": "all"`
	}
	return ""
}

// pathMeant says which path pattern somebody means who writes a method with it, a regular expression, or a template.
func pathMeant(value any) string {
	text, _ := value.(string)
	if method, path, found := strings.Cut(text, " "); found && methodsMeant(method) != "" {
		if pattern := patternMeant(path); pattern != "" {
			path = pattern
		}
		return fmt.Sprintf(`; write only the path, %q`, strings.TrimSpace(path))
	}
	if pattern := patternMeant(text); pattern != "" {
		return "; " + writePattern(pattern)
	}
	if strings.ContainsAny(text, `^$()[]{}<>|\`) {
		return "; " + wildcards
	}
	return ""
}

const wildcards = "* stands for any characters, ? for one, and all others for themselves"

func writePattern(pattern string) string {
	if strings.Contains(pattern, "*") {
		return fmt.Sprintf("write %q, where * stands for any characters", pattern)
	}
	return fmt.Sprintf("write %q", pattern)
}

const quantified = `(\{[0-9,]*\}|[*+?])*`

// Parts of regular expressions and templates, in the order in which they are replaced.
var expressionParts = []struct {
	part *regexp.Regexp
	by   string
}{
	{regexp.MustCompile(`^\^|\$$`), ""},
	{regexp.MustCompile(`<[^<>]*>|\{[^{}]*[A-Za-z][^{}]*\}`), "*"},
	{regexp.MustCompile(`/:[A-Za-z_]+`), "/*"},
	{regexp.MustCompile(`\([^()|]*\)` + quantified), "*"},
	{regexp.MustCompile(`(\[[^\]]*\]|\\[dDwWsS])` + quantified), "*"},
	{regexp.MustCompile(`\.[*+]\??`), "*"},
	{regexp.MustCompile(`\\(.)`), "$1"},
	{regexp.MustCompile(`\*\*+`), "*"},
}

// patternMeant returns the path pattern that does what a regular expression or a template would; empty: there is none,
// or the text is none of these.
func patternMeant(text string) string {
	pattern := text
	for _, e := range expressionParts {
		pattern = e.part.ReplaceAllString(pattern, e.by)
	}
	if pattern == text || normal(pattern) == "*" || !pathCharacters.MatchString(pattern) {
		return ""
	}
	return pattern
}

// stripMeant says what somebody means who writes a pattern, or doesn't begin with a slash or ends with one.
func stripMeant(value any) string {
	text, _ := value.(string)
	meant := "/" + strings.Trim(strings.TrimRight(text, "*"), "/")
	if meant == text || !stripped.MatchString(meant) {
		return ""
	}
	return fmt.Sprintf(": write %q", meant)
}
