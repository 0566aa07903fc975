package edge

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/cloudfront/sign"
	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge/signed"
)

// signing is the fixture with a key of which the private half is known.
func signing(t *testing.T) (*Distribution, *rsa.PrivateKey) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	d := parsed(t)
	d.Behaviors[8].Keys = []crypto.PublicKey{key.Public()}
	return d, key
}

// TestSignature: only a good one is let in.
func TestSignature(t *testing.T) {
	d, key := signing(t)
	const url = "https://api.example.com/models/signed/a?part=1"
	noon := time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)
	by, err := sign.NewURLSigner("K", key).Sign(url, noon)
	require.NoError(t, err)
	for _, r := range []struct {
		name    string
		request Request
		want    signed.Signature
	}{
		{"good", Request{URL: by, Time: noon.Add(-time.Second)}, signed.Valid},
		{"too late", Request{URL: by, Time: noon}, signed.Expired},
		{"without a time", Request{URL: by}, signed.Valid},
		{"of another URL", Request{URL: strings.Replace(by, "part=1", "part=2", 1)}, signed.Invalid},
		{"none", Request{URL: url}, signed.Missing},
		{"none where none is needed", Request{URL: "/v1/chat"}, signed.None},
	} {
		decision := d.Decide(r.request)
		require.Equal(t, r.want, decision.Signature, r.name)
		require.Equal(t, r.want == signed.Valid || r.want == signed.None, decision.Answer == nil, r.name)
	}
	// Cache content based on query string parameters: those of the signature stay out.
	decision := d.Decide(Request{URL: by})
	require.Equal(t, "part=1", decision.Cache.Key.Query)
	require.Equal(t, "https://(bucket test-models)/models/signed/a?part=1", decision.Origin.URL)
}

func TestSignedCookiesStayOutOfTheKey(t *testing.T) {
	d, key := signing(t)
	const url = "https://api.example.com/models/signed/a"
	cookies, err := sign.NewCookieSigner("K", key).Sign(url, time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC))
	require.NoError(t, err)
	header := "a=1"
	for _, cookie := range cookies {
		header += "; " + cookie.Name + "=" + cookie.Value
	}
	decision := d.Decide(Request{URL: url, Headers: headers("Cookie", header)})
	require.Equal(t, signed.Valid, decision.Signature)
	require.Equal(t, headers("a", "1"), decision.Cache.Key.Cookies)
}
