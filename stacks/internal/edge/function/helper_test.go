package function

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var now = time.Unix(1764000000, 0)

func example() Event {
	return Event{
		Method: "GET", URI: "/v1/models", Query: "a=1&b=2&a=3", IP: "198.51.100.11", Time: now,
		Headers: map[string][]string{"host": {"api.example.com"}, "accept": {"a", "b"}, "x-one": {"1"}},
		Cookies: map[string][]string{"s": {"1"}},
	}
}

func compiled(t testing.TB, code string) *Program {
	t.Helper()
	program, err := Compile("f", code)
	require.NoError(t, err, code)
	return program
}

// handled runs a handler's body, of which request is the request.
func handled(t testing.TB, body string, e Event, s Store) (Result, error) {
	t.Helper()
	return compiled(t, "import cf from 'cloudfront';\nasync function handler(event) { const request = event.request;\n"+body+"\n}").Run(e, s)
}

// answered is the body of what a handler answers.
func answered(t testing.TB, body string, e Event, s Store) string {
	t.Helper()
	result, err := handled(t, body, e, s)
	require.NoError(t, err, body)
	return result.Response.Body
}

// statusOf is what CloudFront answers for a function's failure.
func statusOf(t testing.TB, err error) int {
	t.Helper()
	var failure *Error
	require.ErrorAs(t, err, &failure)
	return failure.Status
}

type unreachable struct{}

func (unreachable) Get(string) (string, bool, error) { return "", false, errors.New("unreachable") }
