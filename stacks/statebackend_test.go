//go:build unix

package stacks_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/awstest"
)

const stateConfig = `{"context": {"accelerator": {
	"name": "ml-api",
	"state": {"bucket": "acme-terraform-state", "region": "eu-central-1"},
	"environments": {"dev": {"region": "us-east-1", "api": {"domainName": "inference.example.com"}}}
}}}`

// TestLongStateBackend runs Terraform with the backend block as synthesized.
func TestLongStateBackend(t *testing.T) {
	synthesized := synthesize(t, stateConfig)["ml-api-dev"]
	const region, bucket, stateKey, lockKey = "eu-central-1", "acme-terraform-state", "ml-api/dev.tfstate", "ml-api/dev.tfstate.tflock"
	start := func(t *testing.T) *awstest.Server {
		aws := needAWS(t)
		aws.CreateBucket(t, region, bucket)
		return aws
	}

	t.Run("an apply leaves the state under its key and nothing else", func(t *testing.T) {
		aws := start(t)
		alice := newOperator(t, aws, synthesized)
		alice.apply(t, "1")
		require.Equal(t, []string{stateKey}, aws.Objects(t, bucket))
		require.Equal(t, "1", alice.revision(t))
	})

	t.Run("a running apply locks the state", func(t *testing.T) {
		aws := start(t)
		alice, bob := newOperator(t, aws, synthesized), newOperator(t, aws, synthesized)
		running := alice.startApply(t, "alice's")
		refused := bob.refusedApply(t, "bob's")
		require.Equal(t, alice.lock(t), refused, "the refusal must name the holder")
		alice.finishApply(t, running)
		require.Equal(t, []string{stateKey}, aws.Objects(t, bucket), "the lock must be gone")
		require.Equal(t, "alice's", alice.revision(t))
	})

	t.Run("a killed apply leaves the last state and a lock that can be forced", func(t *testing.T) {
		aws := start(t)
		alice, bob := newOperator(t, aws, synthesized), newOperator(t, aws, synthesized)
		alice.apply(t, "1")
		before := alice.state(t)
		kill(t, alice.startApply(t, "2"))
		require.Equal(t, []string{stateKey, lockKey}, aws.Objects(t, bucket), "the lock must stay")

		refused := bob.refusedApply(t, "3")
		require.NoError(t, bob.ForceUnlock(t.Context(), refused.ID))
		require.Equal(t, []string{stateKey}, aws.Objects(t, bucket), "the lock must be gone")
		require.Equal(t, before, alice.state(t), "the state must be that of the last completed apply")

		bob.apply(t, "3")
		after := bob.state(t)
		require.Equal(t, "3", bob.revision(t))
		require.Equal(t, before.Lineage, after.Lineage, "the state must be the same one, carried on")
		require.Greater(t, after.Serial, before.Serial)
		require.Equal(t, []string{stateKey}, aws.Objects(t, bucket))
	})
}
