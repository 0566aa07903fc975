package cli_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/local/serve"
)

// publicPEM is the public half of a key, as a signer has it.
func publicPEM(t *testing.T, key crypto.Signer) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	require.NoError(t, err)
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

// signers is a configuration with a signer for each kind of key, and the folder with their private halves, NAME.pem.
func signers(t *testing.T) (file, dir string) {
	t.Helper()
	dir = t.TempDir()
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	ecdsaKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	ec, err := x509.MarshalECPrivateKey(ecdsaKey)
	require.NoError(t, err)
	pkcs8 := func(key any) []byte {
		der, err := x509.MarshalPKCS8PrivateKey(key)
		require.NoError(t, err)
		return der
	}
	for name, block := range map[string]pem.Block{
		"rsa":       {Type: "PRIVATE KEY", Bytes: pkcs8(rsaKey)},
		"rsa-old":   {Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(rsaKey)},
		"ecdsa":     {Type: "PRIVATE KEY", Bytes: pkcs8(ecdsaKey)},
		"ecdsa-old": {Type: "EC PRIVATE KEY", Bytes: ec},
		"other":     {Type: "PRIVATE KEY", Bytes: pkcs8(other)},
		"encrypted": {Type: "ENCRYPTED PRIVATE KEY", Bytes: ec},
		"openssh":   {Type: "OPENSSH PRIVATE KEY", Bytes: ec},
		"broken":    {Type: "PRIVATE KEY", Bytes: ec[1:]},
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name+".pem"), pem.EncodeToMemory(&block), 0o600))
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "public.pem"), []byte(publicPEM(t, rsaKey)), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "other.pub"), []byte(publicPEM(t, other)), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "none.pem"), []byte("x"), 0o600))
	file = edited(t, "environments.prod.models", map[string]any{"signers": []any{
		map[string]any{"name": "rsa", "publicKey": publicPEM(t, rsaKey)}, map[string]any{"name": "ecdsa", "publicKey": publicPEM(t, ecdsaKey)},
	}})
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	var whole object
	require.NoError(t, json.Unmarshal(text, &whole))
	prod := whole["context"].(object)["accelerator"].(object)["environments"].(object)["prod"].(object)
	delete(prod, "expect") // models without a signature
	text, err = json.Marshal(whole)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, text, 0o600))
	return file, dir
}

// TestSign signs what serve lets in, and what it doesn't.
func TestSign(t *testing.T) {
	if testing.Short() {
		t.Skip("Node.js takes seconds")
	}
	file, dir := signers(t)
	edge := served(t, file)
	model := edge + "/models/llama.gguf"
	status := func(url, cookies string) int {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		require.NoError(t, err)
		if cookies != "" {
			request.Header.Set("Cookie", cookies)
		}
		answer, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		defer answer.Body.Close()
		_, err = io.Copy(io.Discard, answer.Body)
		require.NoError(t, err)
		return answer.StatusCode
	}
	require.Equal(t, 403, status(model, ""))
	for _, r := range []struct {
		key, url string
		flags    string
		policy   bool
		want     int
	}{
		{"rsa", model, "", false, 200},
		{"rsa-old", model + "?version=1&a=%20", "--expires 90d", false, 200},
		{"ecdsa", model, "--expires 2999-12-31", false, 200},
		{"ecdsa-old", model, "--key-pair-id K2JCJMDEHXQW5F", false, 200},
		{"ecdsa", model, "--ip 127.0.0.0/8 --valid-from 2026-01-31", true, 200},
		{"rsa", model, "--ip 192.0.2.1", true, 403},
		{"rsa", model, "--from 30m", true, 403},
		{"ecdsa", model, "--cookies", false, 200},
		{"rsa", model, "--cookies --ip 127.0.0.1", true, 200},
		{"ecdsa", edge + "/models/*", "--cookies", true, 200},
		{"ecdsa", edge + "/other/*", "--cookies", true, 403},
	} {
		args := append([]string{"sign", "prod", r.url, "-c", file, "--expires", "1h", "--key", filepath.Join(dir, r.key+".pem")}, strings.Fields(r.flags)...)
		code, stdout, stderr := run(args...)
		require.Zero(t, code, stderr)
		signed := strings.TrimSuffix(stdout, "\n")
		name, _, _ := strings.Cut(r.key, "-")
		if strings.Contains(r.flags, "--key-pair-id") {
			require.NotContains(t, stderr, "key pair id")
			require.Contains(t, signed, "Key-Pair-Id=K2JCJMDEHXQW5F")
		} else {
			require.Contains(t, stderr, "warning: CloudFront refuses the key pair id "+name+", which only serve takes; its own, for --key-pair-id, is the id in\n"+
				"  terraform -chdir=cdktf.out/stacks/ml-api-prod state show aws_cloudfront_public_key.signer-"+name+"\n")
		}
		require.Equal(t, r.policy, strings.Contains(signed, "Policy="), signed)
		if strings.Contains(r.flags, "--cookies") {
			require.Equal(t, r.want, status(model, signed), args)
		} else {
			require.True(t, strings.HasPrefix(signed, r.url), signed)
			require.Equal(t, r.want, status(signed, ""), args)
			require.Equal(t, 403, status(strings.Replace(signed, "llama", "other", 1), ""), args)
		}
	}
}

