package awstest

import (
	"os"
	"testing"
)

// Region is the default region of the environment.
const Region = "us-east-1"

// Env returns the variables that lead every client to the stand-in: Terraform's
// S3 backend, the provider with all its aliases, and the AWS CLI. Nothing else
// is needed, neither endpoints nor skip_ arguments.
func (s *Server) Env() map[string]string {
	return map[string]string{
		"AWS_ENDPOINT_URL":            s.URL,
		"AWS_ACCESS_KEY_ID":           "AKIAIOSFODNN7EXAMPLE",
		"AWS_SECRET_ACCESS_KEY":       "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
		"AWS_REGION":                  Region,
		"AWS_CONFIG_FILE":             os.DevNull,
		"AWS_SHARED_CREDENTIALS_FILE": os.DevNull,
		"AWS_EC2_METADATA_DISABLED":   "true",
		"CHECKPOINT_DISABLE":          "1",
		"NO_PROXY":                    "127.0.0.1,localhost",
	}
}

// Setenv puts Env into the environment for the duration of the test.
func (s *Server) Setenv(t testing.TB) {
	t.Helper()
	for _, name := range []string{"AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN"} {
		t.Setenv(name, "") // to have it restored
		if err := os.Unsetenv(name); err != nil {
			t.Fatal(err)
		}
	}
	for name, value := range s.Env() {
		t.Setenv(name, value)
	}
}
