// Package publish brings a folder of files into a bucket, so that callers see the page as it was, or as it is now.
package publish

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"ml-api-accelerator/stacks/internal/live/awsclient"
	"ml-api-accelerator/stacks/internal/shared/webfiles"
)

// Place is where a page is.
type Place struct {
	Stack, Bucket, Region, Distribution string
	Prefix                              string   // what its keys begin with: empty, or such as ui/
	Paths                               []string // what the paths of its files begin with: /, or such as /ui/
}

// Options say how to publish.
type Options struct {
	Prune  bool // also delete what the folder doesn't have
	DryRun bool // only say what would be done
	Tell   func(Progress)
	Pause  time.Duration // between two questions whether an invalidation is completed
}

// Progress is how far it is.
type Progress struct {
	Doing         string
	Done, All     int
	DoneBytes, Of int64
}

// Kinds of changes.
const (
	New     = "new"
	Changed = "changed"
	Gone    = "gone" // from the folder
)

// Change is a file of which the bucket has something else.
type Change struct {
	Name   string `json:"name"`
	Change string `json:"change"`
	Bytes  int64  `json:"bytes"`
	file   File
}

// Stage says what callers get.
type Stage int

// The stages.
const (
	Untouched Stage = iota // nothing was changed
	Before                 // the page as it was
	Unknown                // index.html was sent, and no answer came
	Up                     // the page as it is now
)

// Result is what was done, or would be.
type Result struct {
	Changes       []Change // in the order in which they are made
	Unchanged     int
	Stays         []string       // gone from the folder, not deleted
	InPlace       []string       // changed under a name that the page before knows, too
	Invalidations []Invalidation // none in a dry run, whose
	Paths         []string       // say what would be invalidated
	Stage         Stage
}

// atOnce is how many requests are under way at a time.
const atOnce = 6

// Run publishes a folder. All that index.html needs is there before it is, and nothing is deleted before the edge has
// forgotten the one before. Whatever it is interrupted by, running it again completes it.
func Run(
	ctx context.Context, cfg aws.Config, as aws.Credentials, place Place, folder Folder, options Options,
) (Result, error) {
	bucket, err := awsclient.OpenBucket(ctx, cfg, as, place.Bucket, place.Region)
	if err != nil {
		return Result{}, err
	}
	r := run{Place: place, Options: options, bucket: bucket, client: client{cfg, as}}
	if err := r.compare(ctx, folder); err != nil || options.DryRun {
		return r.result, err
	}
	err = r.publish(ctx)
	return r.result, err
}

type run struct {
	Place
	Options
	bucket awsclient.Bucket
	client client
	known  map[string]object
	left   pending // of a run before
	mutex  sync.Mutex
	done   Progress
	result Result
}

// compare finds out what has changed: content, type, or how long it is kept.
func (r *run) compare(ctx context.Context, folder Folder) (err error) {
	r.tell(Progress{Doing: "comparing"})
	if r.known, err = list(ctx, r.bucket, r.Prefix); err != nil {
		return err
	}
	if r.left, err = readPending(ctx, r.bucket, r.Stack); err != nil {
		return err
	}
	same := make([]bool, len(folder.Files))
	var ask []int
	local := map[string]bool{}
	for i, f := range folder.Files {
		key := r.Prefix + f.Name
		local[key] = true
		if o, there := r.known[key]; there && o.Size == f.size {
			ask = append(ask, i)
		}
	}
	r.done = Progress{Doing: "comparing", All: len(ask)}
	if err := each(ctx, ask, func(ctx context.Context, i int) (err error) {
		same[i], err = isThere(ctx, r.bucket, r.Prefix+folder.Files[i].Name, folder.Files[i])
		r.one(0)
		return err
	}); err != nil {
		return err
	}
	for i, f := range folder.Files {
		_, there := r.known[r.Prefix+f.Name]
		switch {
		case same[i]:
			r.result.Unchanged++
		case there:
			r.add(Changed, f)
		default:
			r.add(New, f)
		}
	}
	slices.SortStableFunc(r.result.Changes, func(a, b Change) int { return int(a.turn() - b.turn()) })
	for _, key := range slices.Sorted(maps.Keys(r.known)) {
		name := strings.TrimPrefix(key, r.Prefix)
		switch {
		case local[key] || isMarker(key):
		case r.Prune:
			r.result.Changes = append(r.result.Changes, Change{Name: name, Change: Gone, Bytes: r.known[key].Size})
		default:
			r.result.Stays = append(r.result.Stays, name)
		}
	}
	r.result.Paths = r.few(slices.Concat(r.left.Paths, r.forgotten(Changed), r.forgotten(Gone)))
	return nil
}

func (r *run) add(kind string, f File) {
	c := Change{f.Name, kind, f.size, f}
	r.result.Changes = append(r.result.Changes, c)
	if kind == Changed && !isHTML(f.Name) {
		r.result.InPlace = append(r.result.InPlace, f.Name)
	}
}

// turn says which changes are made together, before those that need them.
type turn int

const (
	newFiles     turn = iota
	changedFiles      // as late as can be: the page as it was gets them, too
	otherPages
	entryPage
	goneFiles
)

