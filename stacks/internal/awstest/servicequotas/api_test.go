package servicequotas_test

import (
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/awstest/servicequotas"
)

func TestQuotas(t *testing.T) {
	api := servicequotas.New("111122223333")
	for _, code := range []string{"L-1", "L-2", "L-3", "L-4", "L-5", "L-6"} {
		api.SetDefault("cloudfront", code, "Name of "+code, 10, true)
	}
	api.Apply("cloudfront", "L-2", 20)
	const one, two = `{"ServiceCode": "cloudfront", "QuotaCode": "L-1"}`, `{"ServiceCode": "cloudfront", "QuotaCode": "L-2"}`
	for _, r := range []struct {
		action, body string
		status       int
		says         string
	}{
		{"GetServiceQuota", one, 400, "NoSuchResourceException"},
		{"GetAWSDefaultServiceQuota", one, 200, `"Value":10`},
		{"GetServiceQuota", two, 200, `"Value":20`},
		{"GetServiceQuota", two, 200, `"QuotaArn":"arn:aws:servicequotas:us-east-1:111122223333:cloudfront/L-2"`},
		{"GetAWSDefaultServiceQuota", two, 200, `"Value":10`},
		{"GetAWSDefaultServiceQuota", `{"ServiceCode": "cloudfront", "QuotaCode": "L-7"}`, 400, "NoSuchResourceException"},
		{"ListAWSDefaultServiceQuotas", `{"ServiceCode": "cloudfront"}`, 200, `"NextToken":"5"`},
		{"ListAWSDefaultServiceQuotas", `{"ServiceCode": "cloudfront", "NextToken": "5"}`, 200, `{"Quotas":[{"ServiceCode":"cloudfront","QuotaCode":"L-6"`},
		{"ListAWSDefaultServiceQuotas", `{"ServiceCode": "cloudfront", "NextToken": "x"}`, 400, "IllegalArgumentException"},
		{"ListAWSDefaultServiceQuotas", `{"ServiceCode": "acm"}`, 400, "NoSuchResourceException"},
		{"GetServiceQuota", `[`, 400, "SerializationException"},
		{"RequestServiceQuotaIncrease", one, 501, "NotImplemented"},
	} {
		w := httptest.NewRecorder()
		api.Serve(w, r.action, []byte(r.body))
		require.Equal(t, r.status, w.Code, "%s %s: %s", r.action, r.body, w.Body)
		require.Contains(t, w.Body.String(), r.says, "%s %s", r.action, r.body)
	}
}
