package cli

import (
	"cmp"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/explain"
	"ml-api-accelerator/stacks/internal/live/verify"
	"ml-api-accelerator/stacks/internal/terminal"
)

func newVerify() *cobra.Command {
	var o verify.Options
	var at, origin string
	var headers, keys []string
	var insecure, asJSON, asMarkdown bool
	cmd := &cobra.Command{
		Use:   "verify ENVIRONMENT --url URL",
		Short: "Hold the deployed edge to what is expected of it",
		Long: `Sends each request that the environment expects something of to the distribution at a URL, or to
serve, and judges what can be seen from outside: who answers and with which status, redirects, the
headers that are added, and whether the second answer comes from the cache. The exit code is 1 if
something isn't as expected.

Requests that reach an origin to write (POST, PUT, PATCH, DELETE) are only sent with --send-writes.
Those that CloudFront must refuse are sent, without the headers of --header. A request that names a
host asks for that host, at the address of --url. Before the DNS leads to a distribution, or while it
still leads elsewhere, --connect-to reaches it by the name that CloudFront gave it.

A request that is expected of a caller has the key of that caller, from --key or from the environment
variable VERIFY_KEYS, which has a line NAME=KEY for each; it isn't sent without. Everyone on the machine
sees arguments: --key @FILE and -H @FILE read the lines of a file, and @- those of stdin. Keys and
headers only go to the aliases, to the host of --url and the name of --connect-to, and not by HTTP unless
to a private network. Whether a caller gets the canary can't be chosen, nor seen, from outside.

Times are those to the first byte of the answer on a connection that is there already.`,
		Example: `  verify prod --url https://api.example.com
  verify prod --url https://api.example.com --connect-to d111111abcdef8.cloudfront.net
  VERIFY_KEYS="alice=$ALICE_KEY" verify prod --url https://api.example.com
  verify prod --url https://api.example.com --origin https://inference.example.com -H @headers`,
		ValidArgsFunction: completeEnvironments(),
		Args:              cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if at == "" {
				return fmt.Errorf("verify needs --url: verify %s --url https://api.example.com", args[0])
			}
			if o.URL, err = baseURL("url", at); err != nil {
				return err
			}
			if o.Origin, err = baseURL("origin", origin); err != nil {
				return err
			}
			if o.Headers, err = secretHeaders(cmd, headers); err != nil {
				return err
			}
			callers, err := callersKeys(cmd, keys)
			if err != nil {
				return err
			}
			if o.Timeout <= 0 {
				return fmt.Errorf("--timeout: must be more than 0, got %v", o.Timeout)
			}
			o.TLS = &tls.Config{InsecureSkipVerify: insecure}
			results, err := verified(cmd, args[0], o, callers)
			if err != nil {
				return err
			}
			switch {
			case asJSON:
				err = printJSON(cmd, results)
			case asMarkdown:
				_, err = fmt.Fprint(cmd.OutOrStdout(), verify.Markdown(results))
			default:
				_, err = fmt.Fprint(cmd.OutOrStdout(), verify.Text(results, func(v verify.Verdict) string {
					return terminal.Paint(cmd.OutOrStdout(), verdictColours[v], string(v))
				}))
			}
			if err != nil {
				return err
			}
			return broken(cmd, results, at, asJSON)
		},
	}
	cmd.Flags().StringVar(&at, "url", "", "scheme and host of the distribution, like https://api.example.com")
	cmd.Flags().StringVar(&o.ConnectTo, "connect-to", "", "host, perhaps with a port, to connect to instead of the URL's")
	cmd.Flags().StringVar(&origin, "origin", "", "scheme and host of the API's server, which is then asked directly, too, to compare the times")
	cmd.Flags().StringArrayVarP(&headers, "header", "H", nil, `header that is added to every request, "Name: value", or @FILE; may be given several times; never printed`)
	cmd.Flags().StringArrayVar(&keys, "key", nil, "key of a caller, NAME=KEY, or @FILE; may be given several times; never printed")
	cmd.Flags().BoolVar(&insecure, "insecure", false, "take any certificate, such as that of serve --tls")
	cmd.Flags().BoolVar(&o.SendWrites, "send-writes", false, "also send requests that reach an origin and may cost money or change data there")
	cmd.Flags().DurationVar(&o.Timeout, "timeout", 30*time.Second, "how long to wait for each answer")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a list of {request, verdict, first, second, direct, broken, skipped, unseen}")
	cmd.Flags().BoolVar(&asMarkdown, "markdown", false, "print a table for the summary of a workflow")
	cmd.MarkFlagsMutuallyExclusive("json", "markdown")
	for _, name := range []string{"url", "connect-to", "origin", "header", "key", "timeout"} {
		_ = cmd.RegisterFlagCompletionFunc(name, cobra.NoFileCompletions) // an error is a flag that doesn't exist
	}
	addFresh(cmd)
	return cmd
}

var verdictColours = map[verify.Verdict]terminal.Colour{verify.OK: terminal.Green, verify.Broken: terminal.Red, verify.Skipped: terminal.Yellow}

// baseURL is that of a flag; nil: it isn't given.
func baseURL(flag, text string) (*url.URL, error) {
	if text == "" {
		return nil, nil
	}
	u, err := url.Parse(text)
	if err == nil {
		err = verify.CheckURL(u)
	}
	var parsing *url.Error
	if errors.As(err, &parsing) {
		err = parsing.Err
	}
	if err != nil {
		return nil, fmt.Errorf("--%s %q: %w", flag, text, err)
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host}, nil
}

