package logdelivery

import (
	"regexp"
	"slices"
	"strings"
)

// s3Path is where in a bucket logs go, below what the destination says.
type s3Path struct {
	Suffix string `json:"suffixPath"`
	Hive   bool   `json:"enableHiveCompatiblePath"`
}

var variable = regexp.MustCompile(`\{[^}]*\}`)

// variables of a path of CloudFront's logs (CloudFront Developer Guide, Configure standard logging (v2), Partitioning).
var variables = []string{"{DistributionId}", "{distributionid}", "{yyyy}", "{MM}", "{dd}", "{HH}", "{accountid}"}

// check refuses a path that is too long (CloudWatch Logs API Reference, S3DeliveryConfiguration), has unknown variables, or names partitions
// as the Hive-compatible option does by itself (KensioSoftware/yulin#1003).
func (p s3Path) check(destinationType string) error {
	if destinationType != "S3" {
		return invalid.Say("s3DeliveryConfiguration is not supported for Delivery Destination Type %s", destinationType)
	}
	if len(p.Suffix) > 256 {
		return broken(p.Suffix, "s3DeliveryConfiguration.suffixPath", "have length less than or equal to 256")
	}
	unknown := func(v string) bool { return !slices.Contains(variables, v) }
	if slices.ContainsFunc(variable.FindAllString(p.Suffix, -1), unknown) || p.Hive && strings.Contains(p.Suffix, "=") {
		return invalid.Say("Provided suffixPath is invalid")
	}
	return nil
}

// firstPath is that of a new delivery: in a bucket without a folder, AWS puts one before it (the guide, Example paths to access logs).
func firstPath(p *s3Path, destinationARN string) *s3Path {
	if p == nil {
		p = &s3Path{}
	}
	if _, folder := bucketAndFolder(destinationARN); folder == "" {
		return &s3Path{"AWSLogs/{account-id}/CloudFront/" + p.Suffix, p.Hive}
	}
	return p
}

func bucketAndFolder(destinationARN string) (bucket, folder string) {
	bucket, folder, _ = strings.Cut(strings.TrimPrefix(destinationARN, "arn:aws:s3:::"), "/")
	return bucket, folder
}
