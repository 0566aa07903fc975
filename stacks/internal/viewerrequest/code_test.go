package viewerrequest

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge/function"
)

func TestAll(t *testing.T) {
	code := Code(Options{KeyHeader: "authorization", CORS: true, Canary: &Canary{Origin: "api-canary", Percent: 5, Failover: "api-failover", FailoverOn: []int{500, 502}}})
	os.WriteFile("/tmp/f.js", []byte(code), 0o600)
	t.Log(len(code))
	_, err := function.Compile("f", code)
	require.NoError(t, err)
}
func BenchmarkRun(b *testing.B) {
	code := Code(Options{KeyHeader: "authorization", CORS: true, Canary: &Canary{Origin: "api-canary", Percent: 5, Failover: "api-failover", FailoverOn: []int{500, 502}}})
	p, err := function.Compile("f", code)
	require.NoError(b, err)
	for b.Loop() {
		if _, err := p.Run(function.Event{Method: "GET", URI: "/", Headers: map[string][]string{"authorization": {"Bearer sk"}, "x-c": {"1", "2"}}}, function.Map{"": ""}); err != nil {
			b.Fatal(err)
		}
	}
}
