package queries

import (
	"net/http"
	"regexp"
	"slices"
	"strings"

	"ml-api-accelerator/stacks/internal/awstest/wire"
)

// signature is Signature Version 4 for one Region.
var signature = regexp.MustCompile(`^AWS4-HMAC-SHA256 Credential=[^/, ]+/\d{8}/([a-z0-9-]+)/athena/aws4_request, ?` +
	`SignedHeaders=([a-z0-9;-]+), ?Signature=[0-9a-f]{64}$`)

// signedFor returns the Region for which a request is signed (Athena API Reference, Common Errors). Nothing is computed: whether the
// signature is right is the SDK's concern.
func signedFor(r *http.Request) (region string, err error) {
	refusal := wire.Error{Status: http.StatusBadRequest, Code: "IncompleteSignature"}
	found := signature.FindStringSubmatch(r.Header.Get("Authorization"))
	if found == nil {
		return "", refusal.Say("The request signature does not conform to AWS standards")
	}
	signed := strings.Split(found[2], ";")
	for _, name := range []string{"host", "x-amz-date", "x-amz-target"} {
		if !slices.Contains(signed, name) {
			return "", refusal.Say("%s must be a signed header", name)
		}
	}
	return found[1], nil
}
