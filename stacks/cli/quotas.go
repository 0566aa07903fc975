package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/config/declare"
	"ml-api-accelerator/stacks/internal/live/awsclient"
	"ml-api-accelerator/stacks/internal/live/quotas"
)

func newQuotas() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:        "quotas [ENVIRONMENT]",
		SuggestFor: []string{"limits", "quota"},
		Short:      "Compare what an environment asks for with the quotas of the AWS account",
		Long: `Compares what an environment, or all of them in the account, asks for with the quotas that the account has,
and with what quotas in cdktf.json says of them. Then it prints what to do: the lines for cdktf.json
where AWS has raised a quota, and the commands that ask AWS for more. What is the account's is counted
over all environments of the account in this cdktf.json; others there use it as well.

It asks Service Quotas in us-east-1, where those of CloudFront are, with the same AWS credentials as the
AWS CLI: servicequotas:GetServiceQuota, servicequotas:GetAWSDefaultServiceQuota and
servicequotas:ListAWSDefaultServiceQuotas. It changes nothing. The exit code is 1 if the account has too
little of anything.`,
		Example: `  go run . quotas
  go run . quotas prod
  go run . quotas prod --json`,
		Args:              takes(0, 1, "an environment, or none for all", "quotas prod"),
		ValidArgsFunction: completeEnvironments(),
		RunE: func(cmd *cobra.Command, args []string) error {
			p, err := openWith(cmd, config.LoadForQuotas)
			if err != nil {
				return err
			}
			found, err := p.compareQuotas(append(args, "")[0])
			if err != nil {
				if len(found.list) > 0 && !asJSON {
					err = errors.Join(found.table(cmd.OutOrStdout()), err)
				}
				return err
			}
			if asJSON {
				err = printJSON(cmd, found.listed())
			} else if err = found.table(cmd.OutOrStdout()); err == nil {
				err = printText(cmd, found.nextSteps())
			}
			if err != nil {
				return err
			}
			found.tell(cmd)
			for _, q := range found.list {
				if q.short() {
					return errSilent
				}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false,
		"print a list of {quota, asked, account, isDefault, configured, service, code, isAdjustable, command}")
	return cmd
}

// comparedQuotas are the quotas of an account beside what some environments ask for.
type comparedQuotas struct {
	environments []string
	list         []comparedQuota
}

type comparedQuota struct {
	quotas.Value
	asked      int
	configured int // what quotas says, or its default; the least of several environments
	most       int // likewise, the most of them
	standard   int // the default of the field, under which it can't be
}

// compareQuotas asks AWS. Without an environment, it compares those that may be in the account of the credentials. Without
// credentials it returns what is asked for, beside the error.
func (p project) compareQuotas(name string) (comparedQuotas, error) {
	var e *environment
	if name != "" {
		found, err := p.environment(name)
		if err != nil {
			return comparedQuotas{}, err
		}
		e = &found
	}
	var values []quotas.Value
	var account string
	err := onAWS(p.cmd.Context(), storeTimeout, func(ctx context.Context) error {
		cfg, err := awsclient.Load(ctx, quotas.Region)
		if err != nil {
			return err
		}
		if account, err = quotas.Account(ctx, cfg); err != nil {
			return err
		}
		if e != nil {
			if err := awsclient.CheckAccount(account, e.Account.ID); err != nil {
				return err
			}
		}
		values, err = quotas.Read(ctx, cfg, quotas.Known)
		return err
	})
	if err != nil {
		err = quotasError(e, err)
		if account != "" || errors.Is(err, context.Canceled) {
			return comparedQuotas{}, err
		}
		for _, q := range quotas.Known {
			values = append(values, quotas.Value{Quota: q})
		}
	}
	names := []string{name}
	ofAccount := p.config.InAccountOf(name)
	if name == "" {
		names = p.config.MaybeInAccount(account)
		ofAccount = names
	}
	if len(names) == 0 {
		return comparedQuotas{}, cmp.Or(err, fmt.Errorf("the credentials are those of account %s, which is account.id of no "+
			"environment", account))
	}
	found, asked := comparedQuotas{environments: names}, p.config.Asked(names, ofAccount)
	for _, v := range values {
		q := comparedQuota{
			Value: v, asked: asked[v.Field], configured: math.MaxInt, standard: config.QuotaDefaults().Of(v.Field),
		}
		for _, name := range names {
			says := p.config.Environments[name].Quotas.Of(v.Field)
			q.configured, q.most = min(q.configured, says), max(q.most, says)
		}
		found.list = append(found.list, q)
	}
	return found, err
}

// quotasError says what to do about an error of AWS. Without an environment there is no account that was wanted.
func quotasError(e *environment, err error) error {
	var account *awsclient.AccountError
	var access *awsclient.AccessError
	switch {
	case errors.As(err, &account):
		return e.accessError(err, "")
	case errors.As(err, &access):
		return fmt.Errorf("AWS denies access: %w\n  quotas takes servicequotas:GetServiceQuota, "+
			"servicequotas:GetAWSDefaultServiceQuota and servicequotas:ListAWSDefaultServiceQuotas", access)
	}
	return err
}

