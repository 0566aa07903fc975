package stacks_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-exec/tfexec"
	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/config"
)

// TestLongDeployExisting reads buckets that are there already, of another account, of another region, and behind an
// access point, and takes one over and gives it back, with the objects in them.
func TestLongDeployExisting(t *testing.T) {
	aws := needAWS(t)
	c := load(t, everything)
	base := c.Environments["existing"]
	base.Monitoring = config.Monitoring{}
	aws.CreateBucket(t, c.State.Region, c.State.Bucket)
	const others, shared, adopted = "acme-models", "acme-shared", "acme-adopted"
	for bucket, region := range map[string]string{others: "us-west-2", shared: base.Region, adopted: base.Region} {
		aws.CreateBucket(t, region, bucket)
		aws.PutObject(t, bucket, model, "weights")
	}
	aws.GiveBucket(others)
	const theirs = `{"Version":"2012-10-17","Statement":[{"Sid":"Train","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/train"},"Action":"s3:*","Resource":"arn:aws:s3:::acme-adopted/*"}]}`
	aws.SetBucketPolicy(adopted, theirs)
	aws.ConfigureBucket(t, adopted, "tagging", `<Tagging><TagSet><Tag><Key>team</Key><Value>ml</Value></Tag></TagSet></Tagging>`)
	aws.ConfigureBucket(t, adopted, "lifecycle", `<LifecycleConfiguration><Rule><ID>theirs</ID><Filter><Prefix>tmp/</Prefix></Filter>`+
		`<Status>Enabled</Status><Expiration><Days>3</Days></Expiration></Rule></LifecycleConfiguration>`)

	withBucket := func(name string, existing, adopt bool) config.Environment {
		e := withOwnMaps(base)
		b := e.Buckets[name]
		b.Existing, b.Adopt, b.InvalidateOnChange = existing, adopt, adopt && b.InvalidateOnChange
		e.Buckets[name] = b
		return e
	}
	whole := synthesizeAs(t, c, "existing", base)
	given := synthesizeAs(t, c, "existing", withBucket("adopted", true, false))
	taken := synthesizeAs(t, c, "existing", withBucket("shared", false, true))
	fewer := withBucket("adopted", true, false)
	fewer.Models.BucketName, fewer.Models.BucketRegion = shared, ""
	delete(fewer.Buckets, "shared")
	less := synthesizeAs(t, c, "existing", fewer)
	sideBySide(t)
	d := newDeployment(t, aws, whole, withoutEdges(t, whole))
	deploy := func(t *testing.T, text []byte, options ...tfexec.ApplyOption) {
		t.Helper()
		d.change(t, withoutLifecycleImports(t, text), patience(t, text))
		d.apply(t, options...)
		require.Empty(t, writes(d, others, shared))
		for _, bucket := range []string{others, shared, adopted} {
			require.Equal(t, []string{model}, aws.Objects(t, bucket))
		}
	}

	step(t, "the plan shows what adopting a bucket changes, and replaces nothing", func(t *testing.T) {
		planned := d.planAllowed(t)
		for _, part := range []string{"", "_policy", "_lifecycle_configuration", "_versioning", "_notification"} {
			address := "aws_s3_bucket" + part + ".adopted"
			require.Equal(t, "update", planned.changes[address], address)
		}
		for address, action := range planned.changes {
			require.Contains(t, []string{"create", "read", "update"}, action, address)
		}
	})
	step(t, "it is deployed without a touch of what is only read", func(t *testing.T) {
		deploy(t, whole)
		require.Contains(t, writes(d, adopted), "s3:PutBucketPolicy "+adopted)
		require.NotContains(t, writes(d, adopted), "s3:CreateBucket "+adopted)
		require.NotContains(t, string(aws.BucketPolicy(adopted)), "Train")
		_, edge := sent[wireDistribution](t, aws, "Distribution")
		require.Equal(t, "acme-models.s3.us-west-2.amazonaws.com", edge.origin("models").Domain)
		require.Equal(t, "acme-shared.s3.eu-west-1.amazonaws.com", edge.origin("shared").Domain)
		require.Equal(t, "point-0123456789abcdefghijklmnopqrstuvwx-s3alias.s3.eu-west-1.amazonaws.com", edge.origin("point").Domain)
	})
	const lacking = "doesn't seem to let this CloudFront distribution read it"
	step(t, "a plan warns of a policy without the statement, and of one that it can't read", func(t *testing.T) {
		aws.SetBucketPolicy(shared, theirs)
		planned := d.planAllowed(t)
		requireOnlyReads(t, planned)
		warned := strings.Join(planned.warnings, "\n")
		require.Contains(t, warned, "The policy of acme-shared "+lacking)
		require.Contains(t, warned, "AccessDenied")
		statement := d.state(t).Outputs["shared_bucket_statement"].Value.(string)
		aws.SetBucketPolicy(shared, `{"Version":"2012-10-17","Statement":[`+statement+`]}`)
	})
	step(t, "given back, the bucket stays as it is", func(t *testing.T) {
		policy := aws.BucketPolicy(adopted)
		deploy(t, given, withoutRefresh)
		require.Equal(t, []string{"s3:PutBucketNotification " + adopted}, writes(d, adopted))
		require.Equal(t, policy, aws.BucketPolicy(adopted))
		planned := d.planAllowed(t)
		requireOnlyReads(t, planned)
		require.NotContains(t, strings.Join(planned.warnings, "\n"), lacking)
	})
	step(t, "and is taken over again", func(t *testing.T) {
		deploy(t, whole)
		require.NotContains(t, writes(d, adopted), "s3:CreateBucket "+adopted)
		requireOnlyReads(t, d.planAllowed(t))
	})
	step(t, "a bucket of another account isn't taken over", func(t *testing.T) {
		aws.GiveBucket(shared)
		d.change(t, withoutLifecycleImports(t, taken), patience(t, taken))
		aws.ResetCalls()
		require.ErrorContains(t, d.Apply(t.Context()), "aws_s3_bucket.shared")
		require.Empty(t, writes(d))
	})
	step(t, "what is only read goes without a question, also the last of a region", func(t *testing.T) {
		deploy(t, less)
	})
	step(t, "destroyed, it leaves every bucket with its objects", func(t *testing.T) {
		d.destroy(t, withoutRefresh)
		require.Empty(t, aws.Resources())
		for _, bucket := range []string{others, shared, adopted} {
			require.Equal(t, []string{model}, aws.Objects(t, bucket))
		}
	})
}

// withoutLifecycleImports is a stack that patience can be had with.
func withoutLifecycleImports(t *testing.T, synthesized []byte) []byte {
	t.Helper()
	var stack object
	require.NoError(t, json.Unmarshal(synthesized, &stack))
	imports, _ := stack["import"].([]any)
	stack["import"] = slices.DeleteFunc(imports, func(i any) bool {
		return strings.HasPrefix(i.(object)["to"].(string), "aws_s3_bucket_lifecycle_configuration.")
	})
	text, err := json.Marshal(stack)
	require.NoError(t, err)
	return text
}

// requireOnlyReads holds that a plan changes nothing: what check blocks read is in every plan.
func requireOnlyReads(t *testing.T, planned plan) {
	t.Helper()
	for address, action := range planned.changes {
		require.Equal(t, "read", action, address)
	}
	for name, action := range planned.outputs {
		require.Equal(t, "noop", action, name)
	}
}
