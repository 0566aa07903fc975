package stacks_test

import (
	"os/exec"
	"regexp"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// moveModels does what the README tells who moves the models to another bucket. What it copies beside the objects
// counts until CloudFront has moved, which the stand-in does at once.
func (d deployment) moveModels(t *testing.T, region, from, to string, synthesized []byte) {
	t.Helper()
	if !slices.Contains(d.aws.Buckets(t), to) {
		d.aws.CreateBucket(t, region, to)
	}
	for _, key := range d.aws.Objects(t, from) {
		d.aws.PutObject(t, to, key, string(d.aws.Object(t, from, key)))
	}
	d.change(t, synthesized, patience(t, synthesized))
	old := slices.DeleteFunc(d.state(t).addresses(), func(address string) bool { return !modelsBucketParts.MatchString(address) })
	d.forget(t, old)
	d.whileAllowed(t, func() error { return d.Import(t.Context(), "aws_s3_bucket.models", to) })
	d.apply(t, withoutRefresh)
}

var modelsBucketParts = regexp.MustCompile(`^aws_s3_bucket\w*\.models$`)

// forget takes resources out of the state, all at once, as tfexec can't.
func (d deployment) forget(t *testing.T, addresses []string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), d.ExecPath(), append([]string{"state", "rm"}, addresses...)...)
	command.Dir, command.Env = d.dir, variables(t, d.aws)
	output, err := command.CombinedOutput()
	require.NoError(t, err, "%s", output)
}
