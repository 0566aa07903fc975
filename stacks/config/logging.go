package config

import (
	"regexp"
	"slices"
)

// Logging is CloudFront's standard logging to a bucket of its own.
type Logging struct {
	Enabled        bool
	Prefix         string
	IncludeCookies bool
	RetentionDays  int
}

func (l *Logging) declare(f *fields) {
	f.boolean("enabled", &l.Enabled, "Write a line for every request; delivered within minutes, best effort.").standard(true)
	f.text("prefix", &l.Prefix, "Put before the name of every log file.").standard("cf-logs/").
		length(ruleL1, Range{0, 256}).
		matches(ruleL1, regexp.MustCompile(`^($|[^/])`), `not begin with "/"`)
	f.boolean("includeCookies", &l.IncludeCookies, "Log cookies as well.")
	f.integer("retentionDays", &l.RetentionDays, "Days a log file is kept.").standard(90).between(ruleL1, daysKept)
}

func (l Logging) check(r *report, at path, region string) {
	on := l
	on.Enabled = true
	if !l.Enabled && isSet(on, unset[Logging]()) {
		r.warn(ruleU1, at, "has no effect without enabled")
	}
	if l.Enabled && slices.Contains(optInRegions, region) {
		r.must(ruleN3, at.field("enabled"), "must be false in %s: CloudFront can't deliver standard logs to an opt-in region", region)
	}
}
