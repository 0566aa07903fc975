package config

import (
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

// guesses are names that people try first, and the fields they mean.
var guesses = map[string][]string{
	"acl":         {"webACLArn"},
	"backend":     {"domainName", "api"},
	"bucketname":  {"bucket"},
	"certificate": {"certificateArn"},
	"domain":      {"domainName"},
	"enable":      {"enabled"},
	"endpoint":    {"domainName"},
	"host":        {"domainName"},
	"hostname":    {"domainName"},
	"kmskey":      {"kmsKeyArn"},
	"origin":      {"domainName"},
	"pattern":     {"path"},
	"port":        {"httpsPort"},
	"rate":        {"requestsPer5Minutes"},
	"ratelimit":   {"requestsPer5Minutes"},
	"role":        {"roleArn"},
	"timeout":     {"readTimeoutSeconds"},
	"ttl":         {"defaultTTLSeconds"},
	"url":         {"domainName"},
	"waf":         {"firewall"},
	"zone":        {"hostedZoneId"},
	"zoneid":      {"hostedZoneId"},
}

// meant returns the field that a name probably means: a likely misspelling, what people try first, or the only
// field that the name is a part of.
func meant(name string, known []string) string {
	if near := nearest(name, known); near != "" {
		return near
	}
	for _, field := range guesses[strings.ToLower(name)] {
		if slices.Contains(known, field) {
			return field
		}
	}
	var holding []string
	for _, field := range known {
		if len(name) > 3 && strings.Contains(strings.ToLower(field), strings.ToLower(name)) {
			holding = append(holding, field)
		}
	}
	if len(holding) == 1 {
		return holding[0]
	}
	return ""
}

// elsewhere returns the place of a field that stands in another section, or nothing.
func elsewhere(name string) string {
	var look func(at string, s *JSONSchema) string
	look = func(at string, s *JSONSchema) string {
		for _, field := range s.FieldNames() {
			if strings.EqualFold(field, name) {
				return at + field
			}
			if inner, suffix := s.Properties[field].Object(); inner != nil {
				if found := look(at+field+suffix+".", inner); found != "" {
					return found
				}
			}
		}
		return ""
	}
	return look("", configuration())
}

// nearest returns the choice that a text is a likely misspelling of, or nothing. One of two letters may only differ in case.
func nearest(text string, choices []string) string {
	best, distance := "", 1+len(text)/3
	if len(text) < 3 {
		distance = 0
	}
	for _, c := range choices {
		if d := levenshtein.ComputeDistance(strings.ToLower(text), strings.ToLower(c)); d <= distance {
			best, distance = c, d-1
		}
	}
	return best
}

// Suggestion is a hint at the choice that a text is a likely misspelling of, to stand after it, or nothing.
func Suggestion(text string, choices []string) string { return didYouMean(text, choices) }

// didYouMean is a hint at the choice that a value is a likely misspelling of, or nothing.
func didYouMean(value any, choices []string) string {
	text, _ := value.(string)
	if otherPartition(text) && slices.Contains(choices, EdgeRegion) {
		return " (GovCloud and China are not supported)"
	}
	if near := nearest(text, choices); near != "" {
		return " (did you mean " + near + "?)"
	}
	return ""
}

// otherPartition tells whether a Region is one of those that are kept apart from all others.
func otherPartition(region string) bool {
	return strings.HasPrefix(region, "us-gov-") || strings.HasPrefix(region, "cn-")
}
