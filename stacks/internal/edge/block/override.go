package block

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"ml-api-accelerator/stacks/internal/shared/stackjson"
)

// answering are what resources begin with that have a part in the answers to requests, read or not.
var answering = regexp.MustCompile(`^(data\.)?aws_(cloudfront|wafv2|lambda_function_url|lambda_permission|` +
	`s3_bucket_policy|s3_bucket_cors|s3_bucket_public_access_block|lb_listener|vpc_security_group|route53_record)`)

// bystanders are those of them that don't.
var bystanders = regexp.MustCompile(`^aws_(cloudfront_monitoring_subscription|wafv2_web_acl_logging_configuration)\.`)

func answers(address string) bool {
	return answering.MatchString(address) && !bystanders.MatchString(address)
}

// overridden reports whether an override sets what is at a place, or in it or around it, and notes that.
func (s *Stack) overridden(at string) bool {
	found := false
	for address, arguments := range s.Comment.Overrides {
		place, below := strings.CutPrefix(at, address+".")
		if !below {
			continue
		}
		for _, argument := range arguments {
			switch {
			case within(place, argument):
				s.note(address, place)
				found = true
			case within(argument, place):
				s.note(address, argument)
				found = true
			}
		}
	}
	return found
}

// note keeps what can't be read, once.
func (s *Stack) note(address, argument string) {
	noted := func(u Unread) bool { return u.Address == address && within(argument, u.Argument) }
	if !slices.ContainsFunc(s.unread, noted) {
		s.unread = append(s.unread, Unread{address, argument, s.value(address, argument)})
	}
}

// value returns what an argument is set to.
func (s *Stack) value(address, argument string) any {
	r, _ := stackjson.Refers("${" + address + ".x}")
	var value any = s.Stack.Find(r)
	for step := range strings.SplitSeq(argument, ".") {
		name, index, isItem := strings.Cut(strings.TrimSuffix(step, "]"), "[")
		object, _ := value.(map[string]any)
		value = object[name]
		if list, _ := value.([]any); isItem {
			i, _ := strconv.Atoi(index)
			value = list[i]
		}
	}
	return value
}

// within reports whether a dotted path is the same as another, or below it.
func within(path, other string) bool {
	rest, found := strings.CutPrefix(path, other)
	return found && (rest == "" || rest[0] == '.' || rest[0] == '[')
}
