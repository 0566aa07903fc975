package stacks

import "strings"

// bucketPrefix begins the name of a bucket to which Terraform adds 26 characters; of S3's 63 that
// leaves 37 (Amazon S3 User Guide, Bucket naming rules), so a long stack name is cut.
func bucketPrefix(stack, part string) string {
	end := "-" + part + "-"
	return strings.TrimRight(stack[:min(len(stack), 37-len(end))], "-") + end
}
