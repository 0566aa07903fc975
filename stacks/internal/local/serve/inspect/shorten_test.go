package inspect

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/edgetest"
	"ml-api-accelerator/stacks/internal/local/serve/exchange"
	"ml-api-accelerator/stacks/internal/shared/viewerrequest"
)

func TestShortenHeader(t *testing.T) {
	for _, r := range []struct{ name, value, want string }{
		{"Authorization", "Bearer sk-abcdefghijklmnopqrstuvwxyz0123456789", "Bearer sk-ab…(39 characters)"},
		{"authorization", "Basic dXNlcjpwYXNzd29yZA==", "Basic dXNlc…(20 characters)"},
		{"Authorization", "sk-abcdefghijklmnopqrstuvwxyz", "sk-ab…(29 characters)"},
		{"Authorization", "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20300101, Signature=0123456789", "AWS4-HMAC-SHA256 Crede…(53 characters)"},
		{"Authorization", "(signed by the identity)", "(signed by t…(16 characters)"},
		{"Authorization", "", ""},
		{"Proxy-Authorization", "Basic 12345678", "Basic 12…(8 characters)"},
		{"X-Api-Key", "0123456789abcdef0123456789abcdef", "01234…(32 characters)"},
		{"Api-Key", "ключключключключ", "ключ…(16 characters)"},
		{"Ocp-Apim-Subscription-Key", "abcdefgh", "ab…(8 characters)"},
		{"X-Origin-Verify", "abc", "…(3 characters)"},
		{"X-Origin-Verify", "x", "…(1 character)"},
		{"X-Origin-Verify", "(secret hunter2-and-more)", "(secr…(25 characters)"},
		{"X-Amz-Security-Token", "abcdefgh", "ab…(8 characters)"},
		{"X-Hub-Signature-256", "sha256=0123456789", "sha2…(17 characters)"},
		{"Cookie", "session=0123456789abcdef; theme=dark;plain", "session=0123…(16 characters); theme=d…(4 characters); p…(5 characters)"},
		{"Set-Cookie", "session=0123456789abcdef; Path=/; HttpOnly", "session=0123…(16 characters); Path=/; HttpOnly"},
		{"Set-Cookie", "a=12345678", "a=12…(8 characters)"},
		{"Location", "/a?Signature=0123456789abcdef~_&Key-Pair-Id=K1", "/a?Signature=0123…(18 characters)&Key-Pair-Id=K1"},
		{"Referer", "https://me:password@example.com/?page=2", "https://me…(11 characters)@example.com/?page=2"},
		{"Sec-WebSocket-Protocol", "realtime, openai-insecure-api-key.sk-abcdefghijklmnopqrst, v1", "realtime, openai-insecure-api-key.sk-abcde…(20 characters), v1"},
		{"X-Note", "Bearer abcdefghijkl", "Bearer abc…(12 characters)"},
		{"x-model-pass", "abcdefgh", "ab…(8 characters)"}, // the one that has a key here

		{"Content-Type", "application/json; charset=utf-8", "application/json; charset=utf-8"},
		{"Cache-Control", "max-age=60, stale-if-error=600", "max-age=60, stale-if-error=600"},
		{"Access-Control-Allow-Credentials", "true", "true"},
		{"Access-Control-Allow-Headers", "Authorization", "Authorization"},
		{"X-Ratelimit-Remaining-Tokens", "149984", "149984"},
		{"Idempotency-Key", "0123456789abcdef", "0123456789abcdef"},
		{"Sec-Websocket-Key", "dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZQ=="},
		{"Www-Authenticate", `Bearer realm="api"`, `Bearer realm="api"`},
		{"X-Amz-Cf-Id", "q3Zx0aVd81Lr6yqzX==", "q3Zx0aVd81Lr6yqzX=="},
	} {
		require.Equal(t, r.want, shortenHeader(r.name, r.value, []string{"X-Model-Pass"}), r.name+": "+r.value)
	}
}

