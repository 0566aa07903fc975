package inspect

import (
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
)

// Address is where the inspector listens: on this machine alone if only a port is given.
func Address(flag string) (string, error) {
	host, port, err := net.SplitHostPort(flag)
	if number, _ := strconv.ParseUint(port, 10, 16); err != nil || strconv.FormatUint(number, 10) != port {
		return "", fmt.Errorf("%q: must be like :8081, on this machine alone, or 0.0.0.0:8081", flag)
	}
	if host == "" {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port), nil
}

// letsIn keeps out pages that have a name of theirs point at this machine (DNS rebinding).
func (i *Inspector) letsIn(r *http.Request) bool {
	local, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if tcp, ok := local.(*net.TCPAddr); ok && !tcp.IP.IsLoopback() {
		return true // it was told to listen there
	}
	host := hostOf(r.Host)
	return strings.EqualFold(host, "localhost") || net.ParseIP(host).IsLoopback() || host != "" && strings.EqualFold(host, hostOf(i.options.Listen))
}

func hostOf(address string) string {
	if host, _, err := net.SplitHostPort(address); err == nil {
		return host
	}
	return strings.Trim(address, "[]")
}
