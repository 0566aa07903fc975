package stacks_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
)

// newFakeAccount leads Terraform's AWS provider to a server that answers what a plan of stacks reads
// when nothing is deployed: who we are, the owner of the buckets, and the secret.
func newFakeAccount(t *testing.T) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch action := r.FormValue("Action"); {
		case action == "GetCallerIdentity":
			fmt.Fprint(w, `<GetCallerIdentityResponse><GetCallerIdentityResult><Account>111122223333</Account>
				<Arn>arn:aws:iam::111122223333:user/test</Arn><UserId>AIDATEST</UserId></GetCallerIdentityResult></GetCallerIdentityResponse>`)
		case action == "AssumeRole":
			fmt.Fprint(w, `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIATEST</AccessKeyId>
				<SecretAccessKey>test</SecretAccessKey><SessionToken>test</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration>
				</Credentials></AssumeRoleResult></AssumeRoleResponse>`)
		case r.Header.Get("X-Amz-Target") == "secretsmanager.GetSecretValue":
			fmt.Fprint(w, `{"ARN": "arn:aws:secretsmanager:us-east-1:111122223333:secret:origin-verify-AbCdEf", "Name": "origin-verify",
				"SecretString": "test", "CreatedDate": 1767225600, "VersionId": "11111111-2222-3333-4444-555555555555", "VersionStages": ["AWSCURRENT"]}`)
		case r.Method == http.MethodGet && r.URL.Path == "/":
			fmt.Fprint(w, `<ListAllMyBucketsResult><Owner><ID>1111111111111111111111111111111111111111111111111111111111111111</ID></Owner>
				<Buckets></Buckets></ListAllMyBucketsResult>`)
		default:
			t.Errorf("a plan called %s %s %s %s", r.Method, r.URL, action, r.Header.Get("X-Amz-Target"))
			w.WriteHeader(http.StatusNotImplemented)
		}
	}))
	t.Cleanup(server.Close)
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL":            server.URL,
		"AWS_ACCESS_KEY_ID":           "AKIATEST",
		"AWS_SECRET_ACCESS_KEY":       "test",
		"AWS_CONFIG_FILE":             os.DevNull,
		"AWS_SHARED_CREDENTIALS_FILE": os.DevNull,
		"AWS_EC2_METADATA_DISABLED":   "true",
		"CHECKPOINT_DISABLE":          "1",
	} {
		t.Setenv(name, value)
	}
}