func (c Change) turn() turn {
	switch {
	case c.Change == Gone:
		return goneFiles
	case c.Name == entry:
		return entryPage
	case isHTML(c.Name):
		return otherPages
	case c.Change == Changed:
		return changedFiles
	}
	return newFiles
}

// forgotten returns the paths of what the edge may have kept. What is deleted may stay there if it never changes.
func (r *run) forgotten(kind string) (all []string) {
	for _, c := range r.result.Changes {
		if c.Change == kind && (kind != Gone || !webfiles.NeverChanges(c.Name)) {
			all = append(all, r.paths(c.Name)...)
		}
	}
	return all
}

// publish makes the changes.
func (r *run) publish(ctx context.Context) error {
	if len(r.result.Changes) == 0 && len(r.left.Paths) == 0 {
		r.result.Stage = Up
		return nil
	}
	if len(r.result.Paths) > 0 && len(r.result.Changes) > 0 {
		if err := writePending(ctx, r.bucket, r.Stack, pending{r.result.Paths}); err != nil {
			return err
		}
	}
	r.result.Stage = Before
	if err := r.write(ctx); err != nil {
		return err
	}
	r.result.Stage = Up
	if err := r.forget(ctx, slices.Concat(r.left.Paths, r.forgotten(Changed)), r.Prune); err != nil {
		return err
	}
	if err := r.delete(ctx); err != nil {
		return err
	}
	if err := r.forget(ctx, r.forgotten(Gone), false); err != nil {
		return err
	}
	if len(r.result.Paths) > 0 {
		return remove(ctx, r.bucket, PendingKey(r.Stack))
	}
	return nil
}

// write writes the files, each kind when all before it are there.
func (r *run) write(ctx context.Context) error {
	r.done = Progress{Doing: "publishing"}
	for _, c := range r.result.Changes {
		if c.Change != Gone {
			r.done.All, r.done.Of = r.done.All+1, r.done.Of+c.Bytes
		}
	}
	for of := range goneFiles {
		if err := each(ctx, r.in(of), func(ctx context.Context, c Change) error {
			if err := r.put(ctx, c); err != nil {
				return err
			}
			r.one(c.Bytes)
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) in(of turn) (list []Change) {
	for _, c := range r.result.Changes {
		if c.turn() == of {
			list = append(list, c)
		}
	}
	return list
}

// put writes a file. index.html is only written if it is still what was compared: otherwise two who publish at a time
// could leave the page of one, and the files of the other.
func (r *run) put(ctx context.Context, c Change) error {
	key := r.Prefix + c.Name
	if c.Name != entry {
		return write(ctx, r.bucket, key, c.file, nil)
	}
	condition := http.Header{"If-None-Match": {"*"}}
	if o, there := r.known[key]; there {
		condition = http.Header{"If-Match": {o.ETag}}
	}
	r.result.Stage = Unknown
	err := write(ctx, r.bucket, key, c.file, condition)
	if errors.Is(err, awsclient.ErrChanged) {
		if ours, asked := isThere(ctx, r.bucket, key, c.file); asked != nil || ours { // an answer was lost
			return asked
		}
		r.result.Stage = Before
		return fmt.Errorf("%s was changed by somebody else meanwhile: publish one after the other", c.Name)
	}
	return err
}

// forget invalidates paths, if there are any, and perhaps waits until that is done everywhere.
func (r *run) forget(ctx context.Context, paths []string, wait bool) error {
	if len(paths) == 0 {
		return nil
	}
	made, err := r.invalidate(ctx, r.client, r.few(paths))
	if err != nil {
		return err
	}
	r.result.Invalidations = append(r.result.Invalidations, made)
	if !wait || len(r.in(goneFiles)) == 0 {
		return nil
	}
	r.tell(Progress{Doing: "waiting until the edge has forgotten the page before"})
	return r.invalidated(ctx, r.client, made.ID, r.Pause)
}

func (r *run) delete(ctx context.Context) error {
	gone := r.in(goneFiles)
	r.done = Progress{Doing: "deleting", All: len(gone)}
	return each(ctx, gone, func(ctx context.Context, c Change) error {
		if err := remove(ctx, r.bucket, r.Prefix+c.Name); err != nil {
			return err
		}
		r.one(0)
		return nil
	})
}

// one tells that one more is done.
func (r *run) one(bytes int64) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.done.Done, r.done.DoneBytes = r.done.Done+1, r.done.DoneBytes+bytes
	r.tell(r.done)
}

func (r *run) tell(p Progress) {
	if r.Tell != nil {
		r.Tell(p)
	}
}

// each does something with all items, a few at a time. After an error no more are begun, and the others end.
func each[T any](ctx context.Context, items []T, do func(context.Context, T) error) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var all sync.WaitGroup
	places := make(chan struct{}, atOnce)
	for _, item := range items {
		select {
		case places <- struct{}{}:
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			break
		}
		all.Go(func() {
			defer func() { <-places }()
			if err := do(ctx, item); err != nil {
				stop(err)
			}
		})
	}
	all.Wait()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}
