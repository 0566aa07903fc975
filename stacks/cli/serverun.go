package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/explain"
	"ml-api-accelerator/stacks/internal/local/serve"
	"ml-api-accelerator/stacks/internal/local/serve/accesslog"
	"ml-api-accelerator/stacks/internal/local/serve/exchange"
	"ml-api-accelerator/stacks/internal/local/serve/inspect"
	"ml-api-accelerator/stacks/internal/shared/figures"
	"ml-api-accelerator/stacks/internal/terminal"
)

// edgeRun is what is served, and how to send it a key that was made.
type edgeRun struct {
	environment, hint string
	distribution      *edge.Distribution
	flags             serveFlags
	options           serve.Options
}

// runEdge serves a distribution until it is interrupted.
func runEdge(ctx context.Context, cmd *cobra.Command, run edgeRun) (err error) {
	d, flags, o := run.distribution, run.flags, run.options
	listener, err := net.Listen("tcp", flags.listen)
	if err != nil {
		return fmt.Errorf("--listen %q: %w", flags.listen, err)
	}
	defer listener.Close()
	url := "http://" + listener.Addr().String()
	if o.TLS {
		url = "https://" + listener.Addr().String()
	}
	observers := observers{tellFailures(cmd.ErrOrStderr())}
	if flags.log != "" {
		file, err := os.OpenFile(flags.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return fmt.Errorf("--log: %w", err)
		}
		defer func() { err = errors.Join(err, file.Close()) }()
		observers = append(observers, logTo(accesslog.New(file, d.Domain, d.LogsCookies), cmd.ErrOrStderr()))
	}
	inspected := ""
	if flags.inspect != "" {
		page, at, err := openInspector(ctx, flags.inspect, inspect.Options{Environment: run.environment, Edge: url, KeyHeaders: d.KeyHeaders()})
		if err != nil {
			return err
		}
		inspected = "; look at http://" + at
		observers = append(observers, page.Observe)
	}
	o.Observe = observers.observe
	server, err := serve.New(d, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Close()) }()
	introduce(cmd.OutOrStdout(), d, server, o.Firewall)
	if run.hint != "" {
		fmt.Fprintln(cmd.OutOrStdout(), run.hint)
	}
	fmt.Fprintf(cmd.OutOrStdout(), "listening on %s%s\n", url, inspected)
	return server.Run(ctx, listener)
}

// notSimulated is what takes AWS to be seen.
const notSimulated = "not simulated: the firewall's managed rules, geographic restrictions, which answers CloudFront drops early, HTTP/3, and that there are many edge locations"

// introduce says what is served, and what isn't.
func introduce(out io.Writer, d *edge.Distribution, server *serve.Server, firewall config.Firewall) {
	fmt.Fprint(out, explain.Table(explain.Routes(d)))
	fmt.Fprintln(out, notSimulated)
	if limits := tellLimits(firewall); limits != "" {
		fmt.Fprintln(out, limits)
	}
	for _, missing := range server.Missing() {
		fmt.Fprintln(out, missing)
	}
	for _, secret := range server.Unknown() {
		fmt.Fprintf(out, "the secret %[1]s isn't known, and is sent as (secret %[1]s): give it with --secret %[1]s=VALUE\n", secret)
	}
}

// tellLimits says how many requests each caller may send, and what AWS WAF makes of that (AWS WAF Developer Guide, Rate-based rule caveats).
func tellLimits(w config.Firewall) string {
	switch {
	case w.WebACLARN != "":
		return "no limit holds here: the rules of firewall.webACLArn aren't known"
	case !w.Enabled:
		return ""
	}
	by := "IP address"
	if w.LimitHeader() != "" {
		by = "value of " + w.LimitBy
	}
	limits := figures.Thousands(w.RequestsPer5Minutes)
	for _, limit := range w.Limits {
		limits += fmt.Sprintf(", %s to %s", figures.Thousands(limit.RequestsPer5Minutes), limit.Path)
	}
	return fmt.Sprintf("limits in 5 minutes for each %s: %s; AWS WAF only estimates them, mostly half a minute late, and up to some minutes", by, limits)
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
			fmt.Fprintln(out, terminal.Harmless(fmt.Sprintf("%s %s: "+format, append([]any{e.Method, e.URL.Path}, values...)...)))
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
func openInspector(ctx context.Context, address string, o inspect.Options) (page *inspect.Inspector, at string, err error) {
	if o.Listen, err = inspect.Address(address); err != nil {
		return nil, "", fmt.Errorf("--inspect %w", err)
	}
	listener, err := net.Listen("tcp", o.Listen)
	if err != nil {
		return nil, "", fmt.Errorf("--inspect %q: %w", address, err)
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
