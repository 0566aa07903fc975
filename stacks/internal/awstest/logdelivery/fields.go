package logdelivery

import (
	"slices"
	"strings"
)

// standardFields are what is delivered unless other fields are asked for (CloudFront Developer Guide, Standard logging reference, Log file fields).
var standardFields = strings.Fields("date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) " +
	"cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken x-forwarded-for ssl-protocol " +
	"ssl-cipher x-edge-response-result-type cs-protocol-version fle-status fle-encrypted-fields c-port time-to-first-byte " +
	"x-edge-detailed-result-type sc-content-type sc-content-len sc-range-start sc-range-end")

// moreFields can be asked for (the same guide, Configure standard logging (v2), Access log fields).
var moreFields = strings.Fields("timestamp(ms) origin-fbl origin-lbl asn c-country cache-behavior-path-pattern")

func checkFields(fields []string) error {
	for _, field := range fields {
		if !slices.Contains(standardFields, field) && !slices.Contains(moreFields, field) {
			return invalid.Say("Record field %s is not supported", field)
		}
	}
	return nil
}
