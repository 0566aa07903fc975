package stacks

import "github.com/aws/constructs-go/constructs/v10"

type readPoliciesProps struct {
	Buckets []bucket // one that isn't made needs no policy
	Reader  access
	Edge    distribution
}

// newReadPolicies lets CloudFront read the buckets of models, and nobody else. The distribution waits for an identity's
// policies: it must neither be led to a bucket that it can't read yet, nor read from one that has lost its policy. A
// control's policies name the distribution, so that they come after it.
func newReadPolicies(scope constructs.Construct, props readPoliciesProps) {
	var policies []string
	for _, b := range props.Buckets {
		if b.ID != "" {
			allowed := props.Reader.allowRead(b.ARN, props.Edge.ARN)
			policies = append(policies, newBucketPolicy(scope, b.LocalName, bucketPolicyProps{Bucket: b, Allowed: []statement{allowed}}))
		}
	}
	if props.Reader.ControlID == "" {
		props.Edge.waitFor(policies)
	}
}
