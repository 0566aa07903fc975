package cli

import (
	"cmp"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"ml-api-accelerator/stacks/internal/live/iampolicy"
	"ml-api-accelerator/stacks/internal/shared/names"
	"ml-api-accelerator/stacks/internal/synth/output"
)

// stateName is what the stack of the state's bucket is called beside environments, none of which has that name.
const stateName = "state"

func newPolicy() *cobra.Command {
	var out string
	var plan, keys, logs, dns, bucket, web bool
	cmd := &cobra.Command{
		Use:   "policy ENVIRONMENT [NAME]",
		Short: "Print the IAM policy that deploying an environment needs, or planning, keys, logs, DNS, web",
		Long: `Prints the IAM policy that planning, deploying and destroying an environment needs, or, for
state, the bucket of the state. It allows what Terraform does with the resources that are
configured now: by name where the configuration knows their names, else by the tag
ml-api-accelerator:stack that all of them have, where AWS lets a policy see tags. With --plan it
allows only to read what a plan looks at, and neither locks nor writes the state. With --keys it
allows what the commands key, credential, canary, pause and resume do, and with --logs what the command
logs asks of Athena, and with --web what web publish does. The policy for deploying does none of
these. With --dns it prints what
domain.hostedZoneRoleArn needs, whose account has the hosted zones, and which role it must trust; with
--plan as well, the same of domain.hostedZonePlanRoleArn. With --bucket it prints no IAM policy, but
the statement that lets CloudFront read a bucket with existing, for the bucket's owner: models, or the
NAME of one in buckets; and another for the KMS key of its objects, if it has one.

One document that is short enough (10,240 characters) fits a role's inline policies. With --output
it is dealt out to documents that each fit a managed policy (6,144 characters), all of which the
role needs.

Update the policy before parts are added and after parts are taken out. It names any account (*)
unless account.id is set. Where account.roleArn or state.roleArn is set, that role needs its part
of it, and whoever runs Terraform the statements AssumeDeployRole and AssumeStateRole; the same
goes for planRoleArn with --plan, AssumePlanRole and AssumeStatePlanRole. domain.hostedZoneRoleArn is
assumed by the role that deploys (AssumeZonesRole, AssumeZonesPlanRole). A secret that is
encrypted with a key of yours also takes kms:Decrypt on that key.`,
		Example: `  go run . policy prod --output policies
  go run . policy prod --plan
  go run . policy prod --dns
  go run . policy prod --bucket adapters
  go run . policy state`,
		Args:              takes(1, 2, "an environment, or state", "policy prod"),
		ValidArgsFunction: completeEnvironments(stateName),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if bucket && out != "" {
				return usageErrorf("--bucket and --output exclude each other: give one of them")
			}
			if bucket {
				return printBucketStatements(cmd, args[0], append(args, names.Models)[1])
			}
			if len(args) > 1 {
				return usageErrorf("policy takes a second name only with --bucket: policy %s --bucket %s", args[0], args[1])
			}
			var policy iampolicy.Policy
			only := ""
			for flag, set := range map[string]bool{"keys": keys, "logs": logs, "dns": dns, "web": web} {
				if set {
					only = flag
				}
			}
			switch {
			case args[0] == stateName && only != "":
				return usageErrorf("policy takes an environment with --%s: state has neither callers nor access logs nor a "+
					"domain nor a page: policy prod --%[1]s", only)
			case dns:
				return printZonesRole(cmd, args[0], plan, out)
			case keys:
				policy, err = keysPolicyOf(cmd, args[0])
			case logs:
				policy, err = logsPolicyOf(cmd, args[0])
			case web:
				policy, err = webPolicyOf(cmd, args[0])
			default:
				policy, err = policyOf(cmd, args[0], plan)
			}
			if err != nil {
				return err
			}
			if policy.RolesUnbounded() {
				warnOfRoles(cmd, args[0])
			}
			if policy.MakesKeys() {
				warn(cmd, "it makes KMS keys, but neither deletes them nor changes their policies: before you destroy the environment or take "+
					"its alarms out, allow kms:ScheduleKeyDeletion on the ARNs of its keys")
			}
			if out == "" {
				if n := policy.Length(); n > iampolicy.InlineLimit {
					warn(cmd, "%d characters are too many for a role's inline policies: use --output", n)
				}
				return printText(cmd, policy.String())
			}
			return writePolicies(cmd, out, args[0], policy.Split(iampolicy.ManagedLimit))
		},
	}
	cmd.Flags().StringVarP(&out, "output", "o", "", "`DIR` to write managed policies to, instead of printing one document")
	addFresh(cmd)
	cmd.Flags().BoolVar(&plan, "plan", false, "only what planning needs, which changes nothing")
	cmd.Flags().BoolVar(&keys, "keys", false, "only what key, credential, canary, pause and resume need")
	cmd.Flags().BoolVar(&logs, "logs", false, "only what asking Athena about the access logs needs")
	cmd.Flags().BoolVar(&dns, "dns", false, "what the role in the account of the hosted zones needs")
	cmd.Flags().BoolVar(&bucket, "bucket", false, "the statement in the policy of a bucket with existing")
	cmd.Flags().BoolVar(&web, "web", false, "only what publishing the page needs")
	exclusive(cmd, "plan", "keys", "logs", "bucket", "web")
	exclusive(cmd, "dns", "keys", "logs", "bucket", "web")
	return cmd
}

