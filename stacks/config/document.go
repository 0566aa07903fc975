package config

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"ml-api-accelerator/stacks/config/declare"
)

type (
	// Problem is one thing wrong with a configuration.
	Problem = declare.Problem
	// Class says how bad a problem is.
	Class = declare.Class
	// Invalid is a configuration that breaks rules.
	Invalid = declare.Invalid
	// Unreadable is a file without a configuration.
	Unreadable = declare.Unreadable
)

// The three classes of rules.
const (
	Hard    = declare.Hard    // AWS always refuses it, or the system can't work
	Quota   = declare.Quota   // over a default quota; quotas raises it where it can be raised
	Warning = declare.Warning // legal, probably not meant
)

// A cdktf.json has the configuration in accelerator of context. What else is there is cdktf's.
const (
	context     = "context"
	accelerator = "accelerator"

	// Under is where that is, as messages say it.
	Under = context + "." + accelerator
)

// environments is the field that every path into an environment begins with.
const environments = "environments"

var document = sync.OnceValue(func() *declare.Document[Config] {
	return declare.New(declare.Options[Config]{
		Under:     []string{context, accelerator},
		NotFound:  "run this where your cdktf.json is, or name the file with --config",
		Check:     func(r *declare.Report, c Config) { c.check(r) },
		CheckText: checkText,
		Guesses:   guesses,
	})
})

// Load reads the configuration of a cdktf.json.
//
// The warnings never stop anything. The error is an *Invalid when the configuration breaks rules; otherwise it is an
// *Unreadable: the file can't be read, or is no JSON.
func Load(file string) (Config, []Problem, error) { return document().Load(file, declare.AnswersNone) }

// LoadForPlans is Load for a comparison of pricing plans, to which a plan that doesn't fit is an answer and no problem.
func LoadForPlans(file string) (Config, []Problem, error) {
	plans := []*declare.Rule{rulePlanWebACL, rulePlanModelsAccess, rulePlanCounts, rulePlanFeatures, rulePlanAliases,
		rulePlanUndocumented}
	return document().Load(file, func(p Problem) bool {
		return slices.ContainsFunc(plans, func(rule *declare.Rule) bool { return rule.ID == p.Rule })
	})
}

// LoadForQuotas is Load for a comparison of quotas, to which being over one is an answer and no problem.
func LoadForQuotas(file string) (Config, []Problem, error) {
	return document().Load(file, func(p Problem) bool { return p.Class == Quota })
}

// Parse is Load for the text of the file; file is only its name in messages.
func Parse(file string, data []byte) (Config, []Problem, error) {
	return document().Parse(file, data, declare.AnswersNone)
}

// Locate says where problems that were found after loading stand in the file.
func Locate(file string, problems []Problem) error { return document().Locate(file, problems) }

// Problems returns those that an error tells of, for programs to read.
func Problems(err error) []Problem { return declare.Problems(err) }

// EnvironmentOf returns the name of the environment that a problem is about; empty: it is about all of them.
func EnvironmentOf(p Problem) string {
	if len(p.At) < 2 || p.At[0] != environments {
		return ""
	}
	return p.At[1].(string)
}

// Schema returns the JSON Schema of a cdktf.json: that by which a configuration is validated, put where
// it stands in the file. What it can't express, the rules check.
func Schema() *declare.Schema {
	return &declare.Schema{
		Schema:      "https://json-schema.org/draft/2020-12/schema",
		Title:       "cdktf.json of the ML API accelerator",
		Type:        "object",
		Open:        true,
		Description: "Configuration of the ML API accelerator, under " + Under + ".",
		Required:    []string{context},
		Properties: map[string]*declare.Schema{context: {
			Type:       "object",
			Open:       true,
			Required:   []string{accelerator},
			Properties: map[string]*declare.Schema{accelerator: document().Schema()},
		}},
	}
}

