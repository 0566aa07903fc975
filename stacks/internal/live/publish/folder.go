package publish

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"ml-api-accelerator/stacks/internal/shared/format"
	"ml-api-accelerator/stacks/internal/shared/webfiles"
)

// File is one to publish.
type File struct {
	Name   string // its path below the folder, with slashes
	path   string // where it is on this machine
	size   int64
	sha256 [sha256.Size]byte
}

// Folder is what a page is made of.
type Folder struct {
	Files   []File   // by name
	LeftOut []string // hidden files, and folders, which end with a slash
	Plus    []string // files whose names have a +, which S3 takes for a space
	NoDot   []string // files whose names have no dot, as paths of a page that aren't files
}

// entry is the file that makes the other files a page.
const entry = "index.html"

// mostBytes is what S3 takes in one request (Amazon S3 User Guide, Uploading objects).
const mostBytes = 5 << 30

// mostKey is how many bytes a key may have (Amazon S3 User Guide, Naming Amazon S3 objects).
const mostKey = 1024

// Read reads a folder, and refuses what can't be published.
func Read(ctx context.Context, folder, prefix string) (Folder, error) {
	root, err := filepath.EvalSymlinks(folder)
	if err != nil {
		return Folder{}, plain(err)
	}
	if info, err := os.Stat(root); err != nil {
		return Folder{}, plain(err)
	} else if !info.IsDir() {
		return Folder{}, fmt.Errorf("%s: is a file; give the folder with index.html", folder)
	}
	r := reader{ctx: ctx, typed: folder, root: root, prefix: prefix}
	if err := r.folder("", []string{root}); err != nil {
		return Folder{}, err
	}
	slices.SortFunc(r.found.Files, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
	if !slices.ContainsFunc(r.found.Files, func(f File) bool { return f.Name == entry }) {
		return Folder{}, r.noEntry()
	}
	return r.found, nil
}

type reader struct {
	ctx                 context.Context
	typed, root, prefix string
	found               Folder
}

// folder reads one folder. The ones above it, with all links followed, are those that a link in it must not lead to.
func (r *reader) folder(name string, above []string) error {
	entries, err := os.ReadDir(r.at(name))
	if err != nil {
		return plain(err)
	}
	for _, e := range entries {
		if err := r.ctx.Err(); err != nil {
			return err
		}
		if err := r.one(path.Join(name, e.Name()), above); err != nil {
			return err
		}
	}
	return nil
}

// wellKnown is the one hidden folder that belongs to a page (RFC 8615).
const wellKnown = ".well-known"

func (r *reader) one(name string, above []string) error {
	real, err := filepath.EvalSymlinks(r.at(name))
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: is a link to what isn't there", r.at(name))
	} else if err != nil {
		return plain(err)
	}
	info, err := os.Stat(real)
	if err != nil {
		return plain(err)
	}
	if strings.HasPrefix(path.Base(name), ".") && name != wellKnown {
		if info.IsDir() {
			name += "/"
		}
		r.found.LeftOut = append(r.found.LeftOut, name)
		return nil
	}
	if inside, err := filepath.Rel(r.root, real); err != nil || !filepath.IsLocal(inside) {
		return fmt.Errorf("%s: is a link that leads out of the folder, to %s; copy what it leads to", r.at(name), real)
	}
	if err := checkName(r.prefix + name); err != nil {
		return fmt.Errorf("%q: %w", r.at(name), err)
	}
	switch {
	case info.IsDir() && slices.Contains(above, real):
		return fmt.Errorf("%s: is a link to a folder that it is in", r.at(name))
	case info.IsDir():
		return r.folder(name, append(slices.Clone(above), real))
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s: is neither a file nor a folder", r.at(name))
	case info.Size() > mostBytes:
		return fmt.Errorf("%s: has %s, and S3 takes 5 GiB in one request: so large a file belongs in the bucket of models",
			r.at(name), format.Bytes(info.Size()))
	}
	f := File{Name: name, path: real, size: info.Size()}
	if f.sha256, err = hash(r.ctx, real); err != nil {
		return plain(err)
	}
	if strings.Contains(name, "+") {
		r.found.Plus = append(r.found.Plus, name)
	}
	if !strings.Contains(path.Base(name), ".") {
		r.found.NoDot = append(r.found.NoDot, name)
	}
	r.found.Files = append(r.found.Files, f)
	return nil
}

// at returns a path as the user would type it.
func (r *reader) at(name string) string { return filepath.Join(r.typed, filepath.FromSlash(name)) }

// checkName returns an error for a key that S3 or a URL can't have (Amazon S3 User Guide, Naming Amazon S3 objects).
func checkName(key string) error {
	switch {
	case !utf8.ValidString(key):
		return errors.New("its name isn't UTF-8, as S3 wants it")
	case strings.ContainsFunc(key, func(c rune) bool { return c < ' ' || c == 0x7f }):
		return errors.New("its name has a control character")
	case strings.Contains(key, `\`):
		return errors.New(`its name has a \, which browsers turn into a /`)
	case len(key) > mostKey:
		return fmt.Errorf("its path has %d bytes with what the bucket puts before it, and S3 takes %d", len(key), mostKey)
	}
	return nil
}

// noEntry says what may have been meant.
func (r *reader) noEntry() error {
	if len(r.found.Files) == 0 {
		return fmt.Errorf("%s: has no files to publish", r.typed)
	}
	for _, f := range r.found.Files {
		if path.Base(f.Name) == entry {
			return fmt.Errorf("%s: has no index.html; did you mean %s?", r.typed, r.at(path.Dir(f.Name)))
		}
	}
	return fmt.Errorf("%s: has no index.html; give the folder that the build of the page writes", r.typed)
}

func hash(ctx context.Context, name string) (sum [sha256.Size]byte, err error) {
	file, err := os.Open(name)
	if err != nil {
		return sum, err
	}
	defer file.Close()
	h := sha256.New()
	if _, err := io.Copy(h, untilDone{ctx, file}); err != nil {
		return sum, err
	}
	return [sha256.Size]byte(h.Sum(nil)), nil
}

// untilDone is read from until a context ends.
type untilDone struct {
	ctx  context.Context
	from io.Reader
}

func (r untilDone) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.from.Read(p)
}

// plain is an error of a file without the name of the call.
func plain(err error) error {
	var failed *fs.PathError
	if errors.As(err, &failed) {
		return fmt.Errorf("%s: %w", failed.Path, failed.Err)
	}
	return err
}

// open opens a file for a request.
func (f File) open() (io.ReadCloser, error) { return os.Open(f.path) }

// changedMeanwhile reports whether a file isn't any more as it was read.
func (f File) changedMeanwhile() bool {
	now, err := hash(context.Background(), f.path)
	return err != nil || now != f.sha256
}

func (f File) contentType() string  { return webfiles.ContentType(f.Name) }
func (f File) cacheControl() string { return webfiles.CacheControl(f.Name) }

// isHTML reports whether a file is what other files are for.
func isHTML(name string) bool { return strings.HasPrefix(webfiles.ContentType(name), "text/html") }
