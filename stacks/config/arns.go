package config

import (
	"regexp"

	"github.com/aws/aws-sdk-go-v2/aws/arn"
)

// arnShape is what an ARN in some field must look like.
type arnShape struct {
	service  string
	resource *regexp.Regexp // the part after the account
	example  string
	region   string // required region; empty: any
	global   bool   // has no region
	managed  bool   // may be one of AWS's own, of no account
}

// EdgeRegion is where everything that belongs to CloudFront as a whole has to be.
const EdgeRegion = "us-east-1"

const exampleKey = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-96ef-1234567890ab"

// stateKey is a key as Terraform's S3 backend takes it: a UUID of RFC 4122, or a multi-Region key. It refuses all
// others at init (terraform, internal/backend/remote-state/s3/validate.go).
var stateKey = regexp.MustCompile(`^key/(mrk-[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})$`)

var (
	roleARN         = arnShape{service: "iam", resource: regexp.MustCompile(`^role/.+$`), global: true, example: "arn:aws:iam::111122223333:role/deploy"}
	policyARN       = arnShape{service: "iam", resource: regexp.MustCompile(`^policy/.+$`), global: true, managed: true, example: "arn:aws:iam::111122223333:policy/boundary"}
	certificateARN  = arnShape{service: "acm", resource: regexp.MustCompile(`^certificate/.+$`), region: EdgeRegion, example: "arn:aws:acm:us-east-1:111122223333:certificate/1234abcd-12ab-34cd-56ef-1234567890ab"}
	webACLARN       = arnShape{service: "wafv2", resource: regexp.MustCompile(`^global/webacl/[^/]+/[^/]+$`), region: EdgeRegion, example: "arn:aws:wafv2:us-east-1:111122223333:global/webacl/name/1234abcd-12ab-34cd-56ef-1234567890ab"}
	secretARN       = arnShape{service: "secretsmanager", resource: regexp.MustCompile(`^secret:.+$`), example: "arn:aws:secretsmanager:us-east-1:111122223333:secret:origin-verify-AbCdEf"}
	loadBalancerARN = arnShape{service: "elasticloadbalancing", resource: regexp.MustCompile(`^loadbalancer/(app|net)/.+$`), example: "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/name/1234567890abcdef"}
	instanceARN     = arnShape{service: "ec2", resource: regexp.MustCompile(`^instance/.+$`), example: "arn:aws:ec2:us-east-1:111122223333:instance/i-1234567890abcdef0"}
	keyARN          = arnShape{service: "kms", resource: regexp.MustCompile(`^key/.+$`), example: exampleKey}
	stateKeyARN     = arnShape{service: "kms", resource: stateKey, example: exampleKey}
)

// in returns the shape of an ARN that must lie in one region.
func (s arnShape) in(region string) arnShape {
	s.region = region
	return s
}

// checkARN holds a text to an ARN of some shape and, where one is given, to an account.
func checkARN(r *report, rule *Rule, at path, text string, shape arnShape, account string) {
	got, err := arn.Parse(text)
	if err == nil && (got.Partition == "aws-us-gov" || got.Partition == "aws-cn") {
		r.must(rule, at, "must be of the partition aws (GovCloud and China are not supported), got %s", shown(text))
		return
	}
	managed := shape.managed && got.AccountID == "aws"
	if err != nil || got.Partition != "aws" || got.Service != shape.service || !managed && !accountID.MatchString(got.AccountID) ||
		!shape.resource.MatchString(got.Resource) {
		r.must(rule, at, "must be an ARN like %s, got %s", shape.example, shown(text))
		return
	}
	if shape.global && got.Region != "" || !shape.global && got.Region == "" {
		r.must(rule, at, "must be an ARN like %s, got %s", shape.example, shown(text))
	} else if shape.region != "" && got.Region != shape.region {
		r.must(rule, at, "must be in %s, got %q", shape.region, got.Region)
	}
	if account != "" && !managed && got.AccountID != account {
		r.must(rule, at, "must be of account %s (account.id), got %q", account, got.AccountID)
	}
}
