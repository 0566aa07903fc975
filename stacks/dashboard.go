package stacks

import (
	"slices"

	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/cloudwatchdashboard"
	"github.com/hashicorp/terraform-cdk-go/cdktf"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/shared/names"
)

type dashboardProps struct {
	Alarms         []string // their ARNs
	DistributionID string
	Buckets        buckets
	BucketsRegion  string
	Firewall       config.Firewall
	Keys           bool
	Functions      []viewerFunction
	Stack          string
	Provider       cdktf.TerraformProvider // of config.EdgeRegion
}

// newDashboard makes a dashboard that shows at a glance whether callers are served, how fast, and by what, and returns
// its URL.
func newDashboard(scope constructs.Construct, id string, props dashboardProps) string {
	rename(cloudwatchdashboard.NewCloudwatchDashboard(scope, jsii.String(id+"-dashboard"),
		&cloudwatchdashboard.CloudwatchDashboardConfig{
			Provider:      props.Provider,
			DashboardName: jsii.String(props.Stack),
			DashboardBody: jsii.String(toJSON(dashboardBody(props))),
		}), id)
	const console = "https://" + config.EdgeRegion + ".console.aws.amazon.com/cloudwatch/home?region=" + config.EdgeRegion
	return console + "#dashboards/dashboard/" + props.Stack
}

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
	YAxis   object   `json:"yAxis,omitempty"`
	Alarms  []string `json:"alarms,omitempty"`
}

// dashboardBody lays the widgets out: the alarms in a row, then three graphs in each row.
func dashboardBody(props dashboardProps) dashboard {
	d := dashboard{Widgets: []widget{{
		Type: "alarm", Width: 24, Height: 3, Properties: widgetProperties{Title: props.Stack, Alarms: props.Alarms},
	}}}
	for i, g := range graphs(props) {
		g.View, g.Period = "timeSeries", 300
		place := widget{Type: "metric", X: i % 3 * 8, Y: 3 + i/3*6, Width: 8, Height: 6, Properties: g}
		d.Widgets = append(d.Widgets, place)
	}
	return d
}

// graphs show the metrics of the edge, the buckets and the firewall.
func graphs(props dashboardProps) []widgetProperties {
	edge := func(metric, stat string) []any { return edgeSeries(props.DistributionID, metric, stat) }
	errors := edgeGraph("Errors, % of answers", edge("4xxErrorRate", "Average"), edge("5xxErrorRate", "Average"))
	hits := edgeGraph("Cache hits, % of cacheable requests", edge("CacheHitRate", "Average"))
	errors.YAxis, hits.YAxis = percent(), percent()
	list := []widgetProperties{
		edgeGraph("Requests", edge("Requests", "Sum")),
		errors,
		hits,
		edgeGraph("Origin latency, ms",
			edge("OriginLatency", "p50"), edge("OriginLatency", "p90"), edge("OriginLatency", "p99")),
		edgeGraph("Bytes", edge("BytesDownloaded", "Sum"), edge("BytesUploaded", "Sum")),
	}
	for _, b := range props.Buckets {
		if b.Existing {
			continue // its metrics cost its owner extra
		}
		s3 := func(metric string) []any {
			return series("AWS/S3", metric, "Sum", "BucketName", b.Bucket.ID, "FilterId", wholeBucket)
		}
		title := "Errors of the models' bucket"
		if b.Name != names.Models {
			title = "Errors of the bucket " + b.Name
		}
		list = append(list, widgetProperties{
			Title: title, Region: props.BucketsRegion, Metrics: [][]any{s3("4xxErrors"), s3("5xxErrors")},
		})
	}
	return slices.Concat(list, firewallGraphs(props.Firewall, props.Stack), callerGraphs(props))
}

// firewallGraphs show what a web ACL made here does, and who is over which of several limits.
func firewallGraphs(firewall config.Firewall, stack string) []widgetProperties {
	if !firewall.Enabled {
		return nil
	}
	waf := func(metric, rule string) []any {
		return series("AWS/WAFV2", metric, "Sum", "WebACL", stack, "Rule", rule)
	}
	list := []widgetProperties{edgeGraph("Firewall",
		waf("AllowedRequests", "ALL"), waf("BlockedRequests", "ALL"), waf("CountedRequests", "ALL"))}
	limits := firewall.RateLimits()
	if len(limits) == 1 {
		return list
	}
	over := edgeGraph("Requests over a limit (429)")
	for _, limit := range limits {
		over.Metrics = append(over.Metrics, waf("BlockedRequests", limit.Name))
	}
	return append(list, over)
}

// callerGraphs show how many callers are refused for want of an API key, and whether the functions that do it work. No
// metric of CloudFront tells the canary's answers from the rest of the API's; the access logs do.
func callerGraphs(props dashboardProps) []widgetProperties {
	var list []widgetProperties
	if props.Keys {
		refused := edgeGraph("Callers refused (401), % of answers",
			edgeSeries(props.DistributionID, "401ErrorRate", "Average"))
		refused.YAxis = percent()
		list = append(list, refused)
	}
	for _, f := range props.Functions {
		graph := edgeGraph("Function " + f.Name)
		for _, metric := range []string{"Invocations", "ValidationErrors", "ExecutionErrors", "Throttles"} {
			graph.Metrics = append(graph.Metrics, series("AWS/CloudFront", "Function"+metric, "Sum",
				"DistributionId", props.DistributionID, "FunctionName", f.Name, "Region", "Global"))
		}
		list = append(list, graph)
	}
	return list
}

func edgeGraph(title string, metrics ...[]any) widgetProperties {
	return widgetProperties{Title: title, Region: config.EdgeRegion, Metrics: metrics}
}

func edgeSeries(distributionID, metric, stat string) []any {
	return series("AWS/CloudFront", metric, stat, "DistributionId", distributionID, "Region", "Global")
}

// series returns one line of a graph.
func series(namespace, metric, stat string, dimensions ...any) []any {
	return append(append([]any{namespace, metric}, dimensions...), object{"stat": stat})
}

func percent() object { return object{"left": object{"min": 0, "max": 100}} }
