package signed

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/cloudfront/sign"
	"github.com/stretchr/testify/require"
)

var (
	rsaKey, _   = rsa.GenerateKey(rand.Reader, 2048)
	ecdsaKey, _ = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	otherKey, _ = rsa.GenerateKey(rand.Reader, 2048)
	noon        = time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)
)

// judged is how a request is judged at noon by a route that takes the signatures of the two keys.
func judged(r Request) Signature {
	if r.Time.IsZero() {
		r.Time = noon
	}
	return Judge([]crypto.PublicKey{rsaKey.Public(), ecdsaKey.Public()}, r)
}

// safe encodes as the guide says (CloudFront Developer Guide, Create a signed URL using a canned policy).
func safe(text []byte) string {
	return strings.NewReplacer("+", "-", "=", "_", "/", "~").Replace(base64.StdEncoding.EncodeToString(text))
}

func signed(t *testing.T, key crypto.Signer, policy, algorithm string) string {
	t.Helper()
	sum1, sum256 := sha1.Sum([]byte(policy)), sha256.Sum256([]byte(policy))
	hash, digest := crypto.SHA1, sum1[:]
	if algorithm == "SHA256" {
		hash, digest = crypto.SHA256, sum256[:]
	}
	signature, err := key.Sign(rand.Reader, digest, hash)
	require.NoError(t, err)
	return safe(signature)
}

func canned(url string, until time.Time) string {
	return fmt.Sprintf(`{"Statement":[{"Resource":"%s","Condition":{"DateLessThan":{"AWS:EpochTime":%d}}}]}`, url, until.Unix())
}

// TestCannedPolicy signs the example URLs of Create a signed URL using a canned policy.
func TestCannedPolicy(t *testing.T) {
	later := noon.Add(time.Hour)
	for _, url := range []string{
		"https://d111111abcdef8.cloudfront.net/images/image.jpg",
		"https://d111111abcdef8.cloudfront.net/images/image.jpg?size=large",
		"https://d111111abcdef8.cloudfront.net/images/horizon.jpg?size=large&license=yes",
		"https://d111111abcdef8.cloudfront.net/a%20b*.jpg",
	} {
		mark := "?"
		if strings.Contains(url, "?") {
			mark = "&"
		}
		for _, r := range []struct {
			name      string
			key       crypto.Signer
			policy    string
			algorithm string
			more      string
			want      Signature
		}{
			{"RSA", rsaKey, canned(url, later), "", "", Valid},
			{"RSA with SHA-1", rsaKey, canned(url, later), "SHA1", "&Hash-Algorithm=SHA1", Valid},
			{"RSA with SHA-256", rsaKey, canned(url, later), "SHA256", "&Hash-Algorithm=SHA256", Valid},
			{"SHA-256 that isn't said", rsaKey, canned(url, later), "SHA256", "", Invalid},
			{"a hash that CloudFront doesn't know", rsaKey, canned(url, later), "SHA1", "&Hash-Algorithm=MD5", Invalid},
			{"ECDSA", ecdsaKey, canned(url, later), "", "", Valid},
			{"ECDSA with SHA-256", ecdsaKey, canned(url, later), "SHA256", "&Hash-Algorithm=SHA256", Valid},
			{"another key", otherKey, canned(url, later), "", "", Invalid},
			{"another URL", rsaKey, canned(url+"x", later), "", "", Invalid},
			{"another time", rsaKey, canned(url, later.Add(1e9)), "", "", Invalid},
			// Use signed URLs: a query that is added after signing.
			{"more of a query", rsaKey, canned(url, later), "", "&color=red", Invalid},
		} {
			query := fmt.Sprintf("Expires=%d&Signature=%s&Key-Pair-Id=K2JCJMDEHXQW5F%s", later.Unix(), signed(t, r.key, r.policy, r.algorithm), r.more)
			require.Equal(t, r.want, judged(Request{URL: url + mark + query}), "%s: %s", r.name, url)
		}
	}
}

