package moto

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestCallsOneByOne(t *testing.T) {
	var now, most atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		most.Store(max(most.Load(), now.Add(1)))
		time.Sleep(time.Millisecond) // long enough for another call to come, were it sent
		now.Add(-1)
	}))
	defer server.Close()
	at, err := url.Parse(server.URL)
	require.NoError(t, err)
	m := newServer(at)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 5 {
				m.BucketExists("models")
			}
		})
	}
	group.Wait()
	require.EqualValues(t, 1, most.Load())
}
