package inspect

import (
	"crypto/tls"
	"strings"
	"time"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/text"
	"ml-api-accelerator/stacks/internal/local/serve/exchange"
	"ml-api-accelerator/stacks/internal/shared/optional"
)

// row is an exchange in the list.
type row struct {
	N     uint64 `json:"n"`
	Begin int64  `json:"begin"` // milliseconds since 1970
	// Milliseconds until the answer began, and until it ended; null: it hasn't.
	First  *float64 `json:"first"`
	Took   *float64 `json:"took"`
	Method string   `json:"method"`
	URL    string   `json:"url"`   // path and query
	Route  string   `json:"route"` // empty: the host isn't the distribution's
	Result string   `json:"result"`
	Key    string   `json:"key"` // the caller by its API key; empty: unknown
	Canary bool     `json:"canary"`
	Status int      `json:"status"` // 0: no answer yet, or the caller left
}

// detail is all that is shown of an exchange. It never changes.
type detail struct {
	row
	ID           string   `json:"id"`
	Host         string   `json:"host"`
	Protocol     string   `json:"protocol"`
	TLS          string   `json:"tls"` // empty: plain HTTP
	Caller       string   `json:"caller"`
	RequestBytes int64    `json:"requestBytes"`
	BodyBytes    int64    `json:"bodyBytes"`
	Verdict      string   `json:"verdict"`
	Decision     string   `json:"decision"`
	Header       []header `json:"header"`
	Sent         []sent   `json:"sent"`
	AnswerHeader []header `json:"answerHeader"`
	Stored       bool     `json:"stored"`
	Why          string   `json:"why"`
	Lifetime     []header `json:"lifetime"`
}

// sent is a request to an origin.
type sent struct {
	Origin string   `json:"origin"`
	Method string   `json:"method"`
	URL    string   `json:"url"`
	Header []header `json:"header"`
	Status int      `json:"status"`
	Error  string   `json:"error"`
	Took   float64  `json:"took"`
}

// newDetail copies what is shown of an exchange, within limits and without its credentials.
func newDetail(e *exchange.Exchange) *detail {
	keys := e.KeyHeaders
	room := room(exchangeBytes)
	d := &detail{
		row: row{
			Begin: e.Begin.UnixMilli(), First: until(e.Answered, e.Begin), Took: until(e.End, e.Begin),
			Method: room.text(e.Method), URL: room.text(shortenURL(e.URL.RequestURI())), Route: room.text(e.Decision.Route),
			Result: resultOf(e), Status: e.Status,
		},
		ID: room.text(e.ID), Host: room.text(e.Host), Protocol: room.text(e.Protocol), Caller: e.Caller.String(),
		RequestBytes: e.RequestBytes, BodyBytes: e.BodyBytes,
		Stored: e.Stored, Why: room.text(shortenURL(e.Why)), Lifetime: lifetime(e),
	}
	if e.TLS != nil {
		d.TLS = tls.VersionName(e.TLS.Version)
	}
	verdict, rest, _ := strings.Cut(text.Of(shortenDecision(e.Decision, keys)), "\n")
	d.Verdict, d.Decision = room.text(verdict), room.long(rest)
	if f := e.Decision.Function; f != nil {
		d.Key, d.Canary = room.text(f.Caller), f.Canary
	}
	d.AnswerHeader = room.headers(e.AnswerHeader, keys, nil)
	d.Header = room.headers(e.Header, keys, nil)
	d.Sent = make([]sent, 0, len(e.Sent))
	for _, s := range e.Sent {
		if room <= 0 {
			break
		}
		d.Sent = append(d.Sent, sent{
			Origin: room.text(s.Origin), Method: room.text(s.Method), URL: room.text(shortenURL(s.URL)),
			Header: room.headers(s.Header, keys, s.Secrets),
			Status: s.Status, Error: room.text(shortenURL(s.Error)), Took: milliseconds(s.Took),
		})
	}
	return d
}

// resultOf returns CloudFront's name of a result, but NotCached for a Miss that didn't look into the cache.
func resultOf(e *exchange.Exchange) string {
	if e.Result == exchange.Miss && !looksUp(e) {
		return "NotCached"
	}
	return string(e.Result)
}

// looksUp reports whether the cache may have the answer.
func looksUp(e *exchange.Exchange) bool { return e.Decision.Cache != nil && e.Decision.Cache.Lookup }

// until returns how long something took; nil: it hasn't happened yet.
func until(then, begin time.Time) *float64 {
	if then.IsZero() {
		return nil
	}
	took := milliseconds(then.Sub(begin))
	return &took
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// shortenDecision returns a copy of a decision without credentials.
func shortenDecision(d edge.Decision, keys []string) edge.Decision {
	d.Request.URL = shortenURL(d.Request.URL)
	d.Request.Headers = shortenHeaders(d.Request.Headers, keys)
	if d.Answer != nil {
		answer := *d.Answer
		answer.Location = optional.Text(shortenURL(string(answer.Location)))
		d.Answer = &answer
	}
	if d.Cache != nil {
		cache := *d.Cache
		cache.Key.Query = shortenURL(cache.Key.Query)
		cache.Key.Headers = shortenValues(cache.Key.Headers, keys)
		cache.Key.Cookies = shortenCookies(cache.Key.Cookies)
		d.Cache = &cache
	}
	d.Origin = shortenOriginRequest(d.Origin, keys)
	d.Response.Headers = shortenHeaders(d.Response.Headers, keys)
	return d
}

func shortenOriginRequest(request *edge.OriginRequest, keys []string) *edge.OriginRequest {
	if request == nil {
		return nil
	}
	r := *request
	r.URL = shortenURL(r.URL)
	r.Headers, r.Sets, r.Cookies = shortenValues(r.Headers, keys), shortenValues(r.Sets, keys), shortenCookies(r.Cookies)
	if r.Failover != nil {
		failover := *r.Failover
		failover.Request = shortenOriginRequest(failover.Request, keys)
		r.Failover = &failover
	}
	return &r
}

func shortenHeaders(headers map[string]string, keys []string) map[string]string {
	short := make(map[string]string, len(headers))
	for name, value := range headers {
		short[name] = shortenHeader(name, value, keys)
	}
	return short
}

// shortenValues keeps the names of secrets.
func shortenValues(headers map[string]edge.Value, keys []string) map[string]edge.Value {
	short := make(map[string]edge.Value, len(headers))
	for name, value := range headers {
		if value.Kind == edge.Sent {
			value.Text = shortenHeader(name, value.Text, keys)
		}
		short[name] = value
	}
	return short
}

func shortenCookies(cookies map[string]string) map[string]string {
	short := make(map[string]string, len(cookies))
	for name, value := range cookies {
		short[name] = shorten(value)
	}
	return short
}
