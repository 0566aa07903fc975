package cli

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/edge/explain"
	"ml-api-accelerator/stacks/internal/live/verify"
	"ml-api-accelerator/stacks/internal/shared/callers"
)

// Forms that all flags have in common, for their descriptions.
const (
	aheadForm = "such as 2026-01-31T12:00:00Z, 2026-01-31 (UTC), or 30m, 12h or 90d from now"
	agoForm   = "such as 2026-01-31T12:00:00Z, 2026-01-31 (UTC), or 30m, 12h or 7d ago"
)

// longest is ten years, longer than anything here is kept.
const longest = 3650 * 24 * time.Hour

var errTooLong = fmt.Errorf("must be at most %dd", longest/(24*time.Hour))

// timeSpan reads how long something takes: as Go writes durations, or in days.
func timeSpan(text string) (time.Duration, error) {
	span, err := time.ParseDuration(text)
	if count, isDays := strings.CutSuffix(text, "d"); isDays {
		var days uint64
		days, err = strconv.ParseUint(count, 10, 16)
		span = time.Duration(days) * 24 * time.Hour
	}
	switch {
	case errors.Is(err, strconv.ErrRange), err == nil && span > longest:
		return 0, usageErrorf("%w, got %q", errTooLong, text)
	case err != nil, span <= 0:
		return 0, usageErrorf("must be such as 30s, 5m, 12h or 7d, got %q", text)
	}
	return span, nil
}

// timeAgo reads a time in the past of a flag.
func timeAgo(flag, text string, now time.Time) (time.Time, error) {
	t, err := pointInTime(text, now, -1)
	switch {
	case errors.Is(err, errTooLong):
		return t, usageErrorf("--%s: %w", flag, err)
	case err != nil:
		return t, usageErrorf("--%s: must be %s, got %q", flag, agoForm, text)
	case !t.Before(now):
		return t, usageErrorf("--%s: must be in the past (it is %s), got %q", flag, now.UTC().Format(time.RFC3339), text)
	}
	return t, nil
}

// timeAhead reads a time of a flag, which may be one in the past.
func timeAhead(flag, text string, now time.Time) (time.Time, error) {
	t, err := pointInTime(text, now, 1)
	switch {
	case errors.Is(err, errTooLong):
		return t, usageErrorf("--%s: %w", flag, err)
	case err != nil:
		return t, usageErrorf("--%s: must be %s, got %q", flag, aheadForm, text)
	}
	return t, nil
}

// address reads an address of a caller of a flag.
func address(flag, text string) (netip.Addr, error) {
	ip, err := netip.ParseAddr(text)
	if err != nil || ip.Zone() != "" {
		return netip.Addr{}, usageErrorf("--%s: must be an address such as 192.0.2.7 or 2001:db8::7, got %q", flag, text)
	}
	return ip.Unmap(), nil
}

// warnOfPrivate says that nobody calls CloudFront from an address.
func warnOfPrivate(cmd *cobra.Command, ip netip.Addr) {
	if config.IsPrivate(ip) {
		warn(cmd, "--from %s: is a private address, and CloudFront sees public ones only, such as that of your VPN or proxy", ip)
	}
}

// country reads a country of callers of a flag.
func country(flag, text string) (string, error) {
	code := strings.ToUpper(text)
	if !config.IsCountry(code) {
		return "", usageErrorf("--%s: must be an ISO 3166-1 alpha-2 code such as DE or GB, got %q", flag, text)
	}
	return code, nil
}

// expiry reads a time in the future of a flag. A day lasts until its end.
func expiry(flag, text string, now time.Time) (time.Time, error) {
	t, err := timeAhead(flag, text, now)
	if _, notADay := time.Parse(time.DateOnly, text); notADay == nil {
		t = t.AddDate(0, 0, 1).Add(-time.Second)
	}
	if err == nil && !t.After(now) {
		err = usageErrorf("--%s: must be in the future (it is %s), got %q", flag, now.UTC().Format(time.RFC3339), text)
	}
	return t, err
}

// pointInTime reads a time, the beginning of a day in UTC, or how far it is from now in a direction.
func pointInTime(text string, now time.Time, direction time.Duration) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	span, err := timeSpan(text)
	return now.Add(direction * span).Truncate(time.Second), err
}

// baseURL returns the scheme and host of a flag; nil: it isn't given. Where no scheme is typed, it is http for this
// machine and for a host with a port, https for others.
func baseURL(flag, text string) (*url.URL, error) {
	if text == "" {
		return nil, nil
	}
	whole := text
	if !strings.Contains(text, "://") {
		whole = "https://" + text
	}
	u, err := url.Parse(whole)
	if err == nil {
		err = verify.CheckURL(u)
	}
	var parsing *url.Error
	if errors.As(err, &parsing) {
		err = parsing.Err
	}
	if err == nil && u.Port() != "" && !isPort(u.Port()) {
		err = fmt.Errorf("its port must be from 1 to %d", highestPort)
	}
	if err != nil {
		return nil, usageErrorf("--%s %q: %w", flag, text, err)
	}
	if whole != text && (u.Hostname() == "localhost" || u.Port() != "" && u.Port() != "443") {
		u.Scheme = "http"
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host}, nil
}