// served is where serve is, with a bucket that has models/llama.gguf.
func served(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(synthesized(t, file), "stacks", "ml-api-prod", "cdk.tf.json"))
	require.NoError(t, err)
	d, err := edge.Parse(text)
	require.NoError(t, err)
	bucket := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(bucket, "models"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(bucket, "models", "llama.gguf"), []byte("weights"), 0o600))
	server, err := serve.New(d, serve.Options{Models: bucket, MemoryBytes: 1 << 20, DiskBytes: 1 << 20})
	require.NoError(t, err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- server.Run(ctx, listener) }()
	t.Cleanup(func() {
		stop()
		require.NoError(t, <-ended)
		require.NoError(t, server.Close())
	})
	return "http://" + listener.Addr().String()
}

// TestSignForTheDistribution takes the first alias, and tells where a signature isn't needed.
func TestSignForTheDistribution(t *testing.T) {
	if testing.Short() {
		t.Skip("Node.js takes seconds")
	}
	file, dir := signers(t)
	key := filepath.Join(dir, "ecdsa.pem")
	code, stdout, stderr := run("sign", "prod", "/models/llama.gguf", "--key", key, "--expires", "2999-12-31", "--key-pair-id", "K1", "--json", "-c", file)
	require.Zero(t, code, stderr)
	require.NotContains(t, stderr, "key pair id")
	var got struct {
		URL                string
		Cookies            []any
		KeyPairID, Signer  string
		Expires            time.Time
		MustNotHaveAnother string
	}
	decoder := json.NewDecoder(strings.NewReader(stdout))
	decoder.DisallowUnknownFields()
	require.NoError(t, decoder.Decode(&got))
	require.True(t, strings.HasPrefix(got.URL, "https://api.example.com/models/llama.gguf?Expires=32503679999&Signature="), got.URL)
	require.Equal(t, []any{}, got.Cookies)
	require.Equal(t, "2999-12-31T23:59:59Z", got.Expires.Format(time.RFC3339))
	require.Equal(t, "ecdsa", got.Signer)
	code, stdout, _ = run("explain", "prod", "GET", got.URL, "-c", file, "--time", "2999-12-31")
	require.Zero(t, code)
	require.Contains(t, stdout, "signature valid")
	_, stdout, _ = run("explain", "prod", "GET", got.URL, "-c", file, "--time", "3000-01-01T00:00:00Z")
	require.Contains(t, stdout, "the signature is expired\n")
	require.Contains(t, stdout, "\nnext    sign prod URL --key FILE --expires 1h\n")

	for url, want := range map[string]string{
		"https://d111111abcdef8.cloudfront.net/models/a": "", "https://API.example.com/models/a": "", "http://localhost:8080/models/a": "",
		"http://10.0.0.7:8080/models/a": "", "https://[::1]:8080/models/a": "",
		"https://api.example.org/models/a": "warning: CloudFront refuses the URL: api.example.org is no host of prod; " +
			"take api.example.com or the output cloudfront_distribution_domain\n",
		"http://api.example.com/models/a": "warning: callers are sent from http to https, where this signature is wrong: " +
			"sign https://api.example.com/models/a\n",
	} {
		code, _, stderr = run("sign", "prod", url, "--key", key, "--expires", "1h", "--key-pair-id", "K1", "-c", file)
		require.Zero(t, code)
		require.Equal(t, want, stderr, url)
	}
	_, _, stderr = run("sign", "prod", "/v1/models?a=b", "--key", key, "--expires", "1h", "--key-pair-id", "K1", "--ip", "192.0.2.1/24", "-c", file)
	require.Equal(t, "warning: /v1/models is on the route /v1/models*, which needs no signature: everyone gets it\n"+
		"warning: callers who come by IPv6 are refused, whatever their address is: set environments.prod.distribution.ipv6 to false\n", stderr)
}

