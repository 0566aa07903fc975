package inspect

import (
	"ml-api-accelerator/stacks/internal/edge"
)

// shortenDecision is a copy of a decision without credentials.
func shortenDecision(d edge.Decision) edge.Decision {
	d.Complete()
	d.Request.URL = shortenURL(d.Request.URL)
	d.Request.Headers = shortenHeaders(d.Request.Headers)
	if d.Answer != nil {
		answer := *d.Answer
		answer.Location = shortenURL(answer.Location)
		d.Answer = &answer
	}
	if d.Cache != nil {
		cache := *d.Cache
		cache.Key.Query = shortenURL(cache.Key.Query)
		cache.Key.Headers = shortenHeaders(cache.Key.Headers)
		cache.Key.Cookies = shortenCookies(cache.Key.Cookies)
		d.Cache = &cache
	}
	d.Origin = shortenOriginRequest(d.Origin)
	d.Response.Headers = shortenHeaders(d.Response.Headers)
	return d
}

func shortenOriginRequest(request *edge.OriginRequest) *edge.OriginRequest {
	if request == nil {
		return nil
	}
	r := *request
	r.URL = shortenURL(r.URL)
	r.Headers, r.Sets, r.Cookies = shortenHeaders(r.Headers), shortenHeaders(r.Sets), shortenCookies(r.Cookies)
	if r.Failover != nil {
		failover := *r.Failover
		failover.Request = shortenOriginRequest(failover.Request)
		r.Failover = &failover
	}
	return &r
}

func shortenHeaders(headers map[string]string) map[string]string {
	short := make(map[string]string, len(headers))
	for name, value := range headers {
		short[name] = shortenHeader(name, value)
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
