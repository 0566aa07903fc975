package cli

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/config/declare"
	"ml-api-accelerator/stacks/internal/live/iampolicy"
)

// What stands for ids that are known once an environment is deployed, or not to its configuration.
const (
	identityID          = "IDENTITY_ID"
	distributionID      = "DISTRIBUTION_ID"
	distributionAccount = "DISTRIBUTION_ACCOUNT"
)

// printBucketStatements prints what the owner of a bucket that is only read adds to its policy, and to that of its key.
func printBucketStatements(cmd *cobra.Command, environment, bucket string) error {
	e, err := openEnvironment(cmd, environment)
	if err != nil {
		return err
	}
	b, at := e.Bucket(bucket)
	names := e.BucketNames()
	switch {
	case !slices.Contains(names, bucket):
		return usageErrorf("bucket %q: not found in %s%s; there are %s", bucket, environment,
			declare.Suggestion(bucket, names), declare.Listed(names, "and"))
	case !b.Existing:
		return e.wrong(fmt.Errorf("%s: isn't existing: whoever deploys %s writes the policy of this bucket as well",
			at, environment))
	}
	reader, output := iampolicy.Reader{}, strings.ReplaceAll(bucket, "-", "_")+"_bucket_statement"
	if b.Access == config.AccessControl {
		reader.Distribution = "arn:aws:cloudfront::" + cmp.Or(e.Account.ID, distributionAccount) + ":distribution/" + distributionID
	} else {
		reader.Identity = "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity " + identityID
	}
	region := b.Region(e.Region)
	owns := "the bucket " + b.BucketName
	if b.IsAccessPoint() {
		owns = "the access point " + b.BucketName
	}
	if err := printStatement(cmd, owns, reader.OfBucket(b.ARN(region), bucket == config.OriginWeb)); err != nil {
		return err
	}
	if b.KMSKeyARN != "" {
		if err := printStatement(cmd, "the KMS key "+b.KMSKeyARN, reader.OfKey()); err != nil {
			return err
		}
	}
	missing := distributionID
	if reader.Identity != "" {
		missing = identityID
	}
	warn(cmd, "%s is known once %s is deployed: the output %s then has it in its place", missing, environment, output)
	warnOfAccessPoint(cmd, b)
	if e.CORS != nil {
		warn(cmd, "S3 answers browsers' preflight requests with 403 unless its owner also gives the bucket a CORS configuration")
	}
	return nil
}

// warnOfAccessPoint says what the ARN of an access point lacks, and what else it takes.
func warnOfAccessPoint(cmd *cobra.Command, b config.Bucket) {
	if b.IsAccessPoint() {
		warn(cmd, "put account and name of the access point in the place of %s and %s; the policy of the bucket behind it "+
			"must let the access point decide (CloudFront Developer Guide, Use Amazon S3 Access Point)",
			config.AccessPointAccount, config.AccessPointName)
	}
}

// printStatement says on stderr where a statement belongs.
func printStatement(cmd *cobra.Command, owns string, s iampolicy.ReadStatement) error {
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	fmt.Fprintf(warningWriter(cmd), "add this to the statements of the policy of %s:\n", owns)
	return printText(cmd, string(text)+"\n")
}
