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
	"ml-api-accelerator/stacks/internal/awstest/pages"
)

// inPage goes to a folder with a configuration and the files of a page in dist.
func inPage(t *testing.T, files map[string]string) {
	t.Helper()
	config, err := filepath.Abs("testdata/web.json")
	require.NoError(t, err)
	text, err := os.ReadFile(config)
	require.NoError(t, err)
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile("cdktf.json", text, 0o644))
	for name, body := range files {
		path := filepath.Join("dist", filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(body), 0o644))
	}
}

func TestWebPublish(t *testing.T) {
	t.Cleanup(cli.SetPublishPause(time.Nanosecond))
	a := pages.Start(t)
	a.Setenv(t)
	inPage(t, map[string]string{"index.html": "old", "style.css": "old", "assets/app-BfZ3d9aQ.js": "old", ".DS_Store": "x", "a+b.txt": "x", "CNAME": "x", "v1/a.json": "x"})
	code, stdout, stderr := run("web", "publish", "dev", "dist")
	require.Zero(t, code, stderr)
	require.Equal(t, `change  size  file
new     1 B   CNAME
new     1 B   a+b.txt
new     3 B   assets/app-BfZ3d9aQ.js
new     3 B   style.css
new     1 B   v1/a.json
new     3 B   index.html
`, stdout)
	require.Equal(t, `warning: nobody gets v1/a.json: "/v1/*" leads elsewhere (environments.dev.web.apiPaths[0]); give the files other names, or change that path
warning: hidden, and so left out: .DS_Store
warning: S3 takes a + in a URL for a space, so browsers don't find a+b.txt: give them other names
warning: nobody gets CNAME: a path without a dot behind its last slash is no file's
the page is up
`, stderr)

	require.NoError(t, os.Remove("dist/.DS_Store"))
	require.NoError(t, os.Remove("dist/a+b.txt"))
	require.NoError(t, os.Remove("dist/CNAME"))
	require.NoError(t, os.RemoveAll("dist/v1"))
	for _, name := range []string{"index.html", "style.css", "assets/app-BfZ3d9aQ.js"} {
		require.NoError(t, os.WriteFile("dist/"+name, []byte("newer"), 0o644))
	}
	warnings := "warning: changed under the same name, and so seen with the page before for a moment: style.css; have the build put a hash of the content in their names\n" +
		"warning: changed although the name says that it never does: assets/app-BfZ3d9aQ.js; browsers that have it keep it for a year: give it another name\n"
	a.Forget()
	code, stdout, stderr = run("web", "publish", "dev", "dist", "--dry-run", "--json")
	require.Zero(t, code, stderr)
	require.Equal(t, warnings+"nothing was changed: --dry-run\n3 files in the bucket and not in the folder: --prune deletes them\n", stderr)
	require.JSONEq(t, `{"dryRun": true, "unchanged": 0, "staying": ["CNAME", "a+b.txt", "v1/a.json"], "invalidations": [],
		"files": [{"name": "assets/app-BfZ3d9aQ.js", "change": "changed", "bytes": 5}, {"name": "style.css", "change": "changed", "bytes": 5}, {"name": "index.html", "change": "changed", "bytes": 5}],
		"paths": ["/", "/assets/app-BfZ3d9aQ.js", "/index.html", "/style.css"]}`, stdout)
	require.False(t, slices.ContainsFunc(a.Calls(), func(call string) bool { return strings.HasPrefix(call, "PUT") }))
	code, stdout, stderr = run("web", "publish", "dev", "dist", "--prune")
	require.Zero(t, code, stderr)
	require.Contains(t, stdout, "gone     1 B   a+b.txt\n")
	require.Equal(t, warnings+"the page is up\nCloudFront forgets 7 paths, everywhere within a minute or two (invalidation I2)\n", stderr)
	code, stdout, stderr = run("web", "publish", "dev", "dist", "--prune")
	require.Zero(t, code, stderr)
	require.Empty(t, stdout)
	require.Equal(t, "nothing has changed\n", stderr)
}

