package stacks

import "ml-api-accelerator/stacks/config"

// dashboard is the body of a CloudWatch dashboard, 24 columns wide
// (Amazon CloudWatch API Reference, Dashboard body structure and syntax).
type dashboard struct {
	Widgets []widget `json:"widgets"`
}

type widget struct {
	Type       string           `json:"type"`
	X          int              `json:"x"`
	Y          int              `json:"y"`
	Width      int              `json:"width"`
	Height     int              `json:"height"`
	Properties widgetProperties `json:"properties"`
}

type widgetProperties struct {
	Title   string   `json:"title"`
	View    string   `json:"view,omitempty"`
	Region  string   `json:"region,omitempty"`
	Period  int      `json:"period,omitempty"`
	Metrics [][]any  `json:"metrics,omitempty"` // namespace, name, dimensions in pairs, options
	YAxis   any      `json:"yAxis,omitempty"`
	Alarms  []string `json:"alarms,omitempty"`
}

// newDashboard shows at a glance whether callers are served, how fast, and by what: the alarms in a row,
// then three graphs in each row.
func newDashboard(props monitoringProps, alarms []string) dashboard {
	edge := func(metric, stat string) []any {
		return series("AWS/CloudFront", metric, stat, "DistributionId", props.DistributionID, "Region", "Global")
	}
	s3 := func(metric string) []any {
		return series("AWS/S3", metric, "Sum", "BucketName", props.Models.ID, "FilterId", wholeBucket)
	}
	graphs := []widgetProperties{
		{Title: "Requests", Region: config.EdgeRegion, Metrics: [][]any{edge("Requests", "Sum")}},
		{Title: "Errors, % of answers", Region: config.EdgeRegion, YAxis: percent(), Metrics: [][]any{edge("4xxErrorRate", "Average"), edge("5xxErrorRate", "Average")}},
		{Title: "Cache hits, % of cacheable requests", Region: config.EdgeRegion, YAxis: percent(), Metrics: [][]any{edge("CacheHitRate", "Average")}},
		{Title: "Origin latency, ms", Region: config.EdgeRegion, Metrics: [][]any{edge("OriginLatency", "p50"), edge("OriginLatency", "p90"), edge("OriginLatency", "p99")}},
		{Title: "Bytes", Region: config.EdgeRegion, Metrics: [][]any{edge("BytesDownloaded", "Sum"), edge("BytesUploaded", "Sum")}},
		{Title: "Errors of the models' bucket", Region: props.Region, Metrics: [][]any{s3("4xxErrors"), s3("5xxErrors")}},
	}
	if props.Firewall {
		waf := func(metric string) []any {
			return series("AWS/WAFV2", metric, "Sum", "WebACL", props.Stack, "Rule", "ALL")
		}
		graphs = append(graphs, widgetProperties{
			Title: "Firewall", Region: config.EdgeRegion,
			Metrics: [][]any{waf("AllowedRequests"), waf("BlockedRequests"), waf("CountedRequests")},
		})
	}
	d := dashboard{Widgets: []widget{{
		Type: "alarm", Width: 24, Height: 3, Properties: widgetProperties{Title: props.Stack, Alarms: alarms},
	}}}
	for i, g := range graphs {
		g.View, g.Period = "timeSeries", 300
		d.Widgets = append(d.Widgets, widget{Type: "metric", X: i % 3 * 8, Y: 3 + i/3*6, Width: 8, Height: 6, Properties: g})
	}
	return d
}

func series(namespace, metric, stat string, dimensions ...any) []any {
	return append(append([]any{namespace, metric}, dimensions...), map[string]string{"stat": stat})
}

func percent() any { return map[string]any{"left": map[string]int{"min": 0, "max": 100}} }
