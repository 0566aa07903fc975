package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/live/awsclient"
	"ml-api-accelerator/stacks/internal/live/dns"
)

// resolvers are those that the command dns asks. Tests have their own.
var resolvers = dns.Resolvers

func newDNS() *cobra.Command {
	var bind, offline, asJSON bool
	cmd := &cobra.Command{
		Use:        "dns ENVIRONMENT",
		SuggestFor: []string{"records", "domain", "zone"},
		Short:      "Print the DNS records that an environment needs, and who sees them",
		Long: `Prints the DNS records of domain.aliases: the ones that prove to AWS Certificate Manager that the domain
is yours, and the ones that lead callers to the distribution. With "dns": "manual" you make all of
them, and with a certificateArn the latter; otherwise Terraform does.

It asks ACM and CloudFront for what they have chosen, also while a deploy waits for the certificate,
with the same AWS credentials as the AWS CLI: acm:ListCertificates, acm:ListTagsForCertificate,
acm:DescribeCertificate, and cloudfront:GetDistribution. Then it asks two public resolvers, 1.1.1.1 and
8.8.8.8, what they see. Before the first deploy, and where there is no network, it prints what is known.`,
		Example: `  go run . dns prod
  go run . dns prod --bind > records.zone
  go run . dns prod --offline`,
		Args:              takes(1, 1, "an environment", "dns prod"),
		ValidArgsFunction: completeEnvironments(),
		RunE: func(cmd *cobra.Command, args []string) error {
			e, err := openEnvironment(cmd, args[0])
			if err != nil {
				return err
			}
			if len(e.Domain.Aliases) == 0 {
				return e.wrong(errors.New("domain.aliases: has none, so callers use the name that CloudFront assigns, " +
					"which needs no records"))
			}
			var known dns.Deployed
			asked := false
			if !offline {
				if known, asked, err = e.askDNS(cmd); err != nil {
					return err
				}
			}
			records := dns.Records(e.Domain.Aliases, e.Domain.InRoute53(), known)
			var sights [][]dns.Sight
			if !offline && !bind {
				sights = dns.See(cmd.Context(), records, resolvers)
			}
			switch {
			case asJSON:
				err = printJSON(cmd, e.listedRecords(records, sights))
			case bind:
				err = printText(cmd, dns.ZoneFile(records))
			default:
				err = recordTable(cmd.OutOrStdout(), records, sights)
			}
			e.tellDNS(cmd, known, asked)
			return err
		},
	}
	cmd.Flags().BoolVar(&bind, "bind", false, "print a zone file, as BIND and many providers read it")
	cmd.Flags().BoolVar(&offline, "offline", false, "ask neither AWS nor resolvers")
	cmd.Flags().BoolVar(&asJSON, "json", false,
		"print a list of {name, type, value, purpose, madeBy, resolvers}, the last of {resolver, seen, instead}")
	exclusive(cmd, "bind", "json")
	return cmd
}

// askDNS asks AWS what it has chosen. Where it can't be asked, that is a warning: most is known without it.
func (e environment) askDNS(cmd *cobra.Command) (known dns.Deployed, asked bool, err error) {
	err = onAWS(cmd.Context(), storeTimeout, func(ctx context.Context) (err error) {
		cfg, err := awsclient.Load(ctx, dns.Region)
		if err != nil {
			return err
		}
		known, err = dns.Ask(ctx, cfg, dns.Wanted{
			Aliases:        e.Domain.Aliases,
			CertificateARN: e.Domain.CertificateARN,
			Stack:          e.stack,
			Account:        e.Account.ID,
		})
		return err
	})
	var account *awsclient.AccountError
	switch {
	case err == nil, errors.Is(err, context.Canceled):
		return known, true, err
	case errors.As(err, &account):
		return known, false, e.accessError(err, "")
	}
	warn(cmd, "AWS couldn't be asked what it has chosen: %v", err)
	return dns.Deployed{}, false, nil
}

// tellDNS says what there is to do.
func (e environment) tellDNS(cmd *cobra.Command, known dns.Deployed, asked bool) {
	var lines []string
	tell := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	switch {
	case e.Domain.InRoute53():
		tell("Terraform makes these records, as A, AAAA and HTTPS where they lead to the distribution.")
	case known.Failed != "":
		tell("AWS doesn't issue the certificate (%s): mend that, and make another one with terraform apply "+
			"-replace=aws_acm_certificate.edge.", known.Failed)
	case e.Domain.DNS == config.DNSManual && known.Waits && len(known.Validation) == 0:
		tell("ACM hasn't chosen the records yet that prove whose the domain is: ask again in a few seconds.")
	case e.Domain.DNS == config.DNSManual && known.Waits:
		tell("The certificate waits for the records that begin with _. Make them now, and leave them: AWS renews the " +
			"certificate by them. A deploy that waits goes on some minutes after the world sees them.")
	case e.Domain.DNS == config.DNSManual && !known.Certificate:
		tell("Records that prove whose the domain is follow once the certificate is made: run this again while the first " +
			"deploy waits for them, in another terminal.")
	}
	if known.Distribution == "" && asked {
		tell("The distribution isn't there yet: the deploy that makes it gives it its name.")
	}
	for _, line := range lines {
		fmt.Fprintln(warningWriter(cmd), line)
	}
}

// unknown stands in a table for what isn't known.
const unknown = "-"

func recordTable(w io.Writer, records []dns.Record, sights [][]dns.Sight) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "name\ttype\tvalue\tseen")
	for i, r := range records {
		value, seen := r.Value, unknown
		if value == "" {
			value = unknown
		}
		if sights != nil && sights[i] != nil {
			seen = seenBy(sights[i])
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", r.Name, r.Type, value, seen)
	}
	return table.Flush()
}

// seenBy says in words what resolvers see.
func seenBy(sights []dns.Sight) string {
	var not []string
	for _, s := range sights {
		switch {
		case s.Seen:
		case s.Instead == dns.NoAnswer:
			not = append(not, s.Resolver+" doesn't answer")
		default:
			not = append(not, s.Resolver+" sees "+s.Instead)
		}
	}
	if not == nil {
		return "yes"
	}
	return strings.Join(not, ", ")
}

// listedRecord is a record, as JSON.
type listedRecord struct {
	Name      string        `json:"name"`
	Type      string        `json:"type"`
	Value     *string       `json:"value"` // null: not known yet
	Purpose   string        `json:"purpose"`
	MadeBy    string        `json:"madeBy"`
	Resolvers []listedSight `json:"resolvers"` // none: they weren't asked
}

type listedSight struct {
	Resolver string  `json:"resolver"`
	Seen     bool    `json:"seen"`
	Instead  *string `json:"instead"` // null: it is seen
}

func (e environment) listedRecords(records []dns.Record, sights [][]dns.Sight) []listedRecord {
	list := []listedRecord{}
	madeBy := "you"
	if e.Domain.InRoute53() {
		madeBy = "terraform"
	}
	for i, r := range records {
		row := listedRecord{Name: r.Name, Type: r.Type, Purpose: r.Purpose, MadeBy: madeBy, Resolvers: []listedSight{}}
		if r.Value != "" {
			row.Value = &r.Value
		}
		if sights != nil {
			for _, s := range sights[i] {
				seen := listedSight{Resolver: s.Resolver, Seen: s.Seen}
				if !s.Seen {
					seen.Instead = &s.Instead
				}
				row.Resolvers = append(row.Resolvers, seen)
			}
		}
		list = append(list, row)
	}
	return list
}
