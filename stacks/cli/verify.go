package cli

import (
	"cmp"
	"crypto/tls"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/live/verify"
	"ml-api-accelerator/stacks/internal/shared/names"
	"ml-api-accelerator/stacks/internal/terminal"
)

func newVerify() *cobra.Command {
	var o verify.Options
	var at, timeout string
	var origins, headers, keys []string
	var insecure, strict, asJSON, asMarkdown bool
	cmd := &cobra.Command{
		Use:   "verify ENVIRONMENT --url URL",
		Short: "Check that the deployed edge does what is expected of it",
		Long: `Sends each request in expect to the distribution at a URL, or to serve, and judges what can be seen
from outside: who answers and with which status, redirects, the headers that are added, and whether the
second answer comes from the cache. The exit code is 1 if something isn't as expected, and with --strict
also if something was skipped.

Requests that reach an origin to write (POST, PUT, PATCH, DELETE) are only sent with --send-writes.
Those that CloudFront must refuse are sent, without the headers of --header. A request that names a
host asks for that host, at the address of --url. Before the DNS leads to a distribution, or while it
still leads elsewhere, --connect-to reaches it by the name that CloudFront gave it.

A request with a caller is sent with that caller's API key, from --api-key or from the
environment variable VERIFY_KEYS, which has a line NAME=KEY for each; without one it is skipped. Everyone
on the machine sees arguments: --api-key @FILE and -H @FILE read the lines of a file, and @- those of
stdin. Keys and headers only go to the aliases, to the host of --url and the name of --connect-to, and not
by HTTP unless to a private network. Whether a caller gets the canary can't be chosen, nor seen, from
outside.

Times are those to the first byte of the answer on a connection that is there already. With --origin a
backend is asked directly, too, for the path that CloudFront would send it.`,
		Example: `  go run . verify prod --url https://api.example.com
  go run . verify prod --url https://api.example.com --connect-to d111111abcdef8.cloudfront.net
  VERIFY_KEYS="alice=$ALICE_KEY" go run . verify prod --url https://api.example.com --strict
  go run . verify prod --url https://api.example.com --origin https://inference.example.com -H @headers`,
		ValidArgsFunction: completeEnvironments(),
		Args:              takes(1, 1, "an environment, and --url", "verify prod --url https://api.example.com"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if at == "" {
				return usageErrorf("verify needs --url: verify %s --url https://api.example.com", args[0])
			}
			if o.URL, err = baseURL("url", at); err != nil {
				return err
			}
			if err = connectTo("connect-to", o.ConnectTo); err != nil {
				return err
			}
			if o.Headers, err = secretHeaders(cmd, headers); err != nil {
				return err
			}
			callers, err := callersKeys(cmd, keys)
			if err != nil {
				return err
			}
			if o.Timeout, err = timeSpan(timeout); err != nil {
				return usageErrorf("--timeout: %w", err)
			}
			o.TLS = &tls.Config{InsecureSkipVerify: insecure}
			e, err := openEnvironment(cmd, args[0])
			if err != nil {
				return err
			}
			results, err := e.verify(o, origins, callers)
			if err != nil {
				return err
			}
			switch {
			case asJSON:
				err = printJSON(cmd, results)
			case asMarkdown:
				err = printText(cmd, verify.Markdown(results))
			default:
				err = printText(cmd, verify.Text(results, func(v verify.Verdict) string {
					return terminal.Paint(cmd.OutOrStdout(), verdictColours[v], string(v))
				}))
			}
			if err != nil {
				return err
			}
			return e.broken(results, at, strict, asJSON)
		},
	}
	cmd.Flags().StringVar(&at, "url", "", "`URL` of the distribution, like https://api.example.com")
	cmd.Flags().StringVar(&o.ConnectTo, "connect-to", "",
		"`HOST`, perhaps with a port, to connect to instead of the URL's")
	cmd.Flags().StringArrayVar(&origins, "origin", nil,
		"server of a backend, `NAME=URL`, that is asked directly, too, to compare the times; a URL alone is the API's; "+
			"may be given several times")
	cmd.Flags().StringArrayVarP(&headers, "header", "H", nil,
		"`HEADER` that is added to every request, \"Name: value\", or @FILE; may be given several times; never printed")
	cmd.Flags().StringArrayVar(&keys, "api-key", nil,
		"API key of a caller, `NAME=KEY`, or @FILE; may be given several times; never printed")
	formerName(cmd, "key", "api-key")
	cmd.Flags().BoolVar(&insecure, "insecure", false, "take any certificate, such as that of serve --tls")
	cmd.Flags().BoolVar(&o.SendWrites, "send-writes", false,
		"also send requests that reach an origin and may cost money or change data there")
	cmd.Flags().StringVar(&timeout, "timeout", "30s", "`TIME` to wait for each answer, such as 30s or 5m")
	cmd.Flags().BoolVar(&strict, "strict", false, "what was skipped counts as broken")
	cmd.Flags().BoolVar(&asJSON, "json", false,
		"print a list of {request, verdict, first, second, direct, broken, skipped, unseen}")
	cmd.Flags().BoolVar(&asMarkdown, "markdown", false, "print a table for the summary of a workflow")
	exclusive(cmd, "json", "markdown")
	completeNothing(cmd, "url", "connect-to", "origin", "header", "api-key", "timeout")
	addFresh(cmd)
	return cmd
}

