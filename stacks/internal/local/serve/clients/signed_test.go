package clients

import (
	"crypto/rand"
	"crypto/rsa"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/cloudfront/sign"
	"github.com/stretchr/testify/require"
)

// keyID is any, since CloudFront gives one to a key only when it is made.
const keyID = "K2JCJMDEHXQW5F"

// TestSigned signs as the README says, for the alias of the deployed environment and for the server on this machine.
func TestSigned(t *testing.T) {
	key, other := newKey(t), newKey(t)
	front := start(t, served{environment: "prod", models: modelsFolder(t, "weights"), signer: &key.PublicKey})
	soon, past := time.Now().Add(time.Hour), time.Now().Add(-time.Hour)

	for name, hosts := range map[string]struct{ signed, asked string }{
		"alias":                        {"https://api.example.com", "api.example.com"},
		"alias, asked at this machine": {"https://api.example.com", front},
		"this machine":                 {"http://" + front, front},
	} {
		host := hosts.signed
		url := host + "/models/x"
		for _, r := range []struct {
			name string
			sign func(*http.Request) error
			want int
		}{
			{"unsigned", func(*http.Request) error { return nil }, http.StatusForbidden},
			{"URL", signedURL(key, url, soon), http.StatusOK},
			{"URL with a query", signedURL(key, url+"?version=1", soon), http.StatusOK},
			{"expired URL", signedURL(key, url, past), http.StatusForbidden},
			{"URL by another key", signedURL(other, url, soon), http.StatusForbidden},
			{"URL of another model", signedURL(key, host+"/models/y", soon, "/models/x"), http.StatusForbidden},
			{"URL with a policy", signedByPolicy(key, url, host+"/models/*", soon), http.StatusOK},
			{"URL with a policy for others", signedByPolicy(key, url, host+"/private/*", soon), http.StatusForbidden},
			{"cookies", cookies(key, url, soon), http.StatusOK},
			{"cookies for all models", cookiesByPolicy(key, host+"/models/*", soon), http.StatusOK},
			{"expired cookies", cookies(key, url, past), http.StatusForbidden},
			{"cookies by another key", cookies(other, url, soon), http.StatusForbidden},
		} {
			t.Run(name+", "+r.name, func(t *testing.T) {
				request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
				require.NoError(t, err)
				require.NoError(t, r.sign(request))
				request.Host = hosts.asked
				request.URL.Scheme, request.URL.Host = "http", front
				answer, err := http.DefaultClient.Do(request)
				require.NoError(t, err)
				defer answer.Body.Close()
				body, err := io.ReadAll(answer.Body)
				require.NoError(t, err)
				require.Equal(t, r.want, answer.StatusCode, "%s", body)
				require.Equal(t, r.want == http.StatusOK, string(body) == "weights", "%s", body)
			})
		}
	}
}

func newKey(t *testing.T) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	return key
}

// signedURL sends a request to a signed URL, or with its signature to another path.
func signedURL(key *rsa.PrivateKey, url string, until time.Time, instead ...string) func(*http.Request) error {
	return func(r *http.Request) error {
		signed, err := sign.NewURLSigner(keyID, key).Sign(url, until)
		if err != nil {
			return err
		}
		if r.URL, err = r.URL.Parse(signed); err == nil && len(instead) > 0 {
			r.URL.Path = instead[0]
		}
		return err
	}
}

func signedByPolicy(key *rsa.PrivateKey, url, resource string, until time.Time) func(*http.Request) error {
	return func(r *http.Request) error {
		signed, err := sign.NewURLSigner(keyID, key).SignWithPolicy(url, allow(resource, until))
		if err != nil {
			return err
		}
		r.URL, err = r.URL.Parse(signed)
		return err
	}
}

func cookies(key *rsa.PrivateKey, url string, until time.Time) func(*http.Request) error {
	return func(r *http.Request) error {
		return add(r)(sign.NewCookieSigner(keyID, key).Sign(url, until))
	}
}

func cookiesByPolicy(key *rsa.PrivateKey, resource string, until time.Time) func(*http.Request) error {
	return func(r *http.Request) error {
		return add(r)(sign.NewCookieSigner(keyID, key).SignWithPolicy(allow(resource, until)))
	}
}

func add(r *http.Request) func([]*http.Cookie, error) error {
	return func(cookies []*http.Cookie, err error) error {
		for _, cookie := range cookies {
			r.AddCookie(cookie)
		}
		return err
	}
}

func allow(resource string, until time.Time) *sign.Policy {
	return &sign.Policy{Statements: []sign.Statement{{
		Resource: resource, Condition: sign.Condition{DateLessThan: sign.NewAWSEpochTime(until)},
	}}}
}
