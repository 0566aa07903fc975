package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"ml-api-accelerator/stacks/internal/edge/explain"
	"ml-api-accelerator/stacks/internal/local/serve"
	"ml-api-accelerator/stacks/internal/local/serve/accesslog"
	"ml-api-accelerator/stacks/internal/local/serve/exchange"
	"ml-api-accelerator/stacks/internal/local/serve/inspect"
	"ml-api-accelerator/stacks/internal/terminal"
)

// serveFlags are what a person says about the edge on their machine.
type serveFlags struct {
	api, failover, canary, models, web, listen, inspect, cacheSize, log string
	canaryPercent, from, country                                        string
	tls                                                                 bool
	backends, buckets, secrets, keys, credentials                       []string

	madeKey string // for this run; empty: none was needed yet
}

func newServe() *cobra.Command {
	var flags serveFlags
	cmd := &cobra.Command{
		Use:        "serve ENVIRONMENT",
		SuggestFor: []string{"run", "start", "dev"},
		Short:      "Run the edge on this machine, in front of your servers",
		Long: `Runs a server that does with requests what the distribution of an environment would do: routes, cache,
signatures, failover, timeouts, CORS and compression. Your own servers stand in for the backends, and a
folder for the bucket of models: /models/llama.gguf is DIR/models/llama.gguf. With --web, a folder with
the files of the page (web) is served with the API on one origin, as web publish would send them; what changes
in it shows at the next request.

--api, --failover, --canary and --models are short for --backend api=URL, --backend api-failover=URL,
--backend api-canary=URL and --bucket models=DIR. Other backends and buckets go by the names that they have
in backends and buckets, and the second server of a backend by that name and -failover. All routes to a
backend lead to its one server, each with its own read timeout.

It answers to every host. Without --tls, requests count as HTTPS, so nothing is redirected. With it,
the same port takes HTTP and HTTPS, with a new certificate that no client trusts by itself.

Where the edge checks API keys (api.keys), it knows those of --api-key; without any, one is made for this
run, for the caller local, and shown at the start. A canary (api.canary) gets its share of the callers, or
--canary-percent of them. A signature counts with any key pair id.

What a backend gets in place of the callers' keys (credential) is that of --credential, or of --secret where
it is in a secret: without NAME it is the API's. No page, log or message shows it.

The firewall's lists of addresses and its limits (firewall.requestsPer5Minutes, limits, limitBy) hold here,
too, counted exactly; AWS's managed rules don't. Callers have the addresses that they come from, or all have
that of --from. Their country is unknown, unless --country sets it for all (distribution.geoRestriction,
CloudFront-Viewer-Country).

A changed configuration takes effect with the next request, and the terminal says what changed. While the file
is wrong, the last good version is served. What is cached stays, except on routes where the change makes other
answers, or keeps them for another time. Flags and their @FILEs are read once, at the start.

What AWS's guides leave open is listed in stacks/internal/edge/GUESSES.md.`,
		Example: `  go run . serve dev --api localhost:8000
  go run . serve prod --api localhost:8000 --api-key alice=sk-alice --canary localhost:8001 --canary-percent 50
  go run . serve prod --api localhost:8000 --models ./bucket --secret ml-api/prod/origin-verify=abc
  go run . serve chat --api localhost:8000 --web ./dist
  go run . serve prod --api localhost:8000 --backend embeddings=localhost:8001 --bucket adapters=./adapters
  go run . serve prod --api https://provider.example.com --credential @provider-key`,
		Args:              takes(1, 1, "an environment", "serve dev --api localhost:8000"),
		ValidArgsFunction: completeEnvironments(),
		RunE: func(cmd *cobra.Command, args []string) error {
			run := &edgeRun{cmd: cmd, environment: args[0], flags: flags}
			defer run.kernel.Unload()
			if err := run.start(); err != nil {
				return err
			}
			if run.options.Country != "" && !run.served.distribution.AsksForCountry() {
				warn(cmd, countryIsNothing, args[0])
			}
			warnOfPrivate(cmd, run.options.From)
			return run.serve(cmd.Context())
		},
	}
	f := cmd.Flags()
	f.StringVar(&flags.api, "api", "", "`URL` of the server that stands for the API, such as localhost:8000")
	f.StringVar(&flags.failover, "failover", "",
		"`URL` of the server that stands for api.failover; without it nothing fails over")
	f.StringVar(&flags.canary, "canary", "",
		"`URL` of the server that stands for api.canary; without it, callers who get the canary are answered 502")
	f.StringArrayVar(&flags.backends, "backend", nil,
		"server that stands for a backend, `NAME=URL`; may be given several times")
	f.StringArrayVar(&flags.buckets, "bucket", nil,
		"folder that stands for a bucket, `NAME=DIR`; may be given several times")
	f.StringVar(&flags.canaryPercent, "canary-percent", "",
		"`PERCENT` of the callers that get the canary, 0 to 100 (default that of api.canary)")
	f.StringVar(&flags.from, "from", "",
		"`ADDRESS` that all callers count as coming from (default their own)")
	f.StringVar(&flags.country, "country", "",
		"`CODE` of the country that all callers count as being in, such as DE (default none)")
	f.StringArrayVar(&flags.keys, "api-key", nil, "API key of a caller, `NAME=KEY`, or @FILE; may be given several times")
	formerName(cmd, "key", "api-key")
	f.StringVar(&flags.models, "models", "", "`DIR` that stands for the bucket of models")
	f.StringVar(&flags.web, "web", "", "`DIR` with the files of the page, such as what its build writes")
	f.StringVar(&flags.listen, "listen", "localhost:8080",
		"`ADDRESS` to listen on; 8080 is only for this machine, :8080 takes callers from everywhere")
	f.BoolVar(&flags.tls, "tls", false, "take HTTPS, and redirect HTTP where the distribution does")
	f.StringArrayVar(&flags.secrets, "secret", nil,
		"value of a secret that a header has, `NAME=VALUE`; may be given several times")
	f.StringArrayVar(&flags.credentials, "credential", nil,
		"credential of a backend, `[NAME=]VALUE`, or @FILE; may be given several times")
	f.StringVar(&flags.inspect, "inspect", "",
		"`ADDRESS` of a page that shows each request and what became of it; 8081 is only for this machine")
	f.StringVar(&flags.log, "log", "", "`FILE` to which the access log is added, in CloudFront's standard format")
	f.StringVar(&flags.cacheSize, "cache-size", "256MB",
		"`SIZE` of the cache in memory; answers of more than 1 MB go to files, ten times as much")
	addFresh(cmd)
	return cmd
}

