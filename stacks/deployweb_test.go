package stacks_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/config"
)

// TestLongDeployWeb makes a page the default route, moves it below a path, and takes it away again: its bucket stays
// until somebody lets it go, with the files in it.
func TestLongDeployWeb(t *testing.T) {
	aws := needAWS(t)
	c := load(t, everything)
	base := c.Environments["web"]
	aws.CreateBucket(t, c.State.Region, c.State.Bucket)

	below := withOwnMaps(base)
	web := *base.Web
	web.Path, web.APIPaths = "/ui/*", nil
	below.Web = &web
	for i, r := range below.Routes {
		if r.Origin == config.OriginWeb {
			below.Routes[i].Path = "/ui" + r.Path
		}
	}
	gone := withOwnMaps(base)
	gone.Web = nil
	gone.Routes = slices.DeleteFunc(gone.Routes, func(r config.Route) bool { return r.Origin == config.OriginWeb })
	whole, moved, without := synthesizeAs(t, c, "web", base), synthesizeAs(t, c, "web", below), synthesizeAs(t, c, "web", gone)
	sideBySide(t)

	d := newDeployment(t, aws, whole, patience(t, whole))
	var bucket string
	step(t, "the page has the default route, and the API its paths", func(t *testing.T) {
		d.apply(t)
		bucket = d.state(t).Outputs["web_bucket"].Value.(string)
		aws.PutObject(t, bucket, "index.html", "<h1>page</h1>")
		_, edge := sent[wireDistribution](t, aws, "Distribution")
		require.Equal(t, "web", edge.Default.Target)
		require.Equal(t, []string{"web"}, functionNames(edge.Default))
		require.ElementsMatch(t, []string{"GET", "HEAD", "OPTIONS"}, edge.Default.Methods)
		require.Equal(t, "api", edge.behavior("/v1/*").Target)
		require.Len(t, edge.behavior("/app/*").KeyGroups, 1)
		_, policy := sent[wireCachePolicy](t, aws, "CachePolicy")
		require.Equal(t, wireCachePolicy{0, 0, 31_536_000}, policy)
		requireServed(t, aws, "/app/*", "index.html")
		require.Contains(t, string(aws.BucketPolicy(bucket)), "s3:ListBucket")
		require.True(t, strings.HasSuffix(d.state(t).Outputs["web_url"].Value.(string), ".cloudfront.net/"))
		d.requireNoChanges(t)
	})
	step(t, "below a path it leaves the default route to the API, whose answers are never kept like the page's files", func(t *testing.T) {
		page, _ := sent[wireCachePolicy](t, aws, "CachePolicy")
		d.deploy(t, moved)
		require.Empty(t, aws.CallsTo("cloudfront:UpdateCachePolicy"))
		_, edge := sent[wireDistribution](t, aws, "Distribution")
		require.Equal(t, "api", edge.Default.Target)
		require.NotEqual(t, page, edge.Default.CachePolicy)
		require.Equal(t, "web", edge.behavior("/ui/*").Target)
		require.Equal(t, page, edge.behavior("/ui/*").CachePolicy)
		require.Empty(t, edge.behavior("/v1/*"))
		require.Equal(t, []string{"index.html"}, aws.Objects(t, bucket))
		d.requireNoChanges(t)
	})
	step(t, "it isn't taken away with its files", func(t *testing.T) {
		d.change(t, without, patience(t, without))
		aws.ResetCalls()
		require.ErrorContains(t, d.Apply(t.Context()), "Instance cannot be destroyed")
		require.Empty(t, writes(d))
	})
	step(t, "forgotten as the README says, the bucket stays, and all else goes", func(t *testing.T) {
		for _, r := range d.state(t).Resources {
			if strings.HasPrefix(r.Type, "aws_s3_bucket") && r.Name == "web" && r.Mode == "managed" {
				require.NoError(t, d.StateRm(t.Context(), r.Type+"."+r.Name))
			}
		}
		require.NoError(t, d.StateRm(t.Context(), `terraform_data.kept-buckets["web"]`))
		d.deploy(t, without)
		require.Equal(t, []string{"index.html"}, aws.Objects(t, bucket))
		_, edge := sent[wireDistribution](t, aws, "Distribution")
		require.Empty(t, edge.origin("web"))
		require.Empty(t, aws.Resources()["CachePolicy"])
		require.NotContains(t, d.state(t).Outputs, "web_url")
		d.requireNoChanges(t)
	})
	step(t, "destroyed, it leaves the bucket with the page", func(t *testing.T) {
		d.destroy(t, withoutRefresh)
		require.Empty(t, aws.Resources())
		require.ElementsMatch(t, []string{c.State.Bucket, bucket}, aws.Buckets(t))
	})
}

// functionNames are the functions of a behavior, without that of their stack.
func functionNames(b wireBehavior) []string {
	var list []string
	for _, arn := range b.Functions {
		list = append(list, strings.TrimPrefix(last(arn), "everything-web-"))
	}
	return list
}
