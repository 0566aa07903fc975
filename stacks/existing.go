package stacks

import (
	"strings"

	"github.com/aws/jsii-runtime-go"
	"github.com/hashicorp/terraform-cdk-go/cdktf"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/live/iampolicy"
)

type existingBucketProps struct {
	config.Bucket
	Region   string
	Provider cdktf.TerraformProvider // of the region; nil: the default provider
}

// existingBucket names a bucket that is there already. Its domain follows from its name (CloudFront Developer Guide, Use
// various origins, Use a standard Amazon S3 bucket and Use Amazon S3 Access Point): nobody has to be asked, so it may be
// one of another account.
func existingBucket(id string, props existingBucketProps) bucket {
	return bucket{
		LocalName:          id,
		ID:                 props.BucketName,
		ARN:                props.ARN(props.Region),
		RegionalDomainName: props.BucketName + ".s3." + props.Region + ".amazonaws.com",
		Provider:           props.Provider,
	}
}

// statements are the outputs with what the owners of buckets that are only read add to their policies.
func (b buckets) statements(edge distribution) []output {
	var list []output
	for _, one := range b {
		if !one.Existing {
			continue
		}
		name := strings.ReplaceAll(one.Name, "-", "_")
		r := iampolicy.Reader{Identity: one.Reader.IdentityIAMARN}
		if r.Identity == "" {
			r.Distribution = edge.ARN
		}
		list = append(list, output{name + "_bucket_statement", toJSON(r.OfBucket(one.Bucket.ARN, one.isPage())),
			"Statement in the policy of " + one.Bucket.ID + " that lets CloudFront read it, for its owner to add."})
		if one.KMSKeyARN != "" {
			list = append(list, output{name + "_key_statement", toJSON(r.OfKey()),
				"Statement in the policy of " + one.KMSKeyARN + " that lets CloudFront decrypt objects, for its owner to add."})
		}
	}
	return list
}

type policyChecksProps struct {
	Buckets buckets
	Edge    distribution
}

// newPolicyChecks warns in a plan, and after a deploy, where the policy of a bucket that is only read doesn't let
// CloudFront read it, or can't be read. It stops neither: what fails in a check block, its data source included, is a
// warning (Terraform Language, check block). An access point's alias can't be asked for the bucket's policy.
func newPolicyChecks(stack cdktf.TerraformStack, props policyChecksProps) {
	checks := map[string]any{}
	for _, b := range props.Buckets {
		if !b.Existing || b.AccessPoint {
			continue
		}
		source := map[string]any{"bucket": b.Bucket.ID}
		if b.Bucket.Provider != nil {
			source["provider"] = *b.Bucket.Provider.Fqn()
		}
		checks[b.Name+"-policy"] = map[string]any{
			"data": map[string]any{"aws_s3_bucket_policy": map[string]any{b.Name: source}},
			"assert": []any{map[string]any{
				"condition": "${" + b.Reader.namedIn("data.aws_s3_bucket_policy."+b.Name+".policy", props.Edge.ARN) + "}",
				"error_message": "The policy of " + b.Bucket.ID + " doesn't seem to let this CloudFront distribution read it, and " +
					"callers get 403: its owner adds the statement in the output " + strings.ReplaceAll(b.Name, "-", "_") +
					"_bucket_statement.",
			}},
		}
	}
	if len(checks) > 0 {
		stack.AddOverride(jsii.String("check"), checks)
	}
}

// namedIn is a condition, which holds where a policy names the reader of a bucket: an identity in either of its forms, or
// CloudFront, with this distribution, several, or all of an account.
func (a access) namedIn(policy, distributionARN string) string {
	// Within an expression cdktf leaves the bare reference of a token.
	has := func(text string) string { return "strcontains(" + policy + ", " + text + ")" }
	if a.IdentityIAMARN != "" {
		return has(a.IdentityIAMARN) + " || " + has(a.IdentityCanonicalID)
	}
	return has(`"cloudfront.amazonaws.com"`) + " && (" + has(distributionARN) +
		` || can(regex(":distribution/[^\"]*[*?]|(?i:aws:SourceAccount)", ` + policy + ")))"
}

// newImports has Terraform take buckets over. What exists of each is read with it, so that the plan shows what
// changes. What S3 replaces as a whole is imported as well where there is any, or it would be replaced without a word:
// policy, lifecycle rules, encryption, CORS, replication and the targets of events. Versioning and events can always be
// read. Block Public Access and object ownership have nothing to lose but what they forbid.
func newImports(stack cdktf.TerraformStack, env config.Environment) {
	var blocks []any
	for _, b := range env.NamedBuckets() {
		if !b.Adopt {
			continue
		}
		always := func(kind string) {
			blocks = append(blocks, map[string]any{"to": kind + "." + b.Name, "id": b.BucketName})
		}
		where := func(kind, condition string) {
			bucket := "aws_s3_bucket." + b.Name
			blocks = append(blocks, map[string]any{
				"to":       kind + "." + b.Name,
				"for_each": "${toset(" + strings.ReplaceAll(condition, "BUCKET", bucket) + " ? [" + bucket + ".id] : [])}",
				"id":       "${each.key}",
			})
		}
		always("aws_s3_bucket")
		always("aws_s3_bucket_versioning")
		where("aws_s3_bucket_policy", "try(length(BUCKET.policy), 0) > 0")
		where("aws_s3_bucket_lifecycle_configuration", "length(BUCKET.lifecycle_rule) > 0")
		where("aws_s3_bucket_server_side_encryption_configuration", "length(BUCKET.server_side_encryption_configuration) > 0")
		if env.CORS != nil {
			where("aws_s3_bucket_cors_configuration", "length(BUCKET.cors_rule) > 0")
		}
		if b.ReplicaRegion != "" {
			where("aws_s3_bucket_replication_configuration", "length(BUCKET.replication_configuration) > 0")
		}
		if b.InvalidateOnChange {
			always("aws_s3_bucket_notification")
		}
	}
	if len(blocks) > 0 {
		stack.AddOverride(jsii.String("import"), blocks)
	}
}
