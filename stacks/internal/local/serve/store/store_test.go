package store

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// put keeps an answer with so many bytes.
func put(t *testing.T, s *Store, key string, size int) {
	t.Helper()
	b := s.NewBody()
	b.Unread()
	_, err := b.Write(make([]byte, size))
	b.Finish(err) // errLeft if it is too large
	s.Put(key, &Answer{Status: 200, Header: http.Header{"Content-Type": {"text/plain"}}, Body: b})
	b.Leave()
}

// whichever answer is usable.
func whichever(*Answer) bool { return true }

// has leaves what it finds.
func has(s *Store, key string) bool {
	a := s.Get(key, whichever)
	if a != nil {
		a.Body.Leave()
	}
	return a != nil
}

func forget(s *Store, key string) {
	if a := s.Get(key, whichever); a != nil {
		s.Delete(key, a)
		a.Body.Leave()
	}
}

func files(t *testing.T, s *Store) int {
	t.Helper()
	left, err := os.ReadDir(s.Dir())
	require.NoError(t, err)
	return len(left)
}

// TestPut keeps what was asked for last, in memory and in files.
func TestPut(t *testing.T) {
	for name, size := range map[string]int{"memory": 100_000, "disk": 2_000_000} {
		t.Run(name, func(t *testing.T) {
			s, err := New(350_000, 6_100_000)
			require.NoError(t, err)
			for _, key := range []string{"a", "b", "c"} {
				put(t, s, key, size)
			}
			require.True(t, has(s, "a"))
			put(t, s, "d", size)
			require.True(t, has(s, "a"), "it was asked for")
			require.False(t, has(s, "b"), "nobody has asked for it for longest")
			require.True(t, has(s, "c"))
			require.True(t, has(s, "d"))

			former := s.Get("a", whichever)
			put(t, s, "a", size)
			require.False(t, s.Has("a", former))
			former.Body.Leave()
			forget(s, "c")
			forget(s, "c")
			require.False(t, has(s, "c"))
			require.True(t, s.Has("c", nil))
			memory, disk := s.Bytes()
			require.InDelta(t, 2*size, memory+disk, 2*(overhead+100))
			if name == "disk" {
				require.Equal(t, 2, files(t, s))
			}
			require.NoError(t, s.Close())
			memory, disk = s.Bytes()
			require.Zero(t, memory+disk)
			_, err = os.Stat(s.Dir())
			require.ErrorIs(t, err, os.ErrNotExist)
		})
	}
}

// TestTooLarge isn't kept, and takes the place of what isn't the right answer any more.
func TestTooLarge(t *testing.T) {
	s, err := New(100_000, 1_500_000)
	require.NoError(t, err)
	for size, fits := range map[int]bool{1_000: true, 99_000: false, 1_400_000: true, 1_600_000: false} {
		put(t, s, "a", 10)
		put(t, s, "a", size)
		require.Equal(t, fits, has(s, "a"), size)
		forget(s, "a")
	}
	require.True(t, s.Fits(100_000))
	require.False(t, s.Fits(100_001))
	require.True(t, s.Fits(1_500_000))
	require.False(t, s.Fits(1_500_001))
	require.True(t, s.Fits(-1), "nobody knows yet")
	require.NoError(t, s.Close())
}

// TestBodyTwice keeps one body under two answers after each other, as one does that was renewed.
func TestBodyTwice(t *testing.T) {
	s, err := New(100_000, 3_000_000)
	require.NoError(t, err)
	put(t, s, "a", 2_000_000)
	former := s.Get("a", whichever)
	renewed := *former
	s.Put("a", &renewed)
	former.Body.Leave()
	require.True(t, s.Has("a", &renewed))
	require.Equal(t, 1, files(t, s))
	s.Delete("a", former)
	require.True(t, s.Has("a", &renewed), "it is another answer")
	s.Delete("a", &renewed)
	require.Equal(t, 0, files(t, s))
	require.False(t, former.Body.Use())
	s.Put("a", &renewed) // its file is gone
	require.False(t, has(s, "a"))
	require.NoError(t, s.Close())
}

// TestManyKeys are put, found and forgotten by many at once.
func TestManyKeys(t *testing.T) {
	const limit = 500_000
	s, err := New(limit, 5_000_000)
	require.NoError(t, err)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 500 {
				key := fmt.Sprint(rand.IntN(200))
				switch size := 5_000; rand.IntN(10) {
				case 0:
					forget(s, key)
				case 1:
					size = 1_100_000
					fallthrough
				case 2, 3, 4:
					put(t, s, key, size)
				default:
					has(s, key)
				}
				if memory, disk := s.Bytes(); memory > limit || disk > 5_000_000 {
					t.Errorf("%d and %d bytes", memory, disk)
				}
			}
		})
	}
	all.Wait()
	require.LessOrEqual(t, files(t, s), 4)
	for i := range 200 {
		forget(s, fmt.Sprint(i))
	}
	memory, disk := s.Bytes()
	require.Zero(t, memory+disk)
	require.Zero(t, files(t, s))
	require.NoError(t, s.Close())
}

// TestLaterDeployment has an answer of a former one not take the place of a later one's.
func TestLaterDeployment(t *testing.T) {
	s, err := New(1<<20, 1<<20)
	require.NoError(t, err)
	put := func(deployment int) *Answer {
		b := s.NewBody()
		b.Finish(nil)
		a := &Answer{Status: 200, Body: b, Deployment: deployment}
		s.Put("a", a)
		b.Leave()
		return a
	}
	put(1)
	later := put(2)
	put(1)
	require.True(t, s.Has("a", later))
	require.Nil(t, s.Get("a", func(a *Answer) bool { return a.Deployment != 2 }))
	require.True(t, s.Has("a", nil), "it is forgotten")
	require.NoError(t, s.Close())
}