// TestWebPublishElsewhere publishes to a bucket that others made, below a path that a function shortens.
func TestWebPublishElsewhere(t *testing.T) {
	a := pages.Start(t)
	a.Setenv(t)
	inPage(t, map[string]string{"index.html": "new"})
	a.Use("acme-web", "demo-existing")
	a.Put("index.html", "old", nil)
	code, stdout, stderr := run("web", "publish", "existing", "dist", "--json")
	require.Zero(t, code, stderr)
	require.Contains(t, stdout, `"change": "changed"`)
	require.Equal(t, [][]string{{"/", "/index.html", "/ui/", "/ui/index.html"}}, a.Invalidations())
}

// TestWebPublishFails in one message, which says what callers get.
func TestWebPublishFails(t *testing.T) {
	const denied = "AWS denies access: User: arn:aws:iam::111122223333:user/ci isn't authorized, or worse\n  policy dev --web prints the IAM policy that this command needs\n"
	for name, row := range map[string]struct {
		args    string
		prepare func(*pages.AWS)
		code    int
		want    string
	}{
		"no folder":        {"dev nowhere", nil, 1, "nowhere: no such file or directory\n"},
		"no index.html":    {"dev .", nil, 1, ".: has no index.html; did you mean dist?\n"},
		"no page":          {"own dist", nil, 1, "environments.own.web: isn't set, so there is no page to publish\n"},
		"no environment":   {"deev dist", nil, 2, "environment \"deev\": not found (did you mean dev?); there are below, dev, existing, own, point\n"},
		"no distribution":  {"dev dist", func(a *pages.AWS) { a.Untag("cloudfront:distribution") }, 1, "dev: has no distribution in the account of your AWS credentials; deploy it first: cdktf deploy demo-dev\n"},
		"no bucket":        {"dev dist", func(a *pages.AWS) { a.Untag("s3") }, 1, "dev: has no bucket for the page in the account of your AWS credentials; deploy it first: cdktf deploy demo-dev\n"},
		"not found by tag": {"dev dist", func(a *pages.AWS) { a.Refuse("tagged", "AccessDenied") }, 1, denied},
		"not listed":       {"dev dist", func(a *pages.AWS) { a.Refuse("list", "AccessDenied") }, 1, denied},
		"a deleted bucket": {"dev dist", func(a *pages.AWS) { a.Refuse("list", "NoSuchBucket") }, 1, "dev: the bucket for the page doesn't exist; if the stack makes it, deploy it: cdktf deploy demo-dev\n"},
		"not written":      {"dev dist", func(a *pages.AWS) { a.Refuse("PUT", "AccessDenied") }, 1, denied + "  callers get the page as it was; run it again\n"},
		"an unclear end":   {"dev dist", func(a *pages.AWS) { a.Refuse("PUT index.html", "InternalError") }, 1, "S3: InternalError: User: arn:aws:iam::111122223333:user/ci isn't authorized, or worse\n  callers get the page as it was, or as it is now; run it again\n"},
		"not invalidated": {"dev dist", func(a *pages.AWS) {
			a.Put("index.html", "old", nil)
			a.Refuse("invalidate", "TooManyInvalidationsInProgress")
		}, 1, "CloudFront has too many invalidations to do: try again in some minutes\n  callers get the page as it is now, but not all is done; run it again\n"},
		"the wrong signature": {"dev dist", func(*pages.AWS) { t.Setenv("AWS_SECRET_ACCESS_KEY", "wrong") }, 1, "Resource Groups Tagging API: SignatureDoesNotMatch: User: arn:aws:iam::111122223333:user/ci isn't authorized, or worse\n"},
		"no credentials":      {"dev dist", func(*pages.AWS) { t.Setenv("AWS_ACCESS_KEY_ID", ""); t.Setenv("AWS_SECRET_ACCESS_KEY", "") }, 1, "AWS credentials: there are none; set AWS_PROFILE, or sign in (aws sso login)\n"},
	} {
		t.Run(name, func(t *testing.T) {
			a := pages.Start(t)
			a.Setenv(t)
			inPage(t, map[string]string{"index.html": "new", "assets/app-BfZ3d9aQ.js": "new"})
			if row.prepare != nil {
				row.prepare(a)
			}
			code, stdout, stderr := run(append([]string{"web", "publish"}, strings.Fields(row.args)...)...)
			require.Equal(t, row.want, stderr)
			require.Equal(t, row.code, code)
			require.Empty(t, stdout)
		})
	}
}

