package config_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/config"
)

// everyRow are the rows of all tables.
func everyRow() []row {
	return slices.Concat(structureRows(), nameRows(), originRows(), headerRows(), backendRows(), routeRows(), cacheRows(), grpcRows(),
		signerRows(), domainRows(), distributionRows(), corsRows(), edgeRows(), limitRows(), modelsRows(), expectRows(), callerRows(), planRows(), sharedRows(), manyRows())
}

func TestSmallestConfigurationHasNoProblems(t *testing.T) {
	require.Empty(t, problems(t, row{patch: `{}`}.file(t)))
}

func TestEveryRuleAndClassHasARow(t *testing.T) {
	broken := map[string][]config.Class{}
	for _, r := range everyRow() {
		for _, p := range r.want {
			if !slices.Contains(broken[p.Rule], p.Class) {
				broken[p.Rule] = append(broken[p.Rule], p.Class)
			}
		}
	}
	for _, r := range twiceRows() {
		for _, p := range r.want {
			broken[p.Rule] = []config.Class{p.Class}
		}
	}
	for _, r := range unreadableRows() {
		broken[r.problem.Rule] = []config.Class{r.problem.Class}
	}
	for _, rule := range config.Rules() {
		if rule.ID == "E2" {
			continue // only a stack tells: its rows stand in the package that holds stacks to expectations
		}
		require.ElementsMatch(t, rule.Classes, broken[rule.ID], "classes of %s in the rows", rule.ID)
		delete(broken, rule.ID)
	}
	require.Empty(t, broken, "rules in the rows that don't exist")
}

func TestRulesAreComplete(t *testing.T) {
	ids := map[string]bool{}
	for _, rule := range config.Rules() {
		require.False(t, ids[rule.ID], "%s stands twice", rule.ID)
		ids[rule.ID] = true
		require.NotEmpty(t, rule.Classes, rule.ID)
		require.NotEmpty(t, rule.Holds, rule.ID)
		require.NotEmpty(t, rule.Source, rule.ID)
	}
}

func TestRowsHaveNames(t *testing.T) {
	names := map[string]bool{}
	for _, r := range everyRow() {
		require.False(t, names[r.name], "%s stands twice", r.name)
		names[r.name] = true
	}
}
