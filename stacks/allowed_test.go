package stacks_test

import (
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/awstest"
	"ml-api-accelerator/stacks/internal/awstest/apicall"
	"ml-api-accelerator/stacks/internal/live/iampolicy"
)

// requireAllowed compares the calls of Terraform with the policies of its deployer. What never is a call of its own stays
// unproven: iam:PassRole, and what AWS asks as the caller.
func (d deployment) requireAllowed(t *testing.T, a account) {
	t.Helper()
	requireAllowed(t, d.aws.Calls(), a, *d.policies)
}

// requireAllowedToPlan compares the calls of Terraform with the policy of a plan role. The roles of the stack, which it
// assumes here, the workflows on GitHub take out before they plan.
func (d deployment) requireAllowedToPlan(t *testing.T) {
	t.Helper()
	calls := slices.DeleteFunc(d.aws.Calls(), func(call apicall.Call) bool { return call.Name() == "sts:AssumeRole" })
	var there account
	if d.hasState(t) {
		there = newAccount(d.state(t))
	}
	requireAllowed(t, calls, there, []iampolicy.Policy{*d.planning})
}

func requireAllowed(t *testing.T, calls []apicall.Call, a account, policies []iampolicy.Policy) {
	t.Helper()
	for _, call := range calls {
		if call.Name() == "sts:GetCallerIdentity" {
			continue // everyone may
		}
		for _, asked := range a.authorizations(call) {
			if slices.Contains(onKeysByARN, asked.action) && asked.context["aws:ResourceTag/"+stackTag] != nil {
				continue
			}
			allowed := slices.ContainsFunc(policies, func(p iampolicy.Policy) bool { return allows(p, asked) })
			require.True(t, allowed, "%s on %s isn't allowed with %v", asked.action, asked.arn, asked.context)
		}
	}
}

// onKeysByARN are what the README tells an administrator to allow on the keys of a stack, by their ARNs.
var onKeysByARN = []string{"kms:PutKeyPolicy", "kms:ScheduleKeyDeletion"}

// authorization is what AWS looks up in the policies of a caller.
type authorization struct {
	action  string
	arn     string // empty where the call doesn't say it plainly
	context map[string][]string
}

// tagging are the actions that AWS also asks for where tags come with what is made, as they do with all of a stack.
var tagging = map[string]string{
	"acm:RequestCertificate":        "acm:AddTagsToCertificate",
	"athena:CreateWorkGroup":        "athena:TagResource",
	"cloudfront:CreateDistribution": "cloudfront:TagResource",
	"cloudfront:CreateVpcOrigin":    "cloudfront:TagResource",
	"cloudwatch:PutMetricAlarm":     "cloudwatch:TagResource",
	"events:PutRule":                "events:TagResource",
	"glue:CreateDatabase":           "glue:TagResource",
	"iam:CreateRole":                "iam:TagRole",
	"kms:CreateKey":                 "kms:TagResource",
	"logs:CreateLogGroup":           "logs:TagResource",
	"sns:CreateTopic":               "sns:TagResource",
	"sqs:CreateQueue":               "sqs:TagQueue",
	"states:CreateStateMachine":     "states:TagResource",
	"wafv2:CreateIPSet":             "wafv2:TagResource",
	"wafv2:CreateWebACL":            "wafv2:TagResource",
}

func (a account) authorizations(call apicall.Call) []authorization {
	if asked := ofLogDelivery(call); asked != nil {
		return asked
	}
	asked := authorization{action: call.Name(), arn: resource(call), context: a.context(call)}
	all := []authorization{asked}
	if also, tags := tagging[call.Name()]; tags {
		asked.action = also
		all = append(all, asked)
	}
	return all
}

func allows(p iampolicy.Policy, asked authorization) bool {
	return slices.ContainsFunc(p.Statement, func(s iampolicy.Statement) bool {
		return slices.Contains(s.Action, asked.action) && holds(s.Condition, asked.context) &&
			(asked.arn == "" || slices.ContainsFunc(s.Resource, func(pattern string) bool { return matches(pattern, asked.arn) }))
	})
}

// resource is the ARN of what a call is about, or empty where the call doesn't say it plainly.
func resource(call apicall.Call) string {
	path, query, _ := strings.Cut(call.Path, "?")
	switch call.Service {
	case "s3":
		if strings.HasPrefix(query, "delete") { // the objects are in the body
			path += "/*"
		}
		return "arn:aws:s3:::" + strings.Trim(path, "/")
	case "iam":
		form, _ := url.ParseQuery(string(call.Body))
		return "arn:aws:iam::" + awstest.AccountID + ":role/" + form.Get("RoleName")
	case "cloudfront":
		if found := function.FindStringSubmatch(path); found != nil {
			return "arn:aws:cloudfront::" + awstest.AccountID + ":function/" + found[1]
		}
	case "route53":
		if found := hostedZone.FindStringSubmatch(path); found != nil {
			return "arn:aws:route53:::hostedzone/" + found[1]
		}
	}
	if arn := queried(call); arn != "" {
		return arn
	}
	if found := namedARN.Find(call.Body); found != nil && call.Service != "sts" {
		return arnOf(call.Service, string(found))
	}
	return ""
}

// queried is the ARN of a workgroup or of what the Data Catalog has, or empty.
func queried(call apicall.Call) string {
	var input struct {
		Name, WorkGroup, DatabaseName string
		DatabaseInput, TableInput     struct{ Name string }
	}
	_ = json.Unmarshal(call.Body, &input)
	arn := "arn:aws:" + call.Service + ":" + call.Region + ":" + awstest.AccountID + ":"
	switch {
	case call.Service == "athena" && call.Action == "CreateWorkGroup":
		return arn + "workgroup/" + input.Name
	case call.Service == "athena" && input.WorkGroup != "":
		return arn + "workgroup/" + input.WorkGroup
	case call.Service == "glue" && input.DatabaseName != "":
		return arn + "table/" + input.DatabaseName + "/" + input.Name + input.TableInput.Name
	case call.Service == "glue" && input.Name+input.DatabaseInput.Name != "":
		return arn + "database/" + input.DatabaseInput.Name + input.Name
	}
	return ""
}

var (
	function   = regexp.MustCompile(`/function/([\w-]+)`)
	hostedZone = regexp.MustCompile(`/hostedzone/(\w+)`)
	namedARN   = regexp.MustCompile(`"(?:ResourceArn|ResourceARN|stateMachineArn)":"([^"]+)"`)
)

// arnOf takes the ARN out of an argument if it is one of the service that is called.
func arnOf(service, argument string) string {
	arn := namedARN.FindStringSubmatch(argument)[1]
	if strings.HasPrefix(arn, "arn:aws:"+service+":") {
		return arn
	}
	return ""
}

// matches compares as IAM does: * stands for any characters, ? for one.
func matches(pattern, text string) bool {
	expression := strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(pattern))
	return regexp.MustCompile("^" + expression + "$").MatchString(text)
}
