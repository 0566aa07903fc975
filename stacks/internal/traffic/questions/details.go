package questions

import (
	"fmt"
	"slices"
	"strings"

	"ml-api-accelerator/stacks/config/declare"
	"ml-api-accelerator/stacks/internal/shared/optional"
	"ml-api-accelerator/stacks/internal/terminal"
)

// Detail is what CloudFront says in more detail of how a request ended.
type Detail struct {
	Name    string        `json:"detail"`
	Meaning string        `json:"meaning"`
	Next    optional.Text `json:"next"` // what to do; empty: nothing
}

// String returns the detail in one line.
func (d Detail) String() string {
	text := d.Name + ": " + d.Meaning + "."
	if d.Next != "" {
		text += " " + string(d.Next)
		if !strings.HasSuffix(text, "?") {
			text += "."
		}
	}
	return text
}

// Details are all that AWS documents (Standard logging reference, x-edge-result-type, x-edge-response-result-type and
// x-edge-detailed-result-type), and those of functions, which users see in X-Cache and in their logs; the errors
// first. What to do is from Troubleshooting error response status codes in CloudFront, and for
// 502 and 504 in this order: HTTP 502 status code (Bad Gateway), (DNS error), HTTP 504 status code (Gateway Timeout).
var Details = []Detail{
	{"AbortedOrigin", "something went wrong between CloudFront and the origin",
		"Look into the backend's log at that time; many at once are a backend that restarts or closes connections"},
	{"ClientCommError", "the connection to the caller broke while the answer was sent",
		"Nothing, if callers break off downloads; otherwise look for a network or a client that all have in common"},
	{"ClientGeoBlocked", "the caller is in a country that isn't let in",
		"If that is wrong, change distribution.geoRestriction"},
	{"ClientHungUpRequest", "the caller left before all of the request had arrived",
		"Nothing; if many do, see whether clients time out while they upload"},
	{"Error", "an error that fits no other detail, often an error of the origin, or one that the cache kept",
		"Look into the backend's log; if it stays, see whether the backend allows caching it (Cache-Control); " +
			"for a 401 or 403, logs refused says what it means"},
	{"FunctionExecutionError", "the function that knows callers failed, or what it returned isn't valid",
		"aws cloudfront test-function shows why (stacks/docs/run-and-mend.md, The function fails or is slow)"},
	{"FunctionGeneratedResponse", "the function that knows callers answered: 401, 400 or 503",
		"401: is the key in the header of api.keys, and does key list have the caller?"},
	{"FunctionThrottledError", "the function that knows callers was throttled, or takes too long",
		"See its FunctionComputeUtilization (stacks/docs/run-and-mend.md, The function fails or is slow)"},
	{"InvalidRequest", "the request isn't valid HTTP, or lacks what CloudFront needs",
		"Send it with curl -v and compare; scanners send many of these"},
	{"InvalidRequestBlocked", "access to what was asked for is blocked",
		"Ask the firewall's log which rule it was (only-allowed and allowed-… are lists of who gets in: explain --from says " +
			"more); without a firewall, see whether the URL is signed and not expired"},
	{"InvalidRequestCertificate",
		"the host of the request isn't one that the certificate of its connection is for",
		"Call a name of domain.aliases, and let a proxy send the same name in TLS (SNI) and in Host"},
	{"InvalidRequestHeader", "the request has a header that isn't valid",
		"Look for spaces, control characters or other than ASCII in headers that the client sets"},
	{"InvalidRequestMethod", "the route doesn't let this method in",
		"See what explain says of it; a route that only reads has \"methods\": \"read\""},
	{"OriginCommError", "the origin took too long to connect, or to send the next part of its answer",
		"Raise readTimeoutSeconds, or find out why the backend is slow: logs slowest"},
	{"OriginConnectError", "CloudFront can't connect to the origin, or not by TLS",
		"Is the backend up, does its firewall let CloudFront in, is its certificate valid, and does it name the domain? " +
			"openssl s_client -connect HOST:443 -servername HOST says"},
	{"OriginContentRangeLengthError", "Content-Length and Content-Range of the origin's answer differ",
		"Mend how the backend answers requests with Range"},
	{"OriginDnsError", "the name of the origin isn't found in the public DNS",
		"Try dig HOST; is api.domainName still the placeholder, or a private name (which takes api.vpcOrigin)?"},
	{"OriginError", "the origin's answer is wrong",
		"Look into the backend's log for that request, and send it to the backend directly: verify --origin"},
	{"OriginHeaderTooBigError", "a header of the origin's answer is larger than CloudFront takes",
		"Have the backend send less in it, often in Set-Cookie or Content-Security-Policy"},
	{"OriginInvalidResponseError", "the origin's answer isn't valid HTTP",
		"Send it to the backend with curl -v: look for wrong headers, a wrong length, or plain text on the port for TLS"},
	{"OriginReadError", "the origin closed the connection before its answer was complete",
		"See whether the backend crashes, runs out of memory, or has a shorter keep-alive than CloudFront"},
	{"OriginWriteError", "CloudFront couldn't send the request to the origin",
		"See whether the backend closes connections early, or refuses large bodies"},
	{"OriginZeroSizeObjectError", "the origin's answer is empty where it must not be",
		"See why the backend, or what was uploaded to the bucket, is empty"},
	{"SlowReaderOriginError", "the caller read so slowly that the origin gave up",
		"Nothing for one slow caller; if many are, raise the backend's timeout for writing"},
	{"LimitExceeded", "a quota of CloudFront was exceeded", "See in Service Quotas which one, and ask AWS for more"},
	{"CapacityExceeded", "the edge location had no capacity, and answered 503",
		"Nothing, if it passes; otherwise tell AWS Support, with the request ids"},
	{"LambdaExecutionError", "a Lambda@Edge function failed or took too long",
		"Look into its log, in the region of the edge location; this project makes none"},

	{"Hit", "the cache had the answer", ""},
	{"RefreshHit", "the cache had an answer that had expired, and the origin said that it is still good", ""},
	{"Miss", "the origin answered", "If it is an error, it is the backend's: look into its log"},
	{"OriginShieldHit", "the cache of Origin Shield had the answer", ""},
	{"MissGeneratedResponse", "a Lambda@Edge function answered in place of the origin", ""},
	{"Redirect", "the caller came by HTTP, and was sent to HTTPS", "Have callers begin with https://"},
}

