package cli_test

import (
	"net"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestServeRefuses is one line for each wrong flag, without the value of a secret.
func TestServeRefuses(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	nowhere := filepath.Join(t.TempDir(), "nowhere", "x")
	for _, r := range []struct {
		args []string
		want string
	}{
		{nil, "serve takes an environment: serve dev --api localhost:8000"},
		{[]string{"nope"}, `environment "nope": not found; there are dev, prod`},
		{[]string{"dev", "--api", "localhost:8000/v1"}, `--api "localhost:8000/v1": must be a scheme and a host, like https://api.example.com`},
		{[]string{"dev", "--failover", "http://localhost:1/api"}, `--failover "http://localhost:1/api": must be a scheme and a host, like https://api.example.com`},
		{[]string{"dev", "--failover", "localhost:1"}, "--failover needs api.failover"},
		{[]string{"dev", "--backend", "api"}, `--backend "api": must be NAME=URL`},
		{[]string{"dev", "--backend", "=localhost:1"}, `--backend "=localhost:1": must be NAME=URL`},
		{[]string{"dev", "--backend", "api=localhost:1/v1"}, `--backend "localhost:1/v1": must be a scheme and a host, like https://api.example.com`},
		{[]string{"dev", "--backend", "apl=localhost:1"}, `--backend "apl": not found (did you mean api?); there are api`},
		{[]string{"dev", "--backend", "api=localhost:1", "--backend", "api=localhost:2"}, `--backend "api": is given twice`},
		{[]string{"dev", "--backend", "api=localhost:1", "--api", "localhost:2"}, "--api and --backend api=URL are the same: give one of them"},
		{[]string{"dev", "--bucket", "modles=x"}, `--bucket "modles": not found (did you mean models?); there are models`},
		{[]string{"dev", "--bucket", "models="}, `--bucket "models=": must be NAME=DIR`},
		{[]string{"dev", "--bucket", "models=" + nowhere, "--models", "x"}, "--models and --bucket models=DIR are the same: give one of them"},
		{[]string{"dev", "--web", nowhere}, "--web needs web in the configuration: the environment has no page"},
		{[]string{"web", "-c", "../testdata/everything.json", "--web", nowhere, "--bucket", "web=" + nowhere}, "--web and --bucket web=DIR are the same: give one of them"},
		{[]string{"web", "-c", "../testdata/everything.json", "--web", nowhere}, "--web: open " + nowhere + ": "},
		{[]string{"dev", "--bucket", "models=" + nowhere}, "--models: open " + nowhere + ": "},
		{[]string{"prod", "-c", "testdata/callers.json", "--backend", "api-cannary=localhost:1"}, `--backend "api-cannary": not found (did you mean api-canary?); there are api, api-canary, api-failover`},
		{[]string{"dev", "--cache-size", "10"}, `--cache-size "10": must be like 256MB or 2GB`},
		{[]string{"dev", "--cache-size", "-1GB"}, `--cache-size "-1GB": must be like 256MB or 2GB`},
		{[]string{"dev", "--secret", "hunter2"}, "--secret must be NAME=VALUE"},
		{[]string{"dev", "--models", nowhere}, "--models: open " + nowhere + ": "},
		{[]string{"dev", "--log", nowhere}, "--log: open " + nowhere + ": "},
		{[]string{"dev", "--inspect", "localhost"}, `--inspect: must be a port from 0 to 65535, such as 8080, or an address such as 0.0.0.0:8080, got "localhost"`},
		{[]string{"dev", "--listen", taken.Addr().String()}, "--listen: can't listen on " + taken.Addr().String() + ": address already in use"},
		{[]string{"dev", "--country", "UK"}, `--country: must be an ISO 3166-1 alpha-2 code such as DE or GB, got "UK"`},
		{[]string{"dev", "--api-key", "alice=hunter2"}, "--api-key needs api.keys: without them the edge knows no callers"},
		{[]string{"dev", "--canary", "http://localhost:8001"}, "--canary and --canary-percent need api.canary"},
		{[]string{"dev", "--canary-percent", "5"}, "--canary and --canary-percent need api.canary"},
		{[]string{"prod", "-c", "testdata/callers.json", "--key", "hunter2"}, "--api-key must be NAME=KEY"},
		{[]string{"prod", "-c", "testdata/callers.json", "--key", "alice="}, "--api-key must be NAME=KEY"},
		{[]string{"prod", "-c", "testdata/callers.json", "--key", "a b=hunter2"}, "--api-key must be NAME=KEY, a caller's name of letters, digits and . _ @ - first"},
		{[]string{"prod", "-c", "testdata/callers.json", "--key", "alice=hunter2 "}, "--api-key: a key must be visible ASCII characters, without spaces"},
		{[]string{"prod", "-c", "testdata/callers.json", "--key", "alice=hunter2", "--key", "bob=hunter2"}, "--api-key: one key is given twice"},
		{[]string{"prod", "-c", "testdata/callers.json", "--canary-percent", "101"}, `--canary-percent: must be a whole number from 0 to 100, got "101"`},
		{[]string{"prod", "-c", "testdata/callers.json", "--canary", "localhost:1/a"}, `--canary "localhost:1/a": must be a scheme and a host, like https://api.example.com`},
	} {
		args := append([]string{"serve", "-c", "../testdata/example.json"}, r.args...)
		if len(r.args) > 1 && r.args[1] != "--listen" {
			args = append(args, "--listen", "127.0.0.1:0")
		}
		code, stdout, stderr := run(args...)
		require.NotZero(t, code, args)
		require.Empty(t, stdout, args)
		require.Contains(t, stderr, r.want, args)
		require.NotContains(t, stderr, "hunter2")
	}
}
