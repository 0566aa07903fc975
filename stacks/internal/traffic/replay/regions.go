package replay

import "strings"

// regions are the edge locations of Infracost's regions, which are those of CloudFront's prices (Choose the price class for a CloudFront
// distribution). A location is named for an airport nearby (Standard logging reference, x-edge-location); AWS lists cities only, so the
// codes are those that github.com/tobilg/aws-edge-locations has seen. China has a CloudFront and prices of its own.
var regions = map[string]string{
	"us": `IAD ORD JFK ATL LAX MIA DFW IAH SFO BOS DEN HIO SEA MSP PHX PHL SLC BNA DTW TPA EWR CMH MCI PIT QRO YTO YUL YVR`,
	"europe": `FRA DUS HAM MUC TXL CDG MRS MXP FCO PMO AMS MAN LHR DUB VIE ARN CPH HEL ATH BRU BUD LIS OSL OTP PRG SOF WAW ZAG ZRH BCN MAD
		IST TLV`,
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
