package bucket

import (
	"net/http"
	"strings"
)

// condition is the failure if a request is for another state of the object. If-Match decides alone if it is there
// (Amazon S3 API Reference, GetObject, If-Match).
func (o *object) condition(r *http.Request) *failure {
	if tags := r.Header.Get("If-Match"); tags != "" {
		if !matches(tags, o.etag()) {
			return preconditionFailed("If-Match")
		}
		return nil
	}
	if since, err := http.ParseTime(r.Header.Get("If-Unmodified-Since")); err == nil && o.modified().After(since) {
		return preconditionFailed("If-Unmodified-Since")
	}
	return nil
}

// isKnown tells whether who asks has the object already. If-None-Match decides alone if it is there (Amazon S3 API Reference,
// GetObject, If-None-Match).
func (o *object) isKnown(r *http.Request) bool {
	if tags := r.Header.Get("If-None-Match"); tags != "" {
		return matches(strings.ReplaceAll(tags, "W/", ""), o.etag())
	}
	since, err := http.ParseTime(r.Header.Get("If-Modified-Since"))
	return err == nil && !o.modified().After(since)
}

// ranges tells whether a part may be answered: If-Range wants the whole if the object is another one by now (RFC 9110, 13.1.5).
func (o *object) ranges(r *http.Request) bool {
	condition := r.Header.Get("If-Range")
	if since, err := http.ParseTime(condition); err == nil {
		return o.modified().Equal(since)
	}
	return condition == "" || condition == o.etag()
}

func matches(tags, etag string) bool {
	for tag := range strings.SplitSeq(tags, ",") {
		if tag = strings.TrimSpace(tag); tag == "*" || tag == etag {
			return true
		}
	}
	return false
}
