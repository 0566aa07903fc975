package publish_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/awstest/pages"
	"ml-api-accelerator/stacks/internal/live/awsclient"
	"ml-api-accelerator/stacks/internal/live/publish"
)

func TestRun(t *testing.T) {
	a := start(t)
	first := done(t, root, folder(t, oldPage), publish.Options{})
	require.Equal(t, publish.Up, first.Stage)
	require.Equal(t, "new index.html", changes(first)[6])
	require.Equal(t, oldPage, bodies(a))
	require.Empty(t, a.Invalidations(), "the edge has nothing of it yet")
	require.Equal(t, http.Header{"Content-Type": {"text/javascript; charset=utf-8"}, "Cache-Control": {"public, max-age=31536000, immutable"},
		"X-Amz-Checksum-Sha256": {"y6BrVzb69n5UsHtWHq6UOV53TFF6fZEKVDaeEmPM+9Q="}}, a.Objects()["assets/app-BfZ3d9aQ.js"].Header)
	require.Equal(t, "no-cache", a.Objects()["index.html"].Header.Get("Cache-Control"))

	a.Forget()
	again := done(t, root, folder(t, oldPage), publish.Options{Prune: true})
	require.Empty(t, changes(again))
	require.Equal(t, len(oldPage), again.Unchanged)
	require.Empty(t, writes(a))

	a.Forget()
	dry := done(t, root, folder(t, newPage), publish.Options{DryRun: true, Prune: true})
	require.Empty(t, writes(a))
	a.Forget()
	result := done(t, root, folder(t, newPage), publish.Options{})
	want := []string{"new assets/app-Xk29LmQ4.js", "new new.txt", "changed style.css", "changed docs/index.html", "changed index.html"}
	require.Equal(t, want, changes(result))
	require.Equal(t, append(want, "gone about.html", "gone assets/app-BfZ3d9aQ.js"), changes(dry))
	require.Equal(t, []string{"style.css"}, result.InPlace)
	require.Equal(t, []string{"about.html", "assets/app-BfZ3d9aQ.js"}, result.Stays)
	require.Equal(t, 2, result.Unchanged)
	paths := []string{"/", "/docs/", "/docs/index.html", "/index.html", "/style.css"}
	require.Equal(t, [][]string{paths}, a.Invalidations())
	require.Equal(t, paths, result.Paths)
	require.Equal(t, slices.Sorted(slices.Values(append(paths, "/about.html"))), dry.Paths)
	require.Equal(t, []publish.Invalidation{{"I1", paths}}, result.Invalidations)
	wrote := writes(a)
	require.Equal(t, []string{"PUT .publish/demo-dev"}, wrote[:1])
	require.Equal(t, []string{"PUT style.css", "PUT docs/index.html", "PUT index.html", "invalidate", "DELETE .publish/demo-dev"}, wrote[3:])
	require.NotContains(t, a.Calls(), "is invalidated", "nobody waits for it")

	a.Forget()
	require.Equal(t, []string{"gone about.html", "gone assets/app-BfZ3d9aQ.js"}, changes(done(t, root, folder(t, newPage), publish.Options{Prune: true})))
	require.Equal(t, newPage, bodies(a))
	require.Equal(t, [][]string{{"/about.html"}}, a.Invalidations(), "what never changes may stay at the edge")
}

// TestMetadata counts as content does.
func TestMetadata(t *testing.T) {
	a := start(t)
	dir := folder(t, oldPage)
	done(t, root, dir, publish.Options{})
	for name, change := range map[string]func(http.Header){
		"about.html":             func(h http.Header) { h.Set("Content-Type", "text/plain") },
		"docs/index.html":        func(h http.Header) { h.Set("Cache-Control", "max-age=60") },
		"assets/app-BfZ3d9aQ.js": func(h http.Header) { h.Del("X-Amz-Checksum-Sha256") }, // another program's
		"style.css":              func(h http.Header) { h.Set("Content-Encoding", "gzip") },
	} {
		o := a.Objects()[name]
		change(o.Header)
		a.Put(name, o.Body, o.Header)
	}
	require.Equal(t, []string{"changed assets/app-BfZ3d9aQ.js", "changed style.css", "changed about.html", "changed docs/index.html"},
		changes(done(t, root, dir, publish.Options{})))
	require.Empty(t, changes(done(t, root, dir, publish.Options{})))
}

