package config

import (
	"regexp"
	"slices"
	"strings"

	"ml-api-accelerator/stacks/config/declare"
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

// namesCallers reports whether the log has a field for what the function at the edge knows of a caller (CloudFront
// Developer Guide, General helper methods; hashicorp/terraform-provider-aws, issue 49176).
func (l Logging) namesCallers() bool { return l.Delivers(2) }

// Declare implements [declare.Section].
func (l *Logging) Declare(f *declare.Fields) {
	f.Boolean("enabled", &l.Enabled,
		"Log every request. Delivery is best effort and usually takes up to an hour.").Default(true)
	f.Text("prefix", &l.Prefix,
		"Prefix of every log file name. With version 2, folders below json/.").Default("cf-logs/").
		Length(ruleLogging, 0, 256).
		Matches(ruleLogging, regexp.MustCompile(`^($|[^/])`), `not begin with "/"`)
	f.Boolean("includeCookies", &l.IncludeCookies, "Log cookies as well, which works only while version 1 is delivered.")
	f.Integer("retentionDays", &l.RetentionDays,
		"Days a log file is kept.").Default(90).Between(ruleLogging, 1, mostDaysKept)
	f.Integer("version", &l.Version,
		"Version of standard logging: 1 writes text files; 2 writes JSON, with a folder for each hour, and names callers.").Default(1).
		Between(ruleLogging, 1, 2)
	f.Integer("retiredVersion", &l.RetiredVersion,
		"1 keeps delivering version 1 beside version 2, so that no line is lost when the version changes.").
		Between(ruleLogging, 0, 1)
	f.Boolean("queries", &l.Queries, "Create an Athena table and queries, for the command logs.")
	f.Boolean("forceDestroy", &l.ForceDestroy,
		"Let Terraform delete the bucket with everything in it, from the next deploy on. Otherwise Terraform refuses, and "+
			"leaves the bucket behind when logging is turned off.")
}

func (l Logging) check(r *declare.Report, at declare.Path, environment, region string) {
	on := l
	on.Enabled, on.ForceDestroy = true, false // which says what becomes of the bucket
	if !l.Enabled && isSet(on, declare.Unset[Logging]()) {
		r.Warn(ruleHasEffect, at, `has no effect without "enabled": true`)
	}
	l.checkRegion(r, at, region)
	if l.Version == 2 {
		l.checkDelivered(r, at)
	} else {
		l.checkOnlyDelivered(r, at)
	}
	if l.ForceDestroy && environment == "prod" {
		r.Warn(ruleLogging, at.Field("forceDestroy"), "lets Terraform delete every access log of prod")
	}
}

func (l Logging) checkRegion(r *declare.Report, at declare.Path, region string) {
	const why = "CloudFront delivers version 1 of its logs to no opt-in region"
	switch {
	case !l.Delivers(1) || !slices.Contains(optInRegions, region):
	case l.Version == 1:
		r.Must(ruleLogsRegion, at.Field("enabled"), "must be false in %s, or version must be 2: %s", region, why)
	default:
		r.Must(ruleLogsRegion, at.Field("retiredVersion"), "must be 0 in %s: %s", region, why)
	}
}

// checkOnlyDelivered refuses without version 2 what goes with it alone.
func (l Logging) checkOnlyDelivered(r *declare.Report, at declare.Path) {
	if l.RetiredVersion == 1 {
		r.Must(ruleLoggingVersion, at.Field("retiredVersion"), "must be 0 with version 1, which is delivered anyway")
	}
	if l.Queries {
		r.Must(ruleLoggingVersion, at.Field("queries"),
			"must be false with version 1: the table reads the files of version 2")
	}
}

// deliveredFolders are those of version 2, before the ones of the hour. AWS documents no pattern: these characters are
// in its examples. What begins with / is refused already.
var deliveredFolders = regexp.MustCompile(`^/?([\w.-]*[\w-][\w.-]*(/|$))*$`)

// longestDelivered is what CloudWatch Logs takes before /{yyyy}/{MM}/{dd}/{HH} (API Reference,
// S3DeliveryConfiguration).
const longestDelivered = 256 - 22

// checkDelivered holds version 2 to what CloudWatch's log delivery and Terraform can do.
func (l Logging) checkDelivered(r *declare.Report, at declare.Path) {
	prefix := strings.TrimSuffix(l.Prefix, "/")
	if !deliveredFolders.MatchString(l.Prefix) {
		r.Must(ruleLogPrefix, at.Field("prefix"),
			"must be folders of letters, digits, \".\", \"_\" and \"-\" with version 2, such as \"logs/edge/\", got %q",
			l.Prefix)
	}
	if len(prefix) > longestDelivered {
		r.Must(ruleLogPrefix, at.Field("prefix"),
			"must have at most %d characters with version 2, without a last \"/\", got %d", longestDelivered, len(prefix))
	}
	const provider = "version 5 of Terraform's AWS provider can only switch cookies on where it sets up version 1"
	switch {
	case l.IncludeCookies && l.RetiredVersion == 1:
		r.Warn(ruleLoggingVersion, at.Field("includeCookies"), "must be removed together with retiredVersion: %s", provider)
	case l.IncludeCookies:
		r.Must(ruleLoggingVersion, at.Field("includeCookies"), "must be false with version 2: %s", provider)
	}
}
