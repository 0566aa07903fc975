package config

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"ml-api-accelerator/stacks/config/declare"
)

// shown is a text as a message about the name of a secret or an ARN shows it: a text that isn't one may be what should be secret.
func shown(text string) string {
	if strings.HasPrefix(text, "arn:") && !strings.ContainsFunc(text, unicode.IsSpace) {
		return strconv.Quote(text)
	}
	return "something else, which isn't shown since it may be secret"
}

// carriesSecret are names of headers that have keys, tokens or passwords.
var carriesSecret = regexp.MustCompile(`(?i)^(authorization|x-origin-verify|(.*[-_])?(api-?key|subscription-key|functions-key|access-key|secret-key|private-key|key|token|auth|secret|passw(or)?d|credentials?))$`)

// checkSecret refuses a header with what must not stand in the configuration, in the synthesized JSON and in the state.
func (a API) checkSecret(r *declare.Report, at declare.Path, name, value string) {
	if carriesSecret.MatchString(name) || declare.LooksSecret(value) {
		r.Must(ruleNoKeyInHeaders, at, "must not have a key or a token: it would stand in the synthesized JSON, for everyone who reads that; put it into Secrets Manager and name it in api.verifySecret, which sends it as %s", VerifyHeader)
	}
}
