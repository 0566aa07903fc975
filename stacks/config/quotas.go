package config

import (
	"reflect"
	"strings"

	"ml-api-accelerator/stacks/config/declare"
)

// Asked returns how much of each field of quotas some environments ask for: the most of one of them, or of all of an
// account together where the quota is the account's.
func (c Config) Asked(environmentNames, ofAccount []string) map[string]int {
	r := &declare.Report{}
	for _, name := range environmentNames {
		c.Environments[name].check(r, declare.Path{environments, name}, name, c.StackName(name))
	}
	for _, limited := range perAccounts {
		n := 0
		for _, name := range ofAccount {
			n += limited.made(c.Environments[name])
		}
		if limited.quota != "" {
			r.Count(limited.quota, n)
		}
	}
	return r.Most
}

// InAccountOf returns the names of an environment and of those that are in the same account, as far as they say.
func (c Config) InAccountOf(environment string) []string {
	var list []string
	for _, name := range c.EnvironmentNames() {
		if c.Environments[name].Account.ID == c.Environments[environment].Account.ID {
			list = append(list, name)
		}
	}
	return list
}

// MaybeInAccount returns the names of the environments that are in an account, or don't say where they are.
func (c Config) MaybeInAccount(id string) []string {
	var list []string
	for _, name := range c.EnvironmentNames() {
		if own := c.Environments[name].Account.ID; own == "" || own == id {
			list = append(list, name)
		}
	}
	return list
}

// Of returns what a field of quotas says.
func (q Quotas) Of(field string) int {
	return int(reflect.ValueOf(q).FieldByNameFunc(func(name string) bool { return strings.EqualFold(name, field) }).Int())
}

// QuotaDefaults returns the quotas where cdktf.json says nothing.
func QuotaDefaults() Quotas { return declare.Unset[Quotas]() }
