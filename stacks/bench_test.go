package stacks_test

import (
	"fmt"
	"testing"

	"ml-api-accelerator/stacks"
	"ml-api-accelerator/stacks/config"
)

// BenchmarkSynth is the synthesis of many environments once the bindings are loaded: of the smallest
// useful one, and of one with all that a production API needs.
func BenchmarkSynth(b *testing.B) {
	c, _, err := config.Load(example)
	if err != nil {
		b.Fatal(err)
	}
	for _, like := range []string{"dev", "prod"} {
		for _, n := range []int{1, 10, 100} {
			b.Run(fmt.Sprintf("%s/%d", like, n), func(b *testing.B) {
				many := config.Config{Name: c.Name, State: c.State, Environments: map[string]config.Environment{}}
				for i := range n {
					many.Environments[fmt.Sprintf("%s%d", like, i)] = c.Environments[like]
				}
				b.ReportAllocs()
				for b.Loop() {
					stacks.New(many, nil, b.TempDir()).Synth()
				}
				b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N*n), "ms/environment")
			})
		}
	}
}
