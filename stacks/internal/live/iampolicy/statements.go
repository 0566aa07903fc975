package iampolicy

import (
	"maps"
	"slices"
	"strings"
)

// statements are made by Sid: what is allowed in one of them is allowed on all its resources.
type statements map[string]*statement

type statement struct {
	actions, resources set
	conditions         map[string]map[string]set // values by operator and key
}

type set map[string]bool

func (s set) add(items ...string) {
	for _, item := range items {
		s[item] = true
	}
}

func (s set) sorted() []string { return slices.Sorted(maps.Keys(s)) }

func (list statements) add(a access, args arguments) {
	actions := strings.Fields(strings.Join([]string{a.create, a.read, a.update, a.delete}, " "))
	if len(actions) == 0 || a.when != "" && !args.has(a.when) {
		return
	}
	s := list[a.sid]
	if s == nil {
		s = &statement{set{}, set{}, map[string]map[string]set{}}
		list[a.sid] = s
	}
	s.actions.add(actions...)
	for _, arn := range strings.Fields(a.arn) {
		if filled, ok := args.fill(arn); ok {
			s.resources.add(filled)
		}
	}
	for _, l := range a.limits {
		s.limit(l.operator, l.key, l.values(args))
	}
}

func (s *statement) limit(operator, key string, values []string) {
	if len(values) == 0 {
		return
	}
	if s.conditions[operator] == nil {
		s.conditions[operator] = map[string]set{}
	}
	if s.conditions[operator][key] == nil {
		s.conditions[operator][key] = set{}
	}
	s.conditions[operator][key].add(values...)
}

func (list statements) policy() Policy {
	p := Policy{Version: version}
	for _, sid := range slices.Sorted(maps.Keys(list)) {
		made := list[sid]
		s := Statement{Sid: sid, Effect: "Allow", Action: made.actions.sorted(), Resource: made.resources.sorted()}
		for operator, keys := range made.conditions {
			if s.Condition == nil {
				s.Condition = map[string]map[string][]string{}
			}
			s.Condition[operator] = map[string][]string{}
			for key, values := range keys {
				s.Condition[operator][key] = values.sorted()
			}
		}
		p.Statement = append(p.Statement, s)
	}
	return p
}
