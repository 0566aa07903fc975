package cli_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/awstest"
	"ml-api-accelerator/stacks/internal/shared/callers"
)

const (
	keyed     = "testdata/keys.json"
	devsStore = "example-dev-api"
)

// deployedStores is a stand-in of AWS, to which the environment leads, with the store of each environment named.
func deployedStores(t *testing.T, stores ...string) *awstest.Server {
	t.Helper()
	s := awstest.StartCloudFront(t)
	s.Setenv(t)
	for _, name := range stores {
		s.CreateKeyValueStore(t, name)
	}
	return s
}

// keep puts a key into dev's store and returns its id.
func keep(s *awstest.Server, key, name string, created, expires time.Time) string {
	k := callers.Key{Hash: callers.Hash(key), Name: name, Created: created, Expires: expires}
	s.PutPair(devsStore, k.Hash, k.Value())
	return k.ID()
}

func TestKeyCompletion(t *testing.T) {
	for _, args := range [][]string{{"key", "add", "-c", keyed, ""}, {"key", "list", "-c", keyed, ""}, {"key", "remove", "-c", keyed, ""}, {"canary", "-c", keyed, ""}} {
		_, stdout, _ := run(append([]string{"__completeNoDesc"}, args...)...)
		require.Equal(t, "dev\nelsewhere\nopen\nplain\n:4\n", stdout)
	}
	for _, args := range [][]string{{"key", "add", "-c", keyed, "dev", ""}, {"key", "remove", "dev", "a", "--id", ""}, {"key", "add", "dev", "a", "--expires", ""}} {
		_, stdout, _ := run(append([]string{"__completeNoDesc"}, args...)...)
		require.Equal(t, ":4\n", stdout)
	}
}
