package replay

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"ml-api-accelerator/stacks/internal/shared/format"
	"ml-api-accelerator/stacks/internal/traffic/logs"
)

// Usage is what AWS bills for the requests of logs, by where they were answered.
type Usage struct {
	regions   map[string]*regionUsage
	elsewhere elsewhere
	span      logs.Span
}

// regionUsage is that of one of the regions that have prices of their own.
type regionUsage struct {
	http, https         int64
	toViewers, toOrigin int64 // bytes
}

// elsewhere are the requests at edge locations of which the region isn't known, by the letters of their names.
type elsewhere map[string]int

// NewUsage begins to add up.
func NewUsage() *Usage { return &Usage{regions: map[string]*regionUsage{}, elsewhere: elsewhere{}} }

// Add adds the requests of some lines.
func (u *Usage) Add(lines []logs.Line) {
	u.span.Add(lines)
	for i := range lines {
		l := &lines[i]
		code := l.Airport()
		region := regionOf[code]
		if region == "" {
			u.elsewhere.add(code)
			continue
		}
		r := u.regions[region]
		if r == nil {
			r = &regionUsage{}
			u.regions[region] = r
		}
		r.add(l)
	}
}

func (r *regionUsage) add(l *logs.Line) {
	r.toViewers += l.Bytes
	if isPlain(l) {
		r.http++
	} else {
		r.https++
	}
	// "in response to DELETE, OPTIONS, PATCH, POST, and PUT requests" (AWS billing and usage reports for CloudFront).
	if l.Method != http.MethodGet && l.Method != http.MethodHead && !stopped(l) && !hasNoAnswer(l) {
		r.toOrigin += l.SentBytes
	}
}

func (e elsewhere) add(code string) {
	if _, known := e[code]; !known {
		code = strings.Clone(code) // a part of it would keep all that was read with it
	}
	e[code]++
}

// listed is how many of them a person wants to see.
const listed = 20

// String is empty if there are none.
func (e elsewhere) String() string {
	var list []string
	codes := slices.Sorted(maps.Keys(e))
	for _, code := range codes[:min(len(codes), listed)] {
		list = append(list, fmt.Sprintf("%s (%s)", code, format.Thousands(e[code])))
	}
	if more := len(codes) - listed; more > 0 {
		list = append(list, fmt.Sprintf("and %s more", format.Thousands(more)))
	}
	return strings.Join(list, ", ")
}

// Elsewhere are the edge locations that aren't in the usage file, and how many requests they answered; empty: there are
// none.
func (u *Usage) Elsewhere() string { return u.elsewhere.String() }

// UsageMark begins a usage file.
const UsageMark = "# Made by replay from "

// Infracost counts 730 hours a month, and 10,240 GB as 10 TB (infracost/infracost, internal/schema and
// internal/resources/aws/cloudfront_distribution.go).
const monthSeconds, gigabyte = 730 * 3600, 1 << 30

// Infracost is a usage file of Infracost with what a month costs if it is like the logs. Its keys are those of the file
// just named.
func (u *Usage) Infracost() (string, error) {
	if len(u.regions) == 0 {
		return "", errors.New("no request is from an edge location of which the region is known")
	}
	times := float64(monthSeconds) / float64(u.span.To().Unix()-u.span.From().Unix()+1)
	var out strings.Builder
	fmt.Fprintf(&out, "%s%s, %s to %s UTC, times %.4g for a month of 730 hours.\n"+
		"version: 0.1\nresource_usage:\n  aws_cloudfront_distribution.edge:\n",
		UsageMark, format.Count(u.span.Lines, "request"), u.span.From().Format(time.DateTime),
		u.span.To().Format(time.DateTime), times)
	for _, key := range []struct {
		name   string
		amount func(*regionUsage) int64
		unit   float64
		format string
	}{
		{"monthly_http_requests", func(r *regionUsage) int64 { return r.http }, 1, "%.0f"},
		{"monthly_https_requests", func(r *regionUsage) int64 { return r.https }, 1, "%.0f"},
		{"monthly_data_transfer_to_internet_gb", func(r *regionUsage) int64 { return r.toViewers }, gigabyte, "%.3f"},
		{"monthly_data_transfer_to_origin_gb", func(r *regionUsage) int64 { return r.toOrigin }, gigabyte, "%.3f"},
	} {
		fmt.Fprintf(&out, "    %s:\n", key.name)
		for _, region := range slices.Sorted(maps.Keys(u.regions)) {
			fmt.Fprintf(&out, "      %s: "+key.format+"\n", region,
				float64(key.amount(u.regions[region]))*times/key.unit)
		}
	}
	return out.String(), nil
}

// regions are the edge locations of Infracost's regions, which are those of CloudFront's prices (Choose the price class
// for a CloudFront distribution). A location is named for an airport nearby (Standard logging reference,
// x-edge-location); AWS lists cities only, so the codes are those that github.com/tobilg/aws-edge-locations has seen.
// China has a CloudFront and prices of its own.
var regions = map[string]string{
	"us": `IAD ORD JFK ATL LAX MIA DFW IAH SFO BOS DEN HIO SEA MSP PHX PHL SLC BNA DTW TPA EWR CMH MCI PIT
		QRO YTO YUL YVR`,
	"europe": `FRA DUS HAM MUC TXL CDG MRS MXP FCO PMO AMS MAN LHR DUB VIE ARN CPH HEL ATH BRU BUD LIS OSL OTP PRG SOF WAW
		ZAG ZRH BCN MAD IST TLV`,
	"south_africa":  `BAH DXB FJR MCT CPT JNB NBO LOS`,
	"south_america": `GRU GIG FOR BOG EZE SCL LIM`,
	"japan":         `KIX NRT`,
	"australia":     `SYD AKL MEL PER BNE`,
	"asia_pacific":  `SIN TPE ICN BKK CGK KUL MNL HAN SGN HKG`,
	"india":         `DEL MAA BOM PNQ BLR HYD CCU`,
}

// regionOf is the region of an edge location, by the letters of its name.
var regionOf = func() map[string]string {
	found := map[string]string{}
	for region, codes := range regions {
		for _, code := range strings.Fields(codes) {
			found[code] = region
		}
	}
	return found
}()
