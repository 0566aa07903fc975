//go:build unix

package cli_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// BenchmarkSynth is the whole program: with all stacks made, all kept, and one of a hundred changed.
func BenchmarkSynth(b *testing.B) {
	synth := func(b *testing.B, args ...string) {
		cmd := exec.Command(os.Args[0], append(args, "-o", filepath.Join(b.TempDir(), "out"))...)
		cmd.Env = append(os.Environ(), runVariable+"=1")
		output, err := cmd.CombinedOutput()
		require.NoError(b, err, "%s", output)
	}
	b.Run("fresh", func(b *testing.B) {
		for b.Loop() {
			synth(b, "--fresh", "-c", example)
		}
	})
	b.Run("kept", func(b *testing.B) {
		synth(b, "-c", example)
		for b.Loop() {
			synth(b, "-c", example)
		}
	})
	for _, changed := range []int{0, 1} {
		b.Run(fmt.Sprintf("%d of 100 changed", changed), func(b *testing.B) {
			file, n := filepath.Join(b.TempDir(), "cdktf.json"), 0
			writeMany(b, file, 100, 0)
			synth(b, "-c", file)
			for b.Loop() {
				n += changed
				writeMany(b, file, 100, n)
				synth(b, "-c", file)
			}
		})
	}
}

// writeMany writes a configuration of many environments like dev, of which one has a tag.
func writeMany(b *testing.B, file string, environments, tag int) {
	b.Helper()
	text, err := os.ReadFile(example)
	require.NoError(b, err)
	var document struct {
		Context struct {
			Accelerator map[string]any `json:"accelerator"`
		} `json:"context"`
	}
	require.NoError(b, json.Unmarshal(text, &document))
	section := document.Context.Accelerator
	dev := section["environments"].(map[string]any)["dev"].(map[string]any)
	many := map[string]any{}
	for i := range environments {
		many[fmt.Sprintf("dev%d", i)] = dev
	}
	tagged := maps.Clone(dev)
	tagged["tags"] = map[string]string{"run": fmt.Sprint(os.Getpid(), ".", tag)}
	many["dev0"] = tagged
	section["environments"] = many
	text, err = json.Marshal(document)
	require.NoError(b, err)
	require.NoError(b, os.WriteFile(file, text, 0o600))
}
