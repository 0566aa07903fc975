package render

import (
	"bytes"
	"context"
	"encoding"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/config/declare"
	"ml-api-accelerator/stacks/internal/synth/cache"
)

func TestKeptAndFreshAreWhatCdktfWrites(t *testing.T) {
	for _, fixture := range fixtures {
		c := load(t, fixture)
		want := c.direct(t)
		require.Len(t, want, 1+len(c.StackNames()))
		k, count := emptyCache(t), 0
		for _, times := range []int{1, 1, 2} {
			require.Equal(t, want, c.rendered(t, k, Options{Fresh: times == 2}, counting(t, &count)))
			require.Equal(t, times*len(c.StackNames()), count, "made anew only when it must be")
		}
	}
}

func TestSomeStacks(t *testing.T) {
	c := load(t, fixtures[1])
	count := 0
	rendered, err := render(t.Context(), []part{partOf(c.Config, c.warnings, "small-prod")}, emptyCache(t), Options{}, counting(t, &count))
	require.NoError(t, err)
	require.Equal(t, 1, count)
	require.Equal(t, c.direct(t)["stacks/small-prod/cdk.tf.json"], string(rendered["small-prod"].JSON))
	require.Equal(t, 13, rendered["small-prod"].Resources)
}

// keep puts stacks that are only names into the cache.
func keep(_ context.Context, parts []part, _ io.Writer, done func(part, Stack)) error {
	for _, p := range parts {
		done(p, Stack{JSON: []byte(p.Name), Manifest: []byte("{}")})
	}
	return nil
}

// missing returns the names of the stacks that aren't kept.
func missing(t *testing.T, parts []part, k kept) (names []string) {
	t.Helper()
	_, err := render(t.Context(), parts, k, Options{}, func(_ context.Context, parts []part, _ io.Writer, _ func(part, Stack)) error {
		for _, p := range parts {
			names = append(names, p.Name)
		}
		return nil
	})
	require.NoError(t, err)
	return names
}

func TestOneEnvironmentChanged(t *testing.T) {
	c := load(t, fixtures[1])
	k := emptyCache(t)
	_, err := render(t.Context(), c.parts(), k, Options{}, keep)
	require.NoError(t, err)
	require.Empty(t, missing(t, c.parts(), k))

	changed := load(t, fixtures[1])
	dev := changed.Environments["dev"]
	dev.API.Path = "/other"
	changed.Environments["dev"] = dev
	require.Equal(t, []string{"small-dev"}, missing(t, changed.parts(), k))

	changed = load(t, fixtures[1])
	changed.State.Bucket = "another"
	require.Equal(t, c.StackNames(), missing(t, changed.parts(), k))

	changed = load(t, fixtures[1])
	changed.warnings = nil
	require.Equal(t, []string{"small-dev", "small-prod"}, missing(t, changed.parts(), k))
}

// TestExpectationsAreNoPart: a stack isn't made anew to be held to others.
func TestWhatComesAfterIsNoPart(t *testing.T) {
	c, changed := load(t, fixtures[1]), load(t, fixtures[1])
	k := emptyCache(t)
	_, err := render(t.Context(), c.parts(), k, Options{}, keep)
	require.NoError(t, err)
	dev := changed.Environments["dev"]
	dev.Expect = []config.Expectation{{Request: "GET /", Route: "*"}}
	dev.Overrides = map[string]map[string]any{"aws_s3_bucket.models": {"tags": nil}}
	changed.Environments["dev"] = dev
	require.Empty(t, missing(t, changed.parts(), k))
	require.Len(t, changed.Environments["dev"].Expect, 1, "they stay in the configuration")
	require.Len(t, changed.Environments["dev"].Overrides, 1, "they stay in the configuration")
}

func TestProgramsShareNothing(t *testing.T) {
	c := load(t, fixtures[1])
	k := emptyCache(t)
	_, err := render(t.Context(), c.parts(), k, Options{}, keep)
	require.NoError(t, err)
	require.Equal(t, c.StackNames(), missing(t, c.parts(), kept{folder: k.folder, program: "b"}))
	require.Equal(t, c.StackNames(), missing(t, c.parts(), kept{folder: k.folder, unknown: errors.New("unknown")}))
	require.Empty(t, missing(t, c.parts(), k))
}

