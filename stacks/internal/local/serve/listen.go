package serve

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"time"
)

// patience is how long requests may take to end once the server is told to.
const patience = 2 * time.Second

// Run serves what comes to a listener until the context ends. Then it lets requests end, for a moment, and cuts off the rest.
func (s *Server) Run(ctx context.Context, listener net.Listener) error {
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(true)
	protocols.SetUnencryptedHTTP2(true)
	server := &http.Server{Handler: s, Protocols: &protocols, ReadHeaderTimeout: time.Minute}
	ended := make(chan error, 2)
	if s.options.TLS {
		certificate, err := s.selfSigned()
		if err != nil {
			return err
		}
		server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
		plain, secure := split(listener)
		go func() { ended <- server.ServeTLS(secure, "", "") }()
		go func() { ended <- server.Serve(plain) }()
	} else {
		go func() { ended <- server.Serve(listener) }()
	}
	select {
	case err := <-ended:
		server.Close()
		return err
	case <-ctx.Done():
	}
	// It has ended in either case: in order, or by force.
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	if err := server.Shutdown(limited); errors.Is(err, context.DeadlineExceeded) {
		server.Close()
	}
	return nil
}
