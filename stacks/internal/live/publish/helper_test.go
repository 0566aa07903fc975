package publish_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/awstest/pages"
	"ml-api-accelerator/stacks/internal/live/awsclient"
	"ml-api-accelerator/stacks/internal/live/publish"
)

// folder writes files, by name.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	return dir
}

var root = publish.Place{Stack: pages.Stack, Bucket: pages.Bucket, Region: pages.Region, Distribution: pages.Distribution, Paths: []string{"/"}}

func start(t *testing.T) *pages.AWS {
	t.Helper()
	a := pages.Start(t)
	a.Setenv(t)
	return a
}

// run publishes a folder.
func run(ctx context.Context, t *testing.T, place publish.Place, dir string, options publish.Options) (publish.Result, error) {
	t.Helper()
	cfg, err := awsclient.Load(context.Background(), pages.Region)
	require.NoError(t, err)
	as, err := awsclient.Credentials(context.Background(), cfg)
	require.NoError(t, err)
	read, err := publish.Read(context.Background(), dir, place.Prefix)
	require.NoError(t, err)
	options.Pause = time.Nanosecond
	return publish.Run(ctx, cfg, as, place, read, options)
}

// done publishes a folder, which works.
func done(t *testing.T, place publish.Place, dir string, options publish.Options) publish.Result {
	t.Helper()
	result, err := run(t.Context(), t, place, dir, options)
	require.NoError(t, err)
	return result
}

// changes are such as new index.html.
func changes(r publish.Result) (list []string) {
	for _, c := range r.Changes {
		list = append(list, c.Change+" "+c.Name)
	}
	return list
}

// bodies are those of the files in the bucket.
func bodies(a *pages.AWS) map[string]string {
	all := map[string]string{}
	for key, o := range a.Objects() {
		all[key] = o.Body
	}
	return all
}

// writes are the calls that change something.
func writes(a *pages.AWS) (list []string) {
	for _, call := range a.Calls() {
		if strings.HasPrefix(call, "PUT") || strings.HasPrefix(call, "DELETE") || call == "invalidate" {
			list = append(list, call)
		}
	}
	return list
}

var (
	oldPage = map[string]string{
		"index.html": "old: assets/app-BfZ3d9aQ.js assets/app-D4x3TaQb.css style.css", "assets/app-BfZ3d9aQ.js": "old", "assets/app-D4x3TaQb.css": "old",
		"style.css": "old", "docs/index.html": "old", "logo.svg": "same", "about.html": "old",
	}
	newPage = map[string]string{
		"index.html": "new: assets/app-Xk29LmQ4.js assets/app-D4x3TaQb.css style.css", "assets/app-Xk29LmQ4.js": "new", "assets/app-D4x3TaQb.css": "old",
		"style.css": "new", "docs/index.html": "new", "logo.svg": "same", "new.txt": "new",
	}
)
