package config

// Account pins an environment to an AWS account.
type Account struct {
	ID                     string
	RoleARN                string
	PlanRoleARN            string
	PermissionsBoundaryARN string
}

func (a *Account) declare(f *fields) {
	f.text("id", &a.ID, "Account id; any other account is refused.").matches(ruleN4, accountID, "have 12 digits")
	f.confidential("roleArn", &a.RoleARN, "IAM role that Terraform assumes to deploy.")
	f.confidential("planRoleArn", &a.PlanRoleARN, "IAM role that the workflows on GitHub assume to plan; it only reads.")
	f.confidential("permissionsBoundaryArn", &a.PermissionsBoundaryARN, "IAM policy beyond which no role made here has rights, whoever writes the role's own policies.")
}

func (a Account) check(r *report, at path) {
	if a.RoleARN != "" {
		checkARN(r, ruleN4, at.field("roleArn"), a.RoleARN, roleARN, a.ID)
	}
	if a.PlanRoleARN != "" {
		checkARN(r, ruleN4, at.field("planRoleArn"), a.PlanRoleARN, roleARN, a.ID)
	}
	if a.PermissionsBoundaryARN != "" {
		checkARN(r, ruleN4, at.field("permissionsBoundaryArn"), a.PermissionsBoundaryARN, policyARN, a.ID)
	}
}
