package verify

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"unicode"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/edge"
)

// CheckURL refuses what is more than a scheme and a host, or less.
func CheckURL(u *url.URL) error {
	if (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return errors.New("must be a scheme and a host, like https://api.example.com")
	}
	return nil
}

// locate makes the URL of a request. One that names a host asks for that host, at the address of --url, as curl does with
// --connect-to: the DNS leads to the distribution later, or elsewhere, and CloudFront tells distributions apart by the name
// that is asked for (CloudFront Developer Guide, Use custom URLs by adding alternate domain names).
func (v *verifier) locate(p *plan, e config.Expectation, r edge.Request) {
	sent, err := url.Parse(p.decision.Request.URL)
	if err != nil {
		p.why = "not sent: " + errors.Unwrap(err).Error()
		return
	}
	_, target := e.MethodAndURL()
	absolute := !strings.HasPrefix(target, "/")
	plain := absolute && sent.Scheme == "http"
	switch {
	case plain && v.URL.Scheme == "http" && p.decision.Answer != nil && p.decision.Answer.Reason == "redirect":
		p.why = "not sent: without TLS, --url counts as HTTPS and redirects nothing"
		return
	case !plain || v.URL.Scheme == "http":
		sent.Scheme = v.URL.Scheme
	}
	if hosted := withoutHost(r.Headers); !absolute && len(hosted) == len(r.Headers) {
		sent.Host = v.URL.Host
	}
	p.secrets = len(r.Headers) > len(merged(nil, e.Headers))
	at, _ := v.place()
	switch {
	case !v.owns(sent):
		p.why = fmt.Sprintf("not sent: %s is neither an alias nor the host of --url or --connect-to; whoever owns it would answer, and read the keys", sent.Host)
		return
	case p.secrets && sent.Scheme == "http" && !isPrivate(at):
		p.why = "not sent: everyone on the way to " + at + " would read the keys and headers; --url must be https"
		return
	}
	p.headers = withoutHost(r.Headers)
	p.own = sent.Scheme == v.URL.Scheme && sent.Host == v.URL.Host
	p.url = sent.String()
}

// owns reports whether a URL leads to the distribution, and to nobody else: all customers of CloudFront share its addresses, and
// whose distribution answers is up to the name. Names with other characters than ASCII's are mapped before they are asked for.
func (v *verifier) owns(u *url.URL) bool {
	if u.User != nil || strings.ContainsFunc(u.Host, func(r rune) bool { return r > unicode.MaxASCII }) {
		return false
	}
	host, at := strings.ToLower(u.Hostname()), strings.ToLower(v.URL.Hostname())
	usual := u.Port() == "" || u.Port() == map[string]string{"http": "80", "https": "443"}[u.Scheme]
	if !usual && u.Port() != v.URL.Port() {
		return false
	}
	to, _ := v.place()
	return host == at || host == strings.ToLower(to) || v.by.HasAlias(host)
}

// isPrivate reports whether only this machine or a private network is between here and a host. A name without a dot isn't in
// the DNS of the Internet.
func isPrivate(host string) bool {
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.IsLoopback() || ip.IsPrivate()
	}
	return !strings.Contains(host, ".")
}

// address is where connections for a host and port go: all to the distribution, whatever the host. A port of its own takes both
// HTTPS and HTTP, as that of serve --tls does.
func (o Options) address(requested string) string {
	host, port := o.place()
	_, usual, _ := net.SplitHostPort(requested)
	if port == "" || port == "443" && usual == "80" {
		port = usual
	}
	return net.JoinHostPort(host, port)
}

// place is where the distribution is; without a port it is that of the scheme.
func (o Options) place() (host, port string) {
	if o.ConnectTo == "" {
		return o.URL.Hostname(), o.URL.Port()
	}
	if host, port, err := net.SplitHostPort(o.ConnectTo); err == nil {
		return host, port
	}
	return strings.Trim(o.ConnectTo, "[]"), ""
}
