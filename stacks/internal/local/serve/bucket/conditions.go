package bucket

import (
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"
)

// condition returns the failure of a request for another version of the object. If-Match alone decides if it is there
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

// isKnown reports whether the caller has the object already. If-None-Match alone decides if it is there (Amazon S3 API
// Reference, GetObject, If-None-Match).
func (o *object) isKnown(r *http.Request) bool {
	if tags := r.Header.Get("If-None-Match"); tags != "" {
		return matches(strings.ReplaceAll(tags, "W/", ""), o.etag())
	}
	since, err := http.ParseTime(r.Header.Get("If-Modified-Since"))
	return err == nil && !o.modified().After(since)
}

// ranges reports whether a range is answered with a part: with If-Range only if the object is still the same (RFC 9110,
// 13.1.5).
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

// span is where a part begins, and how long it is.
type span struct{ start, length int64 }

// parseRange returns the part of an object that a header asks for, of length 0 if it is outside the object. Several
// ranges, and what isn't a range, are ignored: S3 answers with the whole (awslabs/aws-c-s3, issue 257;
// noobaa/noobaa-core, issue 9889).
func parseRange(header string, size int64) (part span, asked bool) {
	text, isBytes := strings.CutPrefix(header, "bytes=")
	first, last, found := strings.Cut(text, "-")
	if !isBytes || !found {
		return span{length: size}, false
	}
	start, hasStart := number(first)
	end, hasEnd := number(last)
	switch {
	case hasStart && (last == "" || hasEnd && start <= end):
		if last == "" {
			end = math.MaxInt64
		}
		start = min(start, size)
		return span{start, min(end, size-1) - start + 1}, true
	case first == "" && hasEnd: // the last bytes
		length := min(end, size)
		return span{size - length, length}, true
	}
	return span{length: size}, false
}

// number reads digits. A number that is too large is the largest one.
func number(text string) (n int64, ok bool) {
	if strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil || errors.Is(err, strconv.ErrRange)
}
