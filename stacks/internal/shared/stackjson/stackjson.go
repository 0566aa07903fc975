// Package stackjson reads the Terraform JSON of a synthesized stack.
package stackjson

import (
	"encoding/json"
	"regexp"
	"slices"
)

// Object is any JSON object of a stack.
type Object = map[string]any

// Stack is what a stack declares: resources and data sources by type and Terraform name.
type Stack struct {
	Comment struct {
		Metadata  struct{ StackName, Version string } // Version is cdktf's
		Overrides map[string][]string                 // arguments that the user has set, as dotted paths, by address
	} `json:"//"`
	Terraform struct {
		Backend map[string]json.RawMessage // by type: s3, local
	}
	Provider       struct{ AWS []Provider }
	Data, Resource map[string]map[string]Object
	Check          map[string]Check // by name
	Output         map[string]Object
}

// Check has a data source of its own, which only it can see.
type Check struct {
	Data map[string]map[string]Object
}

// Provider is one configuration of the AWS provider; the default one has no alias.
type Provider struct {
	Alias, Region     string
	AllowedAccountIDs []string `json:"allowed_account_ids"`
	DefaultTags       []struct {
		Tags map[string]string
	} `json:"default_tags"`
	AssumeRole []struct {
		RoleARN string `json:"role_arn"`
	} `json:"assume_role"`
}

// Parse reads a cdk.tf.json.
func Parse(text []byte) (s Stack, err error) {
	err = json.Unmarshal(text, &s)
	return s, err
}

// Reference is a value like ${kind.name.attribute}, or ${data.kind.name.attribute} for a data source.
type Reference struct {
	Data                  bool
	Kind, Name, Attribute string
}

var reference = regexp.MustCompile(`^\$\{(data\.)?([a-z0-9_]+)\.([A-Za-z0-9_-]+)\.([a-z0-9_]+)\}$`)

// Refers returns what a value refers to, if it is nothing but a reference.
func Refers(value any) (r Reference, ok bool) {
	text, _ := value.(string)
	match := reference.FindStringSubmatch(text)
	if match == nil {
		return Reference{}, false
	}
	return Reference{match[1] != "", match[2], match[3], match[4]}, true
}

// Address returns how Terraform calls what is referred to.
func (r Reference) Address() string {
	if r.Data {
		return "data." + r.Kind + "." + r.Name
	}
	return r.Kind + "." + r.Name
}

// Find returns the arguments of what is referred to; nil: it isn't in the stack.
func (s Stack) Find(r Reference) Object {
	if r.Data {
		return s.Data[r.Kind][r.Name]
	}
	return s.Resource[r.Kind][r.Name]
}

// none is a for_each of nothing.
const none = "${toset([])}"

// Addresses returns the addresses of the resources that there is at least one of, sorted.
func (s Stack) Addresses() []string {
	var addresses []string
	for kind, named := range s.Resource {
		for name, resource := range named {
			if resource["for_each"] != none {
				addresses = append(addresses, kind+"."+name)
			}
		}
	}
	slices.Sort(addresses)
	return addresses
}