// TestSignForAnotherBucket tells of a key that the route doesn't take, and where the key's own is.
func TestSignForAnotherBucket(t *testing.T) {
	if testing.Short() {
		t.Skip("Node.js takes seconds")
	}
	file, dir := signers(t)
	login, err := os.ReadFile(filepath.Join(dir, "other.pub"))
	require.NoError(t, err)
	models, err := os.ReadFile(filepath.Join(dir, "public.pem"))
	require.NoError(t, err)
	file = editedAlso(t, file, "environments.prod.web", map[string]any{"path": "/app/*", "signers": []any{
		map[string]any{"name": "login", "publicKey": string(login)},
		map[string]any{"name": "shared", "publicKey": string(models)}, // that of rsa of models
	}})
	file = editedAlso(t, file, "environments.prod.routes", []any{map[string]any{"path": "/app/own/*", "origin": "web", "signed": true}})
	code, _, stderr := run("explain", "prod", "-c", file) // which says once what Node.js there is
	require.Zero(t, code, stderr)
	const id = "warning: CloudFront refuses the key pair id %s, which only serve takes; its own, for --key-pair-id, is the id in\n" +
		"  terraform -chdir=cdktf.out/stacks/ml-api-prod state show aws_cloudfront_public_key.signer-%s\n"
	for _, r := range []struct{ url, key, want string }{
		{"/app/own/a", "other", fmt.Sprintf(id, "login", "web-login")},
		{"/app/own/a", "rsa", fmt.Sprintf(id, "shared", "web-shared")},
		{"/models/a", "rsa", fmt.Sprintf(id, "rsa", "rsa")},
		{"/app/own/*", "ecdsa", "warning: the signature is refused: /app/own/* is on the route /app/own/*, which takes only the signers of web, " +
			"and the key is that of ecdsa of models\n" + fmt.Sprintf(id, "ecdsa", "ecdsa")},
		{"/models/a", "other", "warning: the signature is refused: /models/a is on the route /models/*, which takes only the signers of " +
			"models, and the key is that of login of web\n" + fmt.Sprintf(id, "login", "web-login")},
	} {
		code, _, stderr := run("sign", "prod", r.url, "--cookies", "--key", filepath.Join(dir, r.key+".pem"), "--expires", "1h", "-c", file)
		require.Zero(t, code)
		require.Equal(t, r.want, stderr, r.url)
	}
	_, _, stderr = run("sign", "prod", "/models/a", "--key", filepath.Join(dir, "rsa.pem"), "--expires", "1h", "--ip", "10.0.0.0/8",
		"--key-pair-id", "K1", "-c", file)
	require.Contains(t, stderr, "warning: --ip 10.0.0.0/8: is private, and CloudFront sees public addresses only, such as that of your VPN or proxy\n")
}

