package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"

	"github.com/spf13/cobra"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/explain"
	"ml-api-accelerator/stacks/internal/serve"
	"ml-api-accelerator/stacks/internal/serve/accesslog"
	"ml-api-accelerator/stacks/internal/serve/exchange"
)

// serveFlags are what a person says about the edge on their machine.
type serveFlags struct {
	api, failover, models, listen, cacheSize, log string
	tls                                           bool
	secrets                                       []string
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

What AWS's guides leave open is listed in stacks/internal/edge/GUESSES.md.`,
		Example: `  serve dev --api http://localhost:8000
  serve prod --api http://localhost:8000 --models ./bucket --secret ml-api/prod/origin-verify=abc`,
		Args:              cobra.ExactArgs(1),
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
			ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGINT, syscall.SIGTERM)
			defer stop()
			return runEdge(ctx, cmd.OutOrStdout(), d, flags, options)
		},
	}
	f := cmd.Flags()
	f.StringVar(&flags.api, "api", "", "URL of the server that stands for the API, such as http://localhost:8000")
	f.StringVar(&flags.failover, "failover", "", "URL of the server that stands for api.failover; without it nothing fails over")
	f.StringVar(&flags.models, "models", "", "folder that stands for the bucket of models")
	f.StringVar(&flags.listen, "listen", "localhost:8080", "address to listen on; :8080 takes callers from everywhere")
	f.BoolVar(&flags.tls, "tls", false, "take HTTPS, and redirect HTTP where the distribution does")
	f.StringArrayVar(&flags.secrets, "secret", nil, "value of a secret that a header has, NAME=VALUE; may be given several times")
	f.StringVar(&flags.log, "log", "", "file to which the access log is added, in CloudFront's standard format")
	f.StringVar(&flags.cacheSize, "cache-size", "256MB", "memory for the cache; answers of more than 1 MB go to files, ten times as much")
	addFresh(cmd)
	return cmd
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

// notSimulated is what takes AWS to be seen.
const notSimulated = "not simulated: the firewall, geographic restrictions, which answers CloudFront drops early, HTTP/3, and that there are many edge locations"

// runEdge serves a distribution until it is interrupted.
func runEdge(ctx context.Context, out io.Writer, d *edge.Distribution, flags serveFlags, o serve.Options) (err error) {
	if flags.log != "" {
		file, err := os.OpenFile(flags.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, file.Close()) }()
		o.Observe = logTo(accesslog.New(file, d.Domain, d.LogsCookies), out)
	}
	server, err := serve.New(d, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Close()) }()
	listener, err := net.Listen("tcp", flags.listen)
	if err != nil {
		return fmt.Errorf("--listen %q: %w", flags.listen, err)
	}
	fmt.Fprint(out, explain.Table(explain.Routes(d)))
	fmt.Fprintln(out, notSimulated)
	for _, missing := range server.Missing() {
		fmt.Fprintln(out, missing)
	}
	for _, secret := range server.Unknown() {
		fmt.Fprintf(out, "the secret %[1]s isn't known, and is sent as (secret %[1]s): give it with --secret %[1]s=VALUE\n", secret)
	}
	scheme := "http"
	if o.TLS {
		scheme = "https"
	}
	fmt.Fprintf(out, "listening on %s://%s\n", scheme, listener.Addr())
	return server.Run(ctx, listener)
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