// TestWebPolicy allows what the command was seen to do, and nothing more.
func TestWebPolicy(t *testing.T) {
	const key = "arn:aws:kms:eu-west-1:111122223333:key/1"
	inPage(t, nil)
	code, stdout, stderr := run("policy", "below", "--web")
	require.Zero(t, code, stderr)
	require.Equal(t, "warning: it is for all buckets whose name begins with demo-below-web-: once demo-below is deployed, put its output web_bucket in their place\n", stderr)
	var policy struct {
		Statement []struct {
			Sid              string
			Action, Resource []string
			Condition        map[string]map[string][]string
		}
	}
	require.NoError(t, json.Unmarshal([]byte(stdout), &policy))
	got := map[string][]string{}
	for _, s := range policy.Statement {
		got[s.Sid] = append(s.Action, s.Resource...)
		if s.Sid == "Invalidate" {
			require.Equal(t, map[string]map[string][]string{"StringEquals": {"aws:ResourceTag/ml-api-accelerator:stack": {"demo-below"}}}, s.Condition)
		}
	}
	const bucket = "arn:aws:s3:::demo-below-web-*"
	require.Equal(t, map[string][]string{
		"Find":       {"tag:GetResources", "*"},
		"List":       {"s3:ListBucket", bucket},
		"Write":      {"s3:GetObject", "s3:PutObject", bucket + "/.publish/demo-below", bucket + "/ui/*"},
		"Done":       {"s3:DeleteObject", bucket + "/.publish/demo-below"},
		"Prune":      {"s3:DeleteObject", bucket + "/ui/*"},
		"Invalidate": {"cloudfront:CreateInvalidation", "cloudfront:GetInvalidation", "arn:aws:cloudfront::*:distribution/*"},
		"Encrypt":    {"kms:Decrypt", "kms:GenerateDataKey", key},
	}, got)

	code, stdout, stderr = run("policy", "existing", "--web")
	require.Zero(t, code, stderr)
	require.Empty(t, stderr)
	require.Contains(t, stdout, `"arn:aws:s3:::acme-web/*"`)
	require.NotContains(t, stdout, "kms:")

	const point = "arn:aws:s3:eu-west-1:ACCOUNT_ID:accesspoint/ACCESS_POINT"
	for flag, want := range map[string]map[string][]string{
		"--web": {
			"List": {point}, "Write": {point + "/object/*"}, "Done": {point + "/object/.publish/demo-point"}, "Prune": {point + "/object/*"},
			"Find": {"*"}, "Invalidate": {"arn:aws:cloudfront::*:distribution/*"},
		},
		"--bucket": {"AllowCloudFrontRead": {point, point + "/object/*"}},
	} {
		args := []string{"policy", "point", flag}
		if flag == "--bucket" {
			args = []string{"policy", "point", "web", flag}
		}
		code, stdout, stderr = run(args...)
		require.Zero(t, code, stderr)
		require.Contains(t, stderr, "warning: put account and name of the access point in the place of ACCOUNT_ID and ACCESS_POINT; the policy of the bucket behind it must")
		type statement struct {
			Sid      string
			Resource []string
		}
		var printed struct{ Statement []statement }
		if flag == "--bucket" {
			printed.Statement = make([]statement, 1)
			require.NoError(t, json.Unmarshal([]byte(stdout), &printed.Statement[0]))
		} else {
			require.NoError(t, json.Unmarshal([]byte(stdout), &printed))
		}
		got := map[string][]string{}
		for _, s := range printed.Statement {
			got[s.Sid] = s.Resource
		}
		require.Equal(t, want, got)
	}
	for want, args := range map[string][]string{
		"environments.own.web: isn't set, so there is no page to publish\n": {"own", "--web"},
		"nor a domain nor a page: policy prod --web\n":                      {"state", "--web"},
		"--plan and --web exclude each other: give one of them\n":           {"dev", "--plan", "--web"},
	} {
		code, _, stderr := run(append([]string{"policy"}, args...)...)
		require.NotZero(t, code)
		require.Contains(t, stderr, want)
	}
}
