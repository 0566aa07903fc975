package cloudfront

import (
	"net/http"

	"ml-api-accelerator/stacks/internal/awstest/wire"
)

// refusal is an error without its message.
type refusal struct {
	status int
	code   string
}

func (e refusal) say(format string, args ...any) error {
	return wire.Error{Status: e.status, Code: e.code}.Say(format, args...)
}

func invalid(format string, args ...any) error {
	return refusal{http.StatusBadRequest, "InvalidArgument"}.say(format, args...)
}
