package config

import (
	"net/mail"
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
	declare.Optional(f, "slack", &m.Slack, "Channel in Slack that is told as well, of all alarms.")
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
			r.Warn(ruleMonitoring, at.Index(i), "is a FIFO topic, which alarms probably don't tell: AWS's guide says to make a "+
				"standard one, got %q", got.Resource)
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
	for i, email := range m.Emails {
		if a, err := mail.ParseAddress(email); err != nil || a.Address != email {
			r.Must(ruleMonitoring, at.Field("emails").Index(i), "must be an e-mail address like ops@example.com, got %q", email)
		}
	}
	for _, i := range repeated(m.Emails, exactly) {
		r.Must(ruleMonitoring, at.Field("emails").Index(i), "must not repeat %q", m.Emails[i])
	}
}
