package inspect

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// pace is how events are sent.
type pace struct {
	pause     time.Duration // changes in so short a time are one event
	heartbeat time.Duration // a connection on which nothing is sent looks dead to what is between
	patience  time.Duration // a browser that takes nothing for so long is left; it comes back with the last id it has
}

var usualPace = pace{50 * time.Millisecond, 15 * time.Second, 10 * time.Second}

// serveEvents sends what a browser lacks, and then what changes, until it leaves (HTML Standard, Server-sent events). A slow
// browser gets fewer events, not older ones: each has how things stand when it is sent.
func (i *Inspector) serveEvents(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	send := func(text string) bool {
		control := http.NewResponseController(w)
		_ = control.SetWriteDeadline(time.Now().Add(i.pace.patience)) // where there are none, a connection ends otherwise
		_, err := fmt.Fprint(w, text)
		return err == nil && control.Flush() == nil
	}
	beat := time.NewTicker(i.pace.heartbeat)
	defer beat.Stop()
	known, text := i.known(r.Header.Get("Last-Event-ID")), "retry: 1000\n\n"
	for {
		s, anew, version, changed := i.since(known)
		known = version
		if s != nil {
			text += i.event(s, anew, version)
		}
		if !send(text) {
			return
		}
		select {
		case <-r.Context().Done():
			return
		case <-beat.C:
			text = ":\n\n"
			continue
		case <-changed:
			text = ""
		}
		select {
		case <-r.Context().Done():
			return
		case <-time.After(i.pace.pause):
		}
	}
}

func (i *Inspector) event(s *state, anew bool, version uint64) string {
	name := "update"
	if anew {
		name = "state"
	}
	data, _ := json.Marshal(s) // has nothing that can't be marshaled
	return fmt.Sprintf("event: %s\nid: %s-%d\ndata: %s\n\n", name, i.instance, version, data)
}

// known is the version that a browser has; 0: none of this run.
func (i *Inspector) known(id string) uint64 {
	if number, found := strings.CutPrefix(id, i.instance+"-"); found {
		version, _ := strconv.ParseUint(number, 10, 64)
		return version
	}
	return 0
}
