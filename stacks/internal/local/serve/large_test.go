package serve

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/shared/longtest"
)

// period is a prime, so that bytes in a wrong place show.
const period = 65521

// pattern is what large objects repeat.
var pattern = func() []byte {
	p := make([]byte, 2*period)
	for i := range p {
		p[i] = byte((i%period)>>8*7) ^ byte(i%period)
	}
	return p
}()

// large is an origin with an object of a size. It says how large it is, unless the query is "chunked".
func large(size int64) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "max-age=60")
		if r.URL.RawQuery != "chunked" {
			w.Header().Set("Content-Length", strconv.FormatInt(size, 10))
		}
		for sent := int64(0); sent < size; {
			n, err := w.Write(pattern[:min(period, size-sent)])
			if err != nil {
				return
			}
			sent += int64(n)
		}
	}
}

// checker counts what it gets, which must be the pattern from an offset on.
type checker struct{ offset, got int64 }

func (c *checker) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		at := (c.offset + c.got) % period
		n := min(int64(len(rest)), period)
		if !bytes.Equal(rest[:n], pattern[at:at+n]) {
			return 0, fmt.Errorf("wrong bytes at %d", c.offset+c.got)
		}
		rest, c.got = rest[n:], c.got+n
	}
	return len(p), nil
}

// download has a large object, and says how the edge came by it and how many bytes came.
func (s *standIn) download(path, bytesRange string, offset int64) (says string, err error) {
	r, _ := http.NewRequest(http.MethodGet, s.URL+path, nil)
	r.Header.Set("Accept-Encoding", "identity")
	if bytesRange != "" {
		r.Header.Set("Range", bytesRange)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	c := &checker{offset: offset}
	_, err = io.CopyBuffer(struct{ io.Writer }{c}, answer.Body, make([]byte, 256<<10))
	return fmt.Sprintf("%d %s %d", answer.StatusCode, answer.Header.Get("X-Cache"), c.got), err
}

// most is the largest value that something has until stop is called.
func most(value func() int64) (stop func() int64) {
	ended, result := make(chan bool), make(chan int64)
	go func() {
		largest := value()
		for {
			select {
			case <-ended:
				result <- largest
				return
			case <-time.After(20 * time.Millisecond):
				largest = max(largest, value())
			}
		}
	}()
	return func() int64 {
		close(ended)
		return <-result
	}
}

// onDisk is how many bytes the edge has in files.
func (s *standIn) onDisk() int64 {
	files, _ := filepath.Glob(filepath.Join(s.edge.store.Dir(), "*"))
	var bytes int64
	for _, file := range files {
		if info, err := os.Stat(file); err == nil { // or it has just been removed
			bytes += info.Size()
		}
	}
	return bytes
}

// TestLongTwoGigabytes go through, and come from the cache as a whole and in part, within 100 MB of memory.
func TestLongTwoGigabytes(t *testing.T) {
	longtest.Only(t, "moves 4 GB")
	const size = 2 << 30
	s := serveFor(t, large(size), func(o *Options) { o.DiskBytes = size + 1<<20 }, patientRoute(cachedRoute()))
	runtime.GC()
	before := heap()
	for _, r := range []struct {
		bytes  string
		offset int64
		want   string
	}{
		{"", 0, "200 Miss from cloudfront 2147483648"},
		{"", 0, "200 Hit from cloudfront 2147483648"},
		{"bytes=2000000000-2000999999", 2000000000, "206 Hit from cloudfront 1000000"},
	} {
		begun, stop := time.Now(), most(heap)
		got, err := s.download("/", r.bytes, r.offset)
		used := stop() - before
		require.NoError(t, err)
		require.Equal(t, r.want, got)
		require.Less(t, used, int64(100<<20))
		t.Logf("%s: %d MB in %s", got, used>>20, time.Since(begun).Round(time.Millisecond))
	}
	_, disk := s.edge.store.Bytes()
	require.InDelta(t, size, disk, 10_000)
	require.Equal(t, int64(size), s.onDisk())
	require.Equal(t, 1, s.times())
}

// TestLongerThanDisk goes through to all who ask, isn't kept, and doesn't take more of the disk than it may.
func TestLongerThanDisk(t *testing.T) {
	const size, limit, callers = 200 << 20, 16 << 20, 3
	for _, r := range []struct {
		path   string
		onDisk int64
	}{{"/", 0}, {"/?chunked", limit}} {
		s := serveFor(t, large(size), func(o *Options) { o.DiskBytes = limit }, patientRoute(cachedRoute()))
		runtime.GC()
		before := heap()
		memory, disk := most(heap), most(s.onDisk)
		var all sync.WaitGroup
		for range callers {
			all.Go(func() {
				if got, err := s.download(r.path, "", 0); err != nil || got[3:] != " Miss from cloudfront 209715200" && got[3:] != " Hit from cloudfront 209715200" {
					t.Errorf("%s %v", got, err)
				}
			})
		}
		all.Wait()
		require.Less(t, memory()-before, int64(100<<20))
		largest := disk()
		require.LessOrEqual(t, largest, r.onDisk, r.path)
		require.Equal(t, r.onDisk > 0, largest > 0, r.path)

		got, err := s.download(r.path, "", 0)
		require.NoError(t, err)
		require.Equal(t, "200 Miss from cloudfront 209715200", got)
		require.Eventually(t, func() bool { return s.onDisk() == 0 }, time.Minute, time.Millisecond)
		memoryKept, diskKept := s.edge.store.Bytes()
		require.Zero(t, memoryKept+diskKept)
		s.mutex.Lock()
		for _, x := range s.exchanges {
			require.False(t, x.Stored)
			if x.Result.XCache() == "Miss from cloudfront" {
				require.Equal(t, errTooLong.Error(), x.Why)
			}
		}
		s.mutex.Unlock()
	}
}

// TestManyLargeAtOnce share the disk, and those for which there is none go through.
func TestManyLargeAtOnce(t *testing.T) {
	const size, limit, callers = 24 << 20, 32 << 20, 10
	s := serveFor(t, large(size), func(o *Options) { o.DiskBytes = limit }, patientRoute(cachedRoute()))
	disk := most(s.onDisk)
	var all sync.WaitGroup
	for i := range callers {
		all.Go(func() {
			if got, err := s.download(fmt.Sprintf("/%d?chunked", i), "", 0); err != nil || got != "200 Miss from cloudfront 25165824" {
				t.Errorf("%s %v", got, err)
			}
		})
	}
	all.Wait()
	require.LessOrEqual(t, disk(), int64(2*limit), "what is kept, and what is being written")
}

// TestNoDisk lets large answers through, and doesn't keep them.
func TestNoDisk(t *testing.T) {
	const size = 10 << 20
	for _, path := range []string{"/", "/?chunked"} {
		s := serveFor(t, large(size), nil, patientRoute(cachedRoute()))
		require.NoError(t, os.RemoveAll(s.edge.store.Dir()))
		for range 2 {
			got, err := s.download(path, "", 0)
			require.NoError(t, err)
			require.Equal(t, "200 Miss from cloudfront 10485760", got)
		}
		require.Equal(t, 2, s.times())
	}
}

func TestNoTemporaryFolder(t *testing.T) {
	noLeaks(t)
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "none"))
	route := cachedRoute()
	route.Origin.S3 = true
	models := t.TempDir()
	_, err := New(distributionOf(route), Options{Models: models})
	require.ErrorIs(t, err, os.ErrNotExist)
	require.Empty(t, openBelow(models))
}
