package config

import (
	"maps"
	"slices"
	"strings"

	"ml-api-accelerator/stacks/config/declare"
	"ml-api-accelerator/stacks/internal/shared/names"
)

// Account pins an environment to an AWS account.
type Account struct {
	ID                     string
	RoleARN                string
	PlanRoleARN            string
	PermissionsBoundaryARN string
}

// Declare implements [declare.Section].
func (a *Account) Declare(f *declare.Fields) {
	f.Text("id", &a.ID, "Account id. Any other account is refused.").
		Matches(ruleARN, accountID, "have 12 digits").
		Explain(accountMeant)
	f.Confidential("roleArn", &a.RoleARN, "IAM role that Terraform assumes to deploy.")
	f.Confidential("planRoleArn", &a.PlanRoleARN, "IAM role that the GitHub workflows assume to plan. It only reads.")
	f.Confidential("permissionsBoundaryArn", &a.PermissionsBoundaryARN,
		"IAM policy that limits every role created here, whoever writes the role's own policies.")
}

func (a Account) check(r *declare.Report, at declare.Path) {
	if a.RoleARN != "" {
		checkARN(r, ruleARN, at.Field("roleArn"), a.RoleARN, roleARN, a.ID)
	}
	if a.PlanRoleARN != "" {
		checkARN(r, ruleARN, at.Field("planRoleArn"), a.PlanRoleARN, roleARN, a.ID)
	}
	if a.PermissionsBoundaryARN != "" {
		checkARN(r, ruleARN, at.Field("permissionsBoundaryArn"), a.PermissionsBoundaryARN, policyARN, a.ID)
	}
}

// Tags of the user's that a resource can have beside the one that says its stack: AWS takes 50 (Tagging AWS Resources
// User Guide, Tag naming limits). A health check takes 10 (Route 53 API Reference, ChangeTagsForResource), of which one
// is its name.
const (
	mostTags            = 50 - 1
	mostHealthCheckTags = 10 - 2
)

func checkTags(r *declare.Report, at declare.Path, given map[string]string, healthChecks bool) {
	overQuota(r, ruleTags, at, len(given), mostTags, " tags besides "+names.StackTag, "")
	if healthChecks && len(given) > mostHealthCheckTags {
		r.Must(ruleTags, at,
			"must have at most %d tags with regions of a backend: a Route 53 health check takes 10 "+
				"tags, two of which are its name and its stack, got %d", mostHealthCheckTags, len(given))
	}
	keys := slices.Sorted(maps.Keys(given))
	for _, i := range repeated(keys, strings.ToLower) {
		r.Must(ruleTags, at.Field(keys[i]),
			"must not differ from another tag only in upper and lower case, which IAM refuses")
	}
	for _, key := range keys {
		if key == "__proto__" {
			r.Must(ruleTags, at.Field(key), "must not be used as a name: cdktf loses a tag of this name")
		}
		// Policies don't tell tags apart by case (IAM User Guide, AWS global condition context keys, aws:ResourceTag).
		if strings.EqualFold(key, names.StackTag) {
			r.Must(ruleTags, at.Field(key),
				"must not be used as a name: every resource has a tag %s with its stack", names.StackTag)
		}
		if strings.HasPrefix(strings.ToLower(key), "aws:") {
			r.Must(ruleTags, at.Field(key), `must not begin with "aws:", which AWS keeps for itself`)
		}
	}
}
