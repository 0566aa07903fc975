package serve

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"math/big"
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
	server := &http.Server{
		Handler: s, Protocols: &protocols, ReadHeaderTimeout: time.Minute, ErrorLog: log.New(io.Discard, "", 0),
	}
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

// selfSigned is a certificate for this machine and for the names of the distribution, which nobody trusts.
func (s *Server) selfSigned() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()), NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(0, 1, 0),
		DNSNames:    append([]string{"localhost", s.distribution.Domain}, s.distribution.Aliases...),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
		KeyUsage:    x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
}
