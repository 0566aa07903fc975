package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/local/serve"
)

// serveFlags are what a person says about the edge on their machine.
type serveFlags struct {
	api, failover, canary, models, listen, inspect, cacheSize, log string
	canaryPercent                                                  string
	tls                                                            bool
	secrets, keys                                                  []string
}

func newServe() *cobra.Command {
	var flags serveFlags
	cmd := &cobra.Command{
		Use:   "serve ENVIRONMENT",
		Short: "Run the edge on this machine, in front of your servers",
		Long: `Runs a server that does with requests what the distribution of an environment would do: routes, cache,
signatures, failover, timeouts, CORS and compression. Your own servers stand for the backends, and a
folder stands for the bucket of models: /models/llama.gguf is DIR/models/llama.gguf.

It answers to every host. Without --tls, requests count as HTTPS, so nothing is redirected. With it,
the same port takes both, with a certificate that is made at the start and that nobody trusts.

Where the edge checks the keys of callers (api.keys), it knows those of --key; without any, one is made
for this run, for the caller local, and shown at the start. A canary (api.canary) gets its share of the
callers, or --canary-percent of them.

The firewall's lists of addresses and its limits (firewall.requestsPer5Minutes, limits, limitBy) hold here,
too, counted exactly; AWS's managed rules don't.

What AWS's guides leave open is listed in stacks/internal/edge/GUESSES.md.`,
		Example: `  serve dev --api http://localhost:8000
  serve prod --api http://localhost:8000 --key alice=sk-alice --canary http://localhost:8001 --canary-percent 50
  serve prod --api http://localhost:8000 --models ./bucket --secret ml-api/prod/origin-verify=abc`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("serve takes an environment: serve dev --api http://localhost:8000")
			}
			return nil
		},
		ValidArgsFunction: completeEnvironments(),
		RunE: func(cmd *cobra.Command, args []string) error {
			options, err := flags.options()
			if err != nil {
				return err
			}
			d, err := distribution(cmd, args[0])
			if err != nil {
				return err
			}
			if options.Firewall, err = firewall(cmd, args[0]); err != nil {
				return err
			}
			hint, err := flags.know(d, &options)
			if err != nil {
				return err
			}
			return runEdge(cmd.Context(), cmd, edgeRun{args[0], hint, d, flags, options})
		},
	}
	f := cmd.Flags()
	f.StringVar(&flags.api, "api", "", "URL of the server that stands for the API, such as http://localhost:8000")
	f.StringVar(&flags.failover, "failover", "", "URL of the server that stands for api.failover; without it nothing fails over")
	f.StringVar(&flags.canary, "canary", "", "URL of the server that stands for api.canary; without it, callers who get the canary are answered 502")
	f.StringVar(&flags.canaryPercent, "canary-percent", "", "share of the callers that get the canary, 0 to 100 (default that of api.canary)")
	f.StringArrayVar(&flags.keys, "key", nil, "key of a caller, NAME=KEY; may be given several times")
	f.StringVar(&flags.models, "models", "", "folder that stands for the bucket of models")
	f.StringVar(&flags.listen, "listen", "localhost:8080", "address to listen on; :8080 takes callers from everywhere")
	f.BoolVar(&flags.tls, "tls", false, "take HTTPS, and redirect HTTP where the distribution does")
	f.StringArrayVar(&flags.secrets, "secret", nil, "value of a secret that a header has, NAME=VALUE; may be given several times")
	f.StringVar(&flags.inspect, "inspect", "", "address of a page that shows each request and what became of it; :8081 is only for this machine")
	f.StringVar(&flags.log, "log", "", "file to which the access log is added, in CloudFront's standard format")
	f.StringVar(&flags.cacheSize, "cache-size", "256MB", "memory for the cache; answers of more than 1 MB go to files, ten times as much")
	addFresh(cmd)
	return cmd
}

// firewall is that of an environment.
func firewall(cmd *cobra.Command, environment string) (config.Firewall, error) {
	c, _, err := config.Load(cmd.Flag("config").Value.String())
	if err != nil {
		return config.Firewall{}, err
	}
	e, err := c.Environment(environment)
	return e.Firewall, err
}

func (f serveFlags) options() (serve.Options, error) {
	o := serve.Options{Models: f.models, TLS: f.tls, Secrets: map[string]string{}}
	var err error
	if o.API, err = baseURL("api", f.api); err != nil {
		return o, err
	}
	if o.Failover, err = baseURL("failover", f.failover); err != nil {
		return o, err
	}
	if o.Canary, err = baseURL("canary", f.canary); err != nil {
		return o, err
	}
	for _, secret := range f.secrets {
		name, value, found := strings.Cut(secret, "=")
		if !found || name == "" || value == "" {
			return o, errors.New("--secret must be NAME=VALUE") // without what was typed, which is secret
		}
		o.Secrets[name] = value
	}
	o.MemoryBytes, err = bytesOf(f.cacheSize)
	o.DiskBytes = 10 * o.MemoryBytes
	return o, err
}

// bytesOf reads a size like 256MB.
func bytesOf(text string) (int64, error) {
	number, unit := int64(0), ""
	if n, _ := fmt.Sscanf(text, "%d%s", &number, &unit); n == 2 && number > 0 && number < 1<<20 {
		switch unit {
		case "MB":
			return number << 20, nil
		case "GB":
			return number << 30, nil
		}
	}
	return 0, fmt.Errorf("--cache-size %q: must be like 256MB or 2GB", text)
}
