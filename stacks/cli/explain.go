package cli

import (
	"fmt"
	"regexp"
	"time"

	"github.com/spf13/cobra"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/explain"
	"ml-api-accelerator/stacks/internal/edge/signed"
	"ml-api-accelerator/stacks/internal/edge/text"
	"ml-api-accelerator/stacks/internal/traffic/questions"
)

func newExplain() *cobra.Command {
	var asked asked
	var asJSON, plans, errorDetail bool
	cmd := &cobra.Command{
		Use:        "explain ENVIRONMENT [METHOD URL]",
		SuggestFor: []string{"routes", "describe"},
		Short:      "Explain what the edge does with a request",
		Long: `Explains what CloudFront does with a request: by which route, what it answers itself, what it looks up
and keeps, what the origin receives, and what is added to the answer. The URL may be only a path; the
host is then the first alias. Without a request it lists the routes in the order in which they are
tried; the seconds in the cache are the default, the minimum and the maximum.

Where the edge checks API keys (api.keys), a request has a known one only with --caller, whatever its
headers say. --in-canary makes the caller one of those who get the canary (api.canary).

The firewall's lists of addresses (firewall.allowedIPs, blockedIPs, and the allowedIPs of routes and buckets)
are checked against --from. Without it the request gets in, and explain says where it must come from.
--country is the country that the request comes from (distribution.geoRestriction).

With --plans it shows which of CloudFront's flat-rate pricing plans fit the environment, and what stands
between it and each of the others, whatever distribution.pricingPlan says.

With --error it says what a detail of CloudFront's access logs means (x-edge-detailed-result-type), such as
OriginDnsError, and what to do next; without a detail it lists all of them.

Nothing is deployed or called. What AWS's guides leave open is listed in stacks/internal/edge/GUESSES.md.`,
		Example: `  go run . explain prod
  go run . explain prod GET '/v1/models?limit=5' -H 'Origin: https://app.example.com'
  go run . explain prod POST /v1/chat/completions --caller alice
  go run . explain prod GET /admin --from 198.51.100.7
  go run . explain prod --plans
  go run . explain --error OriginDnsError`,
		ValidArgsFunction: completeEnvironments(),
		Args: func(cmd *cobra.Command, args []string) error {
			if errorDetail {
				return takes(0, 1, "one detail of the access logs, or none", "explain --error OriginDnsError")(cmd, args)
			}
			if len(args) == 2 {
				args = nil // a method or a URL is missing
			}
			return takes(1, 3, "an environment, or an environment, a method and a URL", "explain prod GET /v1/models")(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if errorDetail {
				return explainDetail(cmd, args, asJSON)
			}
			switch {
			case plans && len(args) > 1:
				return usageErrorf("--plans is about an environment, not a request: explain %s --plans", args[0])
			case len(args) == 1:
				if err := refuseRequestFlags(cmd); err != nil {
					return err
				}
			}
			if plans {
				return listPlans(cmd, args[0], asJSON)
			}
			e, err := openEnvironment(cmd, args[0])
			if err != nil {
				return err
			}
			d, err := e.distribution()
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
			if asked.from != "" && d.Addresses == nil {
				warn(cmd, "--from makes no difference: %s has no list of addresses that is known here", args[0])
			} else {
				warnOfPrivate(cmd, decision.Request.IP)
			}
			if asked.country != "" && !d.AsksForCountry() {
				warn(cmd, countryIsNothing, args[0])
			}
			if asJSON {
				return printJSON(cmd, decision)
			}
			return printText(cmd, text.Of(decision)+explain.Countries(d)+e.next(decision))
		},
	}
	cmd.Flags().StringArrayVarP(&asked.headers, "header", "H", nil,
		"`HEADER` of the request, \"Name: value\"; may be given several times")
	cmd.Flags().StringVar(&asked.at, "time", "", "`TIME` at which signatures are judged, "+aheadForm+" (default now)")
	cmd.Flags().StringVar(&asked.caller, "caller", "", "`NAME` of the caller whose API key the request has")
	cmd.Flags().StringVar(&asked.from, "from", "", "`ADDRESS` of the caller, by which the firewall's lists judge it")
	cmd.Flags().StringVar(&asked.country, "country", "", "`CODE` of the caller's country, such as DE")
	cmd.Flags().BoolVar(&asked.canary, "in-canary", false, "the caller is among those who get the canary")
	formerName(cmd, "canary", "in-canary")
	cmd.Flags().BoolVar(&plans, "plans", false, "show which pricing plans fit the environment, and why others don't")
	cmd.Flags().BoolVar(&errorDetail, "error", false, "say what a detail of the access logs means, or list all of them")
	exclusive(cmd, "plans", "error")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the decision as an object, without a request a list of "+
		"{route, methods, origin, …}, with --error one of {detail, meaning, next}, "+
		"with --plans one of {plan, fits, inTheWay, …}")
	completeNothing(cmd, "header", "time", "caller", "from", "country")
	addFresh(cmd)
	return cmd
}

