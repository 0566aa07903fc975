package awstest

import (
	"os"
	"testing"

	"ml-api-accelerator/stacks/internal/awstest/moto"
)

// Env returns the variables that lead every client to the stand-in: Terraform's S3 backend, the provider with
// all its aliases, and the AWS CLI. Nothing else is needed, neither endpoints nor skip_ arguments.
func (s *Server) Env() map[string]string {
	return map[string]string{
		"AWS_ENDPOINT_URL":            s.url,
		"AWS_ACCESS_KEY_ID":           moto.AccessKey,
		"AWS_SECRET_ACCESS_KEY":       "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
		"AWS_REGION":                  moto.Region,
		"AWS_CONFIG_FILE":             os.DevNull,
		"AWS_SHARED_CREDENTIALS_FILE": os.DevNull,
		"AWS_EC2_METADATA_DISABLED":   "true",
		"NO_PROXY":                    "127.0.0.1,localhost",
	}
}

// Setenv leads the test itself to the stand-in, until it ends.
func (s *Server) Setenv(t *testing.T) {
	t.Helper()
	for key, value := range s.Env() {
		t.Setenv(key, value)
	}
}
