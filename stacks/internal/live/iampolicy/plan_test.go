package iampolicy_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/live/iampolicy"
)

// planPolicies returns the policies of those who only plan the reviewed stacks.
func planPolicies(t *testing.T) map[string]iampolicy.Policy {
	t.Helper()
	return derived(t, func(synthesized []byte) (iampolicy.Policy, error) {
		return iampolicy.NewForPlan(synthesized, iampolicy.PlanRoles{})
	})
}

// TestPlanningOnlyReads holds a plan role to no right that a deployer hasn't, and to none that changes anything.
func TestPlanningOnlyReads(t *testing.T) {
	deploying := policies(t)
	for name, p := range planPolicies(t) {
		for _, s := range p.Statement {
			for _, a := range s.Action {
				if a != "kms:Decrypt" { // the state
					require.Regexp(t, reads, a, "%s: %s", name, s.Sid)
				}
				require.Contains(t, statement(t, deploying[name], s.Sid).Action, a, "%s: %s", name, s.Sid)
			}
			require.Subset(t, statement(t, deploying[name], s.Sid).Resource, s.Resource, "%s: %s", name, s.Sid)
			require.Equal(t, statement(t, deploying[name], s.Sid).Condition, s.Condition, "%s: %s", name, s.Sid)
		}
	}
}

// TestPlansReadNoOtherSecrets holds that whoever plans reads no other stack's distribution: it has the values of the
// headers to its origins. What else may be read of other stacks is listed, and holds no secret.
func TestPlansReadNoOtherSecrets(t *testing.T) {
	for name, p := range planPolicies(t) {
		for _, s := range p.Statement {
			if !slices.Contains(s.Action, "cloudfront:GetDistribution") {
				continue
			}
			require.Equal(t, []string{"cloudfront:GetDistribution"}, s.Action, name)
			require.Equal(t, conditions{"StringEquals": {"aws:ResourceTag/ml-api-accelerator:stack": {name}}}, s.Condition, name)
		}
	}
	var all []string
	for _, p := range planPolicies(t) {
		for _, s := range p.Statement {
			if slices.Contains(s.Resource, "*") && len(s.Condition) == 0 {
				all = append(all, s.Action...)
			}
		}
	}
	slices.Sort(all)
	require.Equal(t, []string{"acm:DescribeCertificate", "acm:ListTagsForCertificate", "chatbot:DescribeSlackChannelConfigurations", "cloudfront:GetCachePolicy",
		"cloudfront:GetCloudFrontOriginAccessIdentity", "cloudfront:GetKeyGroup", "cloudfront:GetMonitoringSubscription",
		"cloudfront:GetOriginAccessControl", "cloudfront:GetOriginRequestPolicy", "cloudfront:GetPublicKey",
		"cloudfront:GetResponseHeadersPolicy", "cloudfront:GetVpcOrigin", "cloudfront:ListTagsForResource",
		"cloudwatch:DescribeAlarms", "ec2:DescribeManagedPrefixLists", "ec2:DescribeSecurityGroupRules", "ec2:DescribeSecurityGroups",
		"ec2:GetManagedPrefixListEntries", "elasticloadbalancing:DescribeListenerAttributes",
		"elasticloadbalancing:DescribeListenerCertificates", "elasticloadbalancing:DescribeListeners",
		"elasticloadbalancing:DescribeLoadBalancerAttributes", "elasticloadbalancing:DescribeLoadBalancers",
		"elasticloadbalancing:DescribeTags", "kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListResourceTags",
		"logs:DescribeLogGroups", "s3:ListAllMyBuckets", "sns:GetSubscriptionAttributes", "states:ValidateStateMachineDefinition",
	}, slices.Compact(all))
}

func TestPlanOfProd(t *testing.T) {
	p := planPolicies(t)["example-prod"]
	require.Contains(t, statement(t, p, "ReadAll").Action, "states:ValidateStateMachineDefinition")
	require.Equal(t, []string{"secretsmanager:GetSecretValue"}, statement(t, p, "Secrets").Action)
	require.Equal(t, []string{"s3:ListBucket"}, statement(t, p, "StateBucket").Action)
	require.Equal(t, iampolicy.Statement{Sid: "State", Effect: "Allow", Action: []string{"s3:GetObject"},
		Resource: []string{"arn:aws:s3:::example-terraform-state/example/prod.tfstate"}}, statement(t, p, "State"))
}

func TestPlanOfFunctions(t *testing.T) {
	p := planPolicies(t)["everything-full"]
	require.Equal(t, []string{"cloudfront:DescribeFunction", "cloudfront:GetFunction"}, statement(t, p, "Functions").Action)
	require.Equal(t, []string{"cloudfront:DescribeKeyValueStore"}, statement(t, p, "KeyValueStores").Action)
}

func TestPlanOfAnEncryptedState(t *testing.T) {
	require.Equal(t, []string{"kms:Decrypt"}, statement(t, planPolicies(t)["everything-full"], "StateKey").Action)
}

// TestPlanRoles holds planning never to assume the roles of the stack.
func TestPlanRoles(t *testing.T) {
	roles := iampolicy.PlanRoles{Account: "arn:aws:iam::111122223333:role/plan", State: "arn:aws:iam::444455556666:role/reader"}
	full := derived(t, func(synthesized []byte) (iampolicy.Policy, error) { return iampolicy.NewForPlan(synthesized, roles) })["everything-full"]
	require.Equal(t, []string{roles.Account}, statement(t, full, "AssumePlanRole").Resource)
	require.Equal(t, []string{roles.State}, statement(t, full, "AssumeStatePlanRole").Resource)
	require.Equal(t, []string{"AssumePlanRole", "AssumeStatePlanRole"}, assuming(full))
	require.Empty(t, assuming(planPolicies(t)["everything-full"]))
}

// assuming returns the statements that let roles be assumed.
func assuming(p iampolicy.Policy) []string {
	var sids []string
	for _, s := range p.Statement {
		if slices.Contains(s.Action, "sts:AssumeRole") {
			sids = append(sids, s.Sid)
		}
	}
	return sids
}
