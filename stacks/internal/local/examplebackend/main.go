// Examplebackend is a server to try the edge with: it speaks OpenAI's API but has no model, and repeats the prompt.
// Beside it is a page, to talk to it in a browser.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"ml-api-accelerator/stacks/internal/local/examplebackend/echo"
)

func main() {
	listen := flag.String("listen", "localhost:8000", "address to listen on")
	delay := flag.Duration("delay", 200*time.Millisecond, "pause before each word of a streamed answer")
	flag.Parse()
	if err := run(*listen, *delay); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run serves until it is interrupted.
func run(listen string, delay time.Duration) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	listener, err := net.Listen("tcp", listen)
	if err != nil {
		return err
	}
	pause := func(ctx context.Context) {
		select {
		case <-time.After(delay):
		case <-ctx.Done():
		}
	}
	server := http.Server{Handler: handler(pause), ReadHeaderTimeout: 10 * time.Second}
	context.AfterFunc(ctx, func() { server.Close() })
	fmt.Printf("the model %q, which repeats what it is told, is at http://%s/v1, and a page to talk to it at http://%[2]s\n",
		echo.Model, listener.Addr())
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
