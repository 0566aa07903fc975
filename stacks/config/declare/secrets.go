package declare

import (
	"regexp"
	"strings"
	"unicode"
)

// secretKinds are keys and tokens of well-known kinds: what one begins with, and what follows. Where nothing is known
// to follow, the beginning alone doesn't make a secret of a text.
var secretKinds = []struct{ begin, rest string }{
	{`-----BEGIN `, `[A-Z ]*PRIVATE KEY`},
	{`Bearer `, ``}, {`Basic `, ``},
	{`eyJ`, `[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}`}, // a JSON Web Token
	{`sk-`, `[A-Za-z0-9_-]{20}`}, {`sk_`, `(live|test)_[A-Za-z0-9]{16}`},
	{`pk_live_`, ``}, {`rk_live_`, `[A-Za-z0-9]{16}`},
	{`gh[pousr]_`, `[A-Za-z0-9]{20}`}, {`github_pat_`, `\w{20}`}, {`glpat-`, `[\w-]{16}`},
	{`xox[abprs]-`, `[\w-]{10}`},
	{`AKIA`, `[A-Z0-9]{16}\b`}, {`ASIA`, `[A-Z0-9]{16}\b`}, {`AIza`, `[\w-]{30}`},
	{`hf_`, `[A-Za-z0-9]{20}`}, {`nvapi-`, `[\w-]{20}`}, {`gsk_`, `[A-Za-z0-9]{20}`}, {`r8_`, `[A-Za-z0-9]{20}`},
	{`whsec_`, `[A-Za-z0-9+/]{20}`}, {`npm_`, `[A-Za-z0-9]{20}`}, {`dop_v1_`, `[0-9a-f]{20}`},
	{`SG\.`, `[\w-]{16,}\.[\w-]{16}`},
}

// beginsSecret matches the beginning of a text, hasSecret a whole key or token anywhere in it.
var beginsSecret, hasSecret = func() (*regexp.Regexp, *regexp.Regexp) {
	var begins, wholes []string
	for _, kind := range secretKinds {
		begins = append(begins, kind.begin)
		if kind.rest != "" {
			wholes = append(wholes, kind.begin+kind.rest)
		}
	}
	return regexp.MustCompile(`^(` + strings.Join(begins, "|") + `)`),
		regexp.MustCompile(`(^|[^A-Za-z0-9_-])(` + strings.Join(wholes, "|") + `)`)
}()

var (
	hexadecimal = regexp.MustCompile(`^[0-9A-Fa-f]{32,}$`)
	oneWord     = regexp.MustCompile(`^[A-Za-z0-9+/=_-]{24,}$`)
)

// LooksSecret reports whether a text is like a key, a token or a password rather than like a name. It errs towards
// yes: it decides whether a message shows a text.
func LooksSecret(text string) bool {
	has := func(is func(rune) bool) bool { return strings.ContainsFunc(text, is) }
	switch {
	case beginsSecret.MatchString(text), HasSecret(text):
		return true
	case hexadecimal.MatchString(text):
		return has(unicode.IsLetter) && has(unicode.IsDigit)
	}
	return oneWord.MatchString(text) && has(unicode.IsLower) && has(unicode.IsUpper) && has(unicode.IsDigit)
}

// HasSecret reports whether a text has a whole key or token of a well-known kind in it. It errs towards no: it decides
// whether a configuration is refused, and names, comments and paths may begin like a key (team "sk-eu").
func HasSecret(text string) bool { return hasSecret.MatchString(text) }
