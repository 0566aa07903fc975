package config

import (
	"regexp"

	"ml-api-accelerator/stacks/config/declare"
)

// FunctionURL is a Lambda function behind a URL of its own.
type FunctionURL struct {
	FunctionARN string
	Qualifier   string
	Access      string
}

// How a function knows CloudFront: by X-Origin-Verify, or by its signature.
const (
	FunctionSecret  = "secret"
	FunctionControl = "control"
)

// Declare implements [declare.Section].
func (u *FunctionURL) Declare(f *declare.Fields) {
	f.Confidential("functionArn", &u.FunctionARN, "ARN of the function, without a version or an alias.")
	f.Text("qualifier", &u.Qualifier, "Alias of the function; without one the URL calls its latest version.").
		// Lambda API Reference, CreateFunctionUrlConfig.
		Matches(ruleFunctionURL, regexp.MustCompile(`^[A-Za-z0-9_-]*[A-Za-z_-][A-Za-z0-9_-]*$`),
			"be the name of an alias, of letters, digits, _ and -, and not a number, which is a version")
	f.Text("access", &u.Access,
		`How the function knows CloudFront: "secret", by verifySecret, which its handler compares; "control", by CloudFront's `+
			`signature, for which callers must send the SHA-256 of every body.`).
		Default(FunctionSecret).OneOf(ruleFunctionURL, FunctionSecret, FunctionControl)
}

func (u FunctionURL) check(r *declare.Report, at declare.Path, region, account string) {
	arn := at.Field("functionArn")
	if u.FunctionARN == "" {
		r.Must(ruleFunctionURL, arn, "is required")
	} else if qualified := functionQualifier.FindStringSubmatch(u.FunctionARN); qualified != nil {
		r.Must(ruleFunctionURL, arn, "must be without %q: give an alias in qualifier", qualified[1])
	} else {
		checkARN(r, ruleFunctionURL, arn, u.FunctionARN, functionARN.in(region), account)
	}
	if u.Access == FunctionControl {
		r.Warn(ruleFunctionURL, at.Field("access"),
			`is "control": whoever sends a body must send its SHA-256 in x-amz-content-sha256, which no OpenAI client does, `+
				`and CloudFront writes Authorization itself, so the function gets no other; "secret" does neither`)
	}
}

// checkFunctionURL checks what a backend must and mustn't have beside a function.
func (b Backend) checkFunctionURL(r *declare.Report, at declare.Path, region, account string) {
	b.FunctionURL.check(r, at.Field("functionUrl"), region, account)
	if b.FunctionURL.Access == FunctionSecret && b.VerifySecret == "" {
		r.Must(ruleFunctionURL, at.Field("verifySecret"),
			`is required with functionUrl.access "secret": without it, everyone who knows the URL can call the function `+
				`past the edge`)
	}
	if b.PublicHost == PublicHostSent {
		r.Must(ruleFunctionURL, at.Field("publicHost"),
			`must not be "host" with functionUrl: Lambda finds the function by this header; "header" tells it as well`)
	}
	if b.HTTPSPort != declare.Unset[Backend]().HTTPSPort {
		r.Must(ruleFunctionURL, at.Field("httpsPort"), "must be 443 with functionUrl, got %d", b.HTTPSPort)
	}
}

// checkSigned checks what the edge does with callers against a function that CloudFront signs its requests to.
func (a API) checkSigned(r *declare.Report, at declare.Path, b Backend) {
	if b.FunctionURL != nil && b.FunctionURL.Access == FunctionControl && a.Keys != nil && a.Keys.Forward &&
		containsFold(a.Keys.Headers(), "Authorization") {
		r.Must(ruleFunctionURL, at,
			`must be "secret" with api.keys.forward: with "control", CloudFront writes Authorization itself`)
	}
}
