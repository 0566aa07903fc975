package edge

import (
	"fmt"
	"testing"

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