// TestPlaces are a bucket of many things, and paths that a function shortens.
func TestPlaces(t *testing.T) {
	a := start(t)
	a.Put("models/a.gguf", "model", nil)
	a.Put("ui/", "", nil)
	below := root
	below.Prefix, below.Paths = "ui/", []string{"/ui/"}
	done(t, below, folder(t, oldPage), publish.Options{})
	result := done(t, below, folder(t, newPage), publish.Options{Prune: true})
	require.Contains(t, changes(result), "gone about.html")
	want := map[string]string{"models/a.gguf": "model", "ui/": ""}
	for name, text := range newPage {
		want["ui/"+name] = text
	}
	require.Equal(t, want, bodies(a))
	require.Equal(t, [][]string{
		{"/ui/", "/ui/docs/", "/ui/docs/index.html", "/ui/index.html", "/ui/style.css"}, {"/ui/about.html"},
	}, a.Invalidations())

	a.Forget()
	stripped := root
	stripped.Prefix, stripped.Paths = "", publish.Paths("/ui/*", "/ui")
	require.Equal(t, []string{"/", "/ui/"}, stripped.Paths)
	require.Equal(t, root.Paths, publish.Paths("/*", ""))
	a.Put("a b+ü.txt", "before", nil)
	done(t, stripped, folder(t, map[string]string{"index.html": "x", "a b+ü.txt": "text", "ü@.txt": "text"}), publish.Options{})
	a.Put("ü@.txt", "before", nil)
	done(t, stripped, folder(t, map[string]string{"index.html": "x", "a b+ü.txt": "text", "ü@.txt": "text"}), publish.Options{})
	require.Equal(t, [][]string{
		{"/a*", "/ui/a*"}, {"/%C3%BC%40.txt", "/%C3%BC@.txt", "/ui/%C3%BC%40.txt", "/ui/%C3%BC@.txt"},
	}, a.Invalidations())
	require.Equal(t, "text", a.Objects()["a b+ü.txt"].Body)
}

// TestManyPaths are too many for one invalidation, and become one.
func TestManyPaths(t *testing.T) {
	a := start(t)
	a.PageSize = 1000
	files := map[string]string{"index.html": "x"}
	for n := range 3001 {
		a.Put(fmt.Sprintf("%d.txt", n), "before", nil)
		files[fmt.Sprintf("%d.txt", n)] = "after"
	}
	done(t, root, folder(t, files), publish.Options{})
	require.Equal(t, [][]string{{"/*"}}, a.Invalidations())
}

// edge is one that has kept all of a page, until it is told to forget.
type edge map[string]string

func (e edge) forget(paths []string) {
	for _, p := range paths {
		delete(e, strings.TrimPrefix(p, "/"))
	}
}

var errCut = errors.New("cut")

// TestInterrupted cuts each request, before and after it has an effect. Callers then see the page as it was or as it
// is now, with all that it needs, and running it again completes it.
func TestInterrupted(t *testing.T) {
	for _, prune := range []bool{false, true} {
		for _, applied := range []bool{false, true} {
			for n, ended := 1, false; !ended; n++ {
				ended = interruptedAt(t, n, applied, prune)
				require.Less(t, n, 100)
			}
		}
	}
}

