package stackjson_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/shared/stackjson"
)

func TestParse(t *testing.T) {
	text, err := os.ReadFile("../../../testdata/everything-full.tf.json")
	require.NoError(t, err)
	s, err := stackjson.Parse(text)
	require.NoError(t, err)
	require.Contains(t, s.Addresses(), "aws_cloudfront_distribution.edge")
	require.IsIncreasing(t, s.Addresses())
	require.Contains(t, s.Data, "aws_iam_policy_document")
	require.Contains(t, s.Output, "models_bucket")
	require.Contains(t, s.Terraform.Backend, "s3")
	require.Equal(t, []string{"", "edge", "replica-eu-central-1"}, aliases(s))
	for _, p := range s.Provider.AWS {
		require.NotEmpty(t, p.Region)
		require.Equal(t, []string{"111122223333"}, p.AllowedAccountIDs)
		require.Equal(t, "arn:aws:iam::111122223333:role/deploy", p.AssumeRole[0].RoleARN)
		require.Equal(t, "42", p.DefaultTags[0].Tags["cost-center"])
	}
}

func TestParseRefusesOtherFiles(t *testing.T) {
	_, err := stackjson.Parse([]byte(`{"resource": []}`))
	require.ErrorContains(t, err, "cannot unmarshal array")
}

func aliases(s stackjson.Stack) []string {
	var all []string
	for _, p := range s.Provider.AWS {
		all = append(all, p.Alias)
	}
	return all
}
