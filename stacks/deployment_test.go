package stacks_test

import (
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-exec/tfexec"
	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/awstest"
	"ml-api-accelerator/stacks/internal/awstest/apicall"
	"ml-api-accelerator/stacks/internal/live/iampolicy"
	"ml-api-accelerator/stacks/internal/shared/names"
)

// deployment is a stack that Terraform deploys, as synthesized, to a stand-in for AWS.
type deployment struct {
	workdir
	backend  backend
	policies *[]iampolicy.Policy // of what was deployed and is: what is taken out is deleted under the former policy
	planning *iampolicy.Policy   // of a plan role
	zones    *zonesRole
}

// zonesRole is the role of the account that has the hosted zones.
type zonesRole struct {
	arn                string             // empty: it is the account of the stack
	policies, planning []iampolicy.Policy // as those of a deployment
}

// newDeployment initializes a stack. The folder lasts as long as t.
func newDeployment(t *testing.T, aws *awstest.Server, synthesized []byte, override object) deployment {
	t.Helper()
	d := deployment{newWorkdir(t, aws, synthesized, override), backendOf(t, synthesized), &[]iampolicy.Policy{}, &iampolicy.Policy{}, &zonesRole{}}
	d.change(t, synthesized, override)
	aws.ResetCalls()
	require.NoError(t, d.Init(t.Context()))
	d.requireAllowedToPlan(t)
	return d
}

// patience is what differs from the stack as synthesized: Terraform doesn't wait for the edges, of which the
// stand-in has none, nor for the lifecycle rules, which the provider watches for 55 seconds each.
func patience(t *testing.T, synthesized []byte) object {
	override := withoutEdges(t, synthesized)
	for id := range parse(t, synthesized).Resource["aws_s3_bucket_lifecycle_configuration"] {
		set(override, object{"count": 0}, "resource", "aws_s3_bucket_lifecycle_configuration", id)
	}
	return override
}

func withoutEdges(t *testing.T, synthesized []byte) object {
	override := object{}
	for id := range parse(t, synthesized).Resource["aws_cloudfront_distribution"] {
		set(override, object{"wait_for_deployment": false}, "resource", "aws_cloudfront_distribution", id)
	}
	return override
}

// set puts a value below the names, and makes the objects on the way.
func set(into object, value any, names ...string) {
	for _, name := range names[:len(names)-1] {
		if into[name] == nil {
			into[name] = object{}
		}
		into = into[name].(object)
	}
	into[names[len(names)-1]] = value
}

// change puts another configuration of the stack in the place of the one before.
func (d deployment) change(t *testing.T, synthesized []byte, override object) {
	t.Helper()
	d.write(t, synthesized, override)
	policy, err := iampolicy.New(synthesized)
	require.NoError(t, err)
	*d.policies = append(*d.policies, policy)
	*d.planning, err = iampolicy.NewForPlan(synthesized, iampolicy.PlanRoles{})
	require.NoError(t, err)
	for _, p := range parse(t, synthesized).Provider.AWS {
		if p.Alias == names.ZoneProvider {
			d.zones.arn = p.AssumeRole[len(p.AssumeRole)-1].RoleARN
		}
	}
	for plan, list := range map[bool]*[]iampolicy.Policy{false: &d.zones.policies, true: &d.zones.planning} {
		policy, err := iampolicy.NewForZones(synthesized, plan)
		require.NoError(t, err)
		*list = append(*list, policy)
	}
}

// apply deploys what is written. The stand-in then has only the calls of this apply.
func (d deployment) apply(t *testing.T, options ...tfexec.ApplyOption) {
	t.Helper()
	d.whileAllowed(t, func() error { return d.Apply(t.Context(), options...) })
}

// deploy changes the stack and applies it. It spares the reads of all that the apply before has just written.
func (d deployment) deploy(t *testing.T, synthesized []byte) {
	t.Helper()
	d.change(t, synthesized, patience(t, synthesized))
	d.apply(t, withoutRefresh)
}

func (d deployment) destroy(t *testing.T, options ...tfexec.DestroyOption) {
	t.Helper()
	d.whileAllowed(t, func() error { return d.Destroy(t.Context(), options...) })
}

// whileAllowed holds what Terraform calls to the deployer's policies.
func (d deployment) whileAllowed(t *testing.T, run func() error) {
	t.Helper()
	var before state
	if d.hasState(t) {
		before = d.state(t)
	}
	d.aws.ResetCalls()
	require.NoError(t, run())
	d.requireAllowed(t, newAccount(before, d.state(t)))
}

var withoutRefresh = tfexec.Refresh(false)

// planAllowed plans as a plan role does, and holds what Terraform calls to its policy.
func (d deployment) planAllowed(t *testing.T, options ...tfexec.PlanOption) plan {
	t.Helper()
	d.aws.ResetCalls()
	planned := d.plan(t, append(options, tfexec.Lock(false))...)
	d.requireAllowedToPlan(t)
	return planned
}