// interruptedAt reports whether there was no such request any more.
func interruptedAt(t *testing.T, n int, applied, prune bool) (ended bool) {
	t.Helper()
	a := start(t)
	before, after := folder(t, oldPage), folder(t, newPage)
	done(t, root, before, publish.Options{})
	e := edge(bodies(a))
	a.Forget()
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	cut := func(at int) error {
		if at >= n {
			interrupt()
			return errCut
		}
		return nil
	}
	if applied {
		a.Cut(nil, cut)
	} else {
		a.Cut(cut, nil)
	}
	result, err := run(ctx, t, root, after, publish.Options{Prune: prune})
	ended = err == nil
	if !ended {
		require.ErrorIs(t, err, context.Canceled)
	}
	a.Cut(nil, nil)
	where := fmt.Sprintf("request %d, applied: %t, prune: %t", n, applied, prune)

	has := bodies(a)
	age, needs, _ := strings.Cut(has["index.html"], ": ")
	require.Contains(t, []string{"old", "new"}, age, where)
	for name := range strings.FieldsSeq(needs) {
		require.Contains(t, has, name, where)
		if strings.Contains(name, "/app-") {
			require.Equal(t, map[string]map[string]string{"old": oldPage, "new": newPage}[age][name], has[name], where)
		}
	}
	if age == "old" {
		require.Subset(t, slices.Collect(maps.Keys(has)), slices.Collect(maps.Keys(oldPage)), where)
		require.NotEqual(t, publish.Up, result.Stage, where)
	} else {
		require.GreaterOrEqual(t, result.Stage, publish.Unknown, where)
	}

	done(t, root, after, publish.Options{Prune: prune})
	for _, paths := range a.Invalidations() {
		e.forget(paths)
	}
	want := maps.Clone(newPage)
	if !prune {
		want["about.html"], want["assets/app-BfZ3d9aQ.js"] = "old", "old"
	}
	require.Equal(t, want, bodies(a), where)
	for name, text := range e {
		if now, there := want[name]; there || !strings.Contains(name, "/app-") {
			require.Equal(t, now, text, "the edge has an old %s: %s", name, where)
		}
	}
	a.Forget()
	require.Empty(t, changes(done(t, root, after, publish.Options{Prune: prune})))
	require.Empty(t, writes(a), where)
	return ended
}

// TestTwoAtATime has another page come in between.
func TestTwoAtATime(t *testing.T) {
	a := start(t)
	done(t, root, folder(t, oldPage), publish.Options{})
	a.Forget()
	other := false
	dir := folder(t, newPage)
	result, err := run(t.Context(), t, root, dir, publish.Options{Tell: func(p publish.Progress) {
		if p.Doing == "publishing" && !other {
			other = true
			a.Put("index.html", "somebody else's", nil)
		}
	}, Prune: true})
	require.EqualError(t, err, "index.html was changed by somebody else meanwhile: publish one after the other")
	require.Equal(t, publish.Before, result.Stage)
	require.Equal(t, "somebody else's", a.Objects()["index.html"].Body)
	require.Contains(t, a.Objects(), "about.html")

	// A lost answer to the one that was written is no other page.
	lost := false
	a.Cut(nil, func(int) error {
		if a.LastCall() == "PUT index.html" && !lost {
			lost = true
			return errCut
		}
		return nil
	})
	require.Equal(t, publish.Up, done(t, root, dir, publish.Options{}).Stage)
	require.True(t, lost)
}

