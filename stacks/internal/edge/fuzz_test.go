package edge

import (
	"net/netip"
	"testing"
	"time"
)

// FuzzDecide holds that every request gets a decision, by exactly one route.
func FuzzDecide(f *testing.F) {
	d := parsed(f)
	for _, url := range []string{"/", "/v1/models?a=1&b", "http://api.example.com/a", "https://x/%2e%2e//", "://", "?", "/models/signed/a?Policy=x&Signature=y&Key-Pair-Id=z"} {
		f.Add("GET", url, "Cookie", "a=1; CloudFront-Signature=x; b", "Origin", "https://app.example.com")
		f.Add("OPTIONS", url, "Accept-Encoding", "br", "Access-Control-Request-Method", "POST")
	}
	f.Fuzz(func(t *testing.T, method, url, name, value, otherName, otherValue string) {
		decision := d.Decide(Request{
			Method: method, URL: url, Headers: map[string]string{name: value, otherName: otherValue},
			Time: time.Unix(1767290400, 0), IP: netip.MustParseAddr("192.0.2.1"),
		})
		if decision.Answer != nil && decision.Answer.Reason == "host" {
			return
		}
		chosen := 0
		for _, tried := range decision.Tried {
			if tried.Matches {
				chosen++
			}
		}
		if last := decision.Tried[len(decision.Tried)-1]; chosen != 1 || last.Path != decision.Route || !last.Matches {
			t.Fatalf("%d routes: %+v", chosen, decision.Tried)
		}
		if (decision.Answer == nil) != (decision.Origin != nil) || (decision.Origin == nil) != (decision.Cache == nil) {
			t.Fatalf("neither answered nor passed on: %+v", decision)
		}
	})
}