// TestSignRefuses says in one line what is wrong.
func TestSignRefuses(t *testing.T) {
	file, dir := signers(t)
	const model = "https://api.example.com/models/llama.gguf"
	const times = `must be such as 2026-01-31T12:00:00Z, 2026-01-31 (UTC), or 30m, 12h or 90d from now, got `
	pem := func(name string) string { return filepath.Join(dir, name+".pem") }
	for _, r := range []struct {
		code int
		args []string
		want string
	}{
		{2, []string{"prod"}, "sign takes an environment and a URL: sign prod /models/llama.gguf --key 2026-01.pem --expires 1h"},
		{2, []string{"prod", "/a b"}, "sign needs --key and --expires: sign prod '/a b' --key 2026-01.pem --expires 1h"},
		{2, []string{"prod", model, "--key", pem("rsa")}, "sign needs --key and --expires: sign prod " + model + " --key 2026-01.pem --expires 1h"},
		{2, []string{"prdo", model, "--key", pem("rsa"), "--expires", "1h"}, `environment "prdo": not found (did you mean prod?); there are dev, prod`},
		{2, []string{"prod", model, "--expires", "soon"}, "--expires: " + times + `"soon"`},
		{2, []string{"prod", model, "--expires", "-1h"}, "--expires: " + times + `"-1h"`},
		{2, []string{"prod", model, "--expires", "20000d"}, `--expires: must be at most 3650d, got "20000d"`},
		{2, []string{"prod", model, "--expires", "99999d"}, `--expires: must be at most 3650d, got "99999d"`},
		{2, []string{"prod", model, "--expires", "87601h"}, `--expires: must be at most 3650d, got "87601h"`},
		{2, []string{"prod", model, "--expires", "2026-01-31"}, "--expires: must be in the future (it is "},
		{2, []string{"prod", model, "--valid-from", "noon"}, "--valid-from: " + times + `"noon"`},
		{2, []string{"prod", model, "--from", "2h"}, "--valid-from: must be before --expires, "},
		{2, []string{"prod", model, "--ip", "::1"}, `--ip: must be IPv4 addresses such as 192.0.2.0/24 or 192.0.2.1, got "::1"`},
		{2, []string{"prod", model, "--ip", "192.0.2.0/33"}, `--ip: must be IPv4 addresses such as 192.0.2.0/24 or 192.0.2.1, got "192.0.2.0/33"`},
		{2, []string{"prod", model, "--key-pair-id", "K 1"}, `--key-pair-id: must be like K2JCJMDEHXQW5F, got "K 1"`},
		{2, []string{"prod", "api.example.com/models/a"}, `URL "api.example.com/models/a": must be a path, or like https://api.example.com/models/llama.gguf`},
		{2, []string{"prod", "s3://bucket/a"}, `URL "s3://bucket/a": must be a path, or like https://api.example.com/models/llama.gguf`},
		{2, []string{"prod", "https://[::1"}, `URL "https://[::1": missing ']' in host`},
		{2, []string{"prod", model + " 2"}, `: must be as callers send it: spaces and the like percent-encoded, and nothing after #`},
		{2, []string{"prod", model + "#a"}, `: must be as callers send it: spaces and the like percent-encoded, and nothing after #`},
		{2, []string{"prod", model + "é"}, `: must be as callers send it: spaces and the like percent-encoded, and nothing after #`},
		{2, []string{"prod", "/models/*"}, `URL "/models/*": a * stands for many URLs: sign cookies for them with --cookies, or each URL`},
		{2, []string{"prod", model + "?Expires=1"}, `: must not have Expires, Policy, Signature, Key-Pair-Id or Hash-Algorithm, which signing adds`},
		{2, []string{"dev", "/models/a"}, `URL "/models/a": must have a scheme and a host, since dev has no alias that names one: https://d111111abcdef8.cloudfront.net/models/a`},
		{1, []string{"dev", model}, "environments.dev.models.signers: isn't there, so no URL needs a signature; stacks/docs/recipes.md, Signed models, says how to add one"},
		{1, []string{"prod", model, "--key", pem("gone")}, "--key: open " + pem("gone") + ": no such file or directory"},
		{1, []string{"prod", model, "--key", pem("none")}, "--key " + pem("none") + ": has no private key in PEM; make one as stacks/docs/recipes.md says, Signed models"},
		{1, []string{"prod", model, "--key", pem("public")}, "--key " + pem("public") + ": is the public key; name the file with the private one"},
		{1, []string{"prod", model, "--key", pem("encrypted")}, "--key " + pem("encrypted") + ": is encrypted; decrypt it: openssl pkey -in " + pem("encrypted") + " -out plain.pem"},
		{1, []string{"prod", model, "--key", pem("openssh")}, "--key " + pem("openssh") + ": is in the format of OpenSSH; ssh-keygen -p -m PEM -f " +
			pem("openssh") + " rewrites the file in PEM, if it is RSA or ECDSA (CloudFront takes no Ed25519)"},
		{1, []string{"prod", model, "--key", pem("broken")}, "--key " + pem("broken") + ": can't be read; it must be a private key of RSA or ECDSA"},
		{1, []string{"prod", model, "--key", pem("other")}, "--key: belongs to none of the signers of environments.prod, rsa, ecdsa; its public half must be there, and deployed"},
	} {
		args := append([]string{"sign", "-c", file}, r.args...)
		if len(r.args) > 2 && r.args[2] != "--key" || len(r.args) == 2 && r.args[1] != "/a b" {
			args = append(args, "--key", pem("rsa"))
		}
		if !strings.Contains(strings.Join(args, " "), "--expires") && !strings.HasPrefix(r.want, "sign ") {
			args = append(args, "--expires", "1h")
		}
		code, stdout, stderr := run(args...)
		require.Equal(t, r.code, code, "%v: %s", args, stderr)
		require.Empty(t, stdout)
		require.Contains(t, stderr, r.want)
		require.Equal(t, 1, strings.Count(stderr, "\n"), stderr)
	}
}
