package config_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/golden"
)

// everyRow are the rows of all tables.
func everyRow() []row {
	return slices.Concat(structureRows(), nameRows(), originRows(), headerRows(), backendRows(), reachedRows(), namedRows(), webRows(), credentialRows(), responseHeadersRows(), routeRows(), cacheRows(), grpcRows(),
		signerRows(), domainRows(), distributionRows(), corsRows(), edgeRows(), limitRows(), modelsRows(), expectRows(), callerRows(), planRows(), overrideRows(), sharedRows(), slackRows(), serviceRows(), protectionRows(), manyRows(), twiceRows(), wholeRows())
}

// TestRules has every row make its problems, and holds their messages to those that people have read.
func TestRules(t *testing.T) {
	var messages strings.Builder
	rows, run := everyRow(), 0
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			run++
			said := problems
			if slices.ContainsFunc(r.want, func(p config.Problem) bool { return p.Rule == "O3" }) {
				said = allProblems
			}
			got := said(t, r.file(t))
			writeMessages(&messages, r.name, got)
			for i := range got {
				got[i].Message = ""
			}
			if diff := cmp.Diff(r.want, got); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
	if run == len(rows) { // or -run has chosen some of them
		golden.Equal(t, "testdata/messages.golden", []byte(messages.String()), *update, updateCommand)
	}
}

// writeMessages adds a row's messages. Of those that differ in numbers only, one stands for all.
func writeMessages(to *strings.Builder, row string, problems []config.Problem) {
	if len(problems) > 0 {
		fmt.Fprintf(to, "%s\n", row)
	}
	said := map[string]bool{}
	for _, p := range problems {
		alike := digits.ReplaceAllString(p.Rule+p.String(), "")
		if !said[alike] {
			fmt.Fprintf(to, "  %s %s %s\n", p.Rule, p.Class, p)
		}
		said[alike] = true
	}
}

var digits = regexp.MustCompile(`[0-9]+`)

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
	for _, r := range unreadableRows() {
		broken[r.problem.Rule] = []config.Class{r.problem.Class}
	}
	for _, rule := range config.Rules() {
		if slices.Contains([]string{"E2", "V2", "V4"}, rule.ID) {
			continue // only a stack tells: their rows stand where stacks are held to expectations and overrides
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