func TestExpiry(t *testing.T) {
	const url = "https://d111111abcdef8.cloudfront.net/a"
	query := fmt.Sprintf("?Expires=%d&Signature=%s&Key-Pair-Id=K", noon.Unix(), signed(t, rsaKey, canned(url, noon), ""))
	require.Equal(t, Valid, judged(Request{URL: url + query, Time: noon.Add(-time.Second)}))
	require.Equal(t, Expired, judged(Request{URL: url + query, Time: noon}))
	require.Equal(t, Valid, Judge([]crypto.PublicKey{rsaKey.Public()}, Request{URL: url + query}), "without a time nothing expires")
}

func TestIncompleteSignature(t *testing.T) {
	const url = "https://d111111abcdef8.cloudfront.net/a"
	good := signed(t, rsaKey, canned(url, noon.Add(1e9)), "")
	for query, want := range map[string]Signature{
		"":       Missing,
		"?a=1":   Missing,
		"?a=1&b": Missing,
		fmt.Sprintf("?Expires=%d&Key-Pair-Id=K", noon.Unix()+1):                     Invalid,
		fmt.Sprintf("?Expires=%d&Signature=%s", noon.Unix()+1, good):                Invalid,
		fmt.Sprintf("?Signature=%s&Key-Pair-Id=K", good):                            Invalid,
		fmt.Sprintf("?Expires=x&Signature=%s&Key-Pair-Id=K", good):                  Invalid,
		fmt.Sprintf("?Expires=%d&Signature=%%%%&Key-Pair-Id=K", noon.Unix()+1):      Invalid,
		fmt.Sprintf("?Policy=%%%%&Signature=%s&Key-Pair-Id=K", good):                Invalid,
		fmt.Sprintf("?Expires=%d&Signature=%s&Key-Pair-Id=K", noon.Unix()+1, good):  Valid,
		fmt.Sprintf("?Key-Pair-Id=K&Signature=%s&Expires=%d&", good, noon.Unix()+1): Valid,
	} {
		require.Equal(t, want, judged(Request{URL: url + query}), query)
	}
}

// TestCustomPolicy has the examples of Create a signed URL using a custom policy.
func TestCustomPolicy(t *testing.T) {
	const host = "https://d111111abcdef8.cloudfront.net"
	day := `"DateLessThan":{"AWS:EpochTime":1893585600}` // 2030-01-02 12:00
	statement := func(resource, condition string) string {
		return fmt.Sprintf(`{"Statement":{"Resource":"%s","Condition":{%s}}}`, resource, condition)
	}
	source := `,"IpAddress":{"AWS:SourceIp":"192.0.2.0/24"}`
	for _, r := range []struct {
		name, policy, url, ip string
		want                  Signature
	}{
		{"one file from a range of addresses", statement(host+"/game_download.zip", day+source), host + "/game_download.zip", "192.0.2.7", Valid},
		{"from elsewhere", statement(host+"/game_download.zip", day+source), host + "/game_download.zip", "198.51.100.7", Invalid},
		{"from an address of IPv6", statement(host+"/game_download.zip", day+source), host + "/game_download.zip", "2001:db8::1", Invalid},
		{"another file", statement(host+"/game_download.zip", day), host + "/other.zip", "", Invalid},
		{"all files of a directory", statement(host+"/training/*", day+source), host + "/training/orientation.pdf", "192.0.2.7", Valid},
		{"all files, from one address", statement("https://*", day+`,"IpAddress":{"AWS:SourceIp":"192.0.2.10/32"}`), host + "/a?b=1", "192.0.2.10", Valid},
		{"all files, from another address", statement("https://*", day+`,"IpAddress":{"AWS:SourceIp":"192.0.2.10"}`), host + "/a", "192.0.2.11", Invalid},
		{"all addresses", statement("*", day+`,"IpAddress":{"AWS:SourceIp":"0.0.0.0/0"}`), host + "/a", "192.0.2.11", Valid},
		{"from now on", statement("*", day+`,"DateGreaterThan":{"AWS:EpochTime":1893499199}`), host + "/a", "", Valid},
		{"from the next second on", statement("*", day+`,"DateGreaterThan":{"AWS:EpochTime":1893499200}`), host + "/a", "", Invalid},
		{"until now", statement("*", `"DateLessThan":{"AWS:EpochTime":1893499200}`), host + "/a", "", Expired},
		{"no end", statement("*", `"DateGreaterThan":{"AWS:EpochTime":1}`), host + "/a", "", Invalid},
		{"a time in quotes", statement("*", `"DateLessThan":{"AWS:EpochTime":"1893585600"}`), host + "/a", "", Invalid},
		{"no resource", `{"Statement":{"Condition":{` + day + `}}}`, host + "/a", "", Valid},
		{"in a list", `{"Statement":[{"Resource":"*","Condition":{` + day + `}}]}`, host + "/a", "", Valid},
		{"two statements", `{"Statement":[{"Condition":{` + day + `}},{"Condition":{` + day + `}}]}`, host + "/a", "", Invalid},
		{"a parameter that isn't one", `{"Statement":{"Condition":{` + day + `,"Ip":1}}}`, host + "/a", "", Invalid},
		{"no JSON", `Statement`, host + "/a", "", Invalid},
	} {
		mark := "?"
		if strings.Contains(r.url, "?") {
			mark = "&"
		}
		request := Request{URL: r.url + mark + fmt.Sprintf("Policy=%s&Signature=%s&Key-Pair-Id=K", safe([]byte(r.policy)), signed(t, rsaKey, r.policy, ""))}
		if r.ip != "" {
			request.IP = netip.MustParseAddr(r.ip)
		}
		require.Equal(t, r.want, judged(request), r.name)
	}
}

