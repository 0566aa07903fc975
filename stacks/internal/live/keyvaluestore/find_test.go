package keyvaluestore_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/live/awsclient"
	"ml-api-accelerator/stacks/internal/live/keyvaluestore"
)

const (
	token = "IQoJb3JpZ2luX2VjEXAMPLETOKEN"
	found = `<?xml version="1.0"?><KeyValueStore xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/"><ARN>arn:aws:cloudfront::111122223333:key-value-store/` +
		`a1b2c3d4-5678-90ab-cdef-EXAMPLE11111</ARN><Name>example-dev-api</Name><Status>%s</Status></KeyValueStore>`
)

// answering leads the environment to a server with chosen answers: to CloudFront's API, and to the store's.
func answering(t *testing.T, cloudFront, store http.HandlerFunc) {
	t.Helper()
	aws(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/2020-05-31/") {
			cloudFront(w, r)
			return
		}
		store(w, r)
	}))
	t.Cleanup(server.Close)
	t.Setenv("AWS_ENDPOINT_URL", server.URL)
	t.Setenv("AWS_SESSION_TOKEN", token)
	t.Setenv("AWS_MAX_ATTEMPTS", "1")
}

func ready(w http.ResponseWriter, _ *http.Request) { fmt.Fprintf(w, found, "READY") }

func refusing(status int, code, message string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		fmt.Fprintf(w, `<ErrorResponse xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/"><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error>`+
			`<RequestId>1</RequestId></ErrorResponse>`, code, message)
	}
}

func TestCloudFrontRefuses(t *testing.T) {
	for want, answer := range map[string]http.HandlerFunc{
		"not found": refusing(404, "EntityNotFound", "The specified key value store does not exist."),
		"User: arn:aws:iam::111122223333:user/a is not authorized":                        refusing(403, "AccessDenied", "User: arn:aws:iam::111122223333:user/a is not authorized"),
		"CloudFront: ExpiredToken: The security token included in the request is expired": refusing(403, "ExpiredToken", "The security token included in the request is expired"),
		"CloudFront: SignatureDoesNotMatch: It does not match.": refusing(403, "SignatureDoesNotMatch",
			"It does not match.\n\nThe Canonical String for this request should have been\n'GET\nx-amz-security-token:"+token+"'"),
		"CloudFront: answers with status 503, and no error that could be read; try again":        func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) },
		"key value store example-dev-api: isn't ready yet (PROVISIONING); try again in a minute": func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintf(w, found, "PROVISIONING") },
		"/2020-05-31/key-value-store/example-dev-api: the answer isn't the description of a key value store; check AWS_ENDPOINT_URL": func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, "<html>Sign in</html>")
		},
	} {
		answering(t, answer, http.NotFound)
		_, err := keyvaluestore.Open(t.Context(), name, "")
		require.ErrorContains(t, err, want)
		require.NotContains(t, err.Error(), token)
		require.NotContains(t, err.Error(), "\n")
	}
}

// TestCloudFrontIsAskedAgain has it fail once.
func TestCloudFrontIsAskedAgain(t *testing.T) {
	asked := 0
	answering(t, func(w http.ResponseWriter, r *http.Request) {
		if asked++; asked == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		ready(w, r)
	}, http.NotFound)
	_, err := keyvaluestore.Open(t.Context(), name, "")
	require.NoError(t, err)
	require.Equal(t, 2, asked)
}

func TestStoreRefuses(t *testing.T) {
	for _, c := range []struct {
		status        int
		code, message string
		want          error
	}{
		{404, "ResourceNotFoundException", "gone", keyvaluestore.ErrNotFound},
		{403, "AccessDeniedException", "User: a is not authorized to perform: cloudfront-keyvaluestore:ListKeys",
			&awsclient.AccessError{Message: "User: a is not authorized to perform: cloudfront-keyvaluestore:ListKeys"}},
		// What AWS says to a session token of version 1 (anomalyco/sst#5741).
		{403, "AccessDeniedException", "Authentication failed", &keyvaluestore.OldTokenError{Message: "Authentication failed"}},
		{403, "InvalidSignatureException", "It does not match\nThe Canonical String was " + token, errors.New("the key value store: InvalidSignatureException: It does not match")},
		{409, "ConflictException", "no", errors.New("the key value store is being changed")},
	} {
		answering(t, ready, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Amzn-ErrorType", c.code)
			w.WriteHeader(c.status)
			text, err := json.Marshal(map[string]string{"message": c.message, "Message": c.message})
			require.NoError(t, err)
			_, _ = w.Write(text)
		})
		store, err := keyvaluestore.Open(t.Context(), name, "")
		require.NoError(t, err)
		_, err = store.All(t.Context())
		require.EqualError(t, err, c.want.Error())
		if c.code == "AccessDeniedException" {
			require.Equal(t, c.want, err)
		}
	}
}

