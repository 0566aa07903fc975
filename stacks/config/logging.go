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
	ForceDestroy   bool

	// Version of standard logging that is delivered, and the one that is still delivered beside it; 0: none.
	Version, RetiredVersion int
	Queries                 bool
}

// Delivers tells whether a version of standard logging is delivered.
func (l Logging) Delivers(version int) bool {
	return l.Enabled && (l.Version == version || l.RetiredVersion == version)
}

func (l *Logging) declare(f *fields) {
	f.boolean("enabled", &l.Enabled, "Write a line for every request; delivered within minutes, best effort.").standard(true)
	f.text("prefix", &l.Prefix, "Put before the name of every log file.").standard("cf-logs/").
		length(ruleL1, Range{0, 256}).
		matches(ruleL1, regexp.MustCompile(`^($|[^/])`), `not begin with "/"`)
	f.boolean("includeCookies", &l.IncludeCookies, "Log cookies as well.")
	f.integer("retentionDays", &l.RetentionDays, "Days a log file is kept.").standard(90).between(ruleL1, daysKept)
	f.integer("version", &l.Version, "Version of standard logging: 1 writes text files, 2 writes Parquet, in a folder for each hour.").standard(1).
		between(ruleL1, Range{1, 2})
	f.integer("retiredVersion", &l.RetiredVersion, "1: still deliver version 1 beside version 2, so that no line is lost when the version changes.").
		between(ruleL1, Range{0, 1})
	f.boolean("queries", &l.Queries, "Make a table and queries in Athena, for the command logs.")
	f.boolean("forceDestroy", &l.ForceDestroy, "Let Terraform delete the bucket with everything in it, once this is deployed; otherwise it refuses to, and lets go of the bucket when logging is switched off.")
}

func (l Logging) check(r *report, at path, environment, region string) {
	on := l
	on.Enabled, on.ForceDestroy = true, false // which says what becomes of the bucket
	if !l.Enabled && isSet(on, unset[Logging]()) {
		r.warn(ruleU1, at, "has no effect without enabled")
	}
	if l.Enabled && slices.Contains(optInRegions, region) {
		r.must(ruleN3, at.field("enabled"), "must be false in %s: CloudFront can't deliver standard logs to an opt-in region", region)
	}
	if l.ForceDestroy && environment == "prod" {
		r.warn(ruleL1, at.field("forceDestroy"), "lets Terraform delete every access log of prod")
	}
}
