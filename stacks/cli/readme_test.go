package cli_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/traffic/questions"
)

const readme = "../../README.md"

// TestReadmePrivateModels makes keys, pastes their public half and signs, all as the README says: check takes the key,
// and the signature is one that CloudFront verifies.
func TestReadmePrivateModels(t *testing.T) {
	for _, program := range []string{"openssl", "awk", "sh"} {
		if _, err := exec.LookPath(program); err != nil && os.Getenv("CI") != "true" {
			t.Skip(err)
		}
	}
	command, _, _ := strings.Cut(readmeBlock(t, "../docs/models-and-buckets.md", "sh", "# a URL that works"), "\n# from")
	_, command, found := strings.Cut(command, "\ngo run . ")
	require.True(t, found)

	commands := readmeBlock(t, "../docs/recipes.md", "sh", "openssl")
	ecdsaOptions := regexp.MustCompile(`-algorithm EC \S+ \S+`).FindString(commands)
	text, err := os.ReadFile("../docs/recipes.md")
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
			models := strings.Replace(readmeBlock(t, "../docs/recipes.md", "json", "PASTE IT HERE"), "PASTE IT HERE", string(pasted), 1)
			file := filepath.Join(folder, "cdktf.json")
			require.NoError(t, os.WriteFile(file, fmt.Appendf(nil, `{"context": {"accelerator": {
				"name": "ml-api", "state": {"bucket": "state-bucket", "region": "us-east-1"},
				"environments": {"prod": {"region": "us-east-1", "api": {"domainName": "a.backend.dev"}, %s, "domain": {"aliases": ["api.example.com"], "hostedZoneId": "Z0123456789ABC"}}}}}}`, models), 0o600))
			code, _, stderr := run("check", "-c", file)
			require.Zero(t, code, stderr)

			if testing.Short() {
				return // Node.js takes seconds
			}
			t.Chdir(folder)
			code, signed, stderr := run(strings.Fields(command)...)
			require.Zero(t, code, stderr)
			require.NotContains(t, stderr, "warning")
			requireSigned(t, strings.TrimSpace(signed), "https://api.example.com/models/llama.gguf", publicKey(t, models))
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
func requireSigned(t *testing.T, signed, model string, key crypto.PublicKey) {
	t.Helper()
	u, err := url.Parse(signed)
	require.NoError(t, err)
	require.Equal(t, "K2JCJMDEHXQW5F", u.Query().Get("Key-Pair-Id"))
	seconds, err := strconv.ParseInt(u.Query().Get("Expires"), 10, 64)
	require.NoError(t, err)
	require.WithinDuration(t, time.Now().Add(time.Hour), time.Unix(seconds, 0), 10*time.Minute)
	policy := fmt.Sprintf(`{"Statement":[{"Resource":"%s","Condition":{"DateLessThan":{"AWS:EpochTime":%d}}}]}`, model, seconds)
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
	commands := regexp.MustCompile(`(?m)^go run \. (logs [^#\n]*)`).FindAllStringSubmatch(readmeBlock(t, "../docs/logs.md", "sh", "run . logs prod slowest"), -1)
	require.Len(t, commands, 2)
	for _, command := range commands {
		words := strings.Fields(command[1])
		require.Equal(t, "logs", words[3], "the folder of the logs")
		words[3] = logged
		code, stdout, stderr := run(append(words, "-c", explained)...)
		require.Zero(t, code, "%s: %s", command[1], stderr)
		require.NotEmpty(t, stdout)
	}

	text, err := os.ReadFile("../docs/run-and-mend.md")
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

// TestFunctionOfTheReadme has the handler of the README answer who knows the secret, and who doesn't.
func TestFunctionOfTheReadme(t *testing.T) {
	node, err := exec.LookPath("node")
	require.NoError(t, err)
	const lambda = `globalThis.awslambda = {
		streamifyResponse: handle => handle,
		HttpResponseStream: {from: (stream, how) => ({...stream, status: how.statusCode})},
	}
	const {handler} = await import('./handler.mjs')
	for (const headers of [{'x-origin-verify': 'hunter2'}, {'x-origin-verify': 'hunter3'}, {'x-origin-verify': 'hunter22'}, {}]) {
		await handler({headers}, {write() { this.wrote = true }, end() { console.log(this.status, this.wrote === true) }})
	}`
	folder := t.TempDir()
	for name, text := range map[string]string{"handler.mjs": readmeBlock(t, "../docs/backends.md", "js", "timingSafeEqual"), "lambda.mjs": lambda} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644))
	}
	run := exec.Command(node, filepath.Join(folder, "lambda.mjs"))
	run.Env = append(os.Environ(), "ORIGIN_VERIFY=hunter2")
	said, err := run.CombinedOutput()
	require.NoError(t, err, "%s", said)
	require.Equal(t, "200 true\n403 false\n403 false\n403 false\n", string(said))
}