// TestLastingCredentials have no token that could be too old.
func TestLastingCredentials(t *testing.T) {
	answering(t, ready, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Amzn-ErrorType", "AccessDeniedException")
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, `{"Message": "Authentication failed"}`)
	})
	t.Setenv("AWS_SESSION_TOKEN", "")
	store, err := keyvaluestore.Open(t.Context(), name, "")
	require.NoError(t, err)
	_, err = store.All(t.Context())
	require.Equal(t, &awsclient.AccessError{Message: "Authentication failed"}, err)
}

func TestNoCredentials(t *testing.T) {
	s := aws(t)
	for _, key := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"} {
		t.Setenv(key, "")
	}
	_, err := keyvaluestore.Open(t.Context(), name, "")
	require.EqualError(t, err, "AWS credentials: there are none; set AWS_PROFILE, or sign in (aws sso login)")
	t.Setenv("AWS_PROFILE", "nobody")
	_, err = keyvaluestore.Open(t.Context(), name, "")
	require.ErrorContains(t, err, "the AWS configuration (~/.aws, AWS_*): ")
	require.ErrorContains(t, err, "nobody")
	require.Empty(t, s.Calls())
}

// TestRoleOfAProfile assumes a role although nothing names a Region, and tells when it may not.
func TestRoleOfAProfile(t *testing.T) {
	signed, status := "", http.StatusOK
	answering(t, ready, func(w http.ResponseWriter, r *http.Request) {
		signed = r.Header.Get("Authorization")
		w.WriteHeader(status)
		if status == http.StatusOK {
			fmt.Fprint(w, `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>secret</SecretAccessKey>`+
				`<SessionToken>token</SessionToken><Expiration>2999-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`)
			return
		}
		fmt.Fprint(w, `<ErrorResponse><Error><Code>AccessDenied</Code><Message>User: me is not authorized</Message></Error></ErrorResponse>`)
	})
	config := filepath.Join(t.TempDir(), "config")
	require.NoError(t, os.WriteFile(config, []byte("[profile keys]\nrole_arn = arn:aws:iam::111122223333:role/keys\nsource_profile = me\n"+
		"[profile me]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = secret\n"), 0o600))
	for key, value := range map[string]string{"AWS_CONFIG_FILE": config, "AWS_PROFILE": "keys", "AWS_REGION": "", "AWS_ENDPOINT_URL_STS": os.Getenv("AWS_ENDPOINT_URL"),
		"AWS_ACCESS_KEY_ID": ""} { // which would come before the profile
		t.Setenv(key, value)
	}
	_, err := keyvaluestore.Open(t.Context(), name, "")
	require.NoError(t, err)
	require.Contains(t, signed, "/us-east-1/sts/aws4_request")

	status = http.StatusForbidden
	_, err = keyvaluestore.Open(t.Context(), name, "")
	require.EqualError(t, err, "AWS credentials: AccessDenied: User: me is not authorized")
	t.Setenv("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:1")
	_, err = keyvaluestore.Open(t.Context(), name, "")
	require.ErrorContains(t, err, "AWS credentials: 127.0.0.1:1: can't be reached: ")
}

func TestUnreachable(t *testing.T) {
	aws(t)
	t.Setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
	_, err := keyvaluestore.Open(t.Context(), name, "")
	require.ErrorContains(t, err, "127.0.0.1:1: can't be reached: ")
}

// TestCancelled ends a request that isn't answered.
func TestCancelled(t *testing.T) {
	answering(t, ready, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	store, err := keyvaluestore.Open(t.Context(), name, "")
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	begun := time.Now()
	_, err = store.All(ctx)
	require.Error(t, err)
	require.Less(t, time.Since(begun), time.Minute)
}