var verdictColours = map[verify.Verdict]terminal.Colour{
	verify.OK: terminal.Green, verify.Broken: terminal.Red, verify.Skipped: terminal.Yellow,
}

// verify sends what the environment expects, until it is interrupted.
func (e environment) verify(o verify.Options, origins []string, keys []callersKey) ([]verify.Result, error) {
	d, err := e.asExpected()
	if err != nil {
		return nil, err
	}
	for i, text := range origins {
		if name, _, named := strings.Cut(text, "="); !named || strings.ContainsAny(name, ":/") {
			origins[i] = names.API + "=" + text
		}
	}
	if o.Origins, err = namedServers("origin", origins, d, e.Environment); err != nil {
		return nil, err
	}
	if err := checkKeys(keys, d, e.Expect); err != nil {
		return nil, err
	}
	o.Keys = map[string]string{}
	for _, k := range keys {
		o.Keys[k.name] = k.key
	}
	line := terminal.Start(warningWriter(e.cmd), "connecting")
	results, err := verify.Run(e.cmd.Context(), e.name, e.Expect, d, o, line.Tell)
	line.Stop()
	if err != nil {
		return nil, err
	}
	for _, r := range results {
		for _, problems := range [][]config.Problem{r.Broken, r.Skipped} {
			if err := config.Locate(e.file, problems); err != nil {
				return nil, err
			}
		}
	}
	return results, nil
}

// asExpected returns the environment's distribution, which does what is expected of it.
func (e environment) asExpected() (*edge.Distribution, error) {
	if len(e.Expect) == 0 {
		return nil, fmt.Errorf("environments.%s: expects nothing that could be verified; say in expect what the edge must do",
			e.name)
	}
	rendered, err := e.render(e.stack)
	if err != nil {
		return nil, err
	}
	if _, err := e.holdToExpectations(rendered); err != nil {
		return nil, err
	}
	return e.parse(rendered[e.stack].JSON)
}

// callersKey is the API key of a caller, and where it is from.
type callersKey struct{ from, name, key string }

// callersKeys are those of VERIFY_KEYS, then those of flags, which count more.
func callersKeys(cmd *cobra.Command, flags []string) ([]callersKey, error) {
	given, err := secretLines(cmd, "api-key", flags)
	if err != nil {
		return nil, err
	}
	var list []callersKey
	for _, lines := range [][]secretLine{numbered("VERIFY_KEYS", os.Getenv("VERIFY_KEYS")), given} {
		names := map[string]bool{}
		for _, line := range lines {
			name, key, err := namedKey(line)
			if err != nil {
				return nil, err
			}
			if names[name] {
				return nil, usageErrorf("%s: two keys are for the same caller", line.from)
			}
			names[name] = true
			list = append(list, callersKey{line.from, name, key})
		}
	}
	return list, nil
}

// checkKeys refuses keys that nothing is sent with. It doesn't repeat the name, which may be the beginning of a key.
func checkKeys(keys []callersKey, d *edge.Distribution, expected []config.Expectation) error {
	if len(keys) > 0 && !d.ChecksKeys() {
		return errNoKeys
	}
	var names []string
	for _, e := range expected {
		if e.Caller != "" && !slices.Contains(names, e.Caller) {
			names = append(names, e.Caller)
		}
	}
	for _, k := range keys {
		if !slices.Contains(names, k.name) {
			return usageErrorf("%s: nothing is expected of the caller that it names; there are %s",
				k.from, cmp.Or(strings.Join(names, ", "), "none"))
		}
	}
	return nil
}

// broken returns what ends the command with exit code 1: what isn't as expected, and with strict also what wasn't
// judged.
func (e environment) broken(results []verify.Result, at string, strict, said bool) error {
	problems := verify.Problems(results)
	if strict {
		for _, r := range results {
			problems = append(problems, r.Skipped...)
		}
	}
	if len(problems) == 0 {
		return nil
	}
	if said {
		return errSilent
	}
	var list strings.Builder
	for _, p := range problems {
		list.WriteString("\n  " + p.In(e.file))
	}
	return fmt.Errorf("%s isn't as expected%s", at, list.String())
}
