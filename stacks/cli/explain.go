package cli

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/explain"
	"ml-api-accelerator/stacks/internal/edge/text"
	"ml-api-accelerator/stacks/internal/traffic/questions"
)

func newExplain() *cobra.Command {
	var asked asked
	var asJSON, plans, errorDetail bool
	cmd := &cobra.Command{
		Use:   "explain ENVIRONMENT [METHOD URL]",
		Short: "Tell what the edge does with a request",
		Long: `Tells what CloudFront does with a request: by which route, what it answers itself, what it looks up
and keeps, what the origin receives, and what is added to the answer. The URL may be only a path; the
host is then the first alias. Without a request it lists the routes in the order in which they are
tried; seconds in the cache are those where the origin says nothing, and the least and the most.

Where the edge checks the keys of callers (api.keys), a request has a known one only with --caller,
whatever its headers say. --canary makes the caller one of those who get the canary (api.canary).

With --plans it tells which of CloudFront's flat-rate pricing plans fit the environment, and what stands
between it and each of the others, whatever distribution.pricingPlan says.

With --error it says what a detail of CloudFront's access logs means (x-edge-detailed-result-type), such as
OriginDnsError, and what to do next; without a detail it lists all of them.

Nothing is deployed or called. What AWS's guides leave open is listed in stacks/internal/edge/GUESSES.md.`,
		Example: `  explain prod
  explain prod GET /v1/models?limit=5 -H 'Origin: https://app.example.com'
  explain prod POST /v1/chat/completions --caller alice
  explain prod --plans
  explain --error OriginDnsError`,
		ValidArgsFunction: completeEnvironments(),
		Args: func(_ *cobra.Command, args []string) error {
			if errorDetail && len(args) > 1 {
				return errors.New("--error takes one detail of the access logs: explain --error OriginDnsError")
			}
			if !errorDetail && len(args) != 1 && len(args) != 3 {
				return errors.New("explain takes an environment, or an environment, a method and a URL: explain prod GET /v1/models")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if errorDetail {
				return explainDetail(cmd, args, asJSON)
			}
			if plans {
				return listPlans(cmd, args, asJSON)
			}
			d, err := distribution(cmd, args[0])
			if err != nil {
				return err
			}
			if len(args) == 1 {
				return listRoutes(cmd, d, asJSON)
			}
			decision, err := asked.decide(d, args[1], args[2])
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(cmd, decision)
			}
			_, err = fmt.Fprint(cmd.OutOrStdout(), text.Of(decision))
			return err
		},
	}
	cmd.Flags().StringArrayVarP(&asked.headers, "header", "H", nil, `header of the request, "Name: value"; may be given several times`)
	cmd.Flags().StringVar(&asked.at, "time", "", "when signatures are judged, as 2030-01-31T12:00:00Z (default now)")
	cmd.Flags().StringVar(&asked.caller, "caller", "", "name of a caller whose key the request has")
	cmd.Flags().BoolVar(&asked.canary, "canary", false, "the caller is among those who get the canary")
	cmd.Flags().BoolVar(&plans, "plans", false, "tell which pricing plans fit the environment, and why others don't")
	cmd.Flags().BoolVar(&errorDetail, "error", false, "say what a detail of the access logs means, or list all of them")
	cmd.MarkFlagsMutuallyExclusive("plans", "error")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the decision as JSON, with --error a list of {detail, meaning, next}, or with --plans a list of {plan, dollarsPerMonth, requestsPerMonth, transferPerMonth, set, fits, inTheWay, unsure}")
	addFresh(cmd)
	return cmd
}

func explainDetail(cmd *cobra.Command, args []string, asJSON bool) error {
	if err := refuseRequestFlags(cmd); err != nil {
		return err
	}
	details := questions.Details
	if len(args) == 1 {
		d, err := questions.FindDetail(args[0])
		if err != nil {
			return err
		}
		details = []questions.Detail{d}
	}
	if asJSON {
		return printJSON(cmd, details)
	}
	for _, d := range details {
		fmt.Fprintln(cmd.OutOrStdout(), d)
	}
	return nil
}

func listRoutes(cmd *cobra.Command, d *edge.Distribution, asJSON bool) error {
	if err := refuseRequestFlags(cmd); err != nil {
		return err
	}
	routes := explain.Routes(d)
	if asJSON {
		return printJSON(cmd, routes)
	}
	_, err := fmt.Fprint(cmd.OutOrStdout(), explain.Table(routes))
	return err
}

// refuseRequestFlags refuses what only a request can have.
func refuseRequestFlags(cmd *cobra.Command) error {
	for _, flag := range []string{"header", "time", "caller", "canary"} {
		if cmd.Flags().Changed(flag) {
			return fmt.Errorf("--%s needs a request: explain prod GET /v1/models", flag)
		}
	}
	return nil
}

// asked is what a person says of a request beside its method and URL.
type asked struct {
	headers    []string
	at, caller string
	canary     bool
}

func (a asked) decide(d *edge.Distribution, method, url string) (edge.Decision, error) {
	r, err := explain.Request(method, url, a.headers)
	if err != nil {
		return edge.Decision{}, err
	}
	if r, err = explain.As(d, r, a.caller, a.canary); err != nil {
		return edge.Decision{}, err
	}
	r.Time = time.Now()
	if a.at != "" {
		if r.Time, err = time.Parse(time.RFC3339, a.at); err != nil {
			return edge.Decision{}, fmt.Errorf("time %q: must be like 2030-01-31T12:00:00Z", a.at)
		}
	}
	return explain.Decide(d, r), nil
}

// distribution is that of an environment, as it would be deployed now.
func distribution(cmd *cobra.Command, environment string) (*edge.Distribution, error) {
	c, warnings, err := config.Load(cmd.Flag("config").Value.String())
	if err != nil {
		return nil, err
	}
	if _, err := c.Environment(environment); err != nil {
		return nil, err
	}
	name := c.StackName(environment)
	rendered, err := renderStacks(cmd, c, warnings, []string{name})
	if err != nil {
		return nil, err
	}
	return edge.Parse(rendered[name].JSON)
}

// listPlans says how an environment goes with CloudFront's pricing plans, whatever plan is set.
func listPlans(cmd *cobra.Command, args []string, asJSON bool) error {
	if len(args) != 1 {
		return fmt.Errorf("--plans is about an environment, not a request: explain %s --plans", args[0])
	}
	if err := refuseRequestFlags(cmd); err != nil {
		return err
	}
	c, _, err := config.LoadForPlans(cmd.Flag("config").Value.String())
	if err != nil {
		return err
	}
	if _, err := c.Environment(args[0]); err != nil {
		return err
	}
	fits := c.PlanFits(args[0])
	if asJSON {
		return printJSON(cmd, explain.PlanFits(fits))
	}
	_, err = fmt.Fprint(cmd.OutOrStdout(), explain.Plans(fits))
	return err
}