func TestShortenURL(t *testing.T) {
	for _, r := range []struct{ url, want string }{
		{"/models/a?Expires=1&Policy=eyJTdGF0ZW1lbnQi&Signature=abcdefgh&Key-Pair-Id=K1", "/models/a?Expires=1&Policy=eyJT…(16 characters)&Signature=ab…(8 characters)&Key-Pair-Id=K1"},
		{"/a?api_key=abcdefgh&apiKey=abcdefgh&access_token=abcdefgh&key=abcdefgh&sig=abcdefgh", "/a?api_key=ab…(8 characters)&apiKey=ab…(8 characters)&access_token=ab…(8 characters)&key=ab…(8 characters)&sig=ab…(8 characters)"},
		{"/a?x=1;token=abcd,efgh", "/a?x=1;token=ab…(9 characters)"},
		{"/a?next=/b?token=abcdefgh&c=d", "/a?next=/b?token=ab…(8 characters)&c=d"},
		{"/a?token=&b=c", "/a?token=&b=c"},
		{"/a?filter[token]=abcdefgh", "/a?filter[token]=ab…(8 characters)"},
		{"/v1/chat?max_tokens=100&limit=5&privacy_policy=yes", "/v1/chat?max_tokens=100&limit=5&privacy_policy=yes"},
		{"/models/sk-learn-random-forest-classifier", "/models/sk-learn-random-forest-classifier"},
		{`Get "http://u:p@localhost:8000/a?sig=abcdefgh": refused`, `Get "http://…(3 characters)@localhost:8000/a?sig=ab…(8 characters)": refused`},
	} {
		require.Equal(t, r.want, shortenURL(r.url))
	}
}

// TestNoCredentialIsKept: whatever is kept of an exchange, wherever the credential was.
func TestNoCredentialIsKept(t *testing.T) {
	const secret = "abcdefghijklmnopqrstuvwxyz"
	d := edgetest.Distribution(t)
	header := http.Header{
		"Authorization": {"Bearer " + secret}, "X-Api-Key": {secret}, "Cookie": {"a=" + secret}, "Referer": {"https://example.com/?token=" + secret},
		"X-Forwarded-For": {"https://" + secret + "@example.com"},
	}
	for _, target := range []string{"/v1/models?api_key=" + secret, "/v1/embeddings?token=" + secret, "/open/a?sig=" + secret, "http://api.example.com/a?Signature=" + secret} {
		e := missed(t, d, "a", target, header)
		e.Sent[0].Error = "Get \"" + e.Sent[0].URL + "\": refused"
		e.Why = "as " + target + " says"
		e.AnswerHeader = http.Header{"Set-Cookie": {"a=" + secret}, "Location": {"/b?Policy=" + secret}}
		e.Decision.Response.Headers["X-Auth-Token"] = secret
		e.Decision.Tried = append(e.Decision.Tried, edge.Tried{Path: "*"})
		kept, err := json.Marshal(newDetail(ended(e)))
		require.NoError(t, err)
		require.NotContains(t, string(kept), secret[:8], target)
		require.Contains(t, string(kept), secret[:5]+"…(26 characters)", target)

		i := New(Options{})
		i.Observe(answered(t, d, "a", "GET", target, header, exchange.Hit))
		s, _, _, _ := i.since(0)
		kept, err = json.Marshal(s)
		require.NoError(t, err)
		require.NotContains(t, string(kept), secret[:8], target)
	}
}

