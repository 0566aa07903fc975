package cloudfront

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"ml-api-accelerator/stacks/internal/awstest/constraint"
)

// resourceName is what functions and key value stores are called (CloudFront API Reference, CreateFunction and CreateKeyValueStore: Name).
var resourceName = regexp.MustCompile(`^[a-zA-Z0-9-_]{1,64}$`)

func checkName(name string) error {
	if resourceName.MatchString(name) {
		return nil
	}
	return unsatisfied(name, "name", "satisfy regular expression pattern: [a-zA-Z0-9-_]{1,64}")
}

func checkEnum(value, at string, values ...string) error {
	if slices.Contains(values, value) {
		return nil
	}
	return unsatisfied(value, at, "satisfy enum value set: ["+strings.Join(values, ", ")+"]")
}

func checkLength(text, at string, longest int) error {
	if utf8.RuneCountInString(text) <= longest {
		return nil
	}
	return unsatisfied(text, at, fmt.Sprintf("have length less than or equal to %d", longest))
}

// unsatisfied is how CloudFront answers a value that its API model excludes (terraform-aws-modules/terraform-aws-cloudfront#53).
func unsatisfied(value, at, must string) error {
	return refusal{http.StatusBadRequest, "MalformedXML"}.say("%s", constraint.Say([]string{constraint.Unsatisfied(value, at, must)}))
}
