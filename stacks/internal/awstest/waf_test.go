package awstest_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/awstest"
)

const visibility = `"VisibilityConfig": {"SampledRequestsEnabled": true, "CloudWatchMetricsEnabled": true, "MetricName": "edge"}`

type answer struct {
	status int
	text   string
}

// callWAF makes a call to WAF.
func callWAF(t *testing.T, s *awstest.Server, action, body string) answer {
	t.Helper()
	status, text := send(t, s, "wafv2", "POST", "/", body, "X-Amz-Target", "AWSWAF_20190729."+action)
	return answer{status, text}
}

func makeWebACL(t *testing.T, s *awstest.Server, name, fields string) answer {
	t.Helper()
	return callWAF(t, s, "CreateWebACL",
		`{"Name": "`+name+`", "Scope": "CLOUDFRONT", "DefaultAction": {"Allow": {}}, `+visibility+`, `+fields+`}`)
}

func protecting(field string) string {
	return `"DataProtectionConfig": {"DataProtections": [{"Action": "SUBSTITUTION", "Field": ` + field + `}]}`
}

func TestLongMotoKeepsDataProtection(t *testing.T) {
	s := start(t)
	made := makeWebACL(t, s, "edge", protecting(`{"FieldType": "QUERY_STRING"}`))
	var acl struct {
		Summary struct{ Id, LockToken string }
	}
	require.NoError(t, json.Unmarshal([]byte(made.text), &acl))
	id := `"Name": "edge", "Scope": "CLOUDFRONT", "Id": "` + acl.Summary.Id + `"`
	require.Contains(t, callWAF(t, s, "GetWebACL", `{`+id+`}`).text, "QUERY_STRING")

	changed := callWAF(t, s, "UpdateWebACL",
		`{`+id+`, "LockToken": "`+acl.Summary.LockToken+`", "DefaultAction": {"Allow": {}}, `+visibility+`}`)
	require.Equal(t, 200, changed.status, changed.text)
	read := callWAF(t, s, "GetWebACL", `{`+id+`}`).text
	require.NotContains(t, read, "QUERY_STRING", "an update replaces the whole web ACL")
}
