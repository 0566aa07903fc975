package stacks_test

import (
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/awstest/apicall"
	"ml-api-accelerator/stacks/internal/live/iampolicy"
	"ml-api-accelerator/stacks/internal/shared/names"
)

// TestPolicyStaysOutOfOtherStacks holds the deployer of a stack to what is its own, whatever else is in the account.
func TestPolicyStaysOutOfOtherStacks(t *testing.T) {
	text, err := os.ReadFile("testdata/everything-full.tf.json")
	require.NoError(t, err)
	policy, err := iampolicy.New(text)
	require.NoError(t, err)
	const boundary = "arn:aws:iam::111122223333:policy/boundary"
	there := account{
		"OURS":                                 {tags: map[string]string{stackTag: "everything-full"}},
		"THEIRS":                               {tags: map[string]string{stackTag: "everything-private"}},
		"UNTAGGED":                             {},
		"everything-full-invalidation":         {boundary: boundary},
		"everything-full-replication":          {},
		"everything-full-invalidation-renamed": {boundary: boundary},
	}
	distribution := func(tag string) string {
		return "<DistributionConfigWithTags><Tags><Items><Tag><Key>" + stackTag + "</Key><Value>" + tag + "</Value></Tag></Items></Tags></DistributionConfigWithTags>"
	}
	role := func(name, boundary string) string {
		return url.Values{"RoleName": {name}, "PermissionsBoundary": {boundary}}.Encode()
	}
	record := func(name string) string {
		return "<Changes><Change><ResourceRecordSet><Name>" + name + "</Name></ResourceRecordSet></Change></Changes>"
	}
	for _, row := range []struct {
		service, action, path, body string
		allowed                     bool
	}{
		{"cloudfront", "CreateDistribution", "/2020-05-31/distribution?WithTags", distribution("everything-full"), true},
		{"cloudfront", "CreateDistribution", "/2020-05-31/distribution?WithTags", distribution("everything-private"), false},
		{"cloudfront", "CreateDistribution", "/2020-05-31/distribution", "", false},
		{"cloudfront", "GetDistribution", "/2020-05-31/distribution/OURS", "", true},
		{"cloudfront", "GetDistribution", "/2020-05-31/distribution/THEIRS", "", false},
		{"cloudfront", "GetDistribution", "/2020-05-31/distribution/UNTAGGED", "", false},
		{"cloudfront", "UpdateDistribution", "/2020-05-31/distribution/OURS/config", "", true},
		{"cloudfront", "UpdateDistribution", "/2020-05-31/distribution/THEIRS/config", "", false},
		{"cloudfront", "DeleteDistribution", "/2020-05-31/distribution/UNTAGGED", "", false},
		{"cloudfront", "TagResource", "/2020-05-31/tagging?Operation=Tag&Resource=arn:aws:cloudfront::111122223333:distribution/OURS", distribution("everything-full"), true},
		{"cloudfront", "TagResource", "/2020-05-31/tagging?Operation=Tag&Resource=arn:aws:cloudfront::111122223333:distribution/THEIRS", distribution("everything-full"), false},
		{"cloudfront", "TagResource", "/2020-05-31/tagging?Operation=Tag&Resource=arn:aws:cloudfront::111122223333:distribution/UNTAGGED", distribution("everything-private"), false},
		{"cloudfront", "TagResource", "/2020-05-31/tagging?Operation=Tag&Resource=arn:aws:cloudfront::111122223333:distribution/OURS", "<Tags><Items><Tag><Key>team</Key><Value>ml</Value></Tag></Items></Tags>", true},
		// AWS can't tell it from one that is being made; the README says so.
		{"cloudfront", "TagResource", "/2020-05-31/tagging?Operation=Tag&Resource=arn:aws:cloudfront::111122223333:distribution/UNTAGGED", distribution("everything-full"), true},
		{"cloudfront", "UpdateFunction", "/2020-05-31/function/everything-full-api", "", true},
		{"cloudfront", "PublishFunction", "/2020-05-31/function/everything-full-api-failover/publish", "", true},
		{"cloudfront", "UpdateFunction", "/2020-05-31/function/everything-private-api", "", false},
		{"cloudfront", "DeleteFunction", "/2020-05-31/function/everything-full-api-else", "", false},
		{"kms", "CreateKey", "/", `{"Tags": [{"TagKey": "` + stackTag + `", "TagValue": "everything-full"}]}`, true},
		{"kms", "CreateKey", "/", `{}`, false},
		// A key that isn't tagged could be made OURS, as a distribution could: so not even of these.
		{"kms", "ScheduleKeyDeletion", "/", `{"KeyId": "arn:aws:kms:us-east-1:111122223333:key/OURS"}`, false},
		{"kms", "PutKeyPolicy", "/", `{"KeyId": "OURS"}`, false},
		{"kms", "UpdateKeyDescription", "/", `{"KeyId": "OURS"}`, true},
		{"kms", "UpdateKeyDescription", "/", `{"KeyId": "THEIRS"}`, false},
		{"acm", "RequestCertificate", "/", `{"Tags": [{"Key": "` + stackTag + `", "Value": "everything-full"}]}`, true},
		{"acm", "DeleteCertificate", "/", `{"CertificateArn": "arn:aws:acm:us-east-1:111122223333:certificate/OURS"}`, true},
		{"acm", "DeleteCertificate", "/", `{"CertificateArn": "arn:aws:acm:us-east-1:111122223333:certificate/THEIRS"}`, false},
		{"iam", "CreateRole", "/", role("everything-full-invalidation", boundary), true},
		{"iam", "CreateRole", "/", role("everything-full-invalidation", ""), false},
		{"iam", "CreateRole", "/", role("everything-full-invalidation", "arn:aws:iam::aws:policy/AdministratorAccess"), false},
		{"iam", "PutRolePolicy", "/", role("everything-full-invalidation", ""), true},
		{"iam", "PutRolePolicy", "/", role("everything-full-replication", ""), false},
		{"iam", "PutRolePermissionsBoundary", "/", role("everything-full-replication", boundary), true},
		{"iam", "DeleteRolePermissionsBoundary", "/", role("everything-full-invalidation", ""), false},
		{"iam", "UpdateAssumeRolePolicy", "/", role("everything-full-invalidation-renamed", ""), false},
		{"route53", "ChangeResourceRecordSets", "/2013-04-01/hostedzone/Z0123456789ABC/rrset/", record("*.ML.example.com."), true},
		{"route53", "ChangeResourceRecordSets", "/2013-04-01/hostedzone/Z0123456789ABC/rrset/", record("_0123abc.ml.example.com"), true},
		{"route53", "ChangeResourceRecordSets", "/2013-04-01/hostedzone/Z0123456789ABC/rrset/", record("private.example.com"), false},
		{"route53", "ChangeResourceRecordSets", "/2013-04-01/hostedzone/Z0123456789ABC/rrset/", record("ml.example.com") + record("example.com"), false},
	} {
		call := apicall.Call{Service: row.service, Action: row.action, Path: row.path, Body: []byte(row.body)}
		refused := slices.ContainsFunc(there.authorizations(call), func(asked authorization) bool {
			return !allows(policy, asked)
		})
		require.Equal(t, row.allowed, !refused, "%s %s %s", call.Name(), row.path, row.body)
	}
}

