package serve

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"net/http"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/edge/webacl"
	"ml-api-accelerator/stacks/internal/local/serve/exchange"
)

// TestLimits lets a caller send so many requests in five minutes, and no more.
func TestLimits(t *testing.T) {
	s := serveFor(t, func(http.ResponseWriter, *http.Request) {}, func(o *Options) {
		o.Firewall = config.Firewall{
			Enabled: true, RequestsPer5Minutes: 12, LimitBy: config.LimitByIP, Limits: []config.Limit{{Path: "/v1/embeddings*", RequestsPer5Minutes: 10}},
		}
	}, passedRoute())
	for range 10 {
		require.Equal(t, "200 Miss", s.says("POST /v1/embeddings"))
	}
	answer, text := s.do("POST /V1//%65mbeddings/a?b")
	require.Equal(t, 429, answer.StatusCode)
	require.Equal(t, "300", answer.Header.Get("Retry-After"))
	require.Equal(t, "application/json", answer.Header.Get("Content-Type"))
	require.Equal(t, "Error from cloudfront", answer.Header.Get("X-Cache"))
	require.JSONEq(t, `{"error": "too many requests"}`, text)
	require.Equal(t, "200 Miss", s.says("GET /v1/chat"), "what is refused doesn't count for all")
	require.Equal(t, "200 Miss", s.says("GET /v1/chat"))
	require.Contains(t, s.says("GET /v1/chat"), "429 Error")
	require.Equal(t, 12, s.times(), "the origin isn't asked")
	last := s.exchanges[len(s.exchanges)-1]
	require.Equal(t, exchange.Error, last.Result)
	require.Equal(t, "the firewall refuses it, by its rule rate-limit", last.Why)

	s.wait(280 * time.Second)
	require.Contains(t, s.says("GET /v1/chat"), "429 Error")
	s.wait(320 * time.Second)
	require.Equal(t, "200 Miss", s.says("GET /v1/chat"))
}

// TestLimitsCountOnce also counts a request once whose signature is looked at for several hosts.
func TestLimitsCountOnce(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	route := passedRoute()
	route.Keys = []crypto.PublicKey{key.Public()}
	s := serveFor(t, func(http.ResponseWriter, *http.Request) {}, func(o *Options) {
		o.Firewall = config.Firewall{Enabled: true, RequestsPer5Minutes: 10, LimitBy: config.LimitByIP}
	}, route)
	for range 10 {
		answer, _ := s.do("GET /a?Expires=2000000000&Signature=aaaa&Key-Pair-Id=K1")
		require.Equal(t, 403, answer.StatusCode)
	}
	answer, _ := s.do("GET /a?Expires=2000000000&Signature=aaaa&Key-Pair-Id=K1")
	require.Equal(t, 429, answer.StatusCode)
}

// TestLimitsByHeader counts each value, in either case of letters, and by address what has none; whoever makes up
// values is one address.
func TestLimitsByHeader(t *testing.T) {
	f := newFirewall(config.Firewall{Enabled: true, RequestsPer5Minutes: 10, LimitBy: "Authorization"}, nil)
	ip, other, now := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("::ffff:192.0.2.2"), time.Unix(1_800_000_000, 0)
	send := func(times int, ip netip.Addr, value string) string {
		rule := ""
		for range times {
			r := &http.Request{Header: http.Header{}}
			if value != "" {
				r.Header.Set("Authorization", value)
			}
			rule = ""
			if answer := f.refuse(r, "/v1/chat", ip, now); answer != nil {
				rule = answer.Rule
			}
		}
		return rule
	}
	require.Empty(t, send(10, ip, "Bearer a"))
	require.Empty(t, send(10, ip, "Bearer b"))
	require.Equal(t, "rate-limit", send(1, ip, "BEARER  A"))
	require.Equal(t, "rate-limit", send(1, other, "Bearer b"))
	require.Empty(t, send(10, ip, ""))
	require.Equal(t, "rate-limit-without-header", send(1, ip, ""))
	require.Empty(t, send(10, other, ""))
	for _, c := range "cdefghi" {
		require.Empty(t, send(10, ip, string(c)))
	}
	require.Equal(t, "rate-limit-by-address", send(1, ip, "another"))
	now = now.Add(10 * time.Minute)
	require.Empty(t, send(10, ip, "Bearer a"))
	require.Len(t, f.rules[0].callers, 1, "who sends nothing any more is forgotten")
}

// TestAddresses are the callers' own, or that of Options.From: who is let in past all limits counts for none, and who is
// refused asks no origin.
func TestAddresses(t *testing.T) {
	ranges := func(text string) []netip.Prefix { return []netip.Prefix{netip.MustParsePrefix(text)} }
	for _, r := range []struct {
		rule webacl.Rule
		from string
		want string
	}{
		{webacl.Rule{Name: "allowed-IPV4", In: ranges("127.0.0.0/8")}, "", "200 Miss"},
		{webacl.Rule{Name: "allowed-IPV4", In: ranges("127.0.0.0/8")}, "192.0.2.7", "429 Error"},
		{webacl.Rule{Name: "blocked-IPV4", Blocks: true, In: ranges("127.0.0.0/8")}, "", "403 Error"},
		{webacl.Rule{Name: "blocked-IPV4", Blocks: true, In: ranges("127.0.0.0/8")}, "192.0.2.7", "429 Error"},
		{webacl.Rule{Name: "only-allowed", Blocks: true, Outside: ranges("192.0.2.0/24")}, "", "403 Error"},
		{webacl.Rule{Name: "only-allowed", Blocks: true, Outside: ranges("192.0.2.0/24")}, "192.0.2.7", "429 Error"},
	} {
		d := distributionOf(passedRoute())
		d.Addresses = &webacl.ACL{Rules: []webacl.Rule{r.rule}}
		s := serveDistribution(t, d, func(http.ResponseWriter, *http.Request) {}, func(o *Options) {
			o.Firewall = config.Firewall{Enabled: true, RequestsPer5Minutes: 10, LimitBy: config.LimitByIP}
			if r.from != "" {
				o.From = netip.MustParseAddr(r.from)
			}
		})
		said := ""
		for range 11 {
			said = s.says("GET /")
		}
		require.Contains(t, said, r.want, "%s from %q", r.rule.Name, r.from)
		if last := s.exchanges[len(s.exchanges)-1]; r.want == "403 Error" {
			require.Zero(t, s.times(), "the origin isn't asked")
			require.Equal(t, "the firewall refuses it, by its rule "+r.rule.Name, last.Why)
			_, text := s.do("GET /")
			require.Len(t, text, 919)
		} else if r.from != "" {
			require.Equal(t, r.from, last.Caller.Addr().String())
		}
	}
}

// TestPathSeen is how the rules compare a path.
func TestPathSeen(t *testing.T) {
	for sent, want := range map[string]string{
		"/v1/chat?x": "/v1/chat", "/v1%2Fembeddings": "/v1/embeddings", "//v1/./x/..//embeddings": "/v1/embeddings", "/v1%5Cembeddings": "/v1/embeddings",
		"/V1/a+b/": "/v1/a b/", "/%zz%": "/%zz%", "/": "/", "/v1/x/%2e%2e/a": "/v1/a",
	} {
		require.Equal(t, want, pathSeen(sent), sent)
	}
}
