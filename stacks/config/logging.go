package config

import (
	"slices"
	"strings"
)

// Logging is CloudFront's standard logging to a bucket of its own.
type Logging struct {
	// Write a line for every request; delivered within minutes, best effort.
	Enabled bool `json:"enabled,omitempty"`
	// Put before the name of every log file.
	Prefix string `json:"prefix,omitempty"`
	// Log cookies too.
	IncludeCookies bool `json:"includeCookies,omitempty"`
	// Days a log file is kept.
	RetentionDays int `json:"retentionDays,omitempty"`
}

func (l Logging) check(r *report, at path, region string) {
	on := l
	on.Enabled = true
	if !l.Enabled && isSet(on, defaults().Logging) {
		r.warn("U1", at, "has no effect without enabled")
	}
	if strings.HasPrefix(l.Prefix, "/") {
		r.must("L1", at.field("prefix"), `must not begin with "/", got %q`, l.Prefix)
	}
	r.length("L1", at.field("prefix"), logPrefixLength, l.Prefix)
	r.within("L1", at.field("retentionDays"), days, l.RetentionDays)
	if l.Enabled && slices.Contains(optInRegions, region) {
		r.must("N3", at.field("enabled"), "must be false in %s: CloudFront can't deliver standard logs to an opt-in region", region)
	}
}