// TestRefused are answers of AWS that end it, each in one line.
func TestRefused(t *testing.T) {
	const message = "User: arn:aws:iam::111122223333:user/ci isn't authorized, or worse"
	for call, row := range map[string]struct {
		code, want string
		stage      publish.Stage
	}{
		"list":              {"AccessDenied", message, publish.Untouched},
		"GET .publish":      {"AccessDenied", message, publish.Untouched},
		"HEAD logo.svg":     {"AccessDenied", "HEAD " + pages.Bucket + "/logo.svg", publish.Untouched},
		"PUT .publish":      {"AccessDenied", message, publish.Untouched},
		"PUT style.css":     {"KMS.DisabledException", "S3: KMS.DisabledException: " + message, publish.Before},
		"PUT index.html":    {"InternalError", "S3: InternalError: " + message, publish.Unknown},
		"invalidate":        {"TooManyInvalidationsInProgress", "CloudFront has too many invalidations to do: try again in some minutes", publish.Up},
		"is invalidated":    {"AccessDenied", message, publish.Up},
		"DELETE about.html": {"AccessDenied", message, publish.Up},
		"list ":             {"", "", publish.Up},
	} {
		a := start(t)
		done(t, root, folder(t, oldPage), publish.Options{})
		a.Refuse(call, row.code)
		result, err := run(t.Context(), t, root, folder(t, newPage), publish.Options{Prune: true})
		if row.code == "" {
			require.NoError(t, err)
		} else {
			require.EqualError(t, err, row.want, call)
		}
		require.Equal(t, row.stage, result.Stage, call)
		if row.stage < publish.Up {
			require.Contains(t, a.Objects(), "assets/app-BfZ3d9aQ.js", call)
		}
	}
	for place, want := range map[string]string{"nowhere": "S3: NoSuchBucket: " + message} {
		start(t)
		missing := root
		missing.Bucket = place
		_, err := run(t.Context(), t, missing, folder(t, newPage), publish.Options{})
		require.EqualError(t, err, want)
	}
	a := start(t)
	a.Refuse("list", "PermanentRedirect")
	_, err := run(t.Context(), t, root, folder(t, newPage), publish.Options{})
	require.EqualError(t, err, "the bucket "+pages.Bucket+" isn't in eu-west-1, but in us-west-2")
}

// TestChangedMeanwhile has a build write while its files are published.
func TestChangedMeanwhile(t *testing.T) {
	a := start(t)
	dir := folder(t, oldPage)
	_, err := run(t.Context(), t, root, dir, publish.Options{Tell: func(p publish.Progress) {
		if p.Doing == "comparing" {
			require.NoError(t, os.WriteFile(filepath.Join(dir, "logo.svg"), []byte("another"), 0o644))
		}
	}})
	require.EqualError(t, err, filepath.Join(dir, "logo.svg")+": was changed while it was being published: wait for the build to end")
	require.NotContains(t, a.Objects(), "index.html")
}

func TestFind(t *testing.T) {
	want := publish.Wanted{Stack: pages.Stack, Region: pages.Region, Account: pages.Account, BucketPrefix: "demo-dev-web-"}
	find := func() (bucket, distribution string, err error) {
		cfg, err := awsclient.Load(t.Context(), pages.Region)
		require.NoError(t, err)
		as, err := awsclient.Credentials(t.Context(), cfg)
		require.NoError(t, err)
		return publish.Find(t.Context(), cfg, as, want)
	}
	a := start(t)
	bucket, distribution, err := find()
	require.NoError(t, err)
	require.Equal(t, []string{pages.Bucket, pages.Distribution}, []string{bucket, distribution})
	want.Bucket = "acme-web"
	bucket, _, err = find()
	require.NoError(t, err)
	require.Equal(t, "acme-web", bucket)
	want.Bucket, want.BucketPrefix = "", "demo-dev-"
	_, _, err = find()
	require.EqualError(t, err, "demo-dev has more than one bucket for the page (demo-dev-logs-1, "+pages.Bucket+"): try again once a deploy has ended")
	want.BucketPrefix = "demo-dev-web-"
	a.Untag("s3")
	_, _, err = find()
	require.EqualError(t, err, "there is no bucket for the page")
	a.Untag("cloudfront:distribution")
	_, _, err = find()
	require.EqualError(t, err, "there is no distribution")
	a.Refuse("tagged", "AccessDenied")
	_, _, err = find()
	require.ErrorContains(t, err, "isn't authorized")
	want.Account = "999922223333"
	start(t)
	_, _, err = find()
	require.EqualError(t, err, "the credentials are those of account 111122223333, not of 999922223333")
}
