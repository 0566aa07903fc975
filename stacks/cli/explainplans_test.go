package cli_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestExplainPlans asks about a plan that is set and doesn't fit, which is an answer and no error.
func TestExplainPlans(t *testing.T) {
	file := edited(t, "environments.prod.distribution", map[string]any{"pricingPlan": "business", "priceClass": "PriceClass_100"})
	code, stdout, _ := run("check", "-c", file)
	require.Equal(t, 1, code, stdout)
	code, stdout, stderr := run("explain", "prod", "--plans", "-c", file)
	require.Zero(t, code, stderr)
	require.Empty(t, stderr)
	require.Equal(t, `free, $0 a month for 1 million requests and 100 GB: 7 things are in the way
  api.failover: must be absent: only premium includes origin failover ("Automatic origin failover")
  distribution.pricingPlan: must be business or premium: only business and premium include response headers policies of your own ("Custom response header rules"), and every distribution made here has one
  firewall: must be enabled or have a webACLArn: no plan goes without a web ACL
  logging.enabled: must be false: only pro, business and premium include access logs ("Access Logs")
  models.access: must be "control": no plan takes an origin access identity
  routes[0].cache: must be absent: only business and premium include cache policies of your own ("Custom caching rules")
  routes[1].cache: must be absent: only business and premium include cache policies of your own ("Custom caching rules")
  unsure: distribution.priceClass: may be refused: AWS's guide to plans doesn't mention price classes

pro, $15 a month for 10 million requests and 50 TB: 6 things are in the way
  api.failover: must be absent: only premium includes origin failover ("Automatic origin failover")
  distribution.pricingPlan: must be business or premium: only business and premium include response headers policies of your own ("Custom response header rules"), and every distribution made here has one
  firewall: must be enabled or have a webACLArn: no plan goes without a web ACL
  models.access: must be "control": no plan takes an origin access identity
  routes[0].cache: must be absent: only business and premium include cache policies of your own ("Custom caching rules")
  routes[1].cache: must be absent: only business and premium include cache policies of your own ("Custom caching rules")
  unsure: distribution.priceClass: may be refused: AWS's guide to plans doesn't mention price classes

business, $200 a month for 125 million requests and 50 TB: 3 things are in the way (distribution.pricingPlan)
  api.failover: must be absent: only premium includes origin failover ("Automatic origin failover")
  firewall: must be enabled or have a webACLArn: no plan goes without a web ACL
  models.access: must be "control": no plan takes an origin access identity
  unsure: distribution.priceClass: may be refused: AWS's guide to plans doesn't mention price classes

premium, $1,000 a month for 500 million requests and 50 TB: 2 things are in the way
  firewall: must be enabled or have a webACLArn: no plan goes without a web ACL
  models.access: must be "control": no plan takes an origin access identity
  unsure: distribution.priceClass: may be refused: AWS's guide to plans doesn't mention price classes

Pay-as-you-go, without a plan, takes everything.
Source: CloudFront Developer Guide, CloudFront flat-rate pricing plans, read on 2026-11-30.
`, stdout)
}

func TestExplainPlansThatFit(t *testing.T) {
	code, stdout, stderr := run("explain", "private", "--plans", "--json", "-c", "../testdata/everything.json")
	require.Zero(t, code, stderr)
	const unsure = `"unsure": [{"path": "firewall.webACLArn", "rule": "P7", "message": "may be refused: what rules it has isn't known here"}]`
	require.Contains(t, withoutSpace(stdout), withoutSpace(`{
		"plan": "business", "dollarsPerMonth": 200, "requestsPerMonth": "125 million", "transferPerMonth": "50 TB", "set": false, "fits": false,
		"inTheWay": [{"path": "models.replicaRegion", "rule": "P5", "message": "must be absent: only premium includes origin failover (\"Automatic origin failover\")"}],
		`+unsure+`
	}, {
		"plan": "premium", "dollarsPerMonth": 1000, "requestsPerMonth": "500 million", "transferPerMonth": "50 TB", "set": true, "fits": true,
		"inTheWay": [], `+unsure+`
	}]`))
	code, stdout, stderr = run("explain", "private", "--plans", "-c", "../testdata/everything.json")
	require.Zero(t, code, stderr)
	require.Contains(t, stdout, "premium, $1,000 a month for 500 million requests and 50 TB: fits, if AWS takes what is unsure (distribution.pricingPlan)\n")
}

func TestExplainPlansRefuses(t *testing.T) {
	for _, r := range []struct {
		args []string
		want string
	}{
		{[]string{"prod", "GET", "/"}, "--plans is about an environment, not a request: explain prod --plans"},
		{[]string{"prod", "--caller", "alice"}, "--caller needs a request: explain prod GET /v1/models"},
		{[]string{"prdo"}, `environment "prdo": not found (did you mean prod?); there are dev, prod`},
	} {
		code, stdout, stderr := run(append([]string{"explain", "--plans", "-c", explained}, r.args...)...)
		require.Equal(t, 1, code)
		require.Empty(t, stdout)
		require.Equal(t, r.want, lastLine(stderr))
	}
	file := edited(t, "environments.prod.distribution", map[string]any{"pricingPlan": "gold"})
	code, _, stderr := run("explain", "prod", "--plans", "-c", file)
	require.Equal(t, 1, code)
	require.Contains(t, stderr, `distribution.pricingPlan: must be one of free, pro, business, premium, got "gold"`)
}
