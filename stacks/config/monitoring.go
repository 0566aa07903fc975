package config

import (
	"net/mail"

	"ml-api-accelerator/stacks/config/declare"
)

// Monitoring is the alarms, the dashboard and the metrics they need.
type Monitoring struct {
	Enabled                   bool
	Emails                    []string
	ErrorRatePercent          float64
	OriginLatencyMilliseconds int
	CacheHitRatePercent       float64
}

// Declare implements [declare.Section].
func (m *Monitoring) Declare(f *declare.Fields) {
	f.Boolean("enabled", &m.Enabled, "Create alarms and a dashboard, and turn on CloudFront's additional metrics.")
	f.Texts("emails", &m.Emails, "Addresses that are told of alarms, once they have confirmed.")
	f.Number("errorRatePercent", &m.ErrorRatePercent,
		"Percentage of 5xx answers above which the alarm goes off.").Default(5).Percent(ruleMonitoring, true)
	f.Integer("originLatencyMilliseconds",
		&m.OriginLatencyMilliseconds,
		"Milliseconds until the origin's first byte (90th percentile) above which the alarm goes off.").
		Default(10000).AtLeast(ruleMonitoring, 1)
	f.Number("cacheHitRatePercent", &m.CacheHitRatePercent,
		"Percentage of cache hits below which the alarm goes off; 0: no alarm.").Percent(ruleMonitoring, false)
}

func (m Monitoring) check(r *declare.Report, at declare.Path) {
	if !m.Enabled && isSet(m, declare.Unset[Monitoring]()) {
		r.Warn(ruleHasEffect, at, `has no effect without "enabled": true`)
	}
	for i, email := range m.Emails {
		if a, err := mail.ParseAddress(email); err != nil || a.Address != email {
			r.Must(ruleMonitoring, at.Field("emails").Index(i), "must be an e-mail address like ops@example.com, got %q", email)
		}
	}
	for _, i := range repeated(m.Emails, exactly) {
		r.Must(ruleMonitoring, at.Field("emails").Index(i), "must not repeat %q", m.Emails[i])
	}
}
