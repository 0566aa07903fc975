package edge

import (
	"fmt"
	"net/netip"
	"regexp"
	"testing"

	"ml-api-accelerator/stacks/internal/edge/webacl"

	"github.com/stretchr/testify/require"
)

// BenchmarkDecide tries 75 behaviors, as many as a distribution has without asking AWS, in vain.
func BenchmarkDecide(b *testing.B) {
	d := parsed(b)
	standard := d.Behaviors[len(d.Behaviors)-1]
	d.Behaviors = nil
	for i := range 74 {
		route := standard
		route.Path = fmt.Sprintf("/v1/route-%d/*", i)
		d.Behaviors = append(d.Behaviors, route)
	}
	d.Behaviors = append(d.Behaviors, standard)
	request := Request{Method: "POST", URL: "https://api.example.com/v1/chat/completions?stream=1", Headers: map[string]string{
		"Authorization": "Bearer x", "Content-Type": "application/json", "Origin": "https://app.example.com", "User-Agent": "curl",
	}}
	require.Len(b, d.Decide(request).Tried, 75)
	b.ReportAllocs()
	for b.Loop() {
		d.Decide(request)
	}
}

// BenchmarkDecideByAddress judges a caller by two lists of 10,000 ranges, as many as an IP set has.
func BenchmarkDecideByAddress(b *testing.B) {
	d := parsed(b)
	ranges := make([]netip.Prefix, 10_000)
	for i := range ranges {
		ranges[i] = netip.PrefixFrom(netip.AddrFrom4([4]byte{203, byte(i >> 8), byte(i), 1}), 32)
	}
	d.Addresses = &webacl.ACL{Rules: []webacl.Rule{
		{Name: "only-allowed", Blocks: true, Outside: ranges}, {Name: "allowed-v1", Blocks: true, Outside: ranges, Path: &webacl.Path{Expression: regexp.MustCompile("^/v1/")}},
	}}
	request := Request{URL: "https://api.example.com/v1/models", IP: ranges[len(ranges)-1].Addr()}
	require.Nil(b, d.Decide(request).Answer)
	b.ReportAllocs()
	for b.Loop() {
		d.Decide(request)
	}
}
