// Package iampolicy derives from a synthesized stack the IAM policy of its deployer.
package iampolicy

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"ml-api-accelerator/stacks/internal/stackjson"
)

// Policy is a policy document of IAM.
type Policy struct {
	Version   string
	Statement []Statement
}

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
	parsed, err := stackjson.Parse(synthesized)
	if err != nil {
		return Policy{}, err
	}
	s := stack{parsed}
	statements := statements{}
	for kind, named := range s.kinds() {
		entry, known := lookup(kind)
		if !known {
			return Policy{}, fmt.Errorf("%s: not in the policy table: add the actions with which Terraform creates, reads, updates "+
				"and deletes it to stacks/internal/iampolicy/table_*.go", kind)
		}
		for _, args := range named {
			for _, a := range entry {
				statements.add(a, arguments{s, args})
			}
		}
	}
	others, err := s.others()
	if err != nil {
		return Policy{}, err
	}
	for _, a := range others {
		statements.add(a, arguments{s, nil})
	}
	return statements.policy(), nil
}

// statements are made by Sid: what is allowed in one of them is allowed on all its resources.
type statements map[string]*statement

type statement struct{ actions, resources, services map[string]bool }

func (list statements) add(a access, args arguments) {
	if a.when != "" && !args.has(a.when) {
		return
	}
	s := list[a.sid]
	if s == nil {
		s = &statement{map[string]bool{}, map[string]bool{}, map[string]bool{}}
		list[a.sid] = s
	}
	for _, action := range strings.Fields(strings.Join([]string{a.create, a.read, a.update, a.delete}, " ")) {
		s.actions[action] = true
	}
	for _, arn := range strings.Fields(a.arn) {
		if filled, ok := args.fill(arn); ok {
			s.resources[filled] = true
		}
	}
	if a.passedTo != "" {
		s.services[a.passedTo] = true
	}
}

func (list statements) policy() Policy {
	p := Policy{Version: "2012-10-17"}
	for _, sid := range slices.Sorted(maps.Keys(list)) {
		s := Statement{Sid: sid, Effect: "Allow", Action: sorted(list[sid].actions), Resource: sorted(list[sid].resources)}
		if services := sorted(list[sid].services); len(services) > 0 {
			s.Condition = map[string]map[string][]string{"StringEquals": {"iam:PassedToService": services}}
		}
		p.Statement = append(p.Statement, s)
	}
	return p
}

func sorted(set map[string]bool) []string { return slices.Sorted(maps.Keys(set)) }

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
