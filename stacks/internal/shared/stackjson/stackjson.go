// Package stackjson reads the Terraform JSON of a synthesized stack.
package stackjson

import (
	"encoding/json"
	"slices"
)

// Object is any JSON object of a stack.
type Object = map[string]any

// Stack is what a stack declares: resources and data sources by type and Terraform name.
type Stack struct {
	Terraform struct {
		Backend map[string]json.RawMessage // by type: s3, local
	}
	Provider       struct{ AWS []Provider }
	Data, Resource map[string]map[string]Object
	Output         map[string]Object
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

// Addresses returns the addresses of the resources, sorted.
func (s Stack) Addresses() []string {
	var addresses []string
	for kind, named := range s.Resource {
		for name := range named {
			addresses = append(addresses, kind+"."+name)
		}
	}
	slices.Sort(addresses)
	return addresses
}
