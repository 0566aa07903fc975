package explain

import (
	"fmt"
	"strings"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/shared/figures"
)

// PlanFit is how an environment and a plan go together, as JSON shows it.
type PlanFit struct {
	Plan     string          `json:"plan"`
	Dollars  int             `json:"dollarsPerMonth"`
	Requests string          `json:"requestsPerMonth"`
	Transfer string          `json:"transferPerMonth"`
	Set      bool            `json:"set"`
	Fits     bool            `json:"fits"`
	InTheWay []config.Misfit `json:"inTheWay"`
	Unsure   []config.Misfit `json:"unsure"`
}

// PlanFits are the fits of an environment as JSON shows them.
func PlanFits(fits []config.PlanFit) []PlanFit {
	list := make([]PlanFit, len(fits))
	for i, f := range fits {
		list[i] = PlanFit{
			Plan: f.Plan.Name, Dollars: f.Plan.Dollars, Requests: f.Plan.Requests, Transfer: f.Plan.Transfer,
			Set: f.Set, Fits: f.Fits(), InTheWay: append([]config.Misfit{}, f.InTheWay...), Unsure: append([]config.Misfit{}, f.Unsure...),
		}
	}
	return list
}

// Plans says which plans fit an environment, and what stands between it and the others.
func Plans(fits []config.PlanFit) string {
	var text strings.Builder
	for _, f := range fits {
		fmt.Fprintf(&text, "%s, $%s a month for %s requests and %s: %s\n", f.Plan.Name, figures.Thousands(f.Plan.Dollars), f.Plan.Requests, f.Plan.Transfer, verdict(f))
		for _, m := range f.InTheWay {
			fmt.Fprintf(&text, "  %s: %s\n", m.Path, m.Message)
		}
		for _, m := range f.Unsure {
			fmt.Fprintf(&text, "  unsure: %s: %s\n", m.Path, m.Message)
		}
		text.WriteString("\n")
	}
	fmt.Fprintf(&text, "Pay-as-you-go, without a plan, takes everything.\nSource: %s, read on %s.\n", config.PlansSource, config.PlansRead)
	return text.String()
}

func verdict(f config.PlanFit) string {
	said := "fits"
	switch n := len(f.InTheWay); {
	case n == 1:
		said = "1 thing is in the way"
	case n > 1:
		said = fmt.Sprintf("%d things are in the way", n)
	case len(f.Unsure) > 0:
		said = "fits, if AWS takes what is unsure"
	}
	if f.Set {
		said += " (distribution.pricingPlan)"
	}
	return said
}
