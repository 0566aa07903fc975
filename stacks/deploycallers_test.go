package stacks_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/awstest"
	edgefunction "ml-api-accelerator/stacks/internal/edge/function"
)

// knowingCallers is prod with keys in a header, and what is cached of it is one caller's.
func knowingCallers(e config.Environment, header string) config.Environment {
	e.API.Keys = &config.Keys{Header: header}
	e.Routes = slices.Clone(e.Routes)
	for i, route := range e.Routes {
		if route.Cache != nil {
			cache := *route.Cache
			cache.KeyHeaders = []string{config.CallerHeader}
			e.Routes[i].Cache = &cache
		}
	}
	return e
}

// The store and the function of prod have the same name.
const callersOfProd = "example-prod-api"

// caller is one whose key was put into prod's store between two deploys.
type caller struct {
	aws                   *awstest.Server
	store                 string // its ARN
	name, key, hash, pair string
}

func newCaller(t *testing.T, aws *awstest.Server, name string) caller {
	t.Helper()
	c := caller{aws: aws, name: name, key: "sk-" + name + "-0123456789abcdef"}
	sum := sha256.Sum256([]byte(c.key))
	c.hash = hex.EncodeToString(sum[:])
	c.pair = fmt.Sprintf(`{"name":%q,"created":1764000000}`, name)
	aws.PutPair(callersOfProd, c.hash, c.pair)
	c.store = aws.KeyValueStore(callersOfProd)
	require.NotEmpty(t, c.store)
	return c
}

// requireKnown holds the store to be the one that the key was put into, and runs the function that is published: it lets
// the caller in, and nobody else.
func (c caller) requireKnown(t *testing.T, header, value string) {
	t.Helper()
	require.Equal(t, c.store, c.aws.KeyValueStore(callersOfProd), "the store is still the same")
	pairs := c.aws.Pairs(callersOfProd)
	require.Equal(t, map[string]string{c.hash: c.pair}, pairs)
	program, err := edgefunction.Compile(callersOfProd, c.aws.FunctionCode(callersOfProd))
	require.NoError(t, err)
	run := func(value string) edgefunction.Result {
		result, err := program.Run(edgefunction.Event{Method: "POST", URI: "/v1/chat/completions", IP: "198.51.100.1", Time: time.Now(),
			Headers: map[string][]string{header: {value}}}, edgefunction.Map(pairs))
		require.NoError(t, err)
		return result
	}
	passed := run(value)
	require.Nil(t, passed.Response, "%+v", passed.Response)
	require.Equal(t, []string{c.name}, passed.Headers[config.CallerHeader])
	require.NotContains(t, passed.Headers, header)
	refused := run(value + "0")
	require.NotNil(t, refused.Response)
	require.Equal(t, 401, refused.Response.Status)
}

// requireNotIn holds what others read to know the store, and nothing of the caller.
func (c caller) requireNotIn(t *testing.T, texts ...[]byte) {
	t.Helper()
	for _, text := range texts {
		require.True(t, bytes.Contains(text, []byte(c.store)))
		for _, secret := range []string{c.name, c.key, c.hash, c.hash[:8]} {
			require.False(t, bytes.Contains(text, []byte(secret)), secret)
		}
	}
}

// planText is all that Terraform keeps in the file of a plan: the plan, the state before and after, and the configuration.
func planText(t *testing.T, file string) []byte {
	t.Helper()
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	require.NoError(t, err)
	var all bytes.Buffer
	for _, part := range archive.File {
		r, err := part.Open()
		require.NoError(t, err)
		_, err = io.Copy(&all, r)
		require.NoError(t, err)
		require.NoError(t, r.Close())
	}
	return all.Bytes()
}

// requireCanary holds prod to have its canary there, or none, and every behavior to the API to run its function.
func requireCanary(t *testing.T, aws *awstest.Server, domain string) {
	t.Helper()
	_, d := sent[wireDistribution](t, aws, "Distribution")
	const arn = "arn:aws:cloudfront::" + awstest.AccountID + ":function/" + callersOfProd
	failover := arn + "-failover"
	if domain == "" {
		failover = arn
		require.False(t, slices.ContainsFunc(d.Origins, func(o wireOrigin) bool { return o.ID == "api-canary" }))
	} else {
		require.Equal(t, domain, d.origin("api-canary").Domain)
	}
	require.Equal(t, []string{arn}, d.Default.Functions)
	require.Equal(t, []string{arn}, d.behavior("/inference.GRPCInferenceService/*").Functions)
	require.Equal(t, []string{failover}, d.behavior("/v1/models*").Functions)
	require.Empty(t, d.behavior("/models/*").Functions)
}