// checkText holds a text to what Terraform takes as it is, what AWS takes, and what a person can see.
func checkText(r *declare.Report, at declare.Path, text declare.Text) {
	for _, sign := range []string{"${", "%{"} {
		if strings.Contains(text.Value, sign) && !text.Free {
			r.Must(ruleNoTerraformExpression, at, "must not have %q, which Terraform would evaluate%s", sign, text.Got())
			return
		}
	}
	if i := strings.IndexFunc(text.Value, declare.Invisible); i >= 0 {
		sign, _ := utf8.DecodeRuneInString(text.Value[i:])
		r.Must(ruleNoInvisibleCharacters, at, "must not have the invisible character %U%s", sign, text.Got())
		return
	}
	switch trimmed := strings.TrimSpace(text.Value); {
	case declare.HasSecret(text.Value):
		if !text.Lines && !text.Confidential { // these refuse it in words of their own
			r.Must(ruleNoPastedSecret, at,
				"must not have a key or a token in it, which everyone who reads this file would have: "+
					"take it out, and revoke it if it was committed")
		}
	case text.Lines, text.Free:
	case strings.ContainsFunc(trimmed, unicode.IsControl):
		r.Must(ruleNoControlCharacters, at, "must not have control characters%s", text.Got())
	case trimmed != text.Value:
		r.Must(ruleNoSpaceAround, at, "must not begin or end with white space or a line break%s", text.Got())
	}
}

// guesses are names that people try first, and the fields they mean.
var guesses = map[string][]string{
	"accesslogs":             {"logging"},
	"acl":                    {"webACLArn"},
	"alarm":                  {"monitoring", "emails"},
	"alarms":                 {"monitoring", "emails"},
	"alerts":                 {"monitoring", "emails"},
	"allowedcountries":       {"locations", "geoRestriction"},
	"allowlist":              {"allowedIPs"},
	"apikey":                 {"keys"},
	"apikeys":                {"keys"},
	"backend":                {"domainName", "api"},
	"blacklist":              {"blockedIPs"},
	"blockedcountries":       {"locations", "geoRestriction"},
	"blocklist":              {"blockedIPs"},
	"bucketname":             {"bucket"},
	"cachekey":               {"keyHeaders"},
	"callers":                {"keys"},
	"cert":                   {"certificateArn"},
	"certificate":            {"certificateArn"},
	"cloudwatch":             {"monitoring"},
	"cname":                  {"aliases"},
	"cnames":                 {"aliases"},
	"countries":              {"locations", "geoRestriction"},
	"csp":                    {"contentSecurityPolicy"},
	"denylist":               {"blockedIPs"},
	"domain":                 {"domainName"},
	"domains":                {"aliases"},
	"enable":                 {"enabled"},
	"endpoint":               {"domainName"},
	"envs":                   {"environments"},
	"frontend":               {"web"},
	"geo":                    {"geoRestriction", "locations"},
	"geoblocking":            {"geoRestriction", "locations"},
	"host":                   {"domainName"},
	"hostedzone":             {"hostedZoneId"},
	"hostname":               {"domainName"},
	"key":                    {"publicKey"},
	"kmskey":                 {"kmsKeyArn"},
	"kmskeyid":               {"kmsKeyArn"},
	"log":                    {"logging"},
	"logs":                   {"logging"},
	"metrics":                {"monitoring"},
	"minimumprotocolversion": {"minimumTLSVersion"},
	"notifications":          {"emails"},
	"origin":                 {"domainName"},
	"path":                   {"request"},
	"pathpattern":            {"path"},
	"pattern":                {"path"},
	"port":                   {"httpsPort"},
	"rate":                   {"requestsPer5Minutes"},
	"ratelimit":              {"requestsPer5Minutes"},
	"role":                   {"roleArn"},
	"securityheaders":        {"responseHeaders"},
	"site":                   {"web"},
	"snstopic":               {"topicArns"},
	"throttling":             {"requestsPer5Minutes"},
	"timeout":                {"readTimeoutSeconds"},
	"tls":                    {"minimumTLSVersion"},
	"topics":                 {"topicArns"},
	"ttl":                    {"defaultTTLSeconds"},
	"url":                    {"domainName", "request", "path"},
	"waf":                    {"firewall"},
	"webacl":                 {"webACLArn"},
	"website":                {"web"},
	"whitelist":              {"allowedIPs"},
	"zone":                   {"hostedZoneId"},
	"zoneid":                 {"hostedZoneId"},
}

// isSet reports whether a section differs from one in which everything is left out.
func isSet(section, unset any) bool { return fmt.Sprint(section) != fmt.Sprint(unset) }
