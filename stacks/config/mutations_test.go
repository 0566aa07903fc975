package config_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/config"
)

// TestMutations breaks a configuration in one place after another. Whatever is written there, each problem is about a
// field that stands in the file, or one that could stand in an object there. One environment at a time makes it fast.
func TestMutations(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, whole := range append(environmentsAlone(t, everything), environmentsAlone(t, "../testdata/example.json")...) {
		before := problems(t, wrap(whole))
		for _, at := range places(nil, whole) {
			all := mutations(random, located(whole, at))
			names := slices.Sorted(maps.Keys(all))
			name := names[random.IntN(len(names))]
			mutated := decoded(t, string(encoded(t, whole)))
			mutate(located(mutated, at[:len(at)-1]), at[len(at)-1], all[name])
			for _, p := range problems(t, wrap(mutated)) {
				if !slices.ContainsFunc(before, p.Equal) && !stands(mutated, p.Path) || gap.MatchString(p.Message) {
					t.Errorf("%v, %s: %s", at, name, p)
				}
			}
		}
	}
}

// gap is where a message has an empty list, or one comma too many.
var gap = regexp.MustCompile(`,,|\b(are|in|of|and|or|by) ( |,|$)`)

// TestMessagesAreWhole: nothing is left out of what is said of the rows, and of pricing plans.
func TestMessagesAreWhole(t *testing.T) {
	for _, r := range everyRow() {
		for _, p := range allProblems(t, r.file(t)) {
			require.NotRegexp(t, gap, p.Message, r.name)
		}
	}
	c, _, err := config.Load(everything)
	require.NoError(t, err)
	for _, name := range c.EnvironmentNames() {
		for _, fit := range c.PlanFits(name) {
			for _, m := range slices.Concat(fit.InTheWay, fit.Unsure) {
				require.NotRegexp(t, gap, m.Message)
			}
		}
	}
}

// environmentsAlone are the configurations of a fixture with one of its environments each.
func environmentsAlone(t *testing.T, fixture string) []any {
	t.Helper()
	whole := accelerator(t, fixture).(map[string]any)
	var list []any
	all := whole["environments"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		one := maps.Clone(whole)
		one["environments"] = map[string]any{name: all[name]}
		list = append(list, one)
	}
	return list
}

// renamed stands for the value under another name.
type renamed string

// mutations are what may stand in the place of a value; nil takes it out.
func mutations(random *rand.Rand, value any) map[string]any {
	all := map[string]any{
		"taken out": nil, "null": json.RawMessage("null"), "a boolean": true,
		"a number": 7.0, "a fraction": 0.5, "a negative number": -1.0,
		"a text": "x", "an empty text": "", "an invisible character": "a\u200bb",
		"a list": []any{}, "a list of a text": []any{"x"}, "in a list": []any{value},
		"an object": map[string]any{}, "an object of something": map[string]any{"x": 1.0}, "in an object": map[string]any{"value": value},
		"under another name": renamed("zzzzzz"), "in capitals": renamed("UPPER"), "misspelt": renamed("misspelt"),
	}
	if text, isText := value.(string); isText && text != "" {
		i := random.IntN(len(text))
		all["a changed text"] = strings.ToValidUTF8(text[:i]+"é"+text[i+1:], "")
	}
	return all
}

// mutate puts a mutation in the place of a member of an object, or an item of a list.
func mutate(holder, step, mutation any) {
	switch holder := holder.(type) {
	case map[string]any:
		name := step.(string)
		value := holder[name]
		if to, isName := mutation.(renamed); isName {
			delete(holder, name)
			switch to {
			case "UPPER":
				holder[strings.ToUpper(name)] = value
			case "misspelt":
				holder[name+"x"] = value
			default:
				holder[string(to)] = value
			}
		} else if holder[name] = mutation; mutation == nil {
			delete(holder, name)
		}
	case []any:
		holder[step.(int)] = mutation
	}
}

// places returns the steps to everything in a tree.
func places(at []any, tree any) (all [][]any) {
	switch tree := tree.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(tree)) {
			below := append(slices.Clone(at), name)
			all = append(append(all, below), places(below, tree[name])...)
		}
	case []any:
		for i, item := range tree {
			below := append(slices.Clone(at), i)
			all = append(append(all, below), places(below, item)...)
		}
	}
	return all
}

func located(tree any, at []any) any {
	for _, step := range at {
		switch holder := tree.(type) {
		case map[string]any:
			tree = holder[step.(string)]
		case []any:
			tree = holder[step.(int)]
		}
	}
	return tree
}

// stands reports whether a path leads to something in a tree, or to what an object there could have.
func stands(tree any, path string) bool {
	if path == "" {
		return false
	}
	objects, known := map[string]bool{"": true}, map[string]bool{}
	var walk func(at string, tree any)
	walk = func(at string, tree any) {
		known[at] = true
		switch tree := tree.(type) {
		case map[string]any:
			objects[at] = true
			for name, value := range tree {
				walk(joined(at, name), value)
			}
		case []any:
			for i, item := range tree {
				walk(fmt.Sprintf("%s[%d]", at, i), item)
			}
		}
	}
	walk("", tree)
	parent := path[:max(strings.LastIndexByte(path, '.'), 0)]
	// The models have a bucket even where nothing is written of them.
	holder, unwritten := strings.CutSuffix(parent, ".models")
	return known[path] || objects[parent] || unwritten && objects[holder]
}

func joined(at, name string) string {
	switch {
	case strings.ContainsFunc(name, func(r rune) bool {
		return r != '_' && r != '-' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	}):
		return fmt.Sprintf("%s[%q]", at, name)
	case at == "":
		return name
	}
	return at + "." + name
}

func accelerator(t *testing.T, file string) any {
	t.Helper()
	return readJSON(t, file).(map[string]any)["context"].(map[string]any)["accelerator"]
}

func encoded(t *testing.T, value any) []byte {
	t.Helper()
	data, err := json.Marshal(value)
	require.NoError(t, err)
	return data
}

// TestMutatedBytes: whatever the bytes of the file are, what is wrong has a place in it.
func TestMutatedBytes(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	whole, err := os.ReadFile(everything)
	require.NoError(t, err)
	for range 300 {
		i := random.IntN(len(whole))
		data := slices.Concat(whole[:i], []byte{`{}[],:"'#/-x0 \`[random.IntN(15)]}, whole[i+random.IntN(2):])
		if random.IntN(10) == 0 {
			data = data[:i]
		}
		_, _, err := config.Parse("cdktf.json", data)
		unreadable := (*config.Unreadable)(nil)
		if !errors.As(err, &unreadable) || strings.Contains(unreadable.Reason, "context.accelerator") {
			continue // it has problems, or one of the two names is another
		}
		require.Positive(t, unreadable.Line, "%v", err)
		require.LessOrEqual(t, unreadable.Line, 1+strings.Count(string(data), "\n"))
	}
}
