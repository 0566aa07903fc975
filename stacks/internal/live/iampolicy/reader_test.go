package iampolicy_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/live/iampolicy"
)

// TestReaderOfAPage is told what is missing, and one of models isn't.
func TestReaderOfAPage(t *testing.T) {
	r := iampolicy.Reader{Distribution: "arn:aws:cloudfront::111122223333:distribution/E1"}
	const rest = `"Sid": "AllowCloudFrontRead", "Effect": "Allow", "Principal": {"Service": "cloudfront.amazonaws.com"},
		"Condition": {"StringEquals": {"AWS:SourceArn": "arn:aws:cloudfront::111122223333:distribution/E1"}}`
	for _, c := range []struct {
		arn  string
		page bool
		want string
	}{
		{"arn:aws:s3:::a", false, `"Action": "s3:GetObject", "Resource": "arn:aws:s3:::a/*"`},
		{"arn:aws:s3:::a", true, `"Action": ["s3:GetObject", "s3:ListBucket"], "Resource": ["arn:aws:s3:::a", "arn:aws:s3:::a/*"]`},
		{"arn:aws:s3:eu-west-1:1:accesspoint/a", true, `"Action": ["s3:GetObject", "s3:ListBucket"],
			"Resource": ["arn:aws:s3:eu-west-1:1:accesspoint/a", "arn:aws:s3:eu-west-1:1:accesspoint/a/object/*"]`},
	} {
		text, err := json.Marshal(r.OfBucket(c.arn, c.page))
		require.NoError(t, err)
		require.JSONEq(t, "{"+rest+", "+c.want+"}", string(text))
	}
}
