package cli_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/cloudfront/sign"
	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/traffic/questions"
)

const readme = "../../README.md"

// signURL makes a URL of a private model that works until a point in time. It stands in the README of the stacks too.
func signURL(model, keyID string, privateKey io.Reader, until time.Time) (string, error) {
	key, err := sign.LoadPEMPrivKeyPKCS8AsSigner(privateKey)
	if err != nil {
		return "", err
	}
	return sign.NewURLSigner(keyID, key).Sign(model, until)
}

// TestReadmePrivateModels makes keys, pastes their public half and signs, all as the README says: check takes the key,
// and the signature is one that CloudFront verifies.
func TestReadmePrivateModels(t *testing.T) {
	for _, program := range []string{"openssl", "awk", "sh"} {
		if _, err := exec.LookPath(program); err != nil && os.Getenv("CI") != "true" {
			t.Skip(err)
		}
	}
	source, err := os.ReadFile("readme_test.go")
	require.NoError(t, err)
	function := readmeBlock(t, "../README.md", "go", "func signURL")
	require.True(t, strings.Contains(string(source), "\n"+function), "the README signs otherwise than the test:\n%s", function)

	commands := readmeBlock(t, "../README.md", "sh", "openssl")
	ecdsaOptions := regexp.MustCompile(`-algorithm EC \S+ \S+`).FindString(commands)
	text, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	rsaOptions := regexp.MustCompile("`(-algorithm RSA [^`]+)`").FindSubmatch(text)
	require.NotNil(t, rsaOptions)
	for name, options := range map[string]string{"ECDSA": ecdsaOptions, "RSA": string(rsaOptions[1])} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			script := exec.Command("sh", "-ec", strings.Replace(commands, ecdsaOptions, options, 1))
			script.Dir = folder
			pasted, err := script.Output()
			require.NoError(t, err)
			models := strings.Replace(readmeBlock(t, "../README.md", "json", "PASTE IT HERE"), "PASTE IT HERE", string(pasted), 1)
			file := filepath.Join(folder, "cdktf.json")
			require.NoError(t, os.WriteFile(file, fmt.Appendf(nil, `{"context": {"accelerator": {
				"name": "ml-api", "state": {"bucket": "state-bucket", "region": "us-east-1"},
				"environments": {"dev": {"region": "us-east-1", "api": {"domainName": "a.backend.dev"}, %s}}}}}`, models), 0o600))
			code, _, stderr := run("check", "-c", file)
			require.Zero(t, code, stderr)
			require.Empty(t, stderr)

			privateKey, err := os.Open(filepath.Join(folder, "2026-01.pem"))
			require.NoError(t, err)
			defer privateKey.Close()
			const model = "https://api.example.com/models/llama.gguf"
			until := time.Now().Add(time.Hour)
			signed, err := signURL(model, "K2JCJMDEHXQW5F", privateKey, until)
			require.NoError(t, err)
			requireSigned(t, signed, model, until, publicKey(t, models))
		})
	}
}

// readmeBlock is the block of code in the README that has a text in it.
func readmeBlock(t *testing.T, file, language, with string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	for _, block := range regexp.MustCompile("(?s)```"+language+"\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		if strings.Contains(block[1], with) {
			return block[1]
		}
	}
	require.Fail(t, "no such block in "+file, "%s with %s", language, with)
	return ""
}

// publicKey is that of the only signer.
func publicKey(t *testing.T, models string) crypto.PublicKey {
	t.Helper()
	var environment struct {
		Models struct{ Signers []struct{ PublicKey string } }
	}
	require.NoError(t, json.Unmarshal([]byte("{"+models+"}"), &environment))
	block, _ := pem.Decode([]byte(environment.Models.Signers[0].PublicKey))
	require.NotNil(t, block)
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	require.NoError(t, err)
	return key
}

// requireSigned verifies as CloudFront does (CloudFront Developer Guide, Create a signed URL using a canned policy).
func requireSigned(t *testing.T, signed, model string, until time.Time, key crypto.PublicKey) {
	t.Helper()
	u, err := url.Parse(signed)
	require.NoError(t, err)
	require.Equal(t, "K2JCJMDEHXQW5F", u.Query().Get("Key-Pair-Id"))
	require.Equal(t, fmt.Sprint(until.Unix()), u.Query().Get("Expires"))
	policy := fmt.Sprintf(`{"Statement":[{"Resource":"%s","Condition":{"DateLessThan":{"AWS:EpochTime":%d}}}]}`, model, until.Unix())
	hash := sha1.Sum([]byte(policy))
	signature, err := base64.StdEncoding.DecodeString(strings.NewReplacer("-", "+", "_", "=", "~", "/").Replace(u.Query().Get("Signature")))
	require.NoError(t, err)
	switch key := key.(type) {
	case *rsa.PublicKey:
		require.NoError(t, rsa.VerifyPKCS1v15(key, crypto.SHA1, hash[:], signature))
	case *ecdsa.PublicKey:
		require.True(t, ecdsa.VerifyASN1(key, hash[:], signature))
	default:
		require.Fail(t, "CloudFront takes no such key", "%T", key)
	}
}

// TestReadmeLogs runs the commands of the README on the log of AWS's guide, and knows each question that its table names.
func TestReadmeLogs(t *testing.T) {
	if testing.Short() {
		t.Skip("Node.js takes seconds")
	}
	commands := regexp.MustCompile(`(?m)^go run \. (logs [^#\n]*)`).FindAllStringSubmatch(readmeBlock(t, "../README.md", "sh", "run . logs prod errors --files"), -1)
	require.Len(t, commands, 2)
	for _, command := range commands {
		code, stdout, stderr := run(append(strings.Fields(strings.ReplaceAll(command[1], "'logs/*.gz'", logged)), "-c", explained)...)
		require.Zero(t, code, "%s: %s", command[1], stderr)
		require.NotEmpty(t, stdout)
	}

	text, err := os.ReadFile(filepath.Join("..", "README.md"))
	require.NoError(t, err)
	_, table, found := strings.Cut(string(text), "| callers see | ask | look at |\n|---|---|---|\n")
	require.True(t, found)
	table, _, _ = strings.Cut(table, "\n\n")
	asked := map[string]bool{}
	for _, row := range strings.Split(table, "\n") {
		for _, name := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(strings.Split(row, " | ")[1], -1) {
			_, err := questions.Find(name[1])
			require.NoError(t, err, row)
			asked[name[1]] = true
		}
	}
	require.Len(t, asked, len(questions.All()), "each question answers a row")
}
