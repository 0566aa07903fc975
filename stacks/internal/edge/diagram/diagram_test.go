package diagram_test

import (
	"flag"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/golden"
	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/diagram"
)

var update = flag.Bool("update", false, "write the diagrams of testdata anew")

// TestMermaid draws frozen stacks: full with a firewall, failover and a replica, worldwide with regions, private in a
// VPC, callers with keys and a canary.
func TestMermaid(t *testing.T) {
	for _, name := range []string{"callers", "full", "private", "small", "worldwide"} {
		text, err := os.ReadFile("testdata/" + name + ".tf.json")
		require.NoError(t, err)
		drawn, err := diagram.Mermaid(text)
		require.NoError(t, err)
		golden.Equal(t, "testdata/"+name+".mmd", []byte(drawn), *update, "go test ./stacks/internal/edge/diagram -update")
		for range 20 { // maps have another order each time
			again, err := diagram.Mermaid(text)
			require.NoError(t, err)
			require.Equal(t, drawn, again)
		}
	}
}

func TestNoDistribution(t *testing.T) {
	_, err := diagram.Mermaid([]byte(`{}`))
	require.ErrorIs(t, err, edge.ErrNoDistribution)
}

// TestNamesOfOthers draws origins whose names AWS gives, those that have one in the configuration, and how CloudFront
// speaks to one without TLS.
func TestNamesOfOthers(t *testing.T) {
	for name, want := range map[string]string{
		"inside":     `["http://load balancer inside:8080<br/>inside your VPC"]`,
		"balanced":   `["balanced.example.com"]`,
		"serverless": `["function chat"]`,
		"several":    `["embeddings<br/>emb.example.com"]`,
	} {
		text, err := os.ReadFile("../../../testdata/everything-" + name + ".tf.json")
		require.NoError(t, err)
		drawn, err := diagram.Mermaid(text)
		require.NoError(t, err)
		require.Contains(t, drawn, want, name)
	}
}
