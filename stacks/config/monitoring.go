package config

import "net/mail"

// Monitoring is the alarms, the dashboard and the metrics they need.
type Monitoring struct {
	Enabled                   bool
	Emails                    []string
	ErrorRatePercent          float64
	OriginLatencyMilliseconds int
	CacheHitRatePercent       float64
}

func (m *Monitoring) declare(f *fields) {
	f.boolean("enabled", &m.Enabled, "Make alarms, a dashboard, and CloudFront's additional metrics.")
	f.texts("emails", &m.Emails, "Addresses that are told of alarms, once they have confirmed.")
	f.number("errorRatePercent", &m.ErrorRatePercent, "Percent of 5xx answers over which the alarm goes off.").standard(5).percent(ruleMonitoring, true)
	f.integer("originLatencyMilliseconds", &m.OriginLatencyMilliseconds, "Milliseconds until the origin's first byte, 90th percentile, over which the alarm goes off.").
		standard(10000).atLeast(ruleMonitoring, 1)
	f.number("cacheHitRatePercent", &m.CacheHitRatePercent, "Percent of cache hits under which the alarm goes off; 0: no such alarm.").percent(ruleMonitoring, false)
}

func (m Monitoring) check(r *report, at path) {
	if !m.Enabled && isSet(m, unset[Monitoring]()) {
		r.warn(ruleHasEffect, at, "has no effect without enabled")
	}
	for i, email := range m.Emails {
		if a, err := mail.ParseAddress(email); err != nil || a.Address != email {
			r.must(ruleMonitoring, at.field("emails").index(i), "must be an e-mail address like ops@example.com, got %q", email)
		}
	}
	for _, i := range repeated(m.Emails, exactly) {
		r.must(ruleMonitoring, at.field("emails").index(i), "must not repeat %q", m.Emails[i])
	}
}
