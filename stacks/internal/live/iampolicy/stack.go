package iampolicy

import (
	"encoding/json"
	"errors"
	"maps"
	"regexp"
	"strings"

	"ml-api-accelerator/stacks/internal/shared/names"
	"ml-api-accelerator/stacks/internal/shared/stackjson"
)

// object is any JSON object of a stack.
type object = stackjson.Object

// named are resources or data sources of one type, by their Terraform name.
type named = map[string]object

// stack is one whose policy is derived.
type stack struct{ stackjson.Stack }

// parse reads a stack that says its name, on which conditions depend.
func parse(synthesized []byte) (stack, error) {
	parsed, err := stackjson.Parse(synthesized)
	s := stack{parsed}
	if err == nil && s.name() == "" {
		err = errors.New("no provider has " + names.StackTag + " in its default_tags")
	}
	return s, err
}

// kinds returns resources and data sources under the names they have in the table.
func (s stack) kinds() map[string]named {
	all := maps.Clone(s.Resource)
	if all == nil {
		all = map[string]named{}
	}
	for kind, sources := range s.Data {
		all["data."+kind] = sources
	}
	return all
}

// deployRoles is whom the deployer assumes.
func (s stack) deployRoles() []access {
	var list []access
	for _, p := range s.Provider.AWS {
		for _, by := range p.AssumeRole {
			list = append(list, access{sid: "AssumeDeployRole", arn: by.RoleARN, create: "sts:AssumeRole"})
		}
	}
	return list
}

// name is that of the stack, as all that it makes is tagged.
func (s stack) name() string {
	for _, p := range s.Provider.AWS {
		for _, tags := range p.DefaultTags {
			return tags.Tags[names.StackTag]
		}
	}
	return ""
}

// account is the id of the account, or * where the configuration names none.
func (s stack) account() string {
	for _, p := range s.Provider.AWS {
		if len(p.AllowedAccountIDs) > 0 {
			return p.AllowedAccountIDs[0]
		}
	}
	return "*"
}

// region is that of the provider which a resource names.
func (s stack) region(resource object) string {
	alias, _ := resource["provider"].(string)
	for _, p := range s.Provider.AWS {
		if p.Alias == strings.TrimPrefix(alias, "aws.") {
			return p.Region
		}
	}
	return "*"
}

// arguments are those of one resource.
type arguments struct {
	stack stack
	own   object
}

// has tells whether an argument is set to more than nothing.
func (a arguments) has(name string) bool {
	value := a.own[name]
	return value != nil && value != false && value != ""
}

var placeholder = regexp.MustCompile(`\{[\w.]+\}`)

// fill completes an ARN, unless an argument is missing or what it refers to has an ARN of its own. What is
// only the beginning of a name ends with *, and an ARN in the place of a name is the ARN.
func (a arguments) fill(arn string) (filled string, ok bool) {
	whole, ok := "", true
	filled = placeholder.ReplaceAllStringFunc(arn, func(found string) string {
		name := strings.Trim(found, "{}")
		value := a.value(name)
		switch {
		case value == "" || strings.Contains(value, "${"):
			ok = false
		case strings.HasPrefix(value, "arn:"):
			whole = value
		case strings.HasSuffix(name, "_prefix"):
			value += "*"
		}
		return value
	})
	if whole != "" {
		return whole, ok
	}
	return filled, ok
}

// value returns an argument; x.y is the argument y of the resource to which x refers.
func (a arguments) value(name string) string {
	switch name {
	case "account":
		return a.stack.account()
	case "region":
		return a.stack.region(a.own)
	}
	first, second, refers := strings.Cut(name, ".")
	value, _ := a.own[first].(string)
	if !refers {
		return value
	}
	r, found := stackjson.Refers(value)
	if !found {
		return ""
	}
	return arguments{a.stack, a.stack.Find(r)}.value(second)
}

// roleOf is the ARN of the role to which an argument refers.
func roleOf(argument string) string { return "arn:aws:iam::{account}:role/{" + argument + ".name}" }

// backend is the S3 backend of a stack; without a bucket there is none.
type backend struct {
	Bucket, Key string
	KMSKeyID    string `json:"kms_key_id"`
	AssumeRole  struct {
		RoleARN string `json:"role_arn"`
	} `json:"assume_role"`
}

func (s stack) backend() (b backend, err error) {
	if text, ok := s.Terraform.Backend["s3"]; ok {
		err = json.Unmarshal(text, &b)
	}
	return b, err
}

func (b backend) state() string { return "arn:aws:s3:::" + b.Bucket + "/" + b.Key }

// reading is what init and a plan without a lock take (Terraform, Backend Type: s3, Permissions required).
func (b backend) reading() []access {
	if b.Bucket == "" {
		return nil
	}
	list := []access{
		{sid: "StateBucket", arn: "arn:aws:s3:::" + b.Bucket, read: "s3:ListBucket"},
		{sid: "State", arn: b.state(), read: "s3:GetObject"},
	}
	if b.KMSKeyID != "" {
		list = append(list, access{sid: "StateKey", arn: b.KMSKeyID, read: "kms:Decrypt"})
	}
	return list
}

// writing is what writing and locking the state takes besides. Only the lock is ever deleted.
func (b backend) writing() []access {
	if b.Bucket == "" {
		return nil
	}
	lock := b.state() + ".tflock"
	list := []access{
		{sid: "State", arn: b.state() + " " + lock, update: "s3:PutObject"},
		{sid: "StateLock", arn: lock, delete: "s3:DeleteObject"},
	}
	if b.KMSKeyID != "" {
		list = append(list, access{sid: "StateKey", arn: b.KMSKeyID, update: "kms:Encrypt kms:GenerateDataKey"})
	}
	if b.AssumeRole.RoleARN != "" {
		list = append(list, access{sid: "AssumeStateRole", arn: b.AssumeRole.RoleARN, read: "sts:AssumeRole"})
	}
	return list
}

// access is whom planning a stack with this backend assumes.
func (r PlanRoles) access(b backend) []access {
	var list []access
	if r.Account != "" {
		list = append(list, access{sid: "AssumePlanRole", arn: r.Account, read: "sts:AssumeRole"})
	}
	if r.State != "" && b.Bucket != "" {
		list = append(list, access{sid: "AssumeStatePlanRole", arn: r.State, read: "sts:AssumeRole"})
	}
	return list
}
