package iampolicy_test

import (
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/live/iampolicy"
)

// TestOnlyWhatAWSNamesIsEverything holds all else to be limited to what the environment is called.
func TestOnlyWhatAWSNamesIsEverything(t *testing.T) {
	everywhere := []string{"ChangeOwn", "CloudFront", "CreateHealthChecks", "CreateOwn", "CreateSlackChannels", "FirewallLogDelivery", "Keys", "ReadAll", "ReadOwn",
		"Subscriptions", "TagOwn", "VpcOriginNetwork"}
	for name, p := range policies(t) {
		for _, s := range p.Statement {
			require.Equal(t, slices.Contains(everywhere, s.Sid), slices.Contains(s.Resource, "*"), "%s: %s", name, s.Sid)
		}
	}
}

var reads = regexp.MustCompile(`^[a-z0-9]+:(Get|List|Describe|Validate)`)

// TestChangesToEverything lists the only changes that a deployer may make to what isn't the stack's: AWS knows neither
// the name of these before they are made nor, for policies, their tags.
func TestChangesToEverything(t *testing.T) {
	var unlimited []string
	for _, p := range policies(t) {
		for _, s := range p.Statement {
			for _, a := range s.Action {
				if slices.Contains(s.Resource, "*") && len(s.Condition) == 0 && !reads.MatchString(a) {
					unlimited = append(unlimited, a)
				}
			}
		}
	}
	slices.Sort(unlimited)
	var want []string
	for _, noun := range []string{"CachePolicy", "CloudFrontOriginAccessIdentity", "KeyGroup", "OriginAccessControl", "OriginRequestPolicy", "PublicKey", "ResponseHeadersPolicy"} {
		want = append(want, "cloudfront:Create"+noun, "cloudfront:Update"+noun, "cloudfront:Delete"+noun)
	}
	want = append(want, "chatbot:CreateSlackChannelConfiguration", "cloudfront:CreateFunction", "cloudfront:CreateKeyValueStore", "cloudfront:CreateMonitoringSubscription", "cloudfront:DeleteMonitoringSubscription", "kms:EnableKeyRotation",
		"logs:CreateLogDelivery", "logs:DeleteLogDelivery", "logs:PutResourcePolicy", "route53:CreateHealthCheck", "sns:Unsubscribe")
	require.ElementsMatch(t, want, slices.Compact(unlimited))
}

// TestReadmeSaysWhatADeployerReaches compares the README's table with the changes that a deployer may make to what
// belongs to others: neither a condition nor a name keeps them to the stack.
func TestReadmeSaysWhatADeployerReaches(t *testing.T) {
	text, err := os.ReadFile("../../../../.github/workflows/README.md")
	require.NoError(t, err)
	_, section, _ := strings.Cut(string(text), "## What a deployer can reach\n")
	section, _, _ = strings.Cut(section, "\n## ")
	said := map[string]bool{}
	for _, row := range regexp.MustCompile(`(?m)^\| .*$`).FindAllString(section, -1) {
		for _, pattern := range regexp.MustCompile("`([a-z0-9]+:[A-Za-z*]+)`").FindAllStringSubmatch(row, -1) {
			said[pattern[1]] = false
		}
	}
	ours := regexp.MustCompile(`everything|company|managedruleset|aws-service-role`)
	for _, name := range []string{"everything-balanced", "everything-full", "everything-inside", "everything-private", "everything-public", "everything-serverless", "everything-worldwide"} {
		for _, s := range policies(t)[name].Statement {
			others := slices.ContainsFunc(s.Resource, func(arn string) bool { return strings.HasSuffix(arn, "*") && !ours.MatchString(arn) })
			if !others || len(s.Condition) > 0 {
				continue
			}
			for _, a := range s.Action {
				if reads.MatchString(a) {
					continue
				}
				found := false
				for pattern := range said {
					if ok, _ := path.Match(pattern, a); ok {
						found, said[pattern] = true, true
					}
				}
				require.True(t, found, "the README doesn't say that a deployer can do %s to %v", a, s.Resource)
			}
		}
	}
	for pattern, used := range said {
		require.True(t, used, "no deployer can do %s", pattern)
	}
	require.NotEmpty(t, said)
}

