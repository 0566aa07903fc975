package config_test

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/config"
)

// FuzzParse holds that nothing makes Parse panic, and that what it accepts adds up.
func FuzzParse(f *testing.F) {
	data, err := os.ReadFile(everything)
	require.NoError(f, err)
	f.Add(data)
	for _, r := range everyRow() {
		f.Add(r.file(f))
	}
	for _, r := range twiceRows() {
		f.Add([]byte(r.patch))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, warnings, err := config.Parse("cdktf.json", data)
		for _, p := range warnings {
			require.Equal(t, config.Warning, p.Class)
		}
		if err != nil {
			require.Equal(t, config.Config{}, c)
			if invalid := (&config.Invalid{}); errors.As(err, &invalid) {
				require.NotEmpty(t, invalid.Problems)
			} else {
				require.NotContains(t, err.Error(), "cdktf.json: json: ", "an error that speaks of Go")
			}
			return
		}
		require.Len(t, c.StackNames(), 1+len(c.Environments))
		for name, env := range c.Environments {
			require.True(t, strings.HasSuffix(c.StackName(name), name))
			addsUp(t, env)
		}
	})
}

// addsUp holds the behaviors of an environment to fit each other and what they need.
func addsUp(t *testing.T, env config.Environment) {
	t.Helper()
	behaviors := env.Behaviors()
	pages := 0
	if env.Web.IsDefault() {
		pages = len(env.Web.APIPaths)
	} else if env.Web != nil {
		pages = 1
	}
	require.Len(t, behaviors, 2+len(env.Routes)+len(env.Buckets)+pages)
	require.Empty(t, behaviors[0].Path)
	for i, b := range behaviors {
		require.Equal(t, slices.Contains(env.BucketNames(), b.Origin), b.ToBucket)
		require.True(t, b.ToBucket || slices.Contains(env.BackendNames(), b.Origin), b.Origin)
		require.Contains(t, []string{config.MethodsAll, config.MethodsRead}, b.Methods)
		require.Equal(t, i > 0, b.Path != "")
		require.False(t, b.Failover && b.Methods != config.MethodsRead, "%s fails over for requests that write", b.Path)
		if b.Signers != "" {
			bucket, _ := env.Bucket(b.Signers)
			require.NotEmpty(t, bucket.Signers, "%s is signed without signers", b.Path)
		}
	}
}

// BenchmarkCheck is all that check does: read, decode, and hold to every rule.
func BenchmarkCheck(b *testing.B) {
	for b.Loop() {
		if _, _, err := config.Load(everything); err != nil {
			b.Fatal(err)
		}
	}
}
