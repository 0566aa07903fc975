//go:build unix

package stacks_test

import (
	"encoding/json"
	"io"
	"net/http/httptest"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/stretchr/testify/require"
)

const (
	stateBucket = "acme-terraform-state"
	stateKey    = "ml-api/dev.tfstate"
	lockKey     = stateKey + ".tflock"
	stateConfig = `{"context": {"accelerator": {
		"name": "ml-api",
		"state": {"bucket": "` + stateBucket + `", "region": "eu-central-1"},
		"environments": {"dev": {"region": "us-east-1", "api": {"domainName": "inference.example.com"}}}
	}}}`
)

// TestStateBackend runs Terraform with the backend block as synthesized, against a fake of S3.
func TestStateBackend(t *testing.T) {
	terraform := needTerraform(t)
	var stack struct {
		Terraform struct{ Backend struct{ S3 json.RawMessage } }
	}
	require.NoError(t, json.Unmarshal(synthesize(t, stateConfig)["ml-api-dev"], &stack))
	backend := stack.Terraform.Backend.S3
	require.NotEmpty(t, backend, "the stack must have an S3 backend")

	t.Run("an apply leaves the state under its key and nothing else", func(t *testing.T) {
		s3 := newFakeS3(t)
		alice := newOperator(t, terraform, backend, s3.url)
		alice.apply(t, "1")
		require.Equal(t, []string{stateKey}, s3.keys(t))
		require.Equal(t, "1", s3.state(t).revision())
	})

	t.Run("a running apply locks the state", func(t *testing.T) {
		s3 := newFakeS3(t)
		alice, bob := newOperator(t, terraform, backend, s3.url), newOperator(t, terraform, backend, s3.url)
		running := alice.startApply(t, "alice's")
		refused := bob.refusedApply(t, "bob's")
		require.Equal(t, s3.lock(t), refused, "the refusal must name the holder")
		alice.finishApply(t, running)
		require.Equal(t, []string{stateKey}, s3.keys(t), "the lock must be gone")
		require.Equal(t, "alice's", s3.state(t).revision())
	})

	t.Run("a killed apply leaves the last state and a lock that can be forced", func(t *testing.T) {
		s3 := newFakeS3(t)
		alice, bob := newOperator(t, terraform, backend, s3.url), newOperator(t, terraform, backend, s3.url)
		alice.apply(t, "1")
		before := s3.state(t)
		kill(t, alice.startApply(t, "2"))
		require.Equal(t, []string{stateKey, lockKey}, s3.keys(t), "the lock must stay")

		refused := bob.refusedApply(t, "3")
		require.NoError(t, bob.ForceUnlock(t.Context(), refused.ID))
		require.Equal(t, []string{stateKey}, s3.keys(t), "the lock must be gone")
		require.Equal(t, before, s3.state(t), "the state must be that of the last completed apply")

		bob.apply(t, "3")
		after := s3.state(t)
		require.Equal(t, "3", after.revision())
		require.Equal(t, before.Lineage, after.Lineage, "the state must be the same one, carried on")
		require.Greater(t, after.Serial, before.Serial)
		require.Equal(t, []string{stateKey}, s3.keys(t))
	})
}

// state is what is checked of a Terraform state.
type state struct {
	Serial    int
	Lineage   string
	Resources []any
	Outputs   map[string]struct{ Value string }
}

func (s state) revision() string { return s.Outputs["revision"].Value }

// lock is what Terraform writes and says about the holder of a lock.
type lock struct{ ID, Operation, Who string }

// fakeS3 is an S3 in memory that has the state bucket.
type fakeS3 struct {
	gofakes3.Backend
	url string
}

func newFakeS3(t *testing.T) fakeS3 {
	t.Helper()
	s3 := fakeS3{Backend: s3mem.New()}
	require.NoError(t, s3.CreateBucket(stateBucket))
	server := httptest.NewServer(gofakes3.New(s3.Backend).Server())
	t.Cleanup(server.Close)
	s3.url = server.URL
	return s3
}

func (s3 fakeS3) keys(t *testing.T) []string {
	t.Helper()
	list, err := s3.ListBucket(stateBucket, nil, gofakes3.ListBucketPage{})
	require.NoError(t, err)
	var keys []string
	for _, object := range list.Contents {
		keys = append(keys, object.Key)
	}
	return keys
}

func (s3 fakeS3) state(t *testing.T) (s state) {
	t.Helper()
	s3.read(t, stateKey, &s)
	return s
}

func (s3 fakeS3) lock(t *testing.T) (l lock) {
	t.Helper()
	s3.read(t, lockKey, &l)
	return l
}

func (s3 fakeS3) read(t *testing.T, key string, v any) {
	t.Helper()
	object, err := s3.GetObject(stateBucket, key, nil)
	require.NoError(t, err, key)
	defer object.Contents.Close()
	data, err := io.ReadAll(object.Contents)
	require.NoError(t, err, key)
	require.NoError(t, json.Unmarshal(data, v), "%s: %s", key, data)
}
