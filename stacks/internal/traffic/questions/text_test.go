package questions

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestText(t *testing.T) {
	a := Answer{Columns: columns("path", "requests origin_p95_ms share_percent"), Rows: [][]string{
		{"/models/ä", "1234567", "", "0.05"},
		{"/\x1b[31m" + strings.Repeat("x", 60), "12", "1000", "12345.60"},
	}}
	require.Equal(t, `path                                                           requests  origin p95 ms  share percent
/models/ä                                                     1,234,567              -           0.05
/\x1b[31m`+strings.Repeat("x", 50)+`…         12          1,000      12,345.60
`, Text(a))
	require.Equal(t, "none\n", Text(Answer{Columns: a.Columns}))

	unknownHost, err := FindDetail("OriginDnsError")
	require.NoError(t, err)
	detailed := Answer{Columns: columns("status detail", "requests"), Rows: [][]string{{"502", "OriginDnsError", "2"}, {"500", "Odd", "1"}, {"504", "OriginDnsError", "1"}}}
	require.Equal(t, `status  detail          requests
502     OriginDnsError         2
500     Odd                    1
504     OriginDnsError         1

OriginDnsError: the name of the origin isn't found in the public DNS. `+string(unknownHost.Next)+`
Odd: unknown detail; CloudFront's Standard logging reference may have it, at x-edge-detailed-result-type.
`, Text(detailed))
	refusals := Answer{Columns: columns("status detail", "requests"), Rows: [][]string{{"403", "Error", "2"}, {"401", "Error", "1"}, {"403", "-", "1"}}}
	_, meant, _ := strings.Cut(Text(refusals), "\n\n")
	require.Regexp(t, `^Error: the request was refused, by the edge or by the origin\. By the edge: is it signed, .* isn't there\.\n$`, meant)
	refusals.Rows[0][0] = "502"
	require.Contains(t, Text(refusals), "Error: an error that fits no other detail")
	text, err := json.Marshal(a)
	require.NoError(t, err)
	require.Equal(t, `[{"path":"/models/ä","requests":1234567,"originP95Milliseconds":null,"sharePercent":0.05},`+
		`{"path":"/\u001b[31m`+strings.Repeat("x", 60)+`","requests":12,"originP95Milliseconds":1000,"sharePercent":12345.60}]`, string(text))
	text, err = json.Marshal(Answer{})
	require.NoError(t, err)
	require.Equal(t, "[]", string(text))
	text, err = json.Marshal(Answer{Columns: columns("caller detail", "requests"), Rows: [][]string{{"(none)", "(none)", "1"}, {"alice", "-", "2"}}})
	require.NoError(t, err)
	require.Equal(t, `[{"caller":null,"detail":"(none)","requests":1},{"caller":"alice","detail":null,"requests":2}]`, string(text))
	_, err = json.Marshal(Answer{Columns: columns("", "requests"), Rows: [][]string{{"many"}}})
	require.ErrorContains(t, err, `invalid number literal`)
}

// TestDetails has one line for each, in a sentence or two.
func TestDetails(t *testing.T) {
	for _, d := range Details {
		found, err := FindDetail(strings.ToLower(d.Name))
		require.NoError(t, err)
		require.Equal(t, d, found)
		require.NotContains(t, d.String(), "\n")
		require.False(t, strings.HasSuffix(d.Meaning, ".") || strings.HasSuffix(string(d.Next), "."), d.Name)
	}
	for typed, want := range map[string]string{
		"origindns": "OriginDnsError", "origindnseror": "OriginDnsError", "ERROR!": "Error", "originZ": "OriginZeroSizeObjectError",
		"Lambda": "LambdaExecutionError", "client": "ClientCommError or ClientGeoBlocked or ClientHungUpRequest", "nonsense": "", "": "",
	} {
		_, err := FindDetail(typed)
		hint := ""
		if want != "" {
			hint = " (did you mean " + want + "?)"
		}
		require.ErrorContains(t, err, fmt.Sprintf("detail %q: not found%s; there are ", typed, hint))
	}
	_, err := FindDetail("OriginDnsEror")
	require.ErrorContains(t, err, `detail "OriginDnsEror": not found (did you mean OriginDnsError?); there are AbortedOrigin, ClientCommError, `)
	require.NotContains(t, err.Error(), "\n")
}