// secretHeaders doesn't repeat what it refuses.
func secretHeaders(cmd *cobra.Command, values []string) (map[string]string, error) {
	lines, err := secretLines(cmd, "header", values)
	if err != nil {
		return nil, err
	}
	var headers []string
	for _, line := range lines {
		if _, err := explain.Request("GET", "/", []string{line.text}); err != nil {
			return nil, fmt.Errorf(`%s: must be like "Name: value"`, line.from)
		}
		headers = append(headers, line.text)
	}
	r, err := explain.Request("GET", "/", headers)
	if err != nil {
		return nil, errors.New(`--header: must be like "Name: value"`)
	}
	return r.Headers, nil
}

// verified sends what an environment expects, until it is interrupted.
func verified(cmd *cobra.Command, environment string, o verify.Options, keys []callersKey) ([]verify.Result, error) {
	expected, d, err := expectedOf(cmd, environment)
	if err != nil {
		return nil, err
	}
	if err := checkKeys(keys, d, expected); err != nil {
		return nil, err
	}
	o.Keys = map[string]string{}
	for _, k := range keys {
		o.Keys[k.name] = k.key
	}
	line := terminal.Start(warningWriter(cmd), "connecting")
	results, err := verify.Run(cmd.Context(), environment, expected, d, o, line.Tell)
	line.Stop()
	if err != nil {
		return nil, err
	}
	file := cmd.Flag("config").Value.String()
	for _, r := range results {
		for _, problems := range [][]config.Problem{r.Broken, r.Skipped} {
			if err := config.Locate(file, problems); err != nil {
				return nil, err
			}
		}
	}
	return results, nil
}

// secretLine is a key or a header, and where it is from: errors say that instead of what it is.
type secretLine struct{ from, text string }

// secretLines are the values of a flag. One like @FILE, or @- for stdin, stands for the lines of a file.
func secretLines(cmd *cobra.Command, flag string, values []string) ([]secretLine, error) {
	var list []secretLine
	for _, value := range values {
		name, isFile := strings.CutPrefix(value, "@")
		if !isFile {
			list = append(list, secretLine{"--" + flag, value})
			continue
		}
		read := func() ([]byte, error) { return os.ReadFile(name) }
		if name == "-" {
			read = func() ([]byte, error) { return io.ReadAll(cmd.InOrStdin()) }
		}
		text, err := read()
		if err != nil {
			return nil, fmt.Errorf("--%s: %w", flag, err)
		}
		list = append(list, numbered("--"+flag+" "+value, string(text))...)
	}
	return list, nil
}

func numbered(from, text string) []secretLine {
	var list []secretLine
	for i, line := range strings.Split(text, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			list = append(list, secretLine{fmt.Sprintf("%s, line %d", from, i+1), line})
		}
	}
	return list
}

// callersKey is the key of a caller, and where it is from.
type callersKey struct{ from, name, key string }

// callersKeys are those of VERIFY_KEYS, then those of flags, which count more.
func callersKeys(cmd *cobra.Command, flags []string) ([]callersKey, error) {
	given, err := secretLines(cmd, "key", flags)
	if err != nil {
		return nil, err
	}
	var list []callersKey
	for _, lines := range [][]secretLine{numbered("VERIFY_KEYS", os.Getenv("VERIFY_KEYS")), given} {
		names := map[string]bool{}
		for _, line := range lines {
			name, key, err := namedKey(line.from, line.text)
			if err != nil {
				return nil, err
			}
			if names[name] {
				return nil, fmt.Errorf("%s: two keys are for the same caller", line.from)
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
			return fmt.Errorf("%s: nothing is expected of the caller that it names; there are %s", k.from, cmp.Or(strings.Join(names, ", "), "none"))
		}
	}
	return nil
}

// expectedOf is what an environment expects, to which its distribution is held first.
func expectedOf(cmd *cobra.Command, environment string) ([]config.Expectation, *edge.Distribution, error) {
	file := cmd.Flag("config").Value.String()
	c, warnings, err := config.Load(file)
	if err != nil {
		return nil, nil, err
	}
	e, err := c.Environment(environment)
	if err != nil {
		return nil, nil, err
	}
	if len(e.Expect) == 0 {
		return nil, nil, fmt.Errorf("environments.%s: expects nothing that could be verified; say in expect what the edge must do", environment)
	}
	name := c.StackName(environment)
	rendered, err := renderStacks(cmd, c, warnings, []string{name})
	if err != nil {
		return nil, nil, err
	}
	if _, err := holdToExpectations(file, c, rendered); err != nil {
		return nil, nil, err
	}
	d, err := edge.Parse(rendered[name].JSON)
	return e.Expect, d, err
}

// broken is what ends the command with exit code 1.
func broken(cmd *cobra.Command, results []verify.Result, at string, said bool) error {
	problems := verify.Problems(results)
	if len(problems) == 0 {
		return nil
	}
	if said {
		return errSilent
	}
	var list strings.Builder
	for _, p := range problems {
		list.WriteString("\n  " + p.In(cmd.Flag("config").Value.String()))
	}
	return fmt.Errorf("%s isn't as expected%s", at, list.String())
}