func warnOfRoles(cmd *cobra.Command, environment string) {
	warn(cmd, "environments.%s.account.permissionsBoundaryArn: is not set: whoever has this policy writes what the roles "+
		"made here may do and who may assume them, and so can take every right in the account", environment)
}

// policyOf derives the policy of a stack from its JSON.
func policyOf(cmd *cobra.Command, environment string, plan bool) (iampolicy.Policy, error) {
	p, err := open(cmd)
	p.warn(p.warnings)
	if err != nil {
		return iampolicy.Policy{}, err
	}
	name := p.config.StackName(environment)
	if _, err := p.environment(environment); err != nil && name != p.config.StateStackName() {
		return iampolicy.Policy{}, fmt.Errorf("%w, and state for the bucket of the state", err)
	}
	rendered, err := p.render(name)
	if err != nil {
		return iampolicy.Policy{}, err
	}
	if len(p.config.Environments[environment].Overrides) > 0 {
		warn(cmd, "environments.%s.overrides: the policy has what the types of the resources need; an argument that leads to another "+
			"service, such as a Lambda function, may need more", environment)
	}
	if plan {
		return iampolicy.NewForPlan(rendered[name].JSON, iampolicy.PlanRoles{
			Account: p.config.Environments[environment].Account.PlanRoleARN,
			State:   p.config.State.PlanRoleARN,
			Zones:   p.config.Environments[environment].Domain.HostedZonePlanRoleARN,
		})
	}
	return iampolicy.New(rendered[name].JSON)
}

// keysPolicyOf needs no stack: what the commands do is the same for all.
func keysPolicyOf(cmd *cobra.Command, environment string) (iampolicy.Policy, error) {
	e, err := openEnvironment(cmd, environment)
	if err != nil {
		return iampolicy.Policy{}, err
	}
	if err := e.wrong(needsStore(e.Environment)); err != nil {
		return iampolicy.Policy{}, err
	}
	warn(cmd, "it is for all key value stores of the account: once %s is there, put its id, which CloudFront chooses, in the place of the last *",
		names.KeyValueStore(e.stack))
	return iampolicy.NewForKeys(e.Account.ID), nil
}

// logsPolicyOf needs no stack either: all that is asked has a name, but for the bucket.
func logsPolicyOf(cmd *cobra.Command, environment string) (iampolicy.Policy, error) {
	e, err := openEnvironment(cmd, environment)
	if err != nil {
		return iampolicy.Policy{}, err
	}
	if err := e.wrong(needsQueries(e.Logging)); err != nil {
		return iampolicy.Policy{}, err
	}
	warn(cmd, "it is for all buckets whose name begins with %s: once %s is deployed, put its output logs_bucket in their place",
		names.BucketPrefix(e.stack, "logs"), e.stack)
	return iampolicy.NewForLogs(iampolicy.LogQueries{
		Account: e.Account.ID, Region: e.Region, Stack: e.stack, Prefix: e.Logging.Prefix,
	}), nil
}

// printZonesRole prints or writes what the role is made of that changes the records in the hosted zones of another
// account, or that reads them.
func printZonesRole(cmd *cobra.Command, environment string, plan bool, dir string) error {
	e, err := openEnvironment(cmd, environment)
	if err != nil {
		return err
	}
	field, by, who, role := "hostedZoneRoleArn", e.Account.RoleARN, "DEPLOYER", e.Domain.HostedZoneRoleARN
	if plan {
		field, by, who, role = "hostedZonePlanRoleArn", e.Account.PlanRoleARN, "PLANNER", e.Domain.HostedZonePlanRoleARN
	}
	if role == "" {
		return e.wrong(fmt.Errorf("domain.%s: isn't set, so the hosted zones are in the account of the environment", field))
	}
	text, err := e.json()
	if err != nil {
		return err
	}
	policy, err := iampolicy.NewForZones(text, plan)
	if err != nil {
		return err
	}
	if by == "" {
		by = "arn:aws:iam::" + cmp.Or(e.Account.ID, "ACCOUNT") + ":role/" + who
		warn(cmd, "put the ARN of the role with which Terraform runs in the place of %s", by)
	}
	made := iampolicy.Role{AssumeRolePolicyDocument: iampolicy.NewTrust(by), PolicyDocument: policy}
	if dir == "" {
		return printText(cmd, made.String())
	}
	trust := filepath.Join(dir, environment+"-dns-trust.json")
	if err := output.WriteFile(trust, []byte(made.AssumeRolePolicyDocument.String())); err != nil {
		return err
	}
	if err := printText(cmd, trust+"\n"); err != nil {
		return err
	}
	return writePolicies(cmd, dir, environment+"-dns", policy.Split(iampolicy.ManagedLimit))
}

// writePolicies writes each document to a file of its own, and says which.
func writePolicies(cmd *cobra.Command, dir, environment string, policies []iampolicy.Policy) error {
	for i, p := range policies {
		path := filepath.Join(dir, fmt.Sprintf("%s-%d.json", environment, i+1))
		if err := output.WriteFile(path, []byte(p.String())); err != nil {
			return err
		}
		if err := printText(cmd, fmt.Sprintf("%s\t%d characters\n", path, p.Length())); err != nil {
			return err
		}
	}
	return nil
}
