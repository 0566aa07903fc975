package stacks_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/awstest"
)

// requireServed holds CloudFront to find an object where a path leads, and the bucket to let it read.
func requireServed(t *testing.T, aws *awstest.Server, path, key string) {
	t.Helper()
	_, d := sent[wireDistribution](t, aws, "Distribution")
	origin := d.primary(d.behavior(path))
	bucket, _, found := strings.Cut(origin.Domain, ".s3.")
	require.True(t, found, "%s leads to %s", path, origin.Domain)
	require.Contains(t, aws.Objects(t, bucket), key)

	var policy struct{ Statement []object }
	require.NoError(t, json.Unmarshal(aws.BucketPolicy(bucket), &policy))
	reads := slices.ContainsFunc(policy.Statement, func(s object) bool {
		return s["Effect"] == "Allow" && s["Action"] == "s3:GetObject" && s["Resource"] == "arn:aws:s3:::"+bucket+"/*" && letsIn(s, d, origin)
	})
	require.True(t, reads, "%s: %s", origin.ID, aws.BucketPolicy(bucket))
}

// letsIn tells whether a statement is about who reads for an origin (CloudFront Developer Guide, Restrict access to an
// Amazon S3 origin).
func letsIn(statement object, d wireDistribution, origin wireOrigin) bool {
	if origin.Control != "" {
		return at(statement, "Principal", "Service") == "cloudfront.amazonaws.com" &&
			at(statement, "Condition", "StringEquals", "AWS:SourceArn") == d.ARN
	}
	id, _ := strings.CutPrefix(origin.Identity, "origin-access-identity/cloudfront/")
	return id != "" && at(statement, "Principal", "AWS") == "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity "+id
}
