package config

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// knownSecrets are what secrets of well-known kinds begin with.
var knownSecrets = regexp.MustCompile(`^(-----BEGIN|Bearer |Basic |eyJ[A-Za-z0-9_-]{8}|sk[-_]|pk_live_|rk_live_|gh[pousr]_|github_pat_|glpat-|xox[abprs]-|AKIA|ASIA|AIza|hf_|nvapi-|gsk_|r8_|whsec_|npm_|dop_v1_|SG\.)`)

var (
	hexadecimal = regexp.MustCompile(`^[0-9A-Fa-f]{32,}$`)
	oneWord     = regexp.MustCompile(`^[A-Za-z0-9+/=_-]{24,}$`)
)

// looksSecret reports whether a text is like a key, a token or a password rather than like a name.
func looksSecret(text string) bool {
	has := func(is func(rune) bool) bool { return strings.ContainsFunc(text, is) }
	if knownSecrets.MatchString(text) || hexadecimal.MatchString(text) && has(unicode.IsLetter) && has(unicode.IsDigit) {
		return true
	}
	return oneWord.MatchString(text) && has(unicode.IsLower) && has(unicode.IsUpper) && has(unicode.IsDigit)
}

// shown is a text as a message about the name of a secret or an ARN shows it: a text that isn't one may be what should be secret.
func shown(text string) string {
	if strings.HasPrefix(text, "arn:") && !strings.ContainsFunc(text, unicode.IsSpace) {
		return strconv.Quote(text)
	}
	return "something else, which isn't shown since it may be secret"
}

// readConfidential is readText for what may turn out to be a secret: its messages show nothing of it.
func readConfidential(r *report, at path, value any) string {
	seen := &report{}
	text := readText(seen, at, value)
	for _, p := range seen.problems {
		p.Message, _, _ = strings.Cut(p.Message, ", got ")
		r.problems = append(r.problems, p)
	}
	return text
}

// carriesSecret are names of headers that have keys, tokens or passwords.
var carriesSecret = regexp.MustCompile(`(?i)^(authorization|x-origin-verify|(.*[-_])?(api-?key|subscription-key|functions-key|access-key|secret-key|private-key|key|token|auth|secret|passw(or)?d|credentials?))$`)

// checkSecret refuses a header with what must not stand in the configuration, in the synthesized JSON and in the state.
func (a API) checkSecret(r *report, at path, name, value string) {
	if carriesSecret.MatchString(name) || looksSecret(value) {
		r.must(ruleNoKeyInHeaders, at, "must not have a key or a token: it would stand in the synthesized JSON, for everyone who reads that; put it into Secrets Manager and name it in api.verifySecret, which sends it as %s", VerifyHeader)
	}
}
