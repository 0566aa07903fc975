package config

// Account pins an environment to an AWS account.
type Account struct {
	ID      string
	RoleARN string
}

func (a *Account) declare(f *fields) {
	f.text("id", &a.ID, "Account id; any other account is refused.").matches(ruleN4, accountID, "have 12 digits")
	f.text("roleArn", &a.RoleARN, "IAM role that Terraform assumes to deploy.")
}

func (a Account) check(r *report, at path) {
	if a.RoleARN != "" {
		checkARN(r, ruleN4, at.field("roleArn"), a.RoleARN, roleARN, a.ID)
	}
}
