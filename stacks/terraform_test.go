package stacks_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-exec/tfexec"
	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/awstest"
	"ml-api-accelerator/stacks/internal/awstest/provider"
	"ml-api-accelerator/stacks/internal/shared/longtest"
)

// workdir is a folder in which Terraform works on one stack, against a stand-in for AWS.
type workdir struct {
	*tfexec.Terraform
	aws      *awstest.Server
	dir      string
	provider *provider.Pool // nil: Terraform starts the provider itself
}

const stackFile = "cdk.tf.json"

// newWorkdir lays a stack out as synth does, with an override file beside it: what is in it replaces
// the same in the stack.
func newWorkdir(t *testing.T, aws *awstest.Server, synthesized []byte, override object) workdir {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "cdktf.out", "stacks", "stack")
	require.NoError(t, os.MkdirAll(dir, 0o755))
	tf, err := tfexec.NewTerraform(dir, needTerraform(t))
	require.NoError(t, err)
	require.NoError(t, tf.SetEnv(environment(t, aws)))
	pool, _ := pools.Load(aws)
	w := workdir{tf, aws, dir, pool.(*provider.Pool)}
	w.write(t, synthesized, override)
	return w
}

// environment leads Terraform to the stand-in.
func environment(t *testing.T, aws *awstest.Server) map[string]string {
	t.Helper()
	env := ownEnvironment(t)
	maps.Copy(env, aws.Env())
	return env
}

// ownEnvironment keeps what the user has set of Terraform and AWS away from Terraform.
func ownEnvironment(t *testing.T) map[string]string {
	t.Helper()
	env := withoutSettings()
	env["CHECKPOINT_DISABLE"] = "1"
	env["GOGC"], env["GOMEMLIMIT"] = "off", "1GiB" // Terraform ends before it needs as much
	env["TF_CLI_CONFIG_FILE"] = needProvider(t)
	return env
}

// withoutSettings is the environment without what the user has set of Terraform and AWS.
func withoutSettings() map[string]string {
	env := map[string]string{}
	for _, variable := range os.Environ() {
		name, value, _ := strings.Cut(variable, "=")
		if !strings.HasPrefix(name, "TF_") && !strings.HasPrefix(name, "AWS_") {
			env[name] = value
		}
	}
	return env
}

// variables is the environment as a command takes it.
func variables(t *testing.T, aws *awstest.Server) []string {
	t.Helper()
	return list(environment(t, aws))
}

func list(env map[string]string) []string {
	var list []string
	for name, value := range env {
		list = append(list, name+"="+value)
	}
	return list
}

func (w workdir) write(t *testing.T, synthesized []byte, override object) {
	t.Helper()
	write(t, filepath.Join(w.dir, stackFile), string(synthesized))
	text, err := json.Marshal(override)
	require.NoError(t, err)
	write(t, filepath.Join(w.dir, "test_override.tf.json"), string(text))
}

// needAWS starts a stand-in for AWS.
func needAWS(t *testing.T) *awstest.Server {
	t.Helper()
	longtest.Only(t, "a deployment takes minutes")
	needProvider(t)
	if lacking := awstest.Missing(); lacking != "" {
		missing(t, lacking)
	}
	aws := awstest.Start(t)
	lasting := append(variables(t, aws), "GOGC=400", "GOMEMLIMIT=off") // it spends a fifth of its time collecting garbage
	pools.Store(aws, provider.New(t, providerProgram(t), lasting))
	return aws
}

// needProvider needs Terraform and a place that it can install the AWS provider from, and returns the settings
// with which Terraform finds it.
func needProvider(t *testing.T) string {
	t.Helper()
	needTerraform(t)
	settings, err := installProvider()
	if err != nil {
		missing(t, "Terraform can't install hashicorp/aws ~> 5.99: connect to its registry, or name a mirror in the file of TF_CLI_CONFIG_FILE: "+err.Error())
	}
	return settings
}

// backend is where a stack keeps its state: an object or a file.
type backend struct {
	S3    struct{ Bucket, Key string }
	Local struct{ Path string }
}

func backendOf(t *testing.T, synthesized []byte) (b backend) {
	t.Helper()
	text, err := json.Marshal(parse(t, synthesized).Terraform.Backend)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &b))
	return b
}

// state is what is checked of a Terraform state.
type state struct {
	Serial    int
	Lineage   string
	Outputs   map[string]struct{ Value any }
	Resources []struct {
		Mode, Type, Name string
		Instances        []struct {
			IndexKey   any `json:"index_key"`
			Attributes struct {
				ID       string
				Tags     map[string]string `json:"tags_all"`
				Boundary string            `json:"permissions_boundary"`
			}
		}
	}
}

// state reads the state where Terraform has left it: asking Terraform starts the provider.
func (d deployment) state(t *testing.T) (s state) {
	t.Helper()
	text := d.stateText(t)
	require.NoError(t, json.Unmarshal(text, &s), "%s", text)
	return s
}

