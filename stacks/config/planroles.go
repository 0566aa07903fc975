package config

// checkPlanRoles refuses to plan with a role that deploys: pull requests can use the roles that plan.
func (c Config) checkPlanRoles(r *report) {
	deploying := map[string]path{}
	planning := map[path]string{"state.planRoleArn": c.State.PlanRoleARN}
	for _, name := range c.EnvironmentNames() {
		account, at := c.Environments[name].Account, path("environments").key(name).field("account")
		deploying[account.RoleARN] = at.field("roleArn")
		planning[at.field("planRoleArn")] = account.PlanRoleARN
	}
	deploying[c.State.RoleARN] = "state.roleArn"
	for at, role := range planning {
		if other, deploys := deploying[role]; deploys && role != "" {
			r.must(ruleN7, at, "must differ from %s: whoever can open a pull request could deploy, got %q", other, role)
		}
	}
}
