package publish_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/awstest"
	"ml-api-accelerator/stacks/internal/awstest/pages"
	"ml-api-accelerator/stacks/internal/live/publish"
	"ml-api-accelerator/stacks/internal/shared/longtest"
)

// TestLongMoto publishes to an S3 that others wrote: keys, checksums, conditions and lists are as they read the manuals.
func TestLongMoto(t *testing.T) {
	longtest.Only(t, "moto takes seconds to start")
	if what := awstest.Missing(); what != "" {
		t.Skip(what)
	}
	s := awstest.Start(t)
	s.Setenv(t)
	s.CreateBucket(t, pages.Region, pages.Bucket)
	s.ConfigureBucket(t, pages.Bucket, "versioning", "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>")
	first := map[string]string{"index.html": "1", "a b/ü&=@'()!$,;:~.txt": "2", "gone-BfZ3d9aQ.js": "3", "empty": ""}
	dir := folder(t, first)
	require.Len(t, changes(done(t, root, dir, publish.Options{})), 4)
	again := done(t, root, dir, publish.Options{})
	require.Empty(t, changes(again))
	require.Equal(t, 4, again.Unchanged)
	require.Equal(t, "2", string(s.Object(t, pages.Bucket, "a%20b/%C3%BC%26%3D%40%27%28%29%21%24%2C%3B%3A~.txt")))

	delete(first, "gone-BfZ3d9aQ.js")
	require.Equal(t, []string{"gone gone-BfZ3d9aQ.js"}, changes(done(t, root, folder(t, first), publish.Options{Prune: true})))
	require.Len(t, s.Objects(t, pages.Bucket), 3)

	// Somebody else's index.html isn't overwritten.
	first["index.html"] = "new"
	_, err := run(t.Context(), t, root, folder(t, first), publish.Options{Tell: func(p publish.Progress) {
		if p.Doing == "comparing" && p.Done == 2 {
			s.PutObject(t, pages.Bucket, "index.html", "somebody else's")
		}
	}})
	require.EqualError(t, err, "index.html was changed by somebody else meanwhile: publish one after the other")
}
