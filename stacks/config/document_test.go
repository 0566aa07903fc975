package config_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/config"
)

func TestLoadSaysThatAFileIsMissing(t *testing.T) {
	_, _, err := config.Load("no/cdktf.json")
	require.EqualError(t, err, "no/cdktf.json: not found; run this where your cdktf.json is, or name the file with --config")
}

func TestLoadSaysThatAFileCannotBeRead(t *testing.T) {
	_, _, err := config.Load(t.TempDir())
	require.ErrorContains(t, err, ": can't be read: is a directory")
}

func TestLoadReadsAFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "my.json")
	require.NoError(t, os.WriteFile(file, row{patch: `{}`}.file(t), 0o600))
	c, warnings, err := config.Load(file)
	require.NoError(t, err)
	require.Empty(t, butPlaceholders(warnings))
	require.Equal(t, "demo", c.Name)
}

func TestEverythingHasNoErrors(t *testing.T) {
	_, _, err := config.Load(everything)
	require.NoError(t, err)
}

// unreadableRow is a file without a configuration, and what programs are told of it.
type unreadableRow struct {
	text    string
	problem config.Problem
}

func unreadableRows() []unreadableRow {
	is := func(message string, line, column int) config.Problem {
		return config.Problem{Rule: "S0", Class: config.Hard, Message: message, Line: line, Column: column}
	}
	return []unreadableRow{
		{"{\n  x}", is(`a name has quotes: write "x"`, 2, 3)},
		{"\xff\xfe{\x00}\x00", is("is UTF-16: save it as UTF-8", 0, 0)},
		{"[]", is("must be a JSON object", 0, 0)},
		{"{}", is("must have the configuration under context.accelerator, as an object", 0, 0)},
	}
}

func TestProblems(t *testing.T) {
	for _, r := range unreadableRows() {
		_, _, err := config.Parse("cdktf.json", []byte(r.text))
		require.Equal(t, []config.Problem{r.problem}, config.Problems(err))
	}
	_, _, err := config.Load("no/cdktf.json")
	require.Equal(t, "not found; run this where your cdktf.json is, or name the file with --config", config.Problems(err)[0].Message)
	_, _, err = config.Parse("cdktf.json", row{patch: `{"zzzzzz": 1}`}.file(t))
	require.Equal(t, "zzzzzz", config.Problems(err)[0].Path)
	require.Equal(t, []config.Problem{{Rule: "S0", Class: config.Hard, Message: "other"}}, config.Problems(errors.New("other")))
	require.Empty(t, config.Problems(nil))
}

func TestParseSaysWhereAFileIsNoConfiguration(t *testing.T) {
	const under = "must have the configuration under context.accelerator, as an object"
	for _, r := range []struct{ name, text, want string }{
		{"with a byte order mark", "\xef\xbb\xbf{}", "begins with a byte order mark: save it as UTF-8 without one"},
		{"in UTF-16", "\xff\xfe{\x00}\x00", "is UTF-16: save it as UTF-8"},
		{"no UTF-8", "{\"a\": \"\xff\"}", "must be UTF-8 text"},
		{"an array", `[]`, "must be a JSON object"},
		{"a string", `"a"`, "must be a JSON object"},
		{"null", `null`, "must be a JSON object"},
		{"without context", `{}`, under},
		{"with a null context", `{"context": null}`, under},
		{"with another context", `{"context": []}`, under},
		{"without accelerator", `{"context": {}}`, under},
		{"with Accelerator", `{"context": {"Accelerator": {}}}`, under},
		{"with a null accelerator", `{"context": {"accelerator": null}}`, under},
		{"with a string", `{"context": {"accelerator": "a"}}`, under},
		{"with a list", `{"context": {"accelerator": []}}`, under},
		{"with a huge number", `{"context": {"accelerator": 1e400}}`, under},
	} {
		t.Run(r.name, func(t *testing.T) {
			c, warnings, err := config.Parse("cdktf.json", []byte(r.text))
			require.EqualError(t, err, "cdktf.json: "+r.want)
			require.Empty(t, warnings)
			require.Empty(t, c)
		})
	}
}

