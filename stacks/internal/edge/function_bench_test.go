package edge_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/edgetest"
)

// BenchmarkFunction has the API's function know a caller.
func BenchmarkFunction(b *testing.B) {
	d := edgetest.Callers(b)
	request := edge.Request{Method: "POST", URL: "/v1/chat/completions?stream=1", Caller: "alice", Headers: map[string]string{
		"Content-Type": "application/json", "Origin": "https://app.example.com", "User-Agent": "curl",
	}}
	require.Equal(b, "alice", d.Decide(request).Function.Caller)
	b.ReportAllocs()
	for b.Loop() {
		d.Decide(request)
	}
}
