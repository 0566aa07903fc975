// Package iampolicy makes the IAM policies of those who deploy a stack and who only plan it, derived from the stack, and of those who manage its
// callers' keys and who ask its logs.
package iampolicy

import (
	"encoding/json"
	"fmt"
	"slices"
)

// Policy is a policy document of IAM.
type Policy struct {
	Version   string
	Statement []Statement
}

const version = "2012-10-17"

// Statement allows actions on resources.
type Statement struct {
	Sid       string
	Effect    string
	Action    []string
	Resource  []string
	Condition map[string]map[string][]string `json:",omitempty"`
}

// New returns what planning, deploying and destroying a stack takes, given the JSON that Terraform reads.
func New(synthesized []byte) (Policy, error) {
	s, err := parse(synthesized)
	if err != nil {
		return Policy{}, err
	}
	b, err := s.backend()
	if err != nil {
		return Policy{}, err
	}
	return s.policy(func(a access) access { return a }, slices.Concat(b.reading(), b.writing(), s.deployRoles()))
}

// PlanRoles are those that planning assumes in the place of the roles of the stack; empty: none.
type PlanRoles struct{ Account, State string }

// NewForPlan returns what planning takes without a lock on the state.
func NewForPlan(synthesized []byte, roles PlanRoles) (Policy, error) {
	s, err := parse(synthesized)
	if err != nil {
		return Policy{}, err
	}
	b, err := s.backend()
	if err != nil {
		return Policy{}, err
	}
	return s.policy(access.reading, slices.Concat(b.reading(), roles.access(b)))
}

// policy allows a part of what the table says of the stack's resources, and more.
func (s stack) policy(part func(access) access, more []access) (Policy, error) {
	statements := statements{}
	for kind, named := range s.kinds() {
		entry, known := lookup(kind)
		if !known {
			return Policy{}, fmt.Errorf("%s: not in the policy table: add the actions with which Terraform creates, reads, updates "+
				"and deletes it to stacks/internal/live/iampolicy/table_*.go", kind)
		}
		for _, args := range named {
			for _, a := range entry {
				statements.add(part(a), arguments{s, args})
			}
		}
	}
	for _, a := range more {
		statements.add(a, arguments{s, nil})
	}
	return statements.policy(), nil
}

// RolesUnbounded tells whether a policy lets its holder write the rights of roles that have no boundary.
func (p Policy) RolesUnbounded() bool {
	return slices.ContainsFunc(p.Statement, func(s Statement) bool {
		return slices.Contains(s.Action, "iam:PutRolePolicy") && s.Condition["StringEquals"]["iam:PermissionsBoundary"] == nil
	})
}

// MakesKeys reports whether a policy lets its holder make KMS keys.
func (p Policy) MakesKeys() bool {
	return slices.ContainsFunc(p.Statement, func(s Statement) bool { return slices.Contains(s.Action, "kms:CreateKey") })
}

// Characters that a policy document may have, white space not counted (IAM User Guide, IAM and AWS STS quotas).
const (
	InlineLimit  = 10240 // all inline policies of a role together
	ManagedLimit = 6144  // a managed policy
)

// Split deals the statements out to as few documents as they fill, in their order.
func (p Policy) Split(limit int) []Policy {
	var list []Policy
	for _, s := range p.Statement {
		last := len(list) - 1
		if last >= 0 {
			longer := Policy{p.Version, append(slices.Clone(list[last].Statement), s)}
			if longer.Length() <= limit {
				list[last] = longer
				continue
			}
		}
		list = append(list, Policy{p.Version, []Statement{s}})
	}
	return list
}

// Length is the number of characters that IAM counts.
func (p Policy) Length() int {
	text, err := json.Marshal(p)
	if err != nil {
		panic(err) // strings only
	}
	return len(text)
}

// String returns the document as people read it.
func (p Policy) String() string {
	text, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		panic(err) // strings only
	}
	return string(text) + "\n"
}