// requireNoChanges plans once more: there must be nothing left to do.
func (d deployment) requireNoChanges(t *testing.T) {
	t.Helper()
	requireNothingToDo(t, d.planAllowed(t))
}

func requireNothingToDo(t *testing.T, planned plan) {
	t.Helper()
	require.Empty(t, planned.warnings)
	require.Empty(t, planned.changes)
	for name, action := range planned.outputs {
		require.Equal(t, "noop", action, "output %s", name)
	}
}

// step runs a part of a scenario; the later ones build on it.
func step(t *testing.T, name string, run func(t *testing.T)) {
	t.Helper()
	if !t.Run(name, run) {
		t.FailNow()
	}
}

// requireAllowed compares the calls of Terraform with the policies of its deployer. What never is a call of its own
// stays unproven: iam:PassRole, and what AWS asks as the caller.
func (d deployment) requireAllowed(t *testing.T, a account) {
	t.Helper()
	requireAllowed(t, d.calls(false), a, *d.policies)
	requireAllowed(t, d.calls(true), a, d.zones.policies)
}

// somebody has an access key that isn't Terraform's.
const somebody = "AKIAIOSFODNN7SOMEONE"

// calls are those that Terraform made as the role of the hosted zones, or the others.
func (d deployment) calls(inZones bool) []apicall.Call {
	return slices.DeleteFunc(d.aws.Calls(), func(call apicall.Call) bool {
		return call.Key == somebody || inZones != (call.Role != "" && call.Role == d.zones.arn)
	})
}

// requireAllowedToPlan compares the calls of Terraform with the policy of a plan role. The roles of the stack, which it
// assumes here, the workflows on GitHub take out before they plan.
func (d deployment) requireAllowedToPlan(t *testing.T) {
	t.Helper()
	calls := slices.DeleteFunc(d.calls(false), func(call apicall.Call) bool { return call.Name() == "sts:AssumeRole" })
	var there account
	if d.hasState(t) {
		there = newAccount(d.state(t))
	}
	requireAllowed(t, calls, there, []iampolicy.Policy{*d.planning})
	requireAllowed(t, d.calls(true), there, d.zones.planning)
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
	"acm:RequestCertificate":                  "acm:AddTagsToCertificate",
	"athena:CreateWorkGroup":                  "athena:TagResource",
	"chatbot:CreateSlackChannelConfiguration": "chatbot:TagResource",
	"cloudfront:CreateDistribution":           "cloudfront:TagResource",
	"cloudfront:CreateVpcOrigin":              "cloudfront:TagResource",
	"cloudwatch:PutMetricAlarm":               "cloudwatch:TagResource",
	"ec2:AuthorizeSecurityGroupIngress":       "ec2:CreateTags",
	"events:PutRule":                          "events:TagResource",
	"glue:CreateDatabase":                     "glue:TagResource",
	"iam:CreateRole":                          "iam:TagRole",
	"kms:CreateKey":                           "kms:TagResource",
	"logs:CreateLogGroup":                     "logs:TagResource",
	"sns:CreateTopic":                         "sns:TagResource",
	"sqs:CreateQueue":                         "sqs:TagQueue",
	"states:CreateStateMachine":               "states:TagResource",
	"wafv2:CreateIPSet":                       "wafv2:TagResource",
	"wafv2:CreateWebACL":                      "wafv2:TagResource",
}

