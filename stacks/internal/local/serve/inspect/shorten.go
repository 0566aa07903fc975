package inspect

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What the name of a credential has in it, or ends with, in small letters and without hyphens, or as a word; and names
// that only look like one's. Rather too much is shortened than too little.
var (
	credentialParts = []string{
		"authorization", "authentication", "cookie", "token", "secret", "passw", "passphrase", "credential",
		"signature", "apikey", "session", "sessid", "jwt", "pwd", "hmac", "csrf", "xsrf", "saml", "dpop", "oauth",
		"verifier", "assertion",
	}
	credentialEnds  = []string{"key", "auth", "verify", "pass", "code", "otp"}
	credentialWords = []string{
		"access", "auth", "bearer", "cert", "code", "hash", "invite", "key", "keys", "license", "mac", "mfa", "nonce", "otp",
		"pass", "pin", "private", "pw", "sid", "sig", "signed", "sso", "ticket", "totp",
	}
	harmless = regexp.MustCompile("^(accesscontrol.*|.*tokens|idempotencykey|secwebsocketkey|keypairid)$")
	// wordsOfName are parts of a name as it is written: x-api-key, api_key and apiKey have the same.
	wordsOfName = regexp.MustCompile("[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
)

// searchedBytes is more than is shown of any text, and more than CloudFront takes.
const searchedBytes = 32 << 10

var (
	parameter = regexp.MustCompile(`([\w.%\[\]-]+)=([^&#\s"<>]*)`)
	userInfo  = regexp.MustCompile(`://([^/?#@\s"]+)@`)
	// Browsers have no other place for a key of a WebSocket than Sec-WebSocket-Protocol, like
	// openai-insecure-api-key.sk-….
	keyInText = regexp.MustCompile(`(?i)\b(?:bearer[ .]|sk-|hf_|eyJ)([\w.~+/=-]{8,})`)
)

func isCredential(name string) bool {
	isWord := slices.ContainsFunc(wordsOfName.FindAllString(name, -1), func(word string) bool {
		return slices.Contains(credentialWords, strings.ToLower(word))
	})
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune("-_.%[]", r) {
			return -1
		}
		return unicode.ToLower(r)
	}, name)
	looksLike := slices.ContainsFunc(credentialParts, func(part string) bool { return strings.Contains(name, part) }) ||
		slices.ContainsFunc(credentialEnds, func(end string) bool { return strings.HasSuffix(name, end) })
	return (looksLike || isWord) && !harmless.MatchString(name)
}

// isCredentialParameter also knows the parameters of signed URLs (CloudFront Developer Guide, Create a signed URL using
// a custom policy), and the sig of other clouds' ones.
func isCredentialParameter(name string) bool {
	return strings.EqualFold(name, "Policy") || strings.EqualFold(name, "sig") || isCredential(name)
}

// shorten keeps just enough of a secret to tell it from another.
func shorten(secret string) string {
	count := utf8.RuneCountInString(secret)
	kept, unit := []rune(secret)[:min(5, count/4)], "characters"
	switch count {
	case 0:
		return secret
	case 1:
		unit = "character"
	}
	return fmt.Sprintf("%s…(%d %s)", string(kept), count, unit)
}

// shortenHeader returns the value of a header with its credentials shortened. The headers in keys have API keys.
func shortenHeader(name, value string, keys []string) string {
	switch lower := strings.ToLower(name); {
	case lower == "cookie":
		pairs := strings.Split(value, ";")
		for i, pair := range pairs {
			pairs[i] = shortenPair(strings.TrimSpace(pair))
		}
		return strings.Join(pairs, "; ")
	case lower == "set-cookie":
		pair, attributes, _ := strings.Cut(value, ";")
		return strings.TrimSuffix(shortenPair(pair)+";"+attributes, ";")
	case isCredential(name), slices.ContainsFunc(keys, func(key string) bool { return strings.EqualFold(key, name) }):
		scheme, secret, found := strings.Cut(value, " ")
		if found && strings.HasSuffix(lower, "authorization") {
			return scheme + " " + shorten(secret)
		}
		return shorten(value)
	}
	return replaceGroup(keyInText, shortenURL(value), 1, shorten)
}

func shortenPair(pair string) string {
	name, value, found := strings.Cut(pair, "=")
	if !found {
		return shorten(pair)
	}
	return name + "=" + shorten(value)
}

// shortenURL returns a URL, or a text with URLs, without passwords, keys and signatures.
func shortenURL(text string) string {
	text = text[:min(len(text), searchedBytes)]
	if strings.Contains(text, "@") {
		text = replaceGroup(userInfo, text, 1, shorten)
	}
	if !strings.Contains(text, "=") {
		return text // most have none
	}
	var out strings.Builder
	for {
		at := parameter.FindStringSubmatchIndex(text)
		if at == nil {
			return out.String() + text
		}
		name, end := text[at[2]:at[3]], at[4] // a value that isn't secret may have parameters in it
		out.WriteString(text[:at[4]])
		if isCredentialParameter(name) {
			out.WriteString(shorten(text[at[4]:at[5]]))
			end = at[5]
		}
		text = text[end:]
	}
}

// replaceGroup replaces one group of each match.
func replaceGroup(pattern *regexp.Regexp, text string, group int, replace func(string) string) string {
	var out strings.Builder
	end := 0
	for _, at := range pattern.FindAllStringSubmatchIndex(text, -1) {
		from, to := at[2*group], at[2*group+1]
		out.WriteString(text[end:from] + replace(text[from:to]))
		end = to
	}
	return out.String() + text[end:]
}
