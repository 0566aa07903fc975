package terminal

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// Progress is a line on a terminal that tells what takes longer than a second, and goes when it is done.
type Progress struct {
	out     io.Writer
	mutex   sync.Mutex
	what    string
	begun   time.Time
	shown   bool
	stopped chan struct{}
	done    chan struct{}
}

const eraseLine = "\r\x1b[K"

// Start begins with what is under way. Where out is no terminal nothing is shown.
func Start(out io.Writer, what string) *Progress {
	p := &Progress{out: out, what: what, begun: time.Now(), stopped: make(chan struct{}), done: make(chan struct{})}
	if !Is(out) {
		close(p.done)
		return p
	}
	go func() {
		defer close(p.done)
		each := time.NewTicker(time.Second)
		defer each.Stop()
		for {
			select {
			case <-p.stopped:
				return
			case <-each.C:
				p.show()
			}
		}
	}()
	return p
}

// Tell says what is under way from now on.
func (p *Progress) Tell(what string) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.what = Harmless(what)
}

// Write writes above the line.
func (p *Progress) Write(text []byte) (int, error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.erase()
	return p.out.Write(text)
}

// Stop takes the line away.
func (p *Progress) Stop() {
	close(p.stopped)
	<-p.done
	p.erase()
}

func (p *Progress) show() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	fmt.Fprintf(p.out, "%s%s, %d s", eraseLine, p.what, int(time.Since(p.begun).Seconds()))
	p.shown = true
}

func (p *Progress) erase() {
	if p.shown {
		fmt.Fprint(p.out, eraseLine)
		p.shown = false
	}
}