// TestResourceMatches has the examples of Create a signed URL using a custom policy, Wildcard characters, and of Set
// signed cookies using a custom policy.
func TestResourceMatches(t *testing.T) {
	for _, r := range []struct {
		resource, url string
		want          bool
	}{
		{"https://www.example.com/hello*world", "https://www.example.com/helloworld", true},
		{"https://www.example.com/hello*world", "https://www.example.com/hello-world", true},
		{"https://www.example.com/hello*world", "https://www.example.net/hello?world", false},
		{"https://www.example.com/hello*world", "https://www.example.com/hello?world", false},
		{"http://example.com/hello*", "http://example.com/hello?a=b", true},
		{`http://example.com/hello*\?*`, "http://example.com/hello?a=b", true},
		{"http://example.com*", "http://example.com/a/b?c=d", true},
		{"http://example.com*", "http://example.com.evil/a", true},
		{"*example.com", "https://www.example.com/", true},
		{"*example.com", "http://example.com/", true},
		{"*example.com", "https://www.example.com/a", false},
		{"*", "http://anything/at?all", true},
		{"https://*", "http://example.com/", false},
		{"https://d1.cloudfront.net/*game_download.zip*", "https://d1.cloudfront.net/game_download.zip", true},
		{"https://d1.cloudfront.net/*game_download.zip*", "https://d1.cloudfront.net/example_game_download.zip?license=yes", true},
		{"https://d1.cloudfront.net/*game_download.zip*", "https://d1.cloudfront.net/test_game_download.zip?license=temp", true},
		{`https://d1.cloudfront.net/images/horizon.jpg\?size=large&license=yes`, "https://d1.cloudfront.net/images/horizon.jpg?size=large&license=yes", true},
		{"https://d1.cloudfront.net/images/horizon.jpg?size=large&license=yes", "https://d1.cloudfront.net/images/horizon.jpg?size=large&license=yes", true},
		{"https://d1.cloudfront.net/horizon.jpg", "https://d1.cloudfront.net/horizon.jpg?size=large", false},
		{"https://d1.cloudfront.net/a?c", "https://d1.cloudfront.net/abc", true},
		{"https://d1.cloudfront.net/a/*", "https://d2.cloudfront.net/a/b", false},
	} {
		require.Equal(t, r.want, resourceMatches(r.resource, r.url), "%s and %s", r.resource, r.url)
	}
}

// parse reads a Cookie header.
func parse(header string) map[string]string {
	cookies := map[string]string{}
	for pair := range strings.SplitSeq(header, "; ") {
		name, value, _ := strings.Cut(pair, "=")
		cookies[name] = value
	}
	return cookies
}