func (f *serveFlags) options() (serve.Options, error) {
	o := serve.Options{Models: f.models, Web: f.web, TLS: f.tls, Secrets: map[string]string{}}
	var err error
	if f.listen, err = listenAddress("listen", f.listen); err != nil {
		return o, err
	}
	if f.inspect != "" {
		if f.inspect, err = listenAddress("inspect", f.inspect); err != nil {
			return o, err
		}
	}
	if o.API, err = baseURL("api", f.api); err != nil {
		return o, err
	}
	if o.Failover, err = baseURL("failover", f.failover); err != nil {
		return o, err
	}
	if o.Canary, err = baseURL("canary", f.canary); err != nil {
		return o, err
	}
	if f.from != "" {
		if o.From, err = address("from", f.from); err != nil {
			return o, err
		}
	}
	if f.country != "" {
		if o.Country, err = country("country", f.country); err != nil {
			return o, err
		}
	}
	for _, secret := range f.secrets {
		name, value, found := strings.Cut(secret, "=")
		if !found || name == "" || value == "" {
			return o, usageErrorf("--secret must be NAME=VALUE") // without what was typed, which is secret
		}
		o.Secrets[name] = value
	}
	o.MemoryBytes, err = bytesOf("cache-size", f.cacheSize)
	o.DiskBytes = 10 * o.MemoryBytes
	return o, err
}

