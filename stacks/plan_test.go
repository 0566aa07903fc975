package stacks_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-exec/tfexec"
	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/awstest"
)

// TestLongPlan takes every stack as it is through the real Terraform and the real AWS provider, with nothing deployed:
// with the backend of its state, in its account and under its roles.
func TestLongPlan(t *testing.T) {
	aws := needAWS(t)
	all := map[string][]byte{}
	for _, file := range []string{example, everything} {
		c := load(t, file)
		aws.CreateBucket(t, c.State.Region, c.State.Bucket)
		for _, e := range c.Environments {
			if e.API.VerifySecret != "" {
				aws.CreateSecret(t, e.Region, e.API.VerifySecret, "verify")
			}
		}
		maps.Copy(all, synthesizeConfig(t, c))
	}
	said := map[string]int{} // by any stack
	for _, text := range all {
		for kind, named := range parse(t, text).Resource {
			for _, resource := range named {
				visit(kind, resource, func(path string, _ any) { said[path]++ })
			}
		}
	}
	sideBySide(t)
	for name, text := range all {
		t.Run(name, func(t *testing.T) {
			tf := newWorkdir(t, aws, text, object{})
			require.NoError(t, tf.Init(t.Context()))
			aws.ResetCalls()
			file := filepath.Join(tf.dir, "plan")
			planned := tf.plan(t, tfexec.Out(file))
			require.Empty(t, planned.warnings)
			require.ElementsMatch(t, rolesOf(parse(t, text)), assumedRoles(aws))
			require.Equal(t, parse(t, text).Addresses(), created(planned))
			if strings.HasPrefix(name, "example-") { // in which much is off
				require.Empty(t, tf.kept(t, file, parse(t, text), said))
			}
		})
	}
}

// notSwitched are arguments that no resource gains or loses while it stands: a bucket of another name is another bucket, and
// allow_overwrite matters only when a record is made.
var notSwitched = []string{"aws_s3_bucket.bucket", "aws_s3_bucket.bucket_prefix", "aws_route53_record.allow_overwrite"}

// kept returns the paths that the stack leaves out, another stack sets, and the provider would keep as they were: these are
// Optional and Computed, so a plan from nothing doesn't know their values.
func (w workdir) kept(t *testing.T, planFile string, stack parsed, said map[string]int) []string {
	t.Helper()
	shown, err := w.ShowPlanFile(t.Context(), planFile)
	require.NoError(t, err)
	list := map[string]bool{}
	for _, r := range shown.ResourceChanges {
		unknown, written, referring := map[string]int{}, map[string]int{}, map[string]int{}
		visit(r.Type, r.Change.AfterUnknown, func(path string, v any) {
			if v == true {
				unknown[path]++
			}
		})
		visit(r.Type, stack.Resource[r.Type][r.Name], func(path string, v any) {
			written[path]++
			if strings.Contains(fmt.Sprint(v), "${") {
				referring[path]++
			}
		})
		for path, n := range unknown {
			leftOut := written[path] < written[path[:strings.LastIndex(path, ".")]] && n > referring[path]
			if said[path] > 0 && leftOut && !slices.Contains(notSwitched, path) {
				list[path] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(list))
}

// visit sees every argument and every block with its path, which is that of all items of a list.
func visit(path string, v any, see func(path string, v any)) {
	switch v := v.(type) {
	case object:
		see(path, v)
		for name, value := range v {
			visit(path+"."+name, value, see)
		}
	case []any:
		if len(v) == 0 {
			see(path, v)
		}
		for _, item := range v {
			visit(path, item, see)
		}
	default:
		see(path, v)
	}
}

// rolesOf returns the roles that Terraform must assume for a stack.
func rolesOf(stack parsed) []string {
	roles := map[string]bool{}
	text := string(stack.Terraform.Backend["s3"])
	for _, found := range roleARN.FindAllString(text, -1) {
		roles[found] = true
	}
	for _, p := range stack.Provider.AWS {
		for _, by := range p.AssumeRole {
			roles[by.RoleARN] = true
		}
	}
	return slices.Sorted(maps.Keys(roles))
}

// assumedRoles returns the roles that were assumed.
func assumedRoles(aws *awstest.Server) []string {
	roles := map[string]bool{}
	for _, call := range aws.CallsTo("sts:AssumeRole") {
		form, _ := url.ParseQuery(string(call.Body))
		roles[form.Get("RoleArn")] = true
	}
	return slices.Sorted(maps.Keys(roles))
}

var roleARN = regexp.MustCompile(`arn:aws:iam::\d+:role/[\w-]+`)

var index = regexp.MustCompile(`\[.*\]$`)

// created returns the addresses that a plan creates, once for all instances of a resource, and
// everything else that it changes with what it does.
func created(p plan) []string {
	addresses := map[string]bool{}
	for address, action := range p.changes {
		switch action {
		case "create":
			addresses[index.ReplaceAllString(address, "")] = true
		case "read":
		default:
			addresses[address+" is to "+action] = true
		}
	}
	return slices.Sorted(maps.Keys(addresses))
}

// plan is what Terraform would do.
type plan struct {
	changes  map[string]string // actions by address: create, read, update, replace, delete
	outputs  map[string]string // actions by name, noop too
	warnings []string
	errors   []string
}

// plan reads the plan off Terraform's messages: asking for the plan itself starts the provider once more.
func (w workdir) plan(t *testing.T, options ...tfexec.PlanOption) plan {
	t.Helper()
	var log bytes.Buffer
	_, failed := w.PlanJSON(t.Context(), &log, options...)
	p := plan{changes: map[string]string{}, outputs: map[string]string{}}
	decoder := json.NewDecoder(&log)
	for decoder.More() {
		var m message
		require.NoError(t, decoder.Decode(&m))
		p.add(m)
	}
	require.NoError(t, failed, strings.Join(p.errors, "\n"))
	return p
}

// message is one of Terraform's machine-readable messages (Terraform, Machine-Readable UI).
type message struct {
	Level   string `json:"@level"`
	Text    string `json:"@message"`
	Type    string
	Outputs map[string]struct{ Action string }
	Change  struct {
		Action   string
		Resource struct{ Addr string }
	}
}

func (p *plan) add(m message) {
	switch m.Level {
	case "warn":
		p.warnings = append(p.warnings, m.Text)
	case "error":
		p.errors = append(p.errors, m.Text)
	}
	switch m.Type {
	case "planned_change":
		p.changes[m.Change.Resource.Addr] = m.Change.Action
	case "outputs":
		for name, output := range m.Outputs {
			p.outputs[name] = output.Action
		}
	}
}
