package stacks_test

import (
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"ml-api-accelerator/stacks/internal/awstest/apicall"
)

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

// subject is the last part of the id of what a call is about; empty where it says none, or none that the policies look at.
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

// holds evaluates the conditions of a statement (IAM User Guide, IAM JSON policy elements: Condition operators). One that isn't known fails.
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
