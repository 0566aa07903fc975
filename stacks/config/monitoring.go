package config

import (
	"math"
	"net/mail"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/arn"

	"ml-api-accelerator/stacks/config/declare"
)

// Monitoring is the alarms, the dashboard and the metrics they need.
type Monitoring struct {
	Enabled                   bool
	Emails                    []string
	TopicARNs                 []string
	Slack                     *Slack
	ErrorRatePercent          float64
	OriginLatencyMilliseconds int
	CacheHitRatePercent       float64
}

// Declare implements [declare.Section].
func (m *Monitoring) Declare(f *declare.Fields) {
	f.Boolean("enabled", &m.Enabled, "Create alarms and a dashboard, and turn on CloudFront's additional metrics.")
	f.Texts("emails", &m.Emails, "Addresses that are told of alarms, once they have confirmed.")
	f.Texts("topicArns", &m.TopicARNs,
		"SNS topics of yours that are told as well, in us-east-1 and in the environment's region: an alarm only tells topics "+
			"of its own region. Without emails, no other topic is made.")
	declare.Optional(f, "slack", &m.Slack, "Slack channel that is told of all alarms as well.")
	f.Number("errorRatePercent", &m.ErrorRatePercent,
		"Percentage of 5xx answers above which the alarm goes off.").Default(5).Percent(ruleMonitoring, true)
	f.Integer("originLatencyMilliseconds",
		&m.OriginLatencyMilliseconds,
		"Milliseconds until the origin's first byte (90th percentile) above which the alarm goes off.").
		Default(10000).AtLeast(ruleMonitoring, 1)
	f.Number("cacheHitRatePercent", &m.CacheHitRatePercent,
		"Percentage of cache hits below which the alarm goes off; 0: no alarm.").Percent(ruleMonitoring, false)
}

// Topics returns the given topics of a region.
func (m Monitoring) Topics(region string) []string {
	var list []string
	for _, topic := range m.TopicARNs {
		if got, err := arn.Parse(topic); err == nil && got.Region == region {
			list = append(list, topic)
		}
	}
	return list
}

// MakesTopics reports whether topics are made for the alarms. Without an address they are there to be subscribed to,
// unless there are others.
func (m Monitoring) MakesTopics() bool { return len(m.Emails) > 0 || len(m.TopicARNs) == 0 }

// checkTopics checks the given topics. failed says that there are alarms in the region of the environment, and not only
// in that of CloudFront's metrics.
func (m Monitoring) checkTopics(r *declare.Report, at declare.Path, region string, failed bool) {
	alarmed := EdgeRegion
	if region != EdgeRegion {
		alarmed += " or " + region
	}
	for i, topic := range m.TopicARNs {
		checkARN(r, ruleMonitoring, at.Index(i), topic, topicARN, "")
		got, err := arn.Parse(topic)
		if err == nil && got.Region != EdgeRegion && got.Region != region {
			r.Must(ruleMonitoring, at.Index(i), "must be in %s, where the alarms are, got %q", alarmed, got.Region)
		}
		if strings.HasSuffix(topic, ".fifo") {
			r.Warn(ruleMonitoring, at.Index(i), "is a FIFO topic, to which alarms probably can't publish: AWS's guide says to make a "+
				"standard one, got %q", got.Resource)
		}
	}
	if !failed && (m.MakesTopics() || len(m.Topics(EdgeRegion)) > 0) {
		for i, topic := range m.TopicARNs {
			if got, err := arn.Parse(topic); err == nil && got.Region == region && region != EdgeRegion {
				r.Warn(ruleHasEffect, at.Index(i), "has no effect: without invalidateOnChange on a bucket all alarms are in %s, and an "+
					"alarm tells only topics of its own region", EdgeRegion)
			}
		}
	}
	for _, i := range repeated(m.TopicARNs, exactly) {
		r.Must(ruleMonitoring, at.Index(i), "must not repeat %q", m.TopicARNs[i])
	}
	if m.MakesTopics() {
		return
	}
	regions := []string{EdgeRegion}
	if failed && region != EdgeRegion {
		regions = append(regions, region)
	}
	for _, region := range regions {
		if len(m.Topics(region)) == 0 {
			r.Warn(ruleMonitoring, at, "has no topic in %s: nobody is told of the alarms there", region)
		}
	}
}