func TestWhatFailsIsNotKept(t *testing.T) {
	c := load(t, fixtures[1])
	k := emptyCache(t)
	_, err := render(t.Context(), c.parts(), k, Options{}, func(_ context.Context, parts []part, warn io.Writer, done func(part, Stack)) error {
		return errors.Join(keep(t.Context(), parts[:1], warn, done), errors.New("failed"))
	})
	require.EqualError(t, err, "failed")
	require.Equal(t, c.StackNames()[1:], missing(t, c.parts(), k))
}

// TestUselessCache makes the stacks, and says why it will make them again.
func TestUselessCache(t *testing.T) {
	c := load(t, fixtures[1])
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	for want, k := range map[string]kept{
		"not a directory":             {folder: cache.In(filepath.Join(file, "below")), program: "a"},
		"the program has no build ID": {folder: cache.In(t.TempDir()), unknown: errors.New("the program has no build ID")},
	} {
		var warning bytes.Buffer
		rendered, err := render(t.Context(), c.parts(), k, Options{Warn: &warning}, keep)
		require.NoError(t, err)
		require.Len(t, rendered, 3)
		require.Regexp(t, "^render: not kept, and made anew each time: "+strings.Join(c.StackNames(), ", ")+": .*"+want+"\n$", warning.String())
	}
}

// TestUnkept tells of a stack that can't be kept, whatever becomes of the next.
func TestUnkept(t *testing.T) {
	c := load(t, fixtures[1])
	dir := t.TempDir()
	k := kept{folder: cache.In(dir), program: "a"}
	first := c.parts()[0]
	require.NoError(t, os.MkdirAll(filepath.Join(dir, k.file(first), "taken"), 0o700))
	var warning bytes.Buffer
	_, err := render(t.Context(), c.parts(), k, Options{Warn: &warning}, keep)
	require.NoError(t, err)
	require.Regexp(t, "^render: not kept, and made anew each time: "+first.Name+": .*\n$", warning.String())
}

func TestProgress(t *testing.T) {
	c := load(t, fixtures[1])
	var told []int
	o := Options{Progress: func(made, all int) { told = append(told, made, all) }}
	k := emptyCache(t)
	for range 2 { // the second time all are kept
		_, err := render(t.Context(), c.parts(), k, o, keep)
		require.NoError(t, err)
		require.Equal(t, []int{0, 3, 1, 3, 2, 3, 3, 3}, told)
	}
}

// TestForeignEntry has the right name and seal, but isn't of this package.
func TestForeignEntry(t *testing.T) {
	k, p := emptyCache(t), part{Name: "a"}
	for _, text := range []string{"", "text", "1\x00{}", "one\x00{}\x00{}"} {
		require.NoError(t, k.folder.Put(k.file(p), []byte(text)))
		require.Equal(t, []string{"a"}, missing(t, []part{p}, k), "%q", text)
	}
}

func TestRuntimeOfTheUserKeepsNothing(t *testing.T) {
	require.NoError(t, keptIn(cache.In(t.TempDir())).unknown)
	t.Setenv("JSII_RUNTIME", "mine")
	require.Error(t, keptIn(cache.In(t.TempDir())).unknown)
}

func TestPartOf(t *testing.T) {
	global := config.Problem{Path: "name", Message: "is short"}
	dev := config.Unmet(config.Warning, "dev", "is far")
	prod := config.Unmet(config.Warning, "prod", "is late")
	c := load(t, fixtures[1])
	c.warnings = []config.Problem{global, dev, prod}
	for name, want := range map[string][]config.Problem{
		"small-state": {global},
		"small-dev":   {global, dev},
		"small-prod":  {global, prod},
	} {
		p := partOf(c.Config, c.warnings, name)
		require.Equal(t, want, p.Warnings)
		require.Equal(t, c.State, p.Config.State)
		for environment := range p.Config.Environments {
			require.Equal(t, name, c.StackName(environment))
		}
	}
	require.Len(t, c.Environments, 2, "the whole is left as it is")
}

