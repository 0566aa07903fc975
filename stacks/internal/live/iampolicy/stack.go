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

// stack is a stack whose policy is derived.
type stack struct{ stackjson.Stack }

// parse reads a stack and its backend. The stack needs a name, on which conditions depend.
func parse(synthesized []byte) (s stack, b backend, err error) {
	if s.Stack, err = stackjson.Parse(synthesized); err != nil {
		return s, b, err
	}
	if s.name() == "" {
		return s, b, errors.New("no provider has the tag " + names.StackTag + " in default_tags, " +
			"so no policy can tell the stack's resources apart")
	}
	if text, ok := s.Terraform.Backend["s3"]; ok {
		err = json.Unmarshal(text, &b)
	}
	return s, b, err
}

// kinds returns the resources and data sources by the names that their types have in the table.
func (s stack) kinds() map[string]map[string]object {
	all := maps.Clone(s.Resource)
	if all == nil {
		all = map[string]map[string]object{}
	}
	for kind, sources := range s.Data {
		all["data."+kind] = sources
	}
	for _, check := range s.Check {
		for kind, sources := range check.Data {
			if all["data."+kind] == nil {
				all["data."+kind] = map[string]object{}
			}
			maps.Copy(all["data."+kind], sources)
		}
	}
	return all
}

// inZones reports whether a resource is of the account that has the hosted zones.
func (s stack) inZones(resource object) bool {
	return resource["provider"] == "aws."+names.ZoneProvider
}

func (s stack) inAccount(resource object) bool { return !s.inZones(resource) }

// deployRoles returns the access to the roles that the deployer assumes. The last one of the hosted zones' provider is
// that of their account, which the one before assumes.
func (s stack) deployRoles() []access {
	var list []access
	for _, p := range s.Provider.AWS {
		for i, by := range p.AssumeRole {
			sid := "AssumeDeployRole"
			if p.Alias == names.ZoneProvider && i == len(p.AssumeRole)-1 {
				sid = "AssumeZonesRole"
			}
			list = append(list, access{sid: sid, arn: by.RoleARN, create: "sts:AssumeRole"})
		}
	}
	return list
}

// name returns the name of the stack, with which its resources are tagged.
func (s stack) name() string {
	for _, p := range s.Provider.AWS {
		for _, tags := range p.DefaultTags {
			return tags.Tags[names.StackTag]
		}
	}
	return ""
}

// account returns the id of the account, or * if the configuration names none.
func (s stack) account() string {
	for _, p := range s.Provider.AWS {
		if len(p.AllowedAccountIDs) > 0 {
			return p.AllowedAccountIDs[0]
		}
	}
	return "*"
}

// region returns the Region of a resource's provider.
func (s stack) region(resource object) string {
	alias, _ := resource["provider"].(string)
	for _, p := range s.Provider.AWS {
		if p.Alias == strings.TrimPrefix(alias, "aws.") {
			return p.Region
		}
	}
	return "*"
}

// arguments are the arguments of one resource.
type arguments struct {
	stack stack
	own   object
}

// has reports whether an argument is set, and not to false or an empty string.
func (a arguments) has(name string) bool {
	value := a.own[name]
	return value != nil && value != false && value != ""
}

var placeholder = regexp.MustCompile(`\{[\w.]+\}`)

// fill replaces the placeholders of an ARN, and reports whether all have a value. The value of a prefix gets a * at its
// end, and a value that is an ARN is the whole result, unless the ARN begins with its placeholder.
func (a arguments) fill(arn string) (filled string, ok bool) {
	whole, ok := "", true
	filled = placeholder.ReplaceAllStringFunc(arn, func(found string) string {
		name := strings.Trim(found, "{}")
		value := a.value(name)
		switch {
		case value == "" || strings.Contains(value, "${"):
			ok = false
		case strings.HasPrefix(value, "arn:") && !strings.HasPrefix(arn, found):
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

// backend is the S3 backend of a stack. Without a bucket there is none.
type backend struct {
	Bucket, Key string
	KMSKeyID    string `json:"kms_key_id"`
	AssumeRole  struct {
		RoleARN string `json:"role_arn"`
	} `json:"assume_role"`
}

func (b backend) state() string { return "arn:aws:s3:::" + b.Bucket + "/" + b.Key }

// reading returns what init and a plan without a lock take (Terraform, Backend Type: s3, Permissions required).
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

// writing returns what writing and locking the state takes besides. Only the lock is ever deleted.
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

// access returns the access to the roles that planning a stack with this backend assumes.
func (r PlanRoles) access(b backend) []access {
	var list []access
	if r.Account != "" {
		list = append(list, access{sid: "AssumePlanRole", arn: r.Account, read: "sts:AssumeRole"})
	}
	if r.Zones != "" {
		list = append(list, access{sid: "AssumeZonesPlanRole", arn: r.Zones, read: "sts:AssumeRole"})
	}
	if r.State != "" && b.Bucket != "" {
		list = append(list, access{sid: "AssumeStatePlanRole", arn: r.State, read: "sts:AssumeRole"})
	}
	return list
}