// connectTo checks a host, perhaps with a port, of a flag.
func connectTo(flag, text string) error {
	_, port, err := net.SplitHostPort(text)
	if strings.Contains(text, "/") || err == nil && !isPort(port) {
		return usageErrorf("--%s: must be a host, perhaps with a port from 1 to %d, "+
			"such as d111111abcdef8.cloudfront.net, got %q", flag, highestPort, text)
	}
	return nil
}

// highestPort of TCP.
const highestPort = 1<<16 - 1

func isPort(text string) bool {
	port, err := strconv.ParseUint(text, 10, 16)
	return err == nil && strconv.FormatUint(port, 10) == text
}

// listenAddress reads an address to listen on, of which a port alone is one that only this machine reaches.
func listenAddress(flag, text string) (string, error) {
	host, port := "localhost", text
	if strings.Contains(text, ":") {
		var err error
		if host, port, err = net.SplitHostPort(text); err != nil {
			port = ""
		}
	}
	if !isPort(port) {
		return "", usageErrorf("--%s: must be a port from 0 to %d, such as 8080, or an address such as 0.0.0.0:8080, got %q",
			flag, highestPort, text)
	}
	return net.JoinHostPort(host, port), nil
}

// listen begins to listen on the address of a flag.
func listen(flag, address string) (net.Listener, error) {
	listener, err := net.Listen("tcp", address)
	var operation *net.OpError
	if errors.As(err, &operation) {
		err = operation.Err
	}
	var call *os.SyscallError
	if errors.As(err, &call) {
		err = call.Err
	}
	if err != nil {
		return nil, fmt.Errorf("--%s: can't listen on %s: %w", flag, address, err)
	}
	return listener, nil
}

// bytesOf reads a size like 256MB.
func bytesOf(flag, text string) (int64, error) {
	number, unit := int64(0), ""
	if n, _ := fmt.Sscanf(text, "%d%s", &number, &unit); n == 2 && number > 0 && number < 1<<20 {
		switch unit {
		case "MB":
			return number << 20, nil
		case "GB":
			return number << 30, nil
		}
	}
	return 0, usageErrorf("--%s %q: must be like 256MB or 2GB", flag, text)
}

// secretLine is a key or a header, and where it is from: errors say that instead of what it is.
type secretLine struct{ from, text string }

// secretLines are the values of a flag. One like @FILE, or @- for stdin, stands for the lines of a file.
func secretLines(cmd *cobra.Command, flag string, values []string) ([]secretLine, error) {
	var list []secretLine
	for _, value := range values {
		name, isFile := strings.CutPrefix(value, "@")
		if !isFile {
			list = append(list, secretLine{"--" + flag, value})
			continue
		}
		read := func() ([]byte, error) { return os.ReadFile(name) }
		if name == "-" {
			read = func() ([]byte, error) { return io.ReadAll(cmd.InOrStdin()) }
		}
		text, err := read()
		if err != nil {
			return nil, fmt.Errorf("--%s: %w", flag, err)
		}
		list = append(list, numbered("--"+flag+" "+value, string(text))...)
	}
	return list, nil
}

func numbered(from, text string) []secretLine {
	var list []secretLine
	for i, line := range strings.Split(text, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			list = append(list, secretLine{fmt.Sprintf("%s, line %d", from, i+1), line})
		}
	}
	return list
}

// secretHeaders doesn't repeat what it refuses.
func secretHeaders(cmd *cobra.Command, values []string) (map[string]string, error) {
	lines, err := secretLines(cmd, "header", values)
	if err != nil {
		return nil, err
	}
	var headers []string
	for _, line := range lines {
		if _, err := explain.Request("GET", "/", []string{line.text}); err != nil {
			return nil, usageErrorf(`%s: must be like "Name: value"`, line.from)
		}
		headers = append(headers, line.text)
	}
	r, err := explain.Request("GET", "/", headers)
	if err != nil {
		return nil, usageErrorf(`--header: must be like "Name: value"`)
	}
	return r.Headers, nil
}

var errNoKeys = usageErrorf("--api-key needs api.keys: without them the edge knows no callers")

// namedKey takes NAME=KEY apart. It repeats nothing of what it refuses: without a name, a key that has a = begins with
// what looks like one.
func namedKey(l secretLine) (name, key string, err error) {
	name, key, found := strings.Cut(l.text, "=")
	switch {
	case !found || key == "":
		return "", "", usageErrorf("%s must be NAME=KEY", l.from)
	case callers.CheckName(name) != nil:
		return "", "", usageErrorf("%s must be NAME=KEY, a caller's name of letters, digits and . _ @ - first", l.from)
	case !callers.Visible(key):
		return "", "", usageErrorf("%s: a key must be visible ASCII characters, without spaces", l.from)
	}
	return name, key, nil
}
