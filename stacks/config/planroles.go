package config

// checkPlanRoles refuses to plan with a role that deploys: pull requests can use the roles that plan.
func (c Config) checkPlanRoles(r *report) {
	deploying := map[string]path{}
	type planning struct {
		at   path
		role string
	}
	roles := []planning{{path{"state", "planRoleArn"}, c.State.PlanRoleARN}}
	for _, name := range c.EnvironmentNames() {
		account, at := c.Environments[name].Account, path{environments, name, "account"}
		deploying[account.RoleARN] = at.field("roleArn")
		roles = append(roles, planning{at.field("planRoleArn"), account.PlanRoleARN})
	}
	deploying[c.State.RoleARN] = path{"state", "roleArn"}
	for _, p := range roles {
		if other, deploys := deploying[p.role]; deploys && p.role != "" {
			r.must(ruleN7, p.at, "must differ from %s: whoever can open a pull request could deploy, got %q", other, p.role)
		}
	}
}