// refusedError is Error with a 401 or 403 (CloudFront Developer Guide, HTTP 403 status code (Permission Denied)).
var refusedError = Detail{
	"Error", "the request was refused, by the edge or by the origin",
	"By the edge: is it signed, by a key of models.signers and not expired? " +
		"Does explain say that its route lets the method in? Does the host belong to the distribution? " +
		"Otherwise ask the firewall's log which rule it was. " +
		"By the origin: look into its log; a bucket also answers 403 for an object that isn't there",
}

// FindDetail returns a detail by its name in any case, and an error that suggests another where there is none.
func FindDetail(name string) (Detail, error) {
	var names []string
	for _, d := range Details {
		if strings.EqualFold(d.Name, name) {
			return d, nil
		}
		names = append(names, d.Name)
	}
	return Detail{}, fmt.Errorf("detail %q: not found%s; there are %s", name, suggestion(name, names),
		strings.Join(names, ", "))
}

// suggestion is a hint at the details that begin with a text, or at the one that it is a likely misspelling of, in
// whatever case.
func suggestion(text string, names []string) string {
	var longer, lower []string
	for _, name := range names {
		lower = append(lower, strings.ToLower(name))
		if strings.HasPrefix(strings.ToLower(name), strings.ToLower(text)) {
			longer = append(longer, name)
		}
	}
	if len(longer) > 0 && text != "" {
		return " (did you mean " + strings.Join(longer, " or ") + "?)"
	}
	hint := declare.Suggestion(strings.ToLower(text), lower)
	for _, name := range names {
		hint = strings.ReplaceAll(hint, " "+strings.ToLower(name)+"?", " "+name+"?")
	}
	return hint
}

// legend explains each detail of an answer, in the order in which they come.
func legend(a Answer) string {
	detail, status := a.column("detail"), a.column("status")
	if detail < 0 {
		return ""
	}
	var lines []string
	for _, row := range a.Rows {
		name := row[detail]
		if name == none || name == "" {
			continue
		}
		line := terminal.Harmless(name) +
			": unknown detail; CloudFront's Standard logging reference may have it, at x-edge-detailed-result-type."
		if d, err := FindDetail(name); err == nil {
			if d.Name == refusedError.Name && status >= 0 && (row[status] == "401" || row[status] == "403") {
				d = refusedError
			}
			line = d.String()
		}
		if !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 {
		return ""
	}
	return "\n" + strings.Join(lines, "\n") + "\n"
}