// TestCredentials knows them by their names, wherever a name has the word; rather too many than too few.
func TestCredentials(t *testing.T) {
	for _, name := range []string{
		"pwd", "user_pwd", "userPwd", "USERPWD", "pass", "db-pass", "passphrase", "pass_code", "pw", "pin", "pinCode", "code", "auth_code", "authCode",
		"X-Otp", "X-OTP-Token", "totp", "X-Hmac", "X-Hmac-SHA256", "hmacSha256", "sig", "X-Sig", "mac", "sid", "PHPSESSID", "csrf", "X-XSRF", "nonce",
		"ticket", "SAMLResponse", "saml_assertion", "client_assertion", "oauth_verifier", "code_verifier", "X-Auth-User", "private_key", "keyId",
		"DPoP", "X-MFA", "mfaCode", "X-Forwarded-Client-Cert", "X-Bearer", "access_key_id", "accessKey", "license", "X-License-Code", "sso", "otp%5B0%5D",
		"X-Signed-Request", "credentials", "x-amz-security-token", "invite", "hash",
	} {
		require.True(t, isCredential(name), name)
	}
	for _, name := range []string{
		"Accept", "Accept-Encoding", "Cache-Control", "Content-Type", "Host", "Origin", "Referer", "User-Agent", "X-Amz-Cf-Id", "X-Forwarded-For", "Via",
		"X-Caller", "X-Canary", "X-Cache", "limit", "page", "max_tokens", "model", "seed", "stream", "Keep-Alive", "Www-Authenticate", "Content-Digest",
		"Range", "If-None-Match", "ETag", "Expires", "X-Ratelimit-Remaining-Requests", "Idempotency-Key", "Sec-Websocket-Key", "Key-Pair-Id", "spinner",
		"Sec-Websocket-Accept", "X-Request-Id", "encoding", "passthrough", "machine", "option",
	} {
		require.False(t, isCredential(name), name)
	}
	require.Equal(t, "/a?pwd=…(3 characters)&page=2&code=ab…(8 characters)", shortenURL("/a?pwd=abc&page=2&code=abcdefgh"))
	require.Equal(t, "…(3 characters)", shortenHeader("X-Otp", "123", nil))
}

// TestSecretHeaders of origins are never shown, whatever their names.
func TestSecretHeaders(t *testing.T) {
	e := missed(t, edgetest.Distribution(t), "a", "/v1/models", http.Header{})
	e.Sent[0].Header, e.Sent[0].Secrets = http.Header{"X-Stage": {"hunter2-and-more"}}, []string{"X-Stage"}
	i := New(Options{})
	i.Observe(e)
	require.NotContains(t, marshal(t, i.detail(1)), "hunter2")
	require.Contains(t, marshal(t, i.detail(1)), "(secret ml-api/prod/origin-verify)")
}

// TestKnownCaller is shown by name, and never by the key, whatever its header is called.
func TestKnownCaller(t *testing.T) {
	const key = "abcdefghijklmnopqrstuvwxyz"
	d := edgetest.Callers(t, func(o *viewerrequest.Options) { o.KeyHeaders, o.ForwardKey = []string{"x-model-pass"}, true })
	e := missed(t, d, "a", "/v1/models", http.Header{"X-Model-Pass": {key}})
	e.Decision = d.Decide(edge.Request{URL: "/v1/chat", Headers: map[string]string{"X-Model-Pass": key}, Caller: "alice", Canary: true})
	require.Equal(t, edge.Plain(key), e.Decision.Origin.Headers["X-Model-Pass"])
	e.KeyHeaders = d.KeyHeaders()
	i := New(Options{})
	i.Observe(e)
	kept := marshal(t, i.detail(1))
	require.NotContains(t, kept, key[:8])
	require.Contains(t, kept, "which knows the caller as alice")
	s, _, _, _ := i.since(0)
	require.Equal(t, "alice true", fmt.Sprint(s.Rows[0].Key, " ", s.Rows[0].Canary))
}

// TestDecisionIsntChanged: the one that is shortened is the page's.
func TestDecisionIsntChanged(t *testing.T) {
	header := http.Header{"Authorization": {"Bearer abcdefghijkl"}, "Cookie": {"a=abcdefgh"}}
	e := answered(t, edgetest.Distribution(t), "a", "GET", "/v1/embeddings?token=abcdefgh", header, exchange.Hit)
	before, err := json.Marshal(e.Decision)
	require.NoError(t, err)
	require.NotEqual(t, string(before), marshal(t, shortenDecision(e.Decision, nil)))
	require.Equal(t, string(before), marshal(t, e.Decision))
	require.Equal(t, "Bearer abcdefghijkl", e.Header.Get("Authorization"))
}

func marshal(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	require.NoError(t, err)
	return string(text)
}
