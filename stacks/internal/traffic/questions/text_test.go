package questions

import (
	"encoding/json"
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

	text, err := json.Marshal(a)
	require.NoError(t, err)
	require.Equal(t, `[{"path":"/models/ä","requests":1234567,"originP95Milliseconds":null,"sharePercent":0.05},`+
		`{"path":"/\u001b[31m`+strings.Repeat("x", 60)+`","requests":12,"originP95Milliseconds":1000,"sharePercent":12345.60}]`, string(text))
	text, err = json.Marshal(Answer{})
	require.NoError(t, err)
	require.Equal(t, "[]", string(text))
	_, err = json.Marshal(Answer{Columns: columns("", "requests"), Rows: [][]string{{"many"}}})
	require.ErrorContains(t, err, `invalid number literal`)
}