// twiceRows are whole files, not changes, in which a key stands twice.
func twiceRows() []row {
	const (
		dev   = `{"region": "us-east-1", "api": {"domainName": "b.example.com"}}`
		state = `{"bucket": "demo-state", "region": "us-east-1"}`
		whole = `{"name": "demo", "state": ` + state + `, "environments": {"dev": ` + dev + `}}`
	)
	return []row{
		{"context", `{"context": 1, "context": {"accelerator": ` + whole + `}}`, is(hard("S2", "context"))},
		{"accelerator", `{"context": {"accelerator": 1, "accelerator": ` + whole + `}}`, is(hard("S2", "context.accelerator"))},
		{"name", `{"context": {"accelerator": {"name": "a", "name": "demo", "state": ` + state + `, "environments": {"dev": ` + dev + `}}}}`, is(hard("S2", "name"))},
		{"the same value", `{"context": {"accelerator": {"name": "demo", "name": "demo", "state": ` + state + `, "environments": {"dev": ` + dev + `}}}}`, is(hard("S2", "name"))},
		{"an environment", `{"context": {"accelerator": {"name": "demo", "state": ` + state + `, "environments": {"dev": {}, "dev": ` + dev + `}}}}`, is(hard("S2", "environments.dev"))},
		{"an environment with problems", `{"context": {"accelerator": {"name": "demo", "state": ` + state + `, "environments": {"dev": {}, "dev": {"region": "us-east-1", "api": {"domainName": "b"}}}}}}`, is(
			hard("S2", "environments.dev"),
			hard("O2", "environments.dev.api.domainName"))},
		{"in an item, three times", `{"context": {"accelerator": {"name": "demo", "state": ` + state + `, "environments": {"dev": {"region": "us-east-1", "api": {"domainName": "b.example.com"},
			"routes": [{"path": "/a"}, {"path": "/b", "path": "/c", "path": "/d"}]}}}}}`, is(hard("S2", "environments.dev.routes[1].path"))},
		{"written in another way", `{"context": {"accelerator": {"name": "demo", "n\u0061me": "demo", "state": ` + state + `, "environments": {"dev": ` + dev + `}}}}`, is(hard("S2", "name"))},
		{"elsewhere in the file", `{"language": "go", "language": "go", "context": {"other": {"a": 1, "a": 2}, "acceleratorx": {"a": 1, "a": 1}, "accelerator": ` + whole + `}}`, nil},
	}
}

