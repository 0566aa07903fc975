package cli

import (
	"crypto/sha256"
	"io/fs"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// watched is a file of which somebody wants to know whether it has changed. It is looked at when they ask, so that
// nothing runs meanwhile.
type watched struct {
	name string
	last atomic.Pointer[sight]

	mutex  sync.Mutex // held while a change is taken on
	failed bool       // whether that failed
}

// sight is what a file was like.
type sight struct {
	at      time.Time
	info    fs.FileInfo // nil: there was none
	failure string      // why it couldn't be read; empty: it could
	sum     [sha256.Size]byte
}

// coarsest is how far apart two changes may be and still have one time (that of FAT).
const coarsest = 2 * time.Second

// watch returns a file as it is now.
func watch(name string) *watched {
	w := &watched{name: name}
	w.last.Store(see(name))
	return w
}

func see(name string) *sight {
	s := &sight{at: time.Now()}
	info, err := os.Stat(name) // first: what is written meanwhile has a later time
	if err == nil {
		var text []byte
		text, err = os.ReadFile(name)
		s.info, s.sum = info, sha256.Sum256(text)
	}
	if err != nil {
		s.failure = err.Error()
	}
	return s
}

// like reports whether a file has the size and time that it had, and is the same one.
func (s *sight) like(info fs.FileInfo, err error) bool {
	if err != nil || s.info == nil {
		return s.info == nil && err != nil && s.failure == err.Error()
	}
	return info.Size() == s.info.Size() && info.ModTime().Equal(s.info.ModTime()) && os.SameFile(info, s.info)
}

// certain reports whether a file that is like this has the same content: it was written so long before that another
// change would have another time.
func (s *sight) certain() bool {
	return s.info == nil || s.failure == "" && s.info.ModTime().Add(coarsest).Before(s.at)
}

// take calls do if the content of the file isn't what it was, or if the file was saved once more and do has failed before.
// Whoever asks meanwhile waits: all who ask after a change find it taken on. do reports whether it succeeds.
func (w *watched) take(do func() bool) {
	if last := w.last.Load(); last.certain() && last.like(os.Stat(w.name)) {
		return
	}
	w.mutex.Lock()
	defer w.mutex.Unlock()
	last := w.last.Load()
	now := see(w.name)
	saved := now.info != nil && !last.like(now.info, nil)
	if now.sum != last.sum || now.failure != last.failure || saved && w.failed {
		w.failed = !do()
	}
	w.last.Store(now)
}
