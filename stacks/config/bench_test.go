package config_test

import (
	"testing"

	"ml-api-accelerator/stacks/config"
)

// BenchmarkCheck is all that check does: read, decode, and hold to every rule.
func BenchmarkCheck(b *testing.B) {
	for b.Loop() {
		if _, _, err := config.Load(everything); err != nil {
			b.Fatal(err)
		}
	}
}