func TestWhatAWSNamesIsOwned(t *testing.T) {
	p := policies(t)["everything-full"]
	stack := []string{"everything-full"}
	require.Equal(t, iampolicy.Statement{Sid: "CreateOwn", Effect: "Allow", Resource: []string{"*"},
		Action:    []string{"acm:RequestCertificate", "cloudfront:CreateDistribution", "kms:CreateKey"},
		Condition: conditions{"StringEquals": {"aws:RequestTag/ml-api-accelerator:stack": stack}}}, statement(t, p, "CreateOwn"))
	require.Equal(t, iampolicy.Statement{Sid: "TagOwn", Effect: "Allow", Resource: []string{"*"},
		Action: []string{"acm:AddTagsToCertificate", "cloudfront:TagResource", "kms:TagResource"},
		Condition: conditions{
			"StringEquals":         {"aws:RequestTag/ml-api-accelerator:stack": stack},
			"StringEqualsIfExists": {"aws:ResourceTag/ml-api-accelerator:stack": stack}}}, statement(t, p, "TagOwn"))
	require.Equal(t, iampolicy.Statement{Sid: "ChangeOwn", Effect: "Allow", Resource: []string{"*"},
		Action: []string{"acm:AddTagsToCertificate", "acm:DeleteCertificate", "acm:RemoveTagsFromCertificate", "cloudfront:DeleteDistribution",
			"cloudfront:TagResource", "cloudfront:UntagResource", "cloudfront:UpdateDistribution", "kms:TagResource", "kms:UntagResource",
			"kms:UpdateKeyDescription"},
		Condition: conditions{"StringEquals": {"aws:ResourceTag/ml-api-accelerator:stack": stack}}}, statement(t, p, "ChangeOwn"))
	require.Equal(t, []string{"cloudfront:CreateDistribution", "cloudfront:CreateVpcOrigin"}, statement(t, policies(t)["everything-private"], "CreateOwn").Action)
}

func TestRecordsAreOwn(t *testing.T) {
	const names = "route53:ChangeResourceRecordSetsNormalizedRecordNames"
	for stack, want := range map[string][]string{
		"everything-full":      {`\052.ml.example.com`, "_*.ml.example.com", "ml.example.com"},
		"everything-worldwide": {"_*.world.example.com", "origin.example.com", "world.example.com"},
	} {
		s := statement(t, policies(t)[stack], "ChangeRecords")
		require.Equal(t, []string{"route53:ChangeResourceRecordSets"}, s.Action)
		require.Equal(t, conditions{"ForAllValues:StringLike": {names: want}}, s.Condition)
	}
}

func TestRolesStayWithinTheirBoundary(t *testing.T) {
	p := policies(t)["everything-full"]
	require.Equal(t, iampolicy.Statement{Sid: "RoleRights", Effect: "Allow", Resource: statement(t, p, "Roles").Resource,
		Action:    []string{"iam:CreateRole", "iam:DeleteRole", "iam:DeleteRolePolicy", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy"},
		Condition: conditions{"StringEquals": {"iam:PermissionsBoundary": {"arn:aws:iam::111122223333:policy/boundary"}}}}, statement(t, p, "RoleRights"))
	require.False(t, p.RolesUnbounded())
	prod := policies(t)["example-prod"]
	require.True(t, prod.RolesUnbounded())
	require.Empty(t, statement(t, prod, "RoleRights").Condition)
	require.NotContains(t, statement(t, prod, "RoleRights").Action, "iam:PutRolePermissionsBoundary")
	require.False(t, policies(t)["example-dev"].RolesUnbounded(), "it has no roles")
}

// TestDeployersMakeNoKeys keeps what the key value stores have from those who deploy and plan, and the stores
// themselves from those who manage keys.
func TestDeployersMakeNoKeys(t *testing.T) {
	for _, list := range []map[string]iampolicy.Policy{policies(t), planPolicies(t)} {
		for name, p := range list {
			for _, s := range p.Statement {
				for _, a := range s.Action {
					require.False(t, strings.HasPrefix(a, "cloudfront-keyvaluestore:") || strings.Contains(a, "*"), "%s: %s", name, a)
				}
			}
		}
	}
	keys := map[string]iampolicy.Policy{"any": iampolicy.NewForKeys(""), "one": iampolicy.NewForKeys("111122223333")}
	for _, p := range keys {
		for _, a := range p.Statement[0].Action {
			require.True(t, strings.HasPrefix(a, "cloudfront-keyvaluestore:") || reads.MatchString(a), a)
		}
	}
	require.Equal(t, []string{"arn:aws:cloudfront::*:key-value-store/*"}, keys["any"].Statement[0].Resource)
}

// TestNobodyLeavesTheBoundary lists all that is done with IAM: no policy lets its holder take the boundary off a role,
// or write or attach the policy that is one.
func TestNobodyLeavesTheBoundary(t *testing.T) {
	var done []string
	for _, p := range policies(t) {
		for _, s := range p.Statement {
			for _, a := range s.Action {
				if strings.HasPrefix(a, "iam:") && !reads.MatchString(a) {
					done = append(done, a)
				}
			}
		}
	}
	slices.Sort(done)
	require.Equal(t, []string{"iam:CreateRole", "iam:CreateServiceLinkedRole", "iam:DeleteRole", "iam:DeleteRolePolicy", "iam:PassRole",
		"iam:PutRolePermissionsBoundary", "iam:PutRolePolicy", "iam:TagRole", "iam:UntagRole", "iam:UpdateAssumeRolePolicy"}, slices.Compact(done))
}

// conditions are those of a statement, by operator and key.
type conditions = map[string]map[string][]string