func (d deployment) stateText(t *testing.T) []byte {
	t.Helper()
	if d.backend.S3.Bucket != "" {
		return d.aws.Object(t, d.backend.S3.Bucket, d.backend.S3.Key)
	}
	text, err := os.ReadFile(filepath.Join(d.dir, d.backend.Local.Path))
	require.NoError(t, err)
	return text
}

func (d deployment) hasState(t *testing.T) bool {
	t.Helper()
	if d.backend.S3.Bucket != "" {
		return slices.Contains(d.aws.Objects(t, d.backend.S3.Bucket), d.backend.S3.Key)
	}
	_, err := os.Stat(filepath.Join(d.dir, d.backend.Local.Path))
	return err == nil
}

// ids returns the ids of the resources in the state, by address without index.
func (s state) ids() map[string][]string {
	ids := map[string][]string{}
	for _, r := range s.Resources {
		for _, instance := range r.Instances {
			if r.Mode == "managed" {
				ids[r.Type+"."+r.Name] = append(ids[r.Type+"."+r.Name], instance.Attributes.ID)
			}
		}
	}
	return ids
}

// addresses returns the addresses of the resources in the state, without indexes.
func (s state) addresses() []string { return slices.Sorted(maps.Keys(s.ids())) }

// TestLongPlan takes every stack as it is through the real Terraform and the real AWS provider, with nothing deployed:
// with the backend of its state, in its account and under its roles.
func TestLongPlan(t *testing.T) {
	aws := needAWS(t)
	all, secrets := map[string][]byte{}, map[string]bool{}
	for _, file := range []string{example, everything} {
		c := load(t, file)
		aws.CreateBucket(t, c.State.Region, c.State.Bucket)
		for name, e := range c.Environments {
			c.Environments[name] = withBalancer(t, aws, e)
		}
		stacks := synthesizeConfig(t, c)
		maps.Copy(all, stacks)
		for name, e := range c.Environments {
			createSecrets(t, aws, e.Region, stacks[c.StackName(name)], secrets)
		}
	}
	delete(all, "everything-existing") // TestLongDeployExisting has its buckets, and what is to be warned of
	said := map[string]int{}           // by any stack
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
			if name == "example-dev" {
				tf.provider = nil // as everyone's Terraform does
			}
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

// createSecrets makes the secrets that a stack reads and that aren't made yet, with their names as values.
func createSecrets(t *testing.T, aws *awstest.Server, region string, synthesized []byte, made map[string]bool) {
	t.Helper()
	for _, read := range parse(t, synthesized).Data["aws_secretsmanager_secret_version"] {
		name := read["secret_id"].(string)
		if !made[region+" "+name] {
			aws.CreateSecret(t, region, name, name)
		}
		made[region+" "+name] = true
	}
}

// withBalancer makes the load balancer that a plan of an environment looks up.
func withBalancer(t *testing.T, aws *awstest.Server, e config.Environment) config.Environment {
	t.Helper()
	if e.API.VPCOrigin.Given() {
		b := aws.CreateBalancer(t, e.Region, "application", fmt.Sprintf("private-%d", e.API.VPCOrigin.HTTPPort), "HTTP", 80, "")
		e.API.VPCOrigin.LoadBalancerARN = b.ARN
		if e.API.VPCOrigin.SecurityGroupID != "" {
			e.API.VPCOrigin.SecurityGroupID = b.SecurityGroup
		}
	}
	if e.API.LoadBalancer != nil {
		certificate := aws.RequestCertificate(t, e.Region, "internal.example.com")
		b := aws.CreateBalancer(t, e.Region, "application", "balanced", "HTTPS", 443, certificate)
		e.API.LoadBalancer = &config.LoadBalancer{ListenerARN: b.Listener, DomainName: e.API.LoadBalancer.DomainName, SecurityGroupID: b.SecurityGroup}
	}
	return e
}

// notSwitched are arguments that no resource gains or loses while it stands: a bucket of another name is another
// bucket, and allow_overwrite matters only when a record is made.
var notSwitched = []string{"aws_s3_bucket.bucket", "aws_s3_bucket.bucket_prefix", "aws_route53_record.allow_overwrite"}

// kept returns the paths that the stack leaves out, another stack sets, and the provider would keep as they were: these
// are Optional and Computed, so a plan from nothing doesn't know their values.
func (w workdir) kept(t *testing.T, planFile string, stack parsed, said map[string]int) []string {
	t.Helper()
	shared, detach, err := w.attach()
	require.NoError(t, err)
	defer detach()
	shown, err := w.ShowPlanFile(t.Context(), planFile, shared)
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
	failed := w.attached(func(shared *tfexec.ReattachOption) error {
		_, err := w.PlanJSON(t.Context(), &log, append(options, shared)...)
		return err
	})
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
	// Of a warning or an error.
	Diagnostic struct{ Detail string }
	Change     struct {
		Action   string
		Resource struct{ Addr string }
	}
}

func (p *plan) add(m message) {
	switch m.Level {
	case "warn":
		p.warnings = append(p.warnings, strings.TrimSpace(m.Text+"\n"+m.Diagnostic.Detail))
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