// countryIsNothing warns that the country makes no difference to an environment.
const countryIsNothing = "--country makes no difference: %s lets in all countries, and no origin learns of them"

// status is one of HTTP.
var status = regexp.MustCompile(`^[1-5][0-9][0-9]$`)

func explainDetail(cmd *cobra.Command, args []string, asJSON bool) error {
	if err := refuseRequestFlags(cmd); err != nil {
		return err
	}
	details := questions.Details
	if len(args) == 1 && status.MatchString(args[0]) {
		return usageErrorf("--error %s: is a status, and takes the detail that the log has beside it: logs ENVIRONMENT errors "+
			"shows which; explain --error alone lists all", args[0])
	}
	if len(args) == 1 {
		d, err := questions.FindDetail(args[0])
		if err != nil {
			return usageError{err}
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
	routes := explain.Routes(d)
	if asJSON {
		return printJSON(cmd, routes)
	}
	return printText(cmd, explain.Table(routes)+explain.Countries(d))
}

// refuseRequestFlags refuses what only a request can have.
func refuseRequestFlags(cmd *cobra.Command) error {
	for _, flag := range []string{"header", "time", "caller", "from", "country", "in-canary"} {
		if cmd.Flags().Changed(flag) {
			return usageErrorf("--%s needs a request: explain prod GET /v1/models", flag)
		}
	}
	return nil
}

// asked is what a person says of a request beside its method and URL.
type asked struct {
	headers                   []string
	at, caller, from, country string
	canary                    bool
}

func (a asked) decide(d *edge.Distribution, method, url string) (edge.Decision, error) {
	r, err := explain.Request(method, url, a.headers)
	if err == nil {
		r, err = explain.As(d, r, a.caller, a.canary)
	}
	if err != nil {
		return edge.Decision{}, usageError{err}
	}
	if a.from != "" {
		if r.IP, err = address("from", a.from); err != nil {
			return edge.Decision{}, err
		}
	}
	if a.country != "" {
		if r.Country, err = country("country", a.country); err != nil {
			return edge.Decision{}, err
		}
	}
	r.Time = time.Now()
	if a.at != "" {
		if r.Time, err = timeAhead("time", a.at, r.Time); err != nil {
			return edge.Decision{}, err
		}
	}
	return explain.Decide(d, r), nil
}

// next says what gets a request past what CloudFront answers itself; empty: nothing that is typed.
func (e environment) next(d edge.Decision) string {
	next := ""
	switch {
	case d.Answer == nil:
	case d.Answer.Reason == "key" && d.Request.Caller == "":
		next = "as a caller with a key: --caller alice; to let one in: key add " + e.name + " alice"
	case d.Answer.Reason == "signature" && d.Signature == signed.Invalid:
		next = "it must be for this very URL, by a private key of models.signers, from an address and at a time that it allows: sign makes one"
	case d.Answer.Reason == "signature":
		next = fmt.Sprintf("sign %s URL --key FILE --expires 1h", e.name)
	}
	if next == "" {
		return ""
	}
	return fmt.Sprintf("%-8s%s\n", "next", next)
}

// listPlans says how an environment goes with CloudFront's pricing plans, whatever plan is set.
func listPlans(cmd *cobra.Command, environment string, asJSON bool) error {
	p, err := openWith(cmd, config.LoadForPlans)
	if err != nil {
		return err
	}
	e, err := p.environment(environment)
	if err != nil {
		return err
	}
	fits := e.config.PlanFits(e.name)
	if asJSON {
		return printJSON(cmd, explain.PlanFits(fits))
	}
	return printText(cmd, explain.Plans(fits))
}
