package iampolicy_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/live/iampolicy"
	"ml-api-accelerator/stacks/internal/shared/stackjson"
)

// TestBoundaryOfTheReadme holds the boundary that the README gives to allow all that the roles of the stacks do, and no
// more.
func TestBoundaryOfTheReadme(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(stacks, "*.tf.json"))
	require.NoError(t, err)
	done := []string{"kms:GenerateDataKey"} // what S3 asks for where a bucket has a key of its own
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		s, err := stackjson.Parse(text)
		require.NoError(t, err)
		for _, policy := range s.Resource["aws_iam_role_policy"] {
			found := regexp.MustCompile(`aws_iam_policy_document\.([\w-]+)\.json`).FindStringSubmatch(policy["policy"].(string))
			for _, statement := range s.Data["aws_iam_policy_document"][found[1]]["statement"].([]any) {
				for _, action := range statement.(map[string]any)["actions"].([]any) {
					done = append(done, action.(string))
				}
			}
		}
	}
	slices.Sort(done)

	readme, err := os.ReadFile("../../../../.github/workflows/README.md")
	require.NoError(t, err)
	block := regexp.MustCompile("(?s)```json\n([^`]*states:StartExecution.*?)```").FindSubmatch(readme)
	require.NotNil(t, block)
	var boundary iampolicy.Policy
	require.NoError(t, json.Unmarshal(regexp.MustCompile(`"Resource": (".*?")`).ReplaceAll(block[1], []byte(`"Resource": [$1]`)), &boundary))
	var allowed []string
	for _, s := range boundary.Statement {
		allowed = append(allowed, s.Action...)
	}
	require.ElementsMatch(t, slices.Compact(done), allowed)
}