// serve serves the environment until it is interrupted.
func (r *edgeRun) serve(ctx context.Context) (err error) {
	out, d, flags, o := r.cmd.OutOrStdout(), r.served.distribution, r.flags, r.served.options
	listener, err := listen("listen", flags.listen)
	if err != nil {
		return err
	}
	defer listener.Close()
	url := "http://" + listener.Addr().String()
	if o.TLS {
		url = "https://" + listener.Addr().String()
	}
	observers := observers{tellFailures(r.cmd.ErrOrStderr())}
	if flags.log != "" {
		file, err := os.OpenFile(flags.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return fmt.Errorf("--log: %w", err)
		}
		defer func() { err = errors.Join(err, file.Close()) }()
		observers = append(observers, logTo(accesslog.New(file, d.Domain), r.cmd.ErrOrStderr()))
	}
	inspected := ""
	if flags.inspect != "" {
		page, at, err := openInspector(ctx, flags.inspect, inspect.Options{Environment: r.environment, Edge: url})
		if err != nil {
			return err
		}
		inspected = "; look at http://" + at
		observers = append(observers, page.Observe)
	}
	o.Observe = observers.observe
	if r.server, err = serve.New(d, o); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.server.Close()) }()
	r.introduce(&r.served)
	fmt.Fprint(out, explain.Table(explain.Routes(d)))
	fmt.Fprintln(out, notSimulated)
	for _, line := range slices.Concat(r.served.told, r.served.lacks) {
		fmt.Fprintln(out, line)
	}
	fmt.Fprintf(out, "listening on %s%s\n", url, inspected)
	return r.server.Run(ctx, listener)
}

// observers see each exchange, one after the other.
type observers []func(*exchange.Exchange)

func (o observers) observe(e *exchange.Exchange) {
	for _, observe := range o {
		observe(e)
	}
}

// tellFailures says why a function failed or an origin didn't answer, which the page that the caller gets doesn't.
func tellFailures(out io.Writer) func(*exchange.Exchange) {
	return func(e *exchange.Exchange) {
		if e.End.IsZero() {
			return
		}
		tell := func(format string, values ...any) {
			values = append([]any{e.Method, e.URL.Path}, values...)
			fmt.Fprintln(out, terminal.Harmless(fmt.Sprintf("%s %s: "+format, values...)))
		}
		if a := e.Decision.Answer; a != nil && a.Cause != "" {
			tell("the function %s fails: %s", e.Decision.Function.Name, a.Cause)
		}
		for _, sent := range e.Sent {
			if sent.Error != "" {
				tell("%s: %s", sent.Origin, sent.Error)
			}
		}
	}
}

// logTo writes the exchanges that have ended, and says once if that doesn't work.
func logTo(log *accesslog.Log, out io.Writer) func(*exchange.Exchange) {
	var once sync.Once
	return func(e *exchange.Exchange) {
		if e.End.IsZero() {
			return
		}
		if err := log.Write(e); err != nil {
			once.Do(func() { fmt.Fprintf(out, "the access log isn't complete: %v\n", err) })
		}
	}
}

// openInspector has a page that is there until the context ends.
func openInspector(
	ctx context.Context, address string, o inspect.Options,
) (page *inspect.Inspector, at string, err error) {
	if o.Listen, err = inspect.Address(address); err != nil {
		return nil, "", usageErrorf("--inspect %w", err)
	}
	listener, err := listen("inspect", o.Listen)
	if err != nil {
		return nil, "", err
	}
	page = inspect.New(o)
	server := &http.Server{
		Handler: page.Handler(), ReadHeaderTimeout: time.Minute,
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	context.AfterFunc(ctx, func() { server.Close() })
	go func() { _ = server.Serve(listener) }() // it ends with the context
	return page, listener.Addr().String(), nil
}
