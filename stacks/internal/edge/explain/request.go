// Package explain tells a person what a distribution does with a request.
package explain

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/shared/callers"
)

// allMethods are those that CloudFront can let in (CloudFront API Reference, AllowedMethods).
var allMethods = []string{"GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"}

// Request makes one of what a person types: the headers are like "Name: value".
func Request(method, target string, headers []string) (edge.Request, error) {
	r := edge.Request{Method: method, URL: target, Headers: map[string]string{}}
	if !slices.Contains(allMethods, method) {
		return r, fmt.Errorf("method %q: not found; there are %s", method, strings.Join(allMethods, ", "))
	}
	if err := checkURL(target); err != nil {
		return r, fmt.Errorf("URL %q: %w", target, err)
	}
	for _, header := range headers {
		name, value, found := strings.Cut(header, ":")
		if !found || !token.MatchString(name) {
			return r, fmt.Errorf(`header %q: must be like "Name: value"`, header)
		}
		value = strings.TrimSpace(value)
		add(r.Headers, name, value)
		if r.Values == nil {
			r.Values = http.Header{}
		}
		r.Values.Add(name, value)
	}
	return r, nil
}

func checkURL(target string) error {
	u, err := url.Parse(target)
	if err != nil {
		return errors.Unwrap(err)
	}
	if u.Scheme == "" && u.Host == "" && strings.HasPrefix(target, "/") {
		return nil
	}
	if (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" {
		return errors.New("must begin with https://, http:// and a host, or with / for a path at the first alias")
	}
	return nil
}

// token is what the name of a header is (RFC 9110, 5.6.2).
var token = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")

// As makes a request one of a known caller, and of one who gets the canary, where the distribution knows of callers and canaries.
func As(d *edge.Distribution, r edge.Request, caller string, canary bool) (edge.Request, error) {
	if caller != "" {
		if err := callers.CheckName(caller); err != nil {
			return r, fmt.Errorf("--caller: %w", err)
		}
		if !d.ChecksKeys() {
			return r, errors.New("--caller needs api.keys: without them the edge knows no callers")
		}
	}
	if canary && !d.HasCanary() {
		return r, errors.New("--canary needs api.canary")
	}
	r.Caller, r.Canary = caller, canary
	return r, nil
}

// add joins the values of a header that is given twice, in whatever case (RFC 9110, 5.3; RFC 6265, 5.4).
func add(headers map[string]string, name, value string) {
	for other, former := range headers {
		if strings.EqualFold(other, name) {
			separator := ", "
			if http.CanonicalHeaderKey(name) == "Cookie" {
				separator = "; "
			}
			headers[other] = former + separator + value
			return
		}
	}
	headers[name] = value
}

// Decide is what the distribution does with a request of a person, who leaves out what every client sends: without an
// Accept-Encoding the key is shown with all that it can have.
func Decide(d *edge.Distribution, r edge.Request) edge.Decision {
	decision := d.Decide(r)
	if decision.Cache == nil {
		return decision
	}
	for name := range r.Headers {
		if strings.EqualFold(name, "Accept-Encoding") {
			return decision
		}
	}
	decision.Cache.Key.Encodings = decision.Behavior.CachePolicy.Encodings("br, gzip")
	return decision
}
