package config

import "ml-api-accelerator/stacks/config/declare"

// stateName is the last part of the name of the state bucket's stack.
const stateName = "state"

// State is the S3 bucket that keeps the Terraform state of every environment.
type State struct {
	Bucket      string
	Region      string
	RoleARN     string
	PlanRoleARN string
	KMSKeyARN   string
}

// Declare implements [declare.Section].
func (s *State) Declare(f *declare.Fields) {
	f.Text("bucket", &s.Bucket,
		"Name of the bucket, which the stack <name>-state creates.").Required().
		Matches(ruleBucketName, bucketName, aBucketName).
		Explain(bucketMeant)
	regionField(f, "region", &s.Region, "Region of the bucket.").Required()
	f.Confidential("roleArn", &s.RoleARN, "IAM role that Terraform assumes to read and write the state.")
	f.Confidential("planRoleArn", &s.PlanRoleARN,
		"IAM role that the GitHub workflows assume to read the state when they plan.")
	f.Confidential("kmsKeyArn", &s.KMSKeyARN, "KMS key that encrypts the state; by default S3's own keys do.")
}

func (s State) check(r *declare.Report, at declare.Path) {
	checkBucket(r, at.Field("bucket"), s.Bucket, false)
	if s.RoleARN != "" {
		checkARN(r, ruleARN, at.Field("roleArn"), s.RoleARN, roleARN, "")
	}
	if s.PlanRoleARN != "" {
		checkARN(r, ruleARN, at.Field("planRoleArn"), s.PlanRoleARN, roleARN, "")
	}
	if s.KMSKeyARN != "" {
		checkARN(r, ruleARN, at.Field("kmsKeyArn"), s.KMSKeyARN, stateKeyARN.in(s.Region), "")
	}
}

// checkPlanRoles refuses to plan with a role that deploys: pull requests can use the roles that plan.
func (c Config) checkPlanRoles(r *declare.Report) {
	deploying := map[string]declare.Path{}
	type planning struct {
		at   declare.Path
		role string
	}
	roles := []planning{{declare.Path{"state", "planRoleArn"}, c.State.PlanRoleARN}}
	for _, name := range c.EnvironmentNames() {
		account, at := c.Environments[name].Account, declare.Path{environments, name, "account"}
		deploying[account.RoleARN] = at.Field("roleArn")
		roles = append(roles, planning{at.Field("planRoleArn"), account.PlanRoleARN})
		domain, at := c.Environments[name].Domain, declare.Path{environments, name, "domain"}
		deploying[domain.HostedZoneRoleARN] = at.Field("hostedZoneRoleArn")
		roles = append(roles, planning{at.Field("hostedZonePlanRoleArn"), domain.HostedZonePlanRoleARN})
	}
	deploying[c.State.RoleARN] = declare.Path{"state", "roleArn"}
	for _, p := range roles {
		if other, deploys := deploying[p.role]; deploys && p.role != "" {
			r.Must(rulePlanRoles, p.at,
				"must differ from %s: whoever can open a pull request could deploy, got %q", other, p.role)
		}
	}
}
