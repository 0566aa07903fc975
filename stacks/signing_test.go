package stacks_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/cloudfront/sign"
	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/config"
)

// signURL makes a URL of a private model that works until a point in time. It stands in the README too.
func signURL(model, keyID string, key *rsa.PrivateKey, until time.Time) (string, error) {
	return sign.NewURLSigner(keyID, key).Sign(model, until)
}

// TestSignedURL signs as the README says, and verifies as CloudFront does, with the public key of models.signers.
func TestSignedURL(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	require.NoError(t, err)
	text := string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}))
	_, _, err = config.Parse("cdktf.json", fmt.Appendf(nil, `{"context": {"accelerator": {
		"name": "ml-api", "state": {"bucket": "state-bucket", "region": "us-east-1"},
		"environments": {"dev": {"region": "us-east-1", "api": {"domainName": "a.example.com"},
			"models": {"signers": [{"name": "2026-01", "publicKey": %q}]}}}}}}`, text))
	require.NoError(t, err)

	const model = "https://api.example.com/models/llama.gguf"
	until := time.Now().Add(time.Hour)
	signed, err := signURL(model, "K2JCJMDEHXQW5F", key, until)
	require.NoError(t, err)

	u, err := url.Parse(signed)
	require.NoError(t, err)
	require.Equal(t, "K2JCJMDEHXQW5F", u.Query().Get("Key-Pair-Id"))
	require.Equal(t, fmt.Sprint(until.Unix()), u.Query().Get("Expires"))
	policy := fmt.Sprintf(`{"Statement":[{"Resource":"%s","Condition":{"DateLessThan":{"AWS:EpochTime":%d}}}]}`, model, until.Unix())
	hash := sha1.Sum([]byte(policy))
	signature, err := base64.StdEncoding.DecodeString(strings.NewReplacer("-", "+", "_", "=", "~", "/").Replace(u.Query().Get("Signature")))
	require.NoError(t, err)
	require.NoError(t, rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA1, hash[:], signature))
}

func TestReadmeSignsTheSameWay(t *testing.T) {
	source, err := os.ReadFile("signing_test.go")
	require.NoError(t, err)
	readme, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	_, function, _ := strings.Cut(string(source), "func signURL")
	function, _, _ = strings.Cut(function, "\n}\n")
	require.Contains(t, string(readme), "func signURL"+function+"\n}\n")
}
