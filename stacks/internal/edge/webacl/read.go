package webacl

import (
	"net/netip"
	"regexp"
	"slices"

	"ml-api-accelerator/stacks/internal/edge/block"
	"ml-api-accelerator/stacks/internal/shared/stackjson"
)

// Read reads the web ACL that a distribution at an address refers to; nil: it has none, or one that the stack doesn't
// make, so that nothing is known of its rules.
func Read(s *block.Stack, at, value string) *ACL {
	if _, refers := stackjson.Refers(value); !refers {
		return nil
	}
	b := s.Resolve(at, value, "aws_wafv2_web_acl")
	b.Ignore("custom_response_body", "data_protection_config", "scope", "visibility_config", "tags")
	if action := b.Child("default_action"); !action.Has("allow") {
		s.Fail(action.At, "must be to allow")
	} else {
		action.Ignore("allow")
	}
	acl := &ACL{}
	for _, r := range inOrder(b.Children("rule")) {
		r.Ignore("visibility_config", "override_action")
		rule := Rule{Name: r.Text("name")}
		action, byRequest := r.Child("action"), true
		rule.Blocks = action.Has("block")
		if !rule.Blocks && action.Has("count") {
			byRequest = false
		}
		action.Ignore("block", "allow", "count")
		if reader := (reader{s, &rule}); reader.statement(r.Child("statement")) && byRequest {
			acl.Rules = append(acl.Rules, rule)
		}
	}
	return acl
}

// inOrder returns blocks in the order of their priorities.
func inOrder(blocks []*block.Block) []*block.Block {
	priority := map[*block.Block]int{}
	for _, b := range blocks {
		priority[b] = b.Number("priority", 0)
	}
	slices.SortStableFunc(blocks, func(a, b *block.Block) int { return priority[a] - priority[b] })
	return blocks
}

// reader adds the statements of a rule up to what the rule asks for.
type reader struct {
	*block.Stack

	rule *Rule
}

// statement reports whether a statement goes by the address or the path of a request.
func (r reader) statement(b *block.Block) bool {
	switch {
	case b.Has("managed_rule_group_statement"), b.Has("rate_based_statement"):
		b.Ignore("managed_rule_group_statement", "rate_based_statement")
		return false
	case b.Has("and_statement"):
		for _, inner := range b.Child("and_statement").Children("statement") {
			if !r.statement(inner) {
				r.Fail(inner.At, "is not part of the model of the edge")
			}
		}
	case b.Has("not_statement"):
		for _, inner := range b.Child("not_statement").Children("statement") {
			r.rule.Outside = r.addresses(inner)
		}
	case b.Has("regex_match_statement"):
		r.rule.Path = r.path(b.Child("regex_match_statement"))
	default:
		r.rule.In = r.addresses(b)
	}
	return true
}

// addresses are those of an IP set, or of several.
func (r reader) addresses(b *block.Block) []netip.Prefix {
	ranges := []netip.Prefix{}
	if b.Has("or_statement") {
		for _, inner := range b.Child("or_statement").Children("statement") {
			ranges = append(ranges, r.addresses(inner)...)
		}
		return ranges
	}
	if !b.Has("ip_set_reference_statement") {
		r.Fail(b.At, "is not part of the model of the edge")
		return ranges
	}
	refers := b.Child("ip_set_reference_statement")
	set := r.Resolve(refers.At+".arn", refers.Text("arn"), "aws_wafv2_ip_set")
	set.Ignore("ip_address_version", "scope", "tags")
	for _, text := range set.Texts("addresses") {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			r.Fail(set.At+".addresses", "%v", err)
		}
		ranges = append(ranges, p)
	}
	return ranges
}

// path is an expression that the path of a request is compared with.
func (r reader) path(b *block.Block) *Path {
	if field := b.Child("field_to_match"); !field.Has("uri_path") {
		r.Fail(field.At, "must be the path")
	} else {
		field.Ignore("uri_path")
	}
	expression, err := regexp.Compile(b.Text("regex_string"))
	if err != nil {
		r.Fail(b.At+".regex_string", "%v", err)
		expression = regexp.MustCompile("")
	}
	made := &Path{Expression: expression}
	for _, t := range inOrder(b.Children("text_transformation")) {
		kind := t.Text("type")
		if transformations[kind] == nil {
			r.Fail(t.At+".type", "is not part of the model of the edge: %q", kind)
			kind = "NONE"
		}
		made.Transformations = append(made.Transformations, kind)
	}
	return made
}