// short reports whether the account has too little.
func (q comparedQuota) short() bool { return q.Read && q.asked > q.Number }

// raised reports whether the account has more than cdktf.json knows.
func (q comparedQuota) raised() bool {
	return q.Read && q.Number > q.configured && q.Number > q.standard
}

// command asks AWS for as much as is asked for; empty: AWS doesn't raise it on request, or it is enough.
func (q comparedQuota) command() string {
	if !q.short() || !q.Adjustable {
		return ""
	}
	return fmt.Sprintf("aws service-quotas request-service-quota-increase --service-code %s --region %s "+
		"--quota-code %s --desired-value %d", q.Service, quotas.Region, q.Code, q.asked)
}

func (c comparedQuotas) table(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "quota\tasked\taccount\tcdktf.json\tcode")
	for _, q := range c.list {
		account, code := unknown, unknown
		if q.Read {
			account, code = strconv.Itoa(q.Number), q.Code
		}
		fmt.Fprintf(table, "%s\t%d\t%s\t%d\t%s\n", q.Field, q.asked, account, q.configured, code)
	}
	return table.Flush()
}

// nextSteps are what to paste: into cdktf.json, and into a shell.
func (c comparedQuotas) nextSteps() string {
	var lines, commands []string
	for _, q := range c.list {
		if q.raised() {
			lines = append(lines, fmt.Sprintf("%q: %d", q.Field, q.Number))
		}
		if command := q.command(); command != "" {
			commands = append(commands, command)
		}
	}
	var text strings.Builder
	if len(lines) > 0 {
		fmt.Fprintf(&text, "\nAWS has raised these. In quotas of %s, in cdktf.json:\n\n  %s\n",
			declare.Listed(c.environments, "and"), strings.Join(lines, ",\n  "))
	}
	if len(commands) > 0 {
		fmt.Fprintf(&text, "\nTo ask AWS for more:\n\n%s\n", strings.Join(commands, "\n"))
	}
	return text.String()
}

// tell says what can't be done here, and what is wrong.
func (c comparedQuotas) tell(cmd *cobra.Command) {
	var unreadable, fixed []string
	enough := true
	for _, q := range c.list {
		enough = enough && !q.short()
		switch {
		case !q.Read && q.asked > q.standard:
			warn(cmd, "%s: %d is asked for, over AWS's default of %d, and Service Quotas doesn't know what the account has: "+
				"ask in a support case", q.Field, q.asked, q.standard)
		case !q.Read:
			unreadable = append(unreadable, q.Field)
		case q.short() && !q.Adjustable:
			fixed = append(fixed, q.Field)
		}
		if q.Read && q.most > q.Number && q.most > q.standard {
			warn(cmd, "%s: quotas says %d, and the account has %d: check lets through what AWS refuses",
				q.Field, q.most, q.Number)
		}
	}
	line := func(format string, args ...any) { fmt.Fprintf(warningWriter(cmd), format+"\n", args...) }
	if len(fixed) > 0 {
		line("AWS raises these for nobody: %s. Ask for less, or move an environment to another account.",
			strings.Join(fixed, ", "))
	}
	if len(unreadable) > 0 {
		line("Not in Service Quotas under a name that is known here, and within AWS's defaults: %s.",
			strings.Join(unreadable, ", "))
	}
	if enough {
		line("The account has all that %s for, as far as it could be read.", askers(c.environments))
	}
}

func askers(environments []string) string {
	if len(environments) == 1 {
		return environments[0] + " asks"
	}
	return declare.Listed(environments, "and") + " ask"
}

// listedQuota is a quota, as JSON.
type listedQuota struct {
	Quota        string  `json:"quota"`
	Asked        int     `json:"asked"`
	Account      *int    `json:"account"` // null: Service Quotas doesn't know it
	IsDefault    *bool   `json:"isDefault"`
	Configured   int     `json:"configured"`
	Service      string  `json:"service"`
	Code         *string `json:"code"`
	IsAdjustable *bool   `json:"isAdjustable"`
	Command      *string `json:"command"` // null: there is nothing to ask for
}

func (c comparedQuotas) listed() []listedQuota {
	list := []listedQuota{}
	for _, q := range c.list {
		row := listedQuota{Quota: q.Field, Asked: q.asked, Configured: q.configured, Service: q.Service}
		if q.Read {
			row.Account, row.IsDefault, row.Code, row.IsAdjustable = &q.Number, &q.Default, &q.Code, &q.Adjustable
		}
		if command := q.command(); command != "" {
			row.Command = &command
		}
		list = append(list, row)
	}
	return list
}
