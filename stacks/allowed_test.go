package stacks_test

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/awstest"
	"ml-api-accelerator/stacks/internal/awstest/apicall"
	"ml-api-accelerator/stacks/internal/iampolicy"
)

// requireAllowed compares the calls of Terraform with the policy of its iampolicy. What never is a call of its
// own stays unproven: iam:PassRole, the tags that come with what is made, and what AWS asks as the caller.
func (d deployment) requireAllowed(t *testing.T) {
	t.Helper()
	for _, call := range d.aws.Calls() {
		if call.Name() == "sts:GetCallerIdentity" {
			continue // everyone may
		}
		allowed := slices.ContainsFunc(*d.policies, func(p iampolicy.Policy) bool { return allows(p, call) })
		require.True(t, allowed, "%s on %s isn't allowed", call.Name(), resource(call))
	}
}

func allows(p iampolicy.Policy, call apicall.Call) bool {
	return slices.ContainsFunc(p.Statement, func(s iampolicy.Statement) bool {
		arn := resource(call)
		return slices.Contains(s.Action, call.Name()) &&
			(arn == "" || slices.ContainsFunc(s.Resource, func(pattern string) bool { return matches(pattern, arn) }))
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
	case "route53":
		if found := hostedZone.FindStringSubmatch(path); found != nil {
			return "arn:aws:route53:::hostedzone/" + found[1]
		}
	}
	if found := namedARN.Find(call.Body); found != nil && call.Service != "sts" {
		return arnOf(call.Service, string(found))
	}
	return ""
}

var (
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
