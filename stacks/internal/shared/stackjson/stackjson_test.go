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

func TestRefers(t *testing.T) {
	s := stackjson.Stack{Resource: map[string]map[string]stackjson.Object{"aws_s3_bucket": {"models": {"bucket": "a"}}},
		Data: map[string]map[string]stackjson.Object{"aws_kms_key": {"own": {"key_id": "b"}}}}
	for value, want := range map[any]string{
		"${aws_s3_bucket.models.arn}": "aws_s3_bucket.models", "${data.aws_kms_key.own.arn}": "data.aws_kms_key.own", "${aws_s3_bucket.models.arn}/*": "",
		"aws_s3_bucket.models.arn": "", "${var.a}": "", "": "", 5: "", nil: "",
	} {
		r, ok := stackjson.Refers(value)
		require.Equal(t, want != "", ok, value)
		if ok {
			require.Equal(t, want, r.Address())
			require.NotNil(t, s.Find(r))
		}
	}
	require.Nil(t, s.Find(stackjson.Reference{Kind: "aws_s3_bucket", Name: "other"}))
}

func aliases(s stackjson.Stack) []string {
	var all []string
	for _, p := range s.Provider.AWS {
		all = append(all, p.Alias)
	}
	return all
}

func TestOverrides(t *testing.T) {
	s, err := stackjson.Parse([]byte(`{"//": {"metadata": {"overrides": {"stack": ["terraform"]}}, "overrides": {"aws_a.b": ["c.d"]}}}`))
	require.NoError(t, err)
	require.Equal(t, map[string][]string{"aws_a.b": {"c.d"}}, s.Comment.Overrides, "those of the user, and not cdktf's")
}
