package keyvaluestore

import (
	"net/http"
	"regexp"
	"slices"
	"strings"

	"ml-api-accelerator/stacks/internal/awstest/wire"
)

// signature is what signs for several Regions: its scope names none, a header does.
var signature = regexp.MustCompile(`^AWS4-ECDSA-P256-SHA256 Credential=[^/, ]+/\d{8}/cloudfront-keyvaluestore/aws4_request, ?` +
	`SignedHeaders=([a-z0-9;-]+), ?Signature=[0-9a-f]+$`)

// checkSignature refuses a request that isn't signed with Signature Version 4A (CloudFront Developer Guide, Work with key value
// data, Tip). CloudFront answers one signed with Version 4 with this code (aws/aws-sdk-js#4545). Nothing is computed: whether
// the signature is right is the SDK's concern.
func checkSignature(r *http.Request) error {
	refusal := wire.Error{Status: http.StatusForbidden, Code: "InvalidSignatureException"}
	found := signature.FindStringSubmatch(r.Header.Get("Authorization"))
	if found == nil {
		return refusal.Say("Credential should be scoped to a valid region.")
	}
	signed := strings.Split(found[1], ";")
	if r.Header.Get("X-Amz-Region-Set") == "" || !slices.Contains(signed, "x-amz-region-set") {
		return refusal.Say("X-Amz-Region-Set must be a signed header.")
	}
	for _, name := range []string{"host", "x-amz-date"} {
		if !slices.Contains(signed, name) {
			return refusal.Say("%s must be a signed header.", name)
		}
	}
	return nil
}
