package declare_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/config/declare"
)

// TestSecrets has texts that a message hides, and those of them for which a configuration is refused.
func TestSecrets(t *testing.T) {
	for _, r := range []struct {
		text       string
		looks, has bool
	}{
		{"sk-proj-abcdefghijklmnop123456", true, true},
		{"OPENAI_API_KEY=sk-proj-abcdefghijklmnop123456", true, true},
		{"Bearer ghp_abcdefghijklmnopqrst", true, true},
		{"AKIAIOSFODNN7EXAMPLE", true, true},
		{"text\n-----BEGIN EC PRIVATE KEY-----\n", true, true},
		{"eyJhbGciOiJIUzI1NiIsInR5.eyJzdWIiOiIxMjM0NTY3.dozjgNryP4J3jVmNHl0w5N", true, true},
		{"-----BEGIN PUBLIC KEY-----\n", true, false},
		{"Bearer a", true, false},
		{"sk-eu", true, false},
		{"AKIA", true, false},
		{"pk_live_1234567890abcdef", true, false}, // a publishable key, which is no secret but looks like one
		{"0123456789abcdef0123456789abcdef", true, false},
		{"dGhpcyBpcyBhIHNlY3JldCBrZXk5", true, false},
		{"task-sk-abcdefghijklmnopqrstuvw", false, false},
		{"production-of-the-european-models", false, false},
		{"arn:aws:secretsmanager:us-east-1:111122223333:secret:origin-verify-AbCdEf", false, false},
		{"00000000000000000000000000000000", false, false},
	} {
		require.Equal(t, r.looks, declare.LooksSecret(r.text), "looks secret: %s", r.text)
		require.Equal(t, r.has, declare.HasSecret(r.text), "has a secret: %s", r.text)
	}
}
