package config

import "net/mail"

// Monitoring is the alarms, the dashboard and the metrics they need.
type Monitoring struct {
	// Make alarms, a dashboard, and CloudFront's additional metrics.
	Enabled bool `json:"enabled,omitempty"`
	// Addresses that are told of alarms, once they have confirmed.
	Emails []string `json:"emails,omitempty"`
	// Percent of 5xx answers over which the alarm goes off.
	ErrorRatePercent float64 `json:"errorRatePercent,omitempty"`
	// Milliseconds until the origin's first byte, 90th percentile, over which the alarm goes off.
	OriginLatencyMilliseconds int `json:"originLatencyMilliseconds,omitempty"`
	// Percent of cache hits under which the alarm goes off; 0: no such alarm.
	CacheHitRatePercent float64 `json:"cacheHitRatePercent,omitempty"`
}

func (m Monitoring) check(r *report, at path) {
	if !m.Enabled && isSet(m, defaults().Monitoring) {
		r.warn("U1", at, "has no effect without enabled")
	}
	for i, email := range m.Emails {
		if a, err := mail.ParseAddress(email); err != nil || a.Address != email {
			r.must("M1", at.field("emails").index(i), "must be an e-mail address like ops@example.com, got %q", email)
		}
	}
	for _, i := range repeated(m.Emails, exactly) {
		r.must("M1", at.field("emails").index(i), "must not repeat %q", m.Emails[i])
	}
	if m.ErrorRatePercent <= 0 || m.ErrorRatePercent > 100 {
		r.must("M1", at.field("errorRatePercent"), "must be over 0 and at most 100, got %v", m.ErrorRatePercent)
	}
	r.atLeast("M1", at.field("originLatencyMilliseconds"), m.OriginLatencyMilliseconds, 1)
	if m.CacheHitRatePercent < 0 || m.CacheHitRatePercent > 100 {
		r.must("M1", at.field("cacheHitRatePercent"), "must be 0 to 100, got %v", m.CacheHitRatePercent)
	}
}
