package logs

import (
	"cmp"
	"net/http"
)

// CountsForRate tells whether a request counts for the rate of hits: "HTTP POST and PUT requests, and errors, are not considered cacheable
// requests" (View CloudFront and edge function metrics, Cache hit rate).
func (l *Line) CountsForRate() bool {
	return (l.Method == http.MethodGet || l.Method == http.MethodHead) && l.Status >= 200 && l.Status < 400 && l.Result != "Redirect"
}

// IsHit tells whether the answer came from the cache without asking the origin whether it is still good. Its result turns from Hit to Error if
// the caller leaves before the end, as many do who download models; what was said before the first byte stays (Standard logging reference,
// x-edge-result-type, x-edge-response-result-type).
func (l *Line) IsHit() bool { return cmp.Or(l.Response, l.Result) == "Hit" }

// Airport is the letters of the edge location, "typically" those of an airport nearby, without the number that tells groups of servers apart
// (Standard logging reference, x-edge-location).
func (l *Line) Airport() string { return l.Location[:min(3, len(l.Location))] }

// IsWebSocket tells whether a line is of a connection that is logged when it closes.
func (l *Line) IsWebSocket() bool { return l.Protocol == "ws" || l.Protocol == "wss" }