// TestLoginOfTheReadme runs the code of the README that signs cookies, with a new key, and has the edge of the README's
// page let in a browser that has them.
func TestLoginOfTheReadme(t *testing.T) {
	if testing.Short() {
		t.Skip("Node.js takes seconds")
	}
	folder := t.TempDir()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	require.NoError(t, err)
	privatePEM := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})
	publicPEM := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public})

	require.NoError(t, os.WriteFile(filepath.Join(folder, "login.mjs"), []byte(readmeBlock(t, "../docs/web-page.md", "js", "loginCookies")), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "key.pem"), privatePEM, 0o600))
	node := exec.Command("node", "--input-type=module", "-e", `import { loginCookies } from './login.mjs'; import { readFileSync } from 'node:fs';
		console.log(JSON.stringify(loginCookies('chat.example.com', readFileSync('key.pem'), 'K2JCJMDEHXQW5F')));`)
	node.Dir = folder
	printed, err := node.CombinedOutput()
	require.NoError(t, err, string(printed))
	var cookies, sent []string
	require.NoError(t, json.Unmarshal(printed, &cookies), string(printed))
	for _, c := range cookies {
		require.Regexp(t, "; Path=/app/; Max-Age=43200; Secure; HttpOnly; SameSite=Lax$", c)
		value, _, _ := strings.Cut(c, ";")
		sent = append(sent, value)
	}

	page := strings.Replace(readmeBlock(t, "../docs/web-page.md", "json", `"name": "login"`), "PASTE IT HERE", strings.ReplaceAll(string(publicPEM), "\n", `\n`), 1)
	file := smallestWith(t, `"prod": {"region": "us-east-1", "domain": {"aliases": ["chat.example.com"], "hostedZoneId": "Z0123456789ABC"}, `+page+`}`)
	code, _, stderr := run("synth", "-c", file, "-o", filepath.Join(folder, "out"))
	require.Zero(t, code, stderr)
	for _, c := range []struct {
		url, cookie string
		status      int
	}{
		{"/app/chat", strings.Join(sent, "; "), 0},
		{"/app/assets/a.js", strings.Join(sent, "; "), 0},
		{"/app/chat", "", 403},
		{"/app/chat", strings.Join(sent[:2], "; "), 403},
		{"/", "", 0},
	} {
		code, stdout, stderr := run("explain", "prod", "GET", "https://chat.example.com"+c.url, "-H", "Cookie: "+c.cookie, "--json", "-c", file)
		require.Zero(t, code, stderr)
		var decision struct {
			Answer *struct{ Status int }
			Origin *struct{ ID string }
		}
		require.NoError(t, json.Unmarshal([]byte(stdout), &decision))
		if c.status != 0 {
			require.Equal(t, c.status, decision.Answer.Status, c.url)
			continue
		}
		require.Nil(t, decision.Answer, "%s: %s", c.url, stdout)
		require.Equal(t, "web", decision.Origin.ID, c.url)
	}
}
