package stacks_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/config"
)

const bucketsConfig = `{"context": {"accelerator": {
	"name": "demo",
	"state": {"bucket": "demo-state", "region": "us-east-1"},
	"environments": {"dev": {
		"region": "eu-west-1",
		"api": {"domainName": "backend.example.com"},
		"models": {"replicaRegion": "us-west-2"}
	}}
}}}`

// TestLongDeployBuckets takes the buckets of an environment, each with an object in it, through what could lose them.
func TestLongDeployBuckets(t *testing.T) {
	aws := needAWS(t)
	c, _, err := config.Parse("cdktf.json", []byte(bucketsConfig))
	require.NoError(t, err)
	aws.CreateBucket(t, c.State.Region, c.State.Bucket)
	e := c.Environments["dev"]
	synth := func() []byte {
		c.Environments["dev"] = e
		return synthesizeConfig(t, c)["demo-dev"]
	}
	text := synth()
	dev := newDeployment(t, aws, text, patience(t, text))
	write := func() {
		text := synth()
		dev.change(t, text, patience(t, text))
	}
	deploy := func(t *testing.T) {
		t.Helper()
		write()
		dev.apply(t, withoutRefresh)
	}
	named := func(part string) string {
		t.Helper()
		i := slices.IndexFunc(aws.Buckets(t), func(name string) bool { return strings.HasPrefix(name, "demo-dev-"+part+"-") })
		require.GreaterOrEqual(t, i, 0, part)
		return aws.Buckets(t)[i]
	}
	refused := func(t *testing.T, why string) {
		t.Helper()
		write()
		aws.ResetCalls()
		require.ErrorContains(t, dev.Apply(t.Context()), why)
		require.Empty(t, writes(dev))
	}

	dev.apply(t)
	models, logs, replica := named("models"), named("logs"), named("replica")
	for _, bucket := range []string{models, logs, replica} {
		aws.PutObject(t, bucket, "object", "content")
	}
	step(t, "destroying it is refused before anything is touched", func(t *testing.T) {
		aws.ResetCalls()
		require.ErrorContains(t, dev.Destroy(t.Context()), "Instance cannot be destroyed")
		require.Empty(t, writes(dev))
	})
	step(t, "so is another bucket for the models", func(t *testing.T) {
		e.Models.Bucket = "demo-models"
		refused(t, "Instance cannot be destroyed")
		e.Models.Bucket = ""
	})
	step(t, "and another region", func(t *testing.T) {
		e.Region = "us-east-1"
		refused(t, "This environment was deployed to eu-west-1. It can't move to us-east-1")
		e.Region = "eu-west-1"
	})
	dev.changeLogs(t, logs, func(change func(*config.Environment)) []byte {
		change(&e)
		return synth()
	})
	step(t, "logs that are switched off stay as they are", func(t *testing.T) {
		e.Logging.Enabled = false
		deploy(t)
		require.Empty(t, writes(dev, logs))
		require.Equal(t, []string{"object"}, aws.Objects(t, logs))
		dev.requireNoChanges(t)
	})
	step(t, "a replica isn't moved without its provider", func(t *testing.T) {
		e.Models.ReplicaRegion = "eu-central-1"
		refused(t, "Provider configuration not present")
	})
	step(t, "with it the old one stays as it is, and a new one is made in the other region", func(t *testing.T) {
		e.Models.RetiredReplicaRegion = "us-west-2"
		deploy(t)
		require.Empty(t, writes(dev, replica))
		e.Models.RetiredReplicaRegion = ""
		write()
		dev.requireNoChanges(t)
	})
	step(t, "the models move to a bucket that is filled before, and the old one stays as it is", func(t *testing.T) {
		e.Models.Bucket = "demo-filled"
		dev.moveModels(t, e.Region, models, e.Models.Bucket, synth())
		require.Empty(t, writes(dev, models))
		require.Contains(t, writes(dev), "cloudfront:UpdateDistribution")
		dev.requireNoChanges(t)
		requireServed(t, aws, "/models/*", "object")
	})
	step(t, "where that is allowed, the models' bucket is replaced once the distribution has moved", func(t *testing.T) {
		e.Models.ForceDestroy = true
		deploy(t)
		e.Models.Bucket = "demo-models"
		deploy(t)
		order := []string{
			"s3:CreateBucket demo-models", "s3:PutBucketPolicy demo-models", "cloudfront:UpdateDistribution",
			"s3:DeleteBucketPolicy demo-filled", "s3:DeleteBucket demo-filled",
		}
		var found []string
		for _, call := range writes(dev) {
			if slices.Contains(order, call) {
				found = append(found, call)
			}
		}
		require.Equal(t, order, slices.Compact(found), "a bucket that isn't empty is emptied and then deleted again")
		dev.requireNoChanges(t)
	})
	step(t, "so is the replica destroyed, and the environment", func(t *testing.T) {
		e.Models.ReplicaRegion, e.Models.RetiredReplicaRegion = "", "eu-central-1"
		deploy(t)
		dev.destroy(t)
		require.Empty(t, aws.Resources())
		require.ElementsMatch(t, []string{c.State.Bucket, models, logs, replica}, aws.Buckets(t))
	})
}

// writes returns the calls that changed something, in their order, to a bucket or to all but that of the state.
func writes(d deployment, buckets ...string) []string {
	var calls []string
	for _, call := range d.aws.Calls() {
		path, _, _ := strings.Cut(strings.TrimPrefix(call.Path, "/"), "?")
		bucket, _, _ := strings.Cut(path, "/")
		switch {
		case !call.Write() || bucket == d.backend.S3.Bucket || len(buckets) > 0 && !slices.Contains(buckets, bucket):
		case call.Service == "s3":
			calls = append(calls, call.Name()+" "+bucket)
		default:
			calls = append(calls, call.Name())
		}
	}
	return calls
}