// TestAPartSaysAll looks at the type of every field of a configuration: one that encoding/json leaves out, or writes alike
// for two values, would have a stack kept for another.
func TestAPartSaysAll(t *testing.T) {
	checked, textOrList := map[reflect.Type]bool{}, reflect.TypeFor[declare.TextOrList]()
	var check func(path string, of reflect.Type)
	check = func(path string, of reflect.Type) {
		if checked[of] || of == textOrList {
			return
		}
		checked[of] = true
		require.False(t, of.Implements(reflect.TypeFor[json.Marshaler]()) || of.Implements(reflect.TypeFor[encoding.TextMarshaler]()), path)
		switch of.Kind() {
		case reflect.Struct:
			names := map[string]bool{}
			for _, field := range reflect.VisibleFields(of) { // with those of what is embedded, of which one can hide another
				require.True(t, field.IsExported() && !names[field.Name], "%s.%s", path, field.Name)
				require.NotContains(t, field.Tag, "json:", "%s.%s", path, field.Name)
				names[field.Name] = true
				check(path+"."+field.Name, field.Type)
			}
		case reflect.Pointer, reflect.Slice:
			check(path, of.Elem())
		case reflect.Map:
			require.Equal(t, reflect.String, of.Key().Kind(), path)
			check(path, of.Elem())
		default:
			scalar := slices.Contains([]reflect.Kind{reflect.Bool, reflect.Int, reflect.Float64, reflect.String}, of.Kind())
			require.True(t, scalar || strings.HasSuffix(path, ".Overrides"), path)
		}
	}
	check("config", reflect.TypeFor[config.Config]())
	require.Greater(t, len(checked), 40)

	written := map[string]bool{}
	for _, value := range []declare.TextOrList{{}, {Text: "a"}, {List: []string{"a"}}, {List: []string{}}, {List: []string{"a", "b"}}} {
		text, err := json.Marshal(value)
		require.NoError(t, err)
		written[string(text)] = true
	}
	require.Len(t, written, 5)
}

func TestProgramIsItsBuildID(t *testing.T) {
	got, err := program()
	require.NoError(t, err)
	want, err := exec.Command("go", "tool", "buildid", os.Args[0]).Output()
	require.NoError(t, err)
	require.Equal(t, strings.TrimSpace(string(want)), got)
}

// TestBuildIDs builds for each kind of executable file: a change of a dependency, and of what it embeds, is
// another program.
func TestBuildIDs(t *testing.T) {
	if testing.Short() {
		t.Skip("building takes seconds")
	}
	dir := t.TempDir()
	write := func(file, text string) {
		path := filepath.Join(dir, file)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
	const dependency = "package p\n\nimport _ \"embed\"\n\n//go:embed text\nvar Text string\n\nconst Number = "
	write("go.mod", "module program\n\ngo 1.25\n")
	write("main.go", "package main\n\nimport \"program/p\"\n\nfunc main() { println(p.Text, p.Number) }\n")
	for _, system := range []string{"linux", "darwin", "windows"} {
		write("p/text", "a")
		write("p/p.go", dependency+"1\n")
		id := func(output string, flags ...string) string {
			cmd := exec.Command("go", append([]string{"build", "-o", output}, flags...)...)
			cmd.Dir = dir
			cmd.Env = append(os.Environ(), "GOOS="+system, "GOARCH=amd64", "CGO_ENABLED=0", "GOFLAGS=", "GOWORK=off")
			text, err := cmd.CombinedOutput()
			require.NoError(t, err, "%s", text)
			file, err := os.Open(filepath.Join(dir, output))
			require.NoError(t, err)
			defer file.Close()
			id, _ := readBuildID(file)
			return id
		}
		first := id("first")
		require.Len(t, first, 83, system)
		require.Equal(t, first, id("second"), "elsewhere")
		ids := map[string]bool{first: true, id("flags", "-ldflags=-X=program/p.Text=b"): true}
		write("p/text", "b")
		ids[id("embedded")] = true
		write("p/p.go", dependency+"2\n")
		ids[id("constant")] = true
		require.Len(t, ids, 4, system)
		for _, flag := range []string{"", "redacted"} {
			require.Empty(t, id("without", "-ldflags=-buildid="+flag), system)
		}
	}
}

func TestNoBuildID(t *testing.T) {
	for _, start := range []string{"", "text", "Go\x00\x00abc/def/ghi/jkl", "0123456789abcdefghij/0123456789abcdefghij/0123456789abcdefghij/0123456789abcdefghij"} {
		_, err := readBuildID(strings.NewReader(start))
		require.EqualError(t, err, "the program has no build ID", "%q", start)
	}
}