// TestNamesOfStacksAreTheirOwn looks for names that two environments could both give something, or that the pattern of one's
// deployer matches of the other's: a configuration with such a pair must be refused.
func TestNamesOfStacksAreTheirOwn(t *testing.T) {
	ends := map[string]map[string]bool{} // of the names after that of their stack, by type and argument
	for stack, parsed := range allStacks(t) {
		for kind, named := range parsed.Resource {
			for _, resource := range named {
				for _, argument := range []string{"name", "alarm_name", "dashboard_name", "bucket_prefix"} {
					text, _ := resource[argument].(string)
					if end, found := strings.CutPrefix(text, stack); found {
						if ends[kind+"."+argument] == nil {
							ends[kind+"."+argument] = map[string]bool{}
						}
						ends[kind+"."+argument][end] = true
					}
				}
			}
		}
	}
	for end := range ends["aws_s3_bucket.bucket_prefix"] {
		require.Contains(t, names.BucketParts, strings.Trim(end, "-"), "the rule on names doesn't know it")
	}
	require.Greater(t, len(ends), 10)
	between := regexp.MustCompile(`^-[a-z0-9-]{1,14}$`)
	for argument, all := range ends {
		for one := range all {
			for other := range all {
				tail, found := strings.CutSuffix(one, other)
				if found && between.MatchString(tail) {
					requireRefusedTogether(t, "p", "p"+tail, argument)
				}
			}
		}
	}
	for name, p := range map[string]string{"everything-full": "full", "everything-worldwide": "worldwide"} {
		policy, err := iampolicy.New(allTexts(t)[name])
		require.NoError(t, err)
		for _, s := range policy.Statement {
			for _, arn := range s.Resource {
				if cut, open := strings.CutSuffix(arn, "*"); open && strings.Contains(arn, name) && !strings.ContainsAny(cut[len(cut)-1:], "/:") {
					_, part, _ := strings.Cut(cut, name)
					requireRefusedTogether(t, p, p+strings.TrimSuffix(part, "-"), arn)
				}
			}
		}
	}
}

func requireRefusedTogether(t *testing.T, one, other, why string) {
	t.Helper()
	environment := func(name string) string {
		return `"` + name + `": {"region": "us-east-1", "api": {"domainName": "` + name + `.example.com"}}`
	}
	_, _, err := config.Parse("cdktf.json", []byte(`{"context": {"accelerator": {"name": "demo", "state": {"bucket": "demo-state", "region": "us-east-1"},
		"environments": {`+environment(one)+`, `+environment(other)+`}}}}`))
	require.ErrorContains(t, err, "must not be named so beside environments."+one, why)
}