func TestParseReportsWrongTypes(t *testing.T) {
	const numbers = "must be a number between -2^53 and 2^53, got "
	for _, r := range []struct{ field, value, want string }{
		{"tags", `[]`, `must be an object like {"NAME": …}, got a list`},
		{"tags", `null`, `must be an object like {"NAME": …}, got null: leave it out, or give it a value`},
		{"tags.a", `1`, `must be a text, got 1: write "1"`},
		{"tags.a", `null`, `must be a text, got null: leave it out, or give it a value`},
		{"account", `"111122223333"`, `must be an object, got a text`},
		{"account.id", `111122223333`, `must be a text, got 111122223333: write "111122223333"`},
		{"api.httpsPort", `"443"`, `must be a whole number, got "443": write 443`},
		{"api.httpsPort", `443.5`, `must be a whole number, got 443.5`},
		{"api.httpsPort", `null`, `must be a whole number, got null: leave it out, or give it a value`},
		{"api.httpsPort", `1e400`, numbers + "1e400"},
		{"api.httpsPort", `-1e400`, numbers + "-1e400"},
		{"api.httpsPort", `9007199254740992`, "must be 80, 443 or 1024 to 65535, got 9007199254740992"},
		{"api.httpsPort", `9007199254740994`, numbers + "9007199254740994"},
		{"api.httpsPort", `9007199254740993000`, numbers + "9007199254740993000"},
		{"api.httpsPort", `123456789012345678901234567890`, numbers + "123456789012345678901234567890"},
		{"api.path", `1e400`, numbers + "1e400"},
		{"api.headers.X-A", `true`, `must be a text, got true: write "true"`},
		{"api.cache", `true`, `must be an object, got true: write {}`},
		{"api.cache", `[]`, `must be an object, got a list`},
		{"api.cache.keyHeaders", `"Accept"`, `must be a list, got "Accept": write ["Accept"]`},
		{"api.cache.keyHeaders", `null`, `must be a list, got null: leave it out, or give it a value`},
		{"api.cache.maxTTLSeconds", `1.5`, `must be a whole number from 0 to 3153600000, got 1.5`},
		{"api.cache.minTTLSecond", `1`, "unknown field (did you mean minTTLSeconds?)"},
		{"api.cache.zzzzzzzzzz", `1`, "unknown field"},
		{"api.regions", `{}`, `must be a list, got an object: write [{…}]`},
		{"api.failover", `null`, `must be an object like {"domainName": …}, got null: leave it out, or give it a value`},
		{"routes", `{}`, `must be a list, got an object: write [{…}]`},
		{"routes", `null`, `must be a list, got null: leave it out, or give it a value`},
		{"models.forceDestroy", `"true"`, `must be true or false, got "true": write true`},
		{"distribution.ipv6", `0`, `must be true or false, got 0`},
		{"distribution.ipv6", `null`, `must be true or false, got null: leave it out, or give it a value`},
		{"distribution.geoRestriction.locations", `"DE"`, `must be a list, got "DE": write ["DE"]`},
		{"cors", `"*"`, `must be an object like {"allowOrigins": …}, got a text`},
		{"cors", `[]`, `must be an object like {"allowOrigins": …}, got a list`},
		{"cors.allowOrigins", `"*"`, `must be a list, got "*": write ["*"]`},
		{"monitoring.errorRatePercent", `"5"`, `must be a number, got "5": write 5`},
		{"monitoring.errorRatePercent", `1e400`, numbers + "1e400"},
		{"monitoring", `null`, `must be an object, got null: leave it out, or give it a value`},
	} {
		t.Run(r.field+" "+r.value, func(t *testing.T) {
			got := problems(t, inDevRaw(r.field, r.value))
			got = only(got, "environments.dev."+r.field)
			require.Len(t, got, 1)
			require.Equal(t, r.want, got[0].Message)
		})
	}
}

// only returns the problems of a path.
func only(all []config.Problem, path string) (some []config.Problem) {
	for _, p := range all {
		if p.Path == path {
			some = append(some, p)
		}
	}
	return some
}

// inDevRaw returns a file in which one field of dev, like a.b, has a value that is written as it is.
func inDevRaw(field, value string) []byte {
	text := value
	names := strings.Split(field, ".")
	for i := len(names) - 1; i >= 0; i-- {
		text = fmt.Sprintf(`{%q: %s}`, names[i], text)
	}
	if names[0] == "api" {
		text = strings.Replace(text, `{"api": {`, `{"api": {"domainName": "b.example.com", `, 1)
	}
	env := strings.Replace(text, "{", `{"region": "us-east-1", `, 1)
	if names[0] != "api" {
		env = strings.Replace(env, "{", `{"api": {"domainName": "b.example.com"}, `, 1)
	}
	return []byte(`{"context": {"accelerator": {"name": "demo", "state": {"bucket": "demo-state", "region": "us-east-1"}, "environments": {"dev": ` + env + `}}}}`)
}

// wholeRows are whole configurations of which most is missing or of a wrong type.
func wholeRows() []row {
	return []row{
		{"everything missing", `{"context": {"accelerator": {}}}`, is(hard("S4", "environments"), hard("S4", "name"), hard("S4", "state"))},
		{"everything null", `{"context": {"accelerator": {"name": null, "state": null, "environments": null}}}`, is(
			hard("S3", "environments"),
			hard("S3", "name"),
			hard("S3", "state"))},
		{"an environment is null", `{"context": {"accelerator": {"name": "demo", "state": {"bucket": "demo-state", "region": "us-east-1"}, "environments": {"dev": null}}}}`,
			is(hard("S3", "environments.dev"))},
		{"no environments", `{"context": {"accelerator": {"name": "demo", "state": {"bucket": "demo-state", "region": "us-east-1"}, "environments": {}}}}`,
			is(hard("N0", "environments"))},
		{"a list of environments", `{"context": {"accelerator": {"name": "demo", "state": {"bucket": "demo-state", "region": "us-east-1"}, "environments": []}}}`,
			is(hard("S3", "environments"))},
		{"an empty environment", `{"context": {"accelerator": {"name": "demo", "state": {"bucket": "demo-state", "region": "us-east-1"}, "environments": {"dev": {}}}}}`,
			is(hard("S4", "environments.dev.api"), hard("S4", "environments.dev.region"))},
	}
}