// TestSignedCookies: Set signed cookies using a canned policy; Set signed cookies using a custom policy.
func TestSignedCookies(t *testing.T) {
	const url = "https://d111111abcdef8.cloudfront.net/images/horizon.jpg?size=large&license=yes"
	until := noon.Add(time.Hour)
	custom := fmt.Sprintf(`{"Statement":[{"Resource":"https://d111111abcdef8.cloudfront.net/*","Condition":{"DateLessThan":{"AWS:EpochTime":%d}}}]}`, until.Unix())
	for _, r := range []struct {
		name, cookie, url string
		want              Signature
	}{
		{"canned", fmt.Sprintf("CloudFront-Expires=%d; CloudFront-Signature=%s; CloudFront-Key-Pair-Id=K; a=1",
			until.Unix(), signed(t, rsaKey, canned(url, until), "")), url, Valid},
		{"canned, of another URL", fmt.Sprintf("CloudFront-Expires=%d; CloudFront-Signature=%s; CloudFront-Key-Pair-Id=K",
			until.Unix(), signed(t, rsaKey, canned(url, until), "")), url + "1", Invalid},
		{"custom", fmt.Sprintf("CloudFront-Policy=%s; CloudFront-Signature=%s; CloudFront-Key-Pair-Id=K",
			safe([]byte(custom)), signed(t, ecdsaKey, custom, "")), url, Valid},
		{"with SHA-256", fmt.Sprintf("CloudFront-Policy=%s; CloudFront-Signature=%s; CloudFront-Key-Pair-Id=K; CloudFront-Hash-Algorithm=SHA256",
			safe([]byte(custom)), signed(t, rsaKey, custom, "SHA256")), url, Valid},
		// "The names of cookie attributes are case-sensitive."
		{"in small letters", fmt.Sprintf("cloudfront-policy=%s; cloudfront-signature=%s; cloudfront-key-pair-id=K",
			safe([]byte(custom)), signed(t, rsaKey, custom, "")), url, Missing},
		// Decide to use signed URLs or signed cookies: those of the URL are the ones that count.
		{"beside a URL's", fmt.Sprintf("CloudFront-Policy=%s; CloudFront-Signature=%s; CloudFront-Key-Pair-Id=K",
			safe([]byte(custom)), signed(t, rsaKey, custom, "")), url + "&Expires=1", Invalid},
		{"other cookies", "a=1; CloudFront-Other=2", url, Missing},
	} {
		require.Equal(t, r.want, judged(Request{URL: r.url, Cookies: parse(r.cookie)}), r.name)
	}
}

// TestSignedByAWS takes what AWS's own SDK signs.
func TestSignedByAWS(t *testing.T) {
	const url = "https://d111111abcdef8.cloudfront.net/images/horizon.jpg?size=large&license=yes"
	until := noon.Add(time.Hour)
	for name, key := range map[string]crypto.Signer{"RSA": rsaKey, "ECDSA": ecdsaKey} {
		signed, err := sign.NewURLSigner("K2JCJMDEHXQW5F", key).Sign(url, until)
		require.NoError(t, err)
		require.Equal(t, Valid, judged(Request{URL: signed}), name)
		require.Equal(t, Expired, judged(Request{URL: signed, Time: until}), name)
	}
	signed, err := sign.NewURLSigner("K2JCJMDEHXQW5F", rsaKey).SignWithPolicy(url, &sign.Policy{Statements: []sign.Statement{{
		Resource: "https://d111111abcdef8.cloudfront.net/images/*",
		Condition: sign.Condition{
			DateLessThan: sign.NewAWSEpochTime(until), DateGreaterThan: sign.NewAWSEpochTime(noon.Add(-time.Hour)),
			IPAddress: &sign.IPAddress{SourceIP: "192.0.2.0/24"},
		},
	}}})
	require.NoError(t, err)
	require.Equal(t, Valid, judged(Request{URL: signed, IP: netip.MustParseAddr("192.0.2.1")}))
	require.Equal(t, Invalid, judged(Request{URL: signed, IP: netip.MustParseAddr("203.0.113.1")}))

	cookies, err := sign.NewCookieSigner("K2JCJMDEHXQW5F", rsaKey).Sign("https://d111111abcdef8.cloudfront.net/images/*", until)
	require.NoError(t, err)
	values := map[string]string{}
	for _, cookie := range cookies {
		values[cookie.Name] = cookie.Value
	}
	require.Equal(t, Valid, judged(Request{URL: url, Cookies: values}))
}