func (a account) authorizations(call apicall.Call) []authorization {
	if asked := ofLogDelivery(call); asked != nil {
		return asked
	}
	asked := authorization{action: call.Name(), arn: resource(call), context: a.context(call)}
	all := []authorization{asked}
	if also, tags := tagging[call.Name()]; tags {
		if asked.action = also; call.Service == "ec2" {
			asked.arn = "arn:aws:ec2:" + call.Region + ":" + awstest.AccountID + ":security-group-rule/sgr-new"
		}
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
	case "sts":
		return form(call).Get("RoleArn")
	case "iam":
		form, _ := url.ParseQuery(string(call.Body))
		return "arn:aws:iam::" + awstest.AccountID + ":role/" + form.Get("RoleName")
	case "cloudfront":
		if found := function.FindStringSubmatch(path); found != nil {
			return "arn:aws:cloudfront::" + awstest.AccountID + ":function/" + found[1]
		}
	case "lambda":
		return functionOf(path, query)
	case "elasticloadbalancing":
		if call.Write() {
			return form(call).Get("ListenerArn")
		}
	case "ec2":
		if group := form(call).Get("GroupId"); group != "" {
			return "arn:aws:ec2:" + call.Region + ":" + awstest.AccountID + ":security-group/" + group
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

// functionOf is the ARN of the function, or of its alias, that a call to Lambda is about.
func functionOf(path, query string) string {
	named := regexp.MustCompile(`/functions/([^/]+)/`).FindStringSubmatch(path)
	if named == nil {
		return ""
	}
	arn, _ := url.PathUnescape(named[1])
	if values, _ := url.ParseQuery(query); values.Has("Qualifier") {
		arn += ":" + values.Get("Qualifier")
	}
	return arn
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
	namedARN   = regexp.MustCompile(`"(?:ChatConfigurationArn|ResourceArn|ResourceARN|stateMachineArn)":"([^"]+)"`)
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

// account is what AWS knows of the resources there are when a call comes, by the last part of their id.
type account map[string]known

type known struct {
	tags     map[string]string
	boundary string
}

// newAccount reads states; of a resource that several have the first counts, and it has it as AWS told it.
func newAccount(states ...state) account {
	a := account{}
	for _, s := range states {
		for _, r := range s.Resources {
			for _, i := range r.Instances {
				if _, there := a[last(i.Attributes.ID)]; !there && i.Attributes.Tags != nil {
					a[last(i.Attributes.ID)] = known{i.Attributes.Tags, i.Attributes.Boundary}
				}
			}
		}
	}
	return a
}

func last(id string) string { return id[strings.LastIndex(id, "/")+1:] }

const stackTag = "ml-api-accelerator:stack"

// context is what AWS knows of a call beside its action and resource, as far as policies of ours ask for it.
func (a account) context(call apicall.Call) map[string][]string {
	context := map[string][]string{}
	if tag, ok := requestTags(call)[stackTag]; ok {
		context["aws:RequestTag/"+stackTag] = []string{tag}
	}
	about := a[subject(call)]
	if tag, ok := about.tags[stackTag]; ok {
		context["aws:ResourceTag/"+stackTag] = []string{tag}
	}
	switch call.Service {
	case "iam":
		boundary := about.boundary
		if call.Action == "CreateRole" || call.Action == "PutRolePermissionsBoundary" {
			boundary = form(call).Get("PermissionsBoundary")
		}
		if boundary != "" {
			context["iam:PermissionsBoundary"] = []string{boundary}
		}
	case "route53":
		for _, name := range regexp.MustCompile(`<ResourceRecordSet>.*?<Name>(.*?)</Name>`).FindAllStringSubmatch(string(call.Body), -1) {
			normalized := strings.ReplaceAll(strings.ToLower(strings.TrimSuffix(name[1], ".")), "*", `\052`)
			context[recordNames] = append(context[recordNames], normalized)
		}
	}
	return context
}

const recordNames = "route53:ChangeResourceRecordSetsNormalizedRecordNames"

func form(call apicall.Call) url.Values {
	values, _ := url.ParseQuery(string(call.Body))
	return values
}

// requestTags are those in the body of a call to one of the services whose tags the policies ask for.
func requestTags(call apicall.Call) map[string]string {
	tags := map[string]string{}
	switch call.Service {
	case "cloudfront":
		for _, tag := range regexp.MustCompile(`<Tag><Key>(.*?)</Key><Value>(.*?)</Value></Tag>`).FindAllStringSubmatch(string(call.Body), -1) {
			tags[tag[1]] = tag[2]
		}
	case "ec2":
		for name, key := range form(call) {
			if tag, is := strings.CutSuffix(name, ".Key"); is {
				tags[key[0]] = form(call).Get(tag + ".Value")
			}
		}
	case "acm", "kms":
		var body struct {
			Tags []struct{ Key, Value, TagKey, TagValue string }
		}
		_ = json.Unmarshal(call.Body, &body) // a call without a body has no tags
		for _, tag := range body.Tags {
			tags[tag.Key+tag.TagKey] = tag.Value + tag.TagValue
		}
	}
	return tags
}

// subject is the last part of the id of what a call is about; empty where it says none, or none that the policies look
// at.
func subject(call apicall.Call) string {
	switch call.Service {
	case "cloudfront":
		path, query, _ := strings.Cut(call.Path, "?")
		if values, _ := url.ParseQuery(query); values.Has("Resource") {
			return last(values.Get("Resource"))
		}
		if found := regexp.MustCompile(`/(?:distribution|vpc-origin)/(\w+)`).FindStringSubmatch(path); found != nil {
			return found[1]
		}
	case "acm", "kms":
		var body struct{ CertificateArn, KeyId string }
		_ = json.Unmarshal(call.Body, &body)
		return last(body.CertificateArn + body.KeyId)
	case "iam":
		return form(call).Get("RoleName")
	}
	return ""
}

// holds evaluates the conditions of a statement (IAM User Guide, IAM JSON policy elements: Condition operators). One
// that isn't known fails.
func holds(conditions map[string]map[string][]string, context map[string][]string) bool {
	for operator, keys := range conditions {
		for key, allowed := range keys {
			values, there := context[key]
			known := func(value string) bool { return slices.Contains(allowed, value) }
			like := func(value string) bool {
				return slices.ContainsFunc(allowed, func(pattern string) bool { return matches(pattern, value) })
			}
			switch operator {
			case "StringEquals":
				if !there || !known(values[0]) {
					return false
				}
			case "StringEqualsIfExists":
				if there && !known(values[0]) {
					return false
				}
			case "ForAllValues:StringLike":
				if slices.ContainsFunc(values, func(value string) bool { return !like(value) }) {
					return false
				}
			default:
				return false
			}
		}
	}
	return true
}
