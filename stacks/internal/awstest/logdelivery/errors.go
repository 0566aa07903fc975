package logdelivery

import (
	"net/http"
	"regexp"
	"slices"
	"strings"

	"ml-api-accelerator/stacks/internal/awstest/constraint"
	"ml-api-accelerator/stacks/internal/awstest/wire"
)

// The errors of the API (CloudWatch Logs API Reference, the section Errors of each call).
var (
	conflict = wire.Error{Status: http.StatusBadRequest, Code: "ConflictException"}
	invalid  = wire.Error{Status: http.StatusBadRequest, Code: "ValidationException"}
	missing  = wire.Error{Status: http.StatusBadRequest, Code: "ResourceNotFoundException"}
)

// taggedTwice is how AWS refuses tags of what exists (hashicorp/terraform-provider-aws#43572).
func taggedTwice() error {
	return conflict.Say("Tags can only be provided when a resource is being created, not updated.")
}

var namePattern = regexp.MustCompile(`^[\w-]*$`)

// checkName holds the name of a source or destination to its constraints (CloudWatch Logs API Reference, PutDeliverySource).
func checkName(name string) error {
	switch {
	case name == "":
		return broken(name, "name", "have length greater than or equal to 1")
	case len(name) > 60:
		return broken(name, "name", "have length less than or equal to 60")
	case !namePattern.MatchString(name):
		return broken(name, "name", `satisfy regular expression pattern: [\w-]*`)
	}
	return nil
}

func checkOneOf(value, at string, allowed ...string) error {
	if slices.Contains(allowed, value) {
		return nil
	}
	return broken(value, at, "satisfy enum value set: ["+strings.Join(allowed, ", ")+"]")
}

func broken(value, at, must string) error {
	return invalid.Say("%s", constraint.Say([]string{constraint.Unsatisfied(value, at, must)}))
}
