package cli_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/cli"
	"ml-api-accelerator/stacks/internal/awstest/queries"
)

const example = "../testdata/example.json"

// TestPolicy runs the command; what is in the policies is tested where they are made.
func TestPolicy(t *testing.T) {
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	code, stdout, stderr := run("policy", "state", "-c", example)
	require.Zero(t, code, stderr)
	var policy struct{ Statement []struct{ Resource []string } }
	require.NoError(t, json.Unmarshal([]byte(stdout), &policy))
	require.NotEmpty(t, policy.Statement)
	left, err := os.ReadDir(temporary)
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestManagedPolicies(t *testing.T) {
	out := filepath.Join(t.TempDir(), "policies")
	code, stdout, stderr := run("policy", "prod", "-c", example, "-o", out)
	require.Zero(t, code, stderr)
	for _, name := range []string{"prod-1.json", "prod-2.json"} {
		text, err := os.ReadFile(filepath.Join(out, name))
		require.NoError(t, err)
		require.True(t, json.Valid(text), name)
		require.Contains(t, stdout, filepath.Join(out, name))
	}
}

// TestPlanPolicy has one role plan for the environment, and another read its state.
func TestPlanPolicy(t *testing.T) {
	code, stdout, stderr := run("policy", "full", "--plan", "-c", "../testdata/everything.json")
	require.Zero(t, code, stderr)
	require.NotContains(t, stderr, "permissionsBoundaryArn: is not set")
	for _, has := range []string{`"arn:aws:iam::111122223333:role/plan"`, `"arn:aws:iam::444455556666:role/terraform-state-reader"`} {
		require.Contains(t, stdout, has)
	}
	for _, not := range []string{"role/deploy", `role/terraform-state"`, "Delete", "Create", "Put", "Update"} {
		require.NotContains(t, stdout, not)
	}
}

func TestPolicyWarns(t *testing.T) {
	_, _, stderr := run("policy", "prod", "-c", example)
	require.Contains(t, stderr, "warning: environments.prod.account.permissionsBoundaryArn: is not set: whoever has this policy writes what the roles "+
		"made here may do and who may assume them, and so can take every right in the account\n")
	require.Contains(t, stderr, "warning: it makes KMS keys, but neither deletes them nor changes their policies: before you destroy")
	_, _, stderr = run("policy", "prod", "--plan", "-c", example)
	require.NotContains(t, stderr, "KMS")
	require.NotContains(t, stderr, "permissionsBoundaryArn: is not set")
	_, _, stderr = run("policy", "full", "-c", "../testdata/everything.json")
	require.NotContains(t, stderr, "permissionsBoundaryArn: is not set")
}

// TestBucketStatement prints what the owner of a bucket adds, with a name in the place of what isn't known.
func TestBucketStatement(t *testing.T) {
	const (
		file     = "../testdata/everything.json"
		identity = `{"Sid": "AllowCloudFrontRead", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::acme-models/*",
			"Principal": {"AWS": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity IDENTITY_ID"}}`
		control = `, "Effect": "Allow", "Principal": {"Service": "cloudfront.amazonaws.com"},
			"Condition": {"StringEquals": {"AWS:SourceArn": "arn:aws:cloudfront::111122223333:distribution/DISTRIBUTION_ID"}}}`
		point = `"arn:aws:s3:eu-west-1:ACCOUNT_ID:accesspoint/ACCESS_POINT/object/*"`
	)
	for name, want := range map[string][]string{
		"models": {identity},
		"shared": {`{"Sid": "AllowCloudFrontRead", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::acme-shared/*"` + control,
			`{"Sid": "AllowCloudFrontDecrypt", "Action": "kms:Decrypt", "Resource": "*"` + control},
		"point": {`{"Sid": "AllowCloudFrontRead", "Action": "s3:GetObject", "Resource": ` + point + control},
	} {
		code, stdout, stderr := run("policy", "existing", name, "--bucket", "-c", file)
		require.Zero(t, code, stderr)
		for statements := json.NewDecoder(strings.NewReader(stdout)); statements.More(); want = want[1:] {
			var got json.RawMessage
			require.NoError(t, statements.Decode(&got))
			require.NotEmpty(t, want, name)
			require.JSONEq(t, want[0], string(got))
		}
		require.Empty(t, want, name)
		require.Contains(t, stderr, "the output "+name+"_bucket_statement then has it in its place\n")
		require.Equal(t, name == "point", strings.Contains(stderr, "in the place of ACCOUNT_ID and ACCESS_POINT"), stderr)
	}
	_, models, _ := run("policy", "existing", "--bucket", "-c", file)
	require.JSONEq(t, identity, models)

	for want, args := range map[string][]string{
		"environments.existing.buckets.adopted: isn't existing: whoever deploys existing writes the policy of this bucket as well": {
			"existing", "adopted", "--bucket"},
		`bucket "modles": not found in existing (did you mean models?); there are models, adopted, point and shared`: {
			"existing", "modles", "--bucket"},
		"policy takes a second name only with --bucket: policy existing --bucket shared": {"existing", "shared"},
		"--bucket and --output exclude each other: give one of them":                     {"existing", "--bucket", "-o", t.TempDir()},
		"--plan and --bucket exclude each other: give one of them":                       {"existing", "--bucket", "--plan"},
	} {
		code, stdout, stderr := run(append([]string{"policy", "-c", file}, args...)...)
		require.NotZero(t, code)
		require.Empty(t, stdout)
		require.Equal(t, want+"\n", stderr)
	}
}

func TestPolicyOfAnUnknownEnvironment(t *testing.T) {
	code, stdout, stderr := run("policy", "stage", "-c", example)
	require.Equal(t, 2, code)
	require.Empty(t, stdout)
	require.Contains(t, stderr, `environment "stage": not found; there are dev, prod, and state for the bucket of the state`+"\n")
}

// TestKeysPolicy allows what the commands were seen to do, and nothing more.
func TestKeysPolicy(t *testing.T) {
	s := deployedStores(t, devsStore)
	for _, args := range [][]string{{"key", "add", "dev", "alice"}, {"key", "list", "dev"}, {"key", "remove", "dev", "alice"},
		{"canary", "dev"}, {"canary", "dev", "10"}, {"canary", "dev", "--reset"}} {
		code, _, stderr := run(append(args, "-c", keyed)...)
		require.Zero(t, code, stderr)
	}
	var done []string
	for _, call := range s.Calls() {
		done = append(done, call.Name())
	}
	slices.Sort(done)
	code, stdout, stderr := run("policy", "dev", "--keys", "-c", keyed)
	require.Zero(t, code, stderr)
	require.Contains(t, stderr, "once example-dev-api is there, put its id, which CloudFront chooses, in the place of the last *")
	var policy struct {
		Statement []struct{ Action, Resource []string }
	}
	require.NoError(t, json.Unmarshal([]byte(stdout), &policy))
	require.Len(t, policy.Statement, 1)
	require.ElementsMatch(t, slices.Compact(done), policy.Statement[0].Action)
	require.Equal(t, []string{"arn:aws:cloudfront::111122223333:key-value-store/*"}, policy.Statement[0].Resource)

	for want, args := range map[string][]string{
		"environments.plain.api: has neither keys nor canary, so there is no key value store\n":                                            {"plain", "--keys"},
		"policy takes an environment with --keys: state has neither callers nor access logs nor a domain nor a page: policy prod --keys\n": {"state", "--keys"},
		"--plan and --keys exclude each other: give one of them\n":                                                                         {"dev", "--keys", "--plan"},
	} {
		code, _, stderr := run(append([]string{"policy", "-c", keyed}, args...)...)
		require.NotZero(t, code)
		require.Contains(t, stderr, want)
	}
}

// TestLogsPolicy allows what the command was seen to do, and writes results alone.
func TestLogsPolicy(t *testing.T) {
	s := deployedLogs(t)
	code, _, stderr := run("logs", "dev", "errors", "-c", queried)
	require.Zero(t, code, stderr)
	undo := cli.SetAskTimeout(300 * time.Millisecond)
	s.Athena().Next(queries.Plan{States: []string{"RUNNING"}})
	code, _, _ = run("logs", "dev", "errors", "-c", queried)
	undo()
	require.Equal(t, 1, code)
	var done []string
	for _, call := range s.Calls() {
		if call.Name() != "sts:GetCallerIdentity" { // takes no permission (STS API Reference)
			done = append(done, call.Name())
		}
	}
	slices.Sort(done)

	code, stdout, stderr := run("policy", "dev", "--logs", "-c", queried)
	require.Zero(t, code, stderr)
	require.Equal(t, "warning: it is for all buckets whose name begins with example-dev-logs-: once example-dev is deployed, put its output logs_bucket in their place\n", stderr)
	var policy struct {
		Statement []struct {
			Sid              string
			Action, Resource []string
		}
	}
	require.NoError(t, json.Unmarshal([]byte(stdout), &policy))
	require.Equal(t, slices.Compact(done), policy.Statement[0].Action)
	resources, writes := map[string][]string{}, []string{}
	for _, statement := range policy.Statement {
		resources[statement.Sid] = statement.Resource
		for _, action := range statement.Action {
			_, verb, _ := strings.Cut(action, ":")
			if !strings.HasPrefix(verb, "Get") && !strings.HasPrefix(verb, "List") {
				writes = append(writes, statement.Sid+" "+action)
			}
		}
	}
	require.Equal(t, []string{"Queries athena:StartQueryExecution", "Queries athena:StopQueryExecution", "Results s3:AbortMultipartUpload", "Results s3:PutObject"}, writes)
	require.Equal(t, map[string][]string{
		"Queries": {"arn:aws:athena:eu-west-1:111122223333:workgroup/example-dev-logs"},
		"Table": {"arn:aws:glue:eu-west-1:111122223333:catalog", "arn:aws:glue:eu-west-1:111122223333:database/example_dev",
			"arn:aws:glue:eu-west-1:111122223333:table/example_dev/access_logs"},
		"Bucket":  {"arn:aws:s3:::example-dev-logs-*"},
		"Logs":    {"arn:aws:s3:::example-dev-logs-*/json/cf-logs/*"},
		"Results": {"arn:aws:s3:::example-dev-logs-*/athena-results/*"},
	}, resources)

	for want, args := range map[string][]string{
		"environments.plain.logging.queries: isn't on":                                            {"plain", "--logs"},
		"state has neither callers nor access logs nor a domain nor a page: policy prod --logs\n": {"state", "--logs"},
		"--keys and --logs exclude each other: give one of them\n":                                {"dev", "--keys", "--logs"},
	} {
		code, _, stderr := run(append([]string{"policy", "-c", queried}, args...)...)
		require.NotZero(t, code)
		require.Contains(t, stderr, want)
	}
}
