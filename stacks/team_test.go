package stacks_test

import (
	"cmp"
	"context"
	"crypto/tls"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/awstest"
	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/local/examplebackend/echo"
	"ml-api-accelerator/stacks/internal/local/serve"
)

// team is people with a copy of the program, and its cdktf.json.
type team struct {
	program
	environments object
}

func (us team) bucket() string { return "acme-state" }

func (us team) prod() object { return us.environments["prod"].(object) }

// save writes cdktf.json.
func (us team) save(t *testing.T) {
	t.Helper()
	text, err := json.Marshal(object{"context": object{"accelerator": object{"name": "ml-api",
		"state": object{"bucket": us.bucket(), "region": "us-east-1"}, "environments": us.environments}}})
	require.NoError(t, err)
	write(t, filepath.Join(us.dir, "cdktf.json"), string(text))
}

// edit replaces a text wherever it is.
func (us team) edit(t *testing.T, from, to string) {
	t.Helper()
	text, err := json.Marshal(us.environments)
	require.NoError(t, err)
	require.Contains(t, string(text), from)
	require.NoError(t, json.Unmarshal([]byte(strings.ReplaceAll(string(text), from, to)), &us.environments))
}

// add adds the items of lists to those of prod.
func (us team) add(t *testing.T, lists string) {
	t.Helper()
	for name, items := range members(t, lists) {
		us.prod()[name] = append(us.prod()[name].([]any), items.([]any)...)
	}
}

// addCanary takes the canary of an API, with another share.
func (us team) addCanary(t *testing.T, api, share string) {
	t.Helper()
	canary := members(t, api)["api"].(object)["canary"].(object)
	maps.Copy(canary, members(t, share))
	us.prod()["api"].(object)["canary"] = canary
}

// members are those of an object, as a README prints them.
func members(t *testing.T, printed string) (o object) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte("{"+printed+"}"), &o), printed)
	return o
}

// stack is one as synthesized.
func (us team) stack(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(us.dir, "cdktf.out", "stacks", name, stackFile))
	require.NoError(t, err)
	return text
}

// newBackend is a version of the example's backend that says which it is and whom it answers, if the edge asks.
func newBackend(t *testing.T, version, secret string) (url string) {
	t.Helper()
	model := echo.Handler(func(context.Context) {})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Origin-Verify") != secret {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		w.Header().Set("X-Answered", version+" for "+r.Header.Get("X-Caller"))
		model.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// newDeployment is the stack that a command of the cdktf CLI is about, as synthesized.
func (us team) newDeployment(t *testing.T, aws *awstest.Server, command string) deployment {
	t.Helper()
	text := us.stack(t, command[strings.LastIndex(command, " ")+1:])
	return newDeployment(t, aws, text, patience(t, text))
}

func (d deployment) output(t *testing.T, name string) string {
	t.Helper()
	return d.state(t).Outputs[name].Value.(string)
}

// serveDeployed answers as the edge of a stack whose functions are published, with the key value store that AWS has at
// the time.
func serveDeployed(t *testing.T, aws *awstest.Server, stack []byte, o serve.Options) (at string) {
	t.Helper()
	for _, function := range parse(t, stack).Resource["aws_cloudfront_function"] {
		require.Equal(t, function["code"], aws.FunctionCode(function["name"].(string)))
	}
	d, err := edge.Parse(stack)
	require.NoError(t, err)
	server, err := serve.New(d, o)
	require.NoError(t, err)
	listener := httptest.NewTLSServer(server)
	t.Cleanup(func() {
		listener.Close()
		require.NoError(t, server.Close())
	})
	return listener.URL
}

// deployedStore is a key value store in AWS.
type deployedStore struct {
	aws  *awstest.Server
	name string
}

func (s deployedStore) Get(key string) (value string, found bool, err error) {
	value, found = s.aws.Pairs(s.name)[key]
	return value, found, nil
}

func parseURL(t *testing.T, text string) *url.URL {
	t.Helper()
	u, err := url.Parse(text)
	require.NoError(t, err)
	return u
}

// answer is what a caller gets: which backend answered for whom, or what the edge says.
type answer struct {
	status int
	said   string
}

// chat has a caller send a question, with a key if it isn't empty.
func chat(t *testing.T, at, key string) answer {
	t.Helper()
	const question = `{"model": "echo", "messages": [{"role": "user", "content": "hello"}]}`
	a, _ := send(t, http.MethodPost, at+"/v1/chat/completions", key, question)
	return a
}

// send also returns what the edge says about its cache.
func send(t *testing.T, method, url, key, body string) (a answer, xCache string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	require.NoError(t, err)
	if key != "" {
		r.Header.Set("Authorization", "Bearer "+key)
	}
	response, err := trusting.Do(r)
	require.NoError(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	a = answer{response.StatusCode, cmp.Or(response.Header.Get("X-Answered"), string(text))}
	return a, response.Header.Get("X-Cache")
}

var trusting = http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