func (m Monitoring) check(r *declare.Report, at declare.Path) {
	if !m.Enabled && isSet(m, declare.Unset[Monitoring]()) {
		r.Warn(ruleHasEffect, at, `has no effect without "enabled": true`)
	}
	if m.Enabled && len(m.Emails) == 0 && len(m.TopicARNs) == 0 && m.Slack == nil {
		r.Warn(ruleMonitoring, at, "tells nobody of its alarms: set emails, topicArns or slack")
	}
	for i, email := range m.Emails {
		if a, err := mail.ParseAddress(email); err != nil || a.Address != email {
			r.Must(ruleMonitoring, at.Field("emails").Index(i), "must be an e-mail address like ops@example.com, got %q", email)
		} else if !strings.Contains(email[strings.LastIndex(email, "@"):], ".") {
			r.Warn(ruleMonitoring, at.Field("emails").Index(i), "has no dot after the @, so it is probably no address that mail "+
				"reaches, got %q", email)
		}
	}
	for _, i := range repeated(m.Emails, exactly) {
		r.Must(ruleMonitoring, at.Field("emails").Index(i), "must not repeat %q", m.Emails[i])
	}
	for _, i := range repeated(m.Emails, strings.ToLower) {
		if !slices.Contains(m.Emails[:i], m.Emails[i]) {
			r.Warn(ruleMonitoring, at.Field("emails").Index(i), "differs from another address only in upper and lower case, so "+
				"every alarm probably comes twice, got %q", m.Emails[i])
		}
	}
}

// Thresholds beyond which a number is probably meant in another unit: a share in place of a percentage, or seconds in
// place of milliseconds.
const (
	lowErrorRate = 0.1
	lowHitRate   = 1
	lowLatency   = 20
)

// checkThresholds warns of alarms that always go off, or never do. longest is how many seconds CloudFront waits for the
// backend that may take longest. A POST isn't tried again, a GET may be (CloudFront Developer Guide, Request and response
// behavior for custom origins, Origin response timeout).
func (m Monitoring) checkThresholds(r *declare.Report, at declare.Path, longest int) {
	if !m.Enabled {
		return
	}
	if rate := m.ErrorRatePercent; rate > 0 && rate < lowErrorRate {
		r.Warn(ruleMonitoring, at.Field("errorRatePercent"), "is %v %%, less than one request in 1,000: if you mean %v %%, write %[2]v",
			rate, percent(rate))
	}
	if rate := m.CacheHitRatePercent; rate > 0 && rate <= lowHitRate {
		r.Warn(ruleMonitoring, at.Field("cacheHitRatePercent"), "is %v %%, below which hardly any cache falls: if you mean %v %%, "+
			"write %[2]v", rate, percent(rate))
	}
	switch ms := m.OriginLatencyMilliseconds; {
	case ms < lowLatency:
		r.Warn(ruleMonitoring, at.Field("originLatencyMilliseconds"), "is %d ms, which nearly every answer takes, so the alarm is "+
			"probably always on: if you mean %[1]d s, write %d", ms, ms*1000)
	case ms > longest*1000:
		r.Warn(ruleMonitoring, at, "has originLatencyMilliseconds of %d, but CloudFront gives up on the backend after %d s "+
			"(readTimeoutSeconds): the alarm hardly ever goes off", ms, longest)
	}
}

// percent is a share as a percentage, without what binary fractions add.
func percent(share float64) float64 { return math.Round(share*1e6) / 1e4 }
