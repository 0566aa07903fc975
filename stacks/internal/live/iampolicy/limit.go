package iampolicy

import (
	"fmt"
	"slices"
	"strings"

	"ml-api-accelerator/stacks/internal/shared/names"
)

// limit is a condition of a statement. Where it has no values there is none.
type limit struct {
	operator, key string
	values        func(arguments) []string
}

const (
	requestTag  = "aws:RequestTag/" + names.StackTag
	resourceTag = "aws:ResourceTag/" + names.StackTag
)

// ownedActions are what is done with a resource that has tags. Reading says nothing secret of what belongs to other
// stacks; readOwn would.
type ownedActions struct{ create, tag, read, readOwn, change string }

// owned is the access to resources whose ids AWS chooses: their tag alone says which are the stack's. To set it on what
// has another stack's would take that over, so setting it asks for both; what is being created has none yet. What has
// no such tag at all can't be told from that, and can be taken over: change must have nothing that is too dangerous for
// that. When other tags change, the provider sends only these.
func owned(actions ownedActions) []access {
	made := limit{"StringEquals", requestTag, stackName}
	return []access{
		{sid: "ReadAll", arn: "*", read: actions.read},
		{sid: "ReadOwn", arn: "*", read: actions.readOwn, limits: []limit{{"StringEquals", resourceTag, stackName}}},
		{sid: "CreateOwn", arn: "*", create: actions.create, limits: []limit{made}},
		{sid: "TagOwn", arn: "*", create: actions.tag, limits: []limit{made, {"StringEqualsIfExists", resourceTag, stackName}}},
		{sid: "ChangeOwn", arn: "*", create: actions.tag, update: actions.change, limits: []limit{{"StringEquals", resourceTag, stackName}}},
	}
}

func stackName(a arguments) []string { return []string{a.stack.name()} }

// passedTo lets a role be handed to one service only.
func passedTo(service string) []limit {
	return []limit{{"StringEquals", "iam:PassedToService", func(arguments) []string { return []string{service} }}}
}

// withinBoundary asks for the boundary of a role, if it is to have one (IAM User Guide, Permissions boundaries for IAM
// entities, Delegating responsibility to others using permissions boundaries).
var withinBoundary = []limit{{"StringEquals", "iam:PermissionsBoundary", func(a arguments) []string {
	if boundary := a.value("permissions_boundary"); boundary != "" {
		return []string{boundary}
	}
	return nil
}}}

// ownRecords keeps to the names of the stack's records in a zone that others may share (Route 53 Developer Guide, Using
// IAM policy conditions for fine-grained access control).
var ownRecords = []limit{{"ForAllValues:StringLike", "route53:ChangeResourceRecordSetsNormalizedRecordNames", recordNames}}

// recordNames is the name of a record, or the patterns of what ACM may ask to validate the stack's certificates.
func recordNames(a arguments) []string {
	name := a.value("name")
	if !strings.Contains(name, "${") {
		return []string{normalized(name)}
	}
	var validating []string
	for _, certificate := range a.stack.Resource["aws_acm_certificate"] {
		domains := []any{certificate["domain_name"]}
		others, _ := certificate["subject_alternative_names"].([]any)
		for _, domain := range slices.Concat(domains, others) {
			validating = append(validating, "_*."+normalized(strings.TrimPrefix(fmt.Sprint(domain), "*.")))
		}
	}
	return validating
}

// normalized is a domain as the condition compares it: in lower case, and * as an octal code.
func normalized(domain string) string {
	return strings.ReplaceAll(strings.ToLower(strings.TrimSuffix(domain, ".")), "*", `\052`)
}
