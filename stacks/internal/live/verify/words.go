package verify

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"syscall"
)

// inWords leaves out of an error what a person doesn't need: what was asked for, and the ports of the connection.
func inWords(err error) error {
	var name *net.DNSError
	var certificate *tls.CertificateVerificationError
	var whole *url.Error
	var system syscall.Errno
	switch {
	case errors.As(err, &name) && name.IsNotFound:
		return fmt.Errorf("%s isn't in the DNS", name.Name)
	case errors.As(err, &certificate):
		return fmt.Errorf("the certificate isn't good: %w", certificate.Err)
	case errors.As(err, &system):
		return system
	case errors.Is(err, io.EOF):
		return errors.New("the connection was closed without an answer")
	case errors.As(err, &whole):
		return whole.Err
	}
	return err
}

func unreachable(o Options, err error) error {
	at := o.URL.String()
	if o.ConnectTo != "" {
		at += " at " + o.ConnectTo
	}
	return fmt.Errorf("%s can't be reached: %w", at, err)
}
