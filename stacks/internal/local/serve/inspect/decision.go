package inspect

import (
	"ml-api-accelerator/stacks/internal/edge"
)

// shortenDecision is a copy of a decision without credentials.
func shortenDecision(d edge.Decision, keys []string) edge.Decision {
	d.Complete()
	d.Request.URL = shortenURL(d.Request.URL)
	d.Request.Headers = shortenHeaders(d.Request.Headers, keys)
	if d.Answer != nil {
		answer := *d.Answer
		answer.Location = shortenURL(answer.Location)
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

// shortenValues leaves the names of secrets.
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
