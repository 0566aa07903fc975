package questions

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/traffic/logs"
)

// choices are values of fields, some of which are odd. They are few, so that many rows are as high as others.
var choices = map[string][]string{
	"x-edge-location": {"FRA56-P1", "FRA56-P3", "IAD89-C1", "-", "X"},
	"sc-bytes":        {"0", "392", "900", "50000000000"},
	"c-ip":            {"192.0.2.1", "192.0.2.2", "2001:db8::1", "-", "198.51.100.7", "203.0.113.9"},
	"cs-method":       {"GET", "GET", "GET", "HEAD", "POST", "POST", "OPTIONS", "PROPFIND"},
	"cs-uri-stem":     {"/v1/chat/completions", "/v1/chat/completions", "/v1/models", "/models/a.gguf", "/models/a%2520b+c", "/", "/a%zz", "/%C3%A4", "/v1/a%25"},
	"sc-status":       {"200", "200", "200", "206", "304", "301", "000", "101", "400", "401", "403", "404", "429", "429", "500", "502", "503", "504", "599", "600"},
	"cs(User-Agent)":  {"curl/8.5", "OpenAI/Python%201.0", "Mozilla/5.0%20(X11)%20a+b", "-", "a%2520b"},
	// The rest of them has no branch.
	"x-edge-result-type":          {"Hit", "Hit", "Miss", "Miss", "RefreshHit", "Error", "Redirect", "LimitExceeded", "FunctionGeneratedResponse"},
	"x-edge-response-result-type": {"Hit", "Hit", "Miss", "RefreshHit", "Error", "-"},
	"cs-protocol":                 {"https", "https", "https", "http", "wss", "ws", "grpcs"},
	"time-to-first-byte":          {"0.000", "0.001", "0.0019", "0.102", "1.5", "2", "59.999", "-"},
	"time-taken":                  {"0.001", "3600.123", "-"},
	"x-edge-detailed-result-type": {"Error", "OriginDnsError", "ClientGeoBlocked", "Miss", "-"},
	"c-country":                   {"DE", "US", "BR", "-"},
	"cache-behavior-path-pattern": {"/v1/models*", "/models/*", "*", "-"},
	"origin-fbl":                  {"-", "0.000", "0.0999", "0.250", "30"},
	"origin-lbl":                  {"-", "0.300"},
	logs.CallerField: {
		"-", "-", "caller%3Dalice", "caller%3Dalice%26canary%3D1", "caller=bob", "caller=bob&canary=1", "canary=1", "canary%3D0", "canary=0&canary=1", "v=2&caller=carol&caller=dave",
		"caller=a+b&caller=erin", "caller=%zz", "caller%253Dalice", "caller=", "caller=%C3%A4", "mycaller=alice", "{%22caller%22:%22alice%22}", "caller=Alice", "caller=team-a.ml_2%40example.com", "canary=2", "x",
	},
}

// always are fields in which nothing is looked for.
var always = map[string]string{"cs(Host)": "d111111abcdef8.cloudfront.net", "x-host-header": "api.example.com", "cs-bytes": "23"}

// sample writes a log of random lines of the last 30 hours before a time, none of which is within five minutes of a day
// before it.
func sample(t *testing.T, lines int, end time.Time) (path string) {
	t.Helper()
	random := rand.New(rand.NewPCG(uint64(lines), 1))
	var text strings.Builder
	text.WriteString("#Version: 1.0\n#Fields: " + strings.Join(logs.Delivered(), " ") + "\n")
	for range lines {
		ago := time.Duration(random.IntN(30*3600)) * time.Second
		if near := ago - 24*time.Hour; near.Abs() < 5*time.Minute {
			ago += 10 * time.Minute
		}
		at := end.UTC().Add(-ago)
		for i, field := range logs.Delivered() {
			value := none
			switch list := choices[field]; {
			case field == "date":
				value = at.Format(time.DateOnly)
			case field == "time":
				value = at.Format(time.TimeOnly)
			case field == "cs-uri-stem" && random.IntN(20) == 0:
				value = "/rare/" + strconv.Itoa(random.IntN(60))
			case (field == "time-to-first-byte" || field == "origin-fbl") && random.IntN(2) == 0:
				value = strconv.FormatFloat(random.Float64(), 'f', 3, 64)
			case list != nil:
				value = list[random.IntN(len(list))]
			case always[field] != "":
				value = always[field]
			}
			if i > 0 {
				text.WriteByte('\t')
			}
			text.WriteString(value)
		}
		text.WriteByte('\n')
	}
	path = filepath.Join(t.TempDir(), "sample")
	require.NoError(t, os.WriteFile(path, []byte(text.String()), 0o600))
	return path
}