func TestNullLeavesOutWhatIsOptional(t *testing.T) {
	for _, field := range []string{"api.cache", "cors"} {
		c, warnings, err := config.Parse("cdktf.json", inDevRaw(field, "null"))
		require.NoError(t, err, field)
		require.Empty(t, butPlaceholders(warnings), field)
		require.Nil(t, c.Environments["dev"].API.Cache, field)
		require.Nil(t, c.Environments["dev"].CORS, field)
	}
	c, _, err := config.Parse("cdktf.json", inDevRaw("routes", `[{"path": "/a", "cache": null}, {"path": "/b", "origin": "models", "cache": null}]`))
	require.NoError(t, err)
	require.Nil(t, c.Environments["dev"].Routes[0].Cache)
	require.Nil(t, c.Environments["dev"].Routes[1].Cache)
}

func TestWholeNumbersMayBeWrittenInAnyWay(t *testing.T) {
	for text, want := range map[string]int{"443": 443, "443.0": 443, "2e3": 2000, "20000e-1": 2000} {
		c, _, err := config.Parse("cdktf.json", inDevRaw("api.httpsPort", text))
		require.NoError(t, err, text)
		require.Equal(t, want, c.Environments["dev"].API.HTTPSPort, text)
	}
}

func TestProblemsHaveAPlace(t *testing.T) {
	_, warnings, err := config.Parse("cdktf.json", []byte(`{
  "context": {
    "accelerator": {
      "näme": "ä", "name": "demo",
      "state": {"region": "us-east-1"},
      "environments": {
        "dev": {
          "region": "us-east-1",
          "api": {"domainName": "your-backend-endpoint.amazonaws.com"},
          "domain": {"hostedZoneId": "Z1", "aliases": ["a.example.com",
            "B.example.com"]}
        }
      }
    }
  }
}`))
	require.EqualError(t, err, `cdktf.json: 3 problems in context.accelerator
  ["näme"]: unknown field (did you mean name?) (cdktf.json:4:7)
  environments.dev.domain.aliases[1]: must be a DNS name like api.example.com: in lower case, got "B.example.com": write "b.example.com" (cdktf.json:11:13)
  state.bucket: is required (cdktf.json:5:7)`)
	require.Len(t, warnings, 2)
	require.Equal(t, []int{9, 19}, []int{warnings[0].Line, warnings[0].Column})
}

// TestProblemsOfQuotedKeys: a name with a dot is one step of a path, like any other.
func TestProblemsOfQuotedKeys(t *testing.T) {
	eleven := object(11, `"X-%d": "a"`)
	for _, name := range []string{"X-Foo", "X.Foo", "X.a.b"} {
		quoted := "environments.dev.api.headers." + name
		if strings.Contains(name, ".") {
			quoted = `environments.dev.api.headers["` + name + `"]`
		}
		file := inDevRaw("api.headers", strings.Replace(eleven, "{", fmt.Sprintf("{%q: 5, ", name), 1))
		got := problems(t, file)
		require.Len(t, got, 1, "%v", got)
		require.Equal(t, quoted, got[0].Path)
	}
}

func TestKeysWrittenTwiceHaveThePlaceOfTheSecond(t *testing.T) {
	for file, want := range map[string]string{
		`{"context": 1, "context": {"accelerator": ` + smallest + `}}`:                              "context: must not be written twice, first in line 1, column 2: take one of the two out (f:1:16)",
		`{"context": {"accelerator": 1,` + "\n" + `  "accelerator": ` + smallest + `}}`:             "context.accelerator: must not be written twice, first in line 1, column 14: take one of the two out (f:2:3)",
		`{"context": {"a": {}, "a": 1}, ` + "\n" + ` "context": {"accelerator": ` + smallest + `}}`: "context: must not be written twice, first in line 1, column 2: merge the two (f:2:2)",
	} {
		_, _, err := config.Parse("f", []byte(file))
		require.ErrorContains(t, err, want)
	}
}
