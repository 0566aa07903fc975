package serve

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge/policy"
)

// model is an origin with an object of ten bytes, whose version can be changed.
type model struct {
	version string
	got     []http.Header
}

func (m *model) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.got = append(m.got, r.Header.Clone())
	w.Header().Set("Cache-Control", "max-age=60")
	w.Header().Set("ETag", `"`+m.version+`"`)
	http.ServeContent(w, r, "", time.Time{}, strings.NewReader(strings.Repeat(m.version, 10)[:10]))
}

// TestRangesOfKept has the same answers from what is kept as from what isn't (How CloudFront processes partial requests
// for an object).
func TestRangesOfKept(t *testing.T) {
	for header, want := range map[string]struct {
		status int
		body   string
	}{
		"bytes=9-3":       {200, "0123456789"},
		"bytes=x":         {200, "0123456789"},
		"bytes=--1":       {200, "0123456789"},
		"bytes=0-5,3-8":   {200, "0123456789"},
		"bytes=5-6,0-1":   {200, "0123456789"},
		"items=0-1":       {200, "0123456789"},
		"bytes=2-3":       {206, "23"},
		"bytes=-2":        {206, "89"},
		"bytes=-20":       {206, "0123456789"},
		"bytes=8-100":     {206, "89"},
		"bytes=-0":        {416, ""},
		"bytes=10-":       {416, ""},
		"bytes=0-1,8-9":   {206, "\r\n\r\n01\r\n"},
		"bytes=0-1,20-30": {206, "01"},
	} {
		for _, kept := range []bool{true, false} {
			s := serveFor(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Cache-Control", "max-age=60")
				http.ServeContent(w, r, "", time.Time{}, strings.NewReader("0123456789"))
			}, nil, cachedRoute())
			if kept {
				s.do("GET /")
			}
			if !kept && header == "bytes=-0" {
				continue // Go's server, as the origin, doesn't know that it is none
			}
			answer, body := s.do("GET /", "Range: "+header)
			require.Equal(t, want.status, answer.StatusCode, "%s, kept %t", header, kept)
			require.Contains(t, body, want.body, "%s, kept %t", header, kept)
			if answer.StatusCode == http.StatusRequestedRangeNotSatisfiable {
				require.Equal(t, "bytes */10", answer.Header.Get("Content-Range"))
			}
			head, _ := s.do("HEAD /", "Range: "+header)
			require.Equal(t, 200, head.StatusCode, "RFC 9110, 14.2: only GET has ranges")
		}
	}
}

// TestPartsArentPoisoned has a caller send what may come twice, and others who get what they ask for.
func TestPartsArentPoisoned(t *testing.T) {
	for _, r := range []struct {
		name, request string
		evil, good    []string
		want          string
	}{
		{"a second Range", "GET /", []string{"Range: bytes=0-1", "Range: bytes=5-6"}, []string{"Range: bytes=0-1"}, "00"},
		{"Range for HEAD", "HEAD /", []string{"Range: bytes=0-1"}, nil, ""},
		{"another unit", "GET /", []string{"Range: items=0-1"}, nil, "0000000000"},
		{"If-Match", "GET /", []string{`If-Match: "other"`}, nil, "0000000000"},
		{"If-None-Match", "GET /", []string{`If-None-Match: "other", "0"`}, nil, "0000000000"},
		{"If-None-Match twice", "GET /", []string{`If-None-Match: "other"`, `If-None-Match: "0"`}, nil, "0000000000"},
		{"If-Range", "GET /", []string{"Range: bytes=0-1", `If-Range: "other"`}, []string{"Range: bytes=0-1"}, "00"},
	} {
		m := &model{version: "0"}
		route := cachedRoute()
		route.OriginRequestPolicy = policy.OriginRequest{Headers: policy.Selection{Behavior: "allViewer"}}
		s := serveFor(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodHead && r.Header.Get("Range") != "" {
				w.WriteHeader(http.StatusPartialContent)
				return
			}
			m.ServeHTTP(w, r)
		}, nil, route)
		s.do(r.request, r.evil...)
		answer, body := s.do(r.request, r.good...)
		require.Equal(t, r.want, body, r.name)
		require.Contains(t, []int{200, 206}, answer.StatusCode, r.name)
		if r.good == nil {
			require.Equal(t, 200, answer.StatusCode, r.name)
		}
	}
}

// TestCookieTwice reaches the origin as the key has it.
func TestCookieTwice(t *testing.T) {
	route := cachedRoute()
	route.CachePolicy.Cookies = policy.Selection{Behavior: "whitelist", Names: []string{"a", "b"}}
	var got []string
	s := serveFor(t, func(w http.ResponseWriter, r *http.Request) {
		got = append(got, r.Header.Get("Cookie"))
		w.Header().Set("Cache-Control", "max-age=60")
	}, nil, route)
	s.do("GET /", "Cookie: a=1; b=2; c=3; a=4")
	s.do("GET /", "Cookie: b=2; a=4")
	require.Equal(t, []string{"b=2; a=4"}, got)
}

// TestIfRange has a download that is resumed after the model has changed: no part of the new one follows the old one.
func TestIfRange(t *testing.T) {
	const part = "Range: bytes=4-5"
	t.Run("a part that is kept", func(t *testing.T) {
		m := &model{version: "0"}
		s := serveFor(t, m.ServeHTTP, nil, cachedRoute())
		require.Equal(t, "206 Miss 00", s.says("GET /", part))
		require.Equal(t, "206 Hit 00", s.says("GET /", part, `If-Range: "0"`))
		require.Equal(t, 1, s.times())
		require.Equal(t, "200 Miss 0000000000", s.says("GET /", part, `If-Range: "1"`))
		require.Equal(t, `"1"`, m.got[1].Get("If-Range"), "it is the origin's to judge")
	})
	t.Run("nothing is kept", func(t *testing.T) {
		m := &model{version: "1"}
		s := serveFor(t, m.ServeHTTP, nil, cachedRoute())
		require.Equal(t, "200 Miss 1111111111", s.says("GET /", part, `If-Range: "0"`))
		require.Equal(t, "206 Hit 11", s.says("GET /", part, `If-Range: "1"`))
		require.Equal(t, "200 Hit 1111111111", s.says("GET /", part, `If-Range: "0"`))
		require.Equal(t, "200 Hit 1111111111", s.says("GET /", part, `If-Range: W/"1"`), "a weak one never matches")
	})
	t.Run("an old part is kept", func(t *testing.T) {
		m := &model{version: "0"}
		s := serveFor(t, m.ServeHTTP, nil, cachedRoute())
		require.Equal(t, "206 Miss 00", s.says("GET /", part))
		m.version = "1"
		require.Equal(t, "206 Miss 11", s.says("GET /", part, `If-Range: "1"`))
		require.Equal(t, "206 Hit 11", s.says("GET /", part, `If-Range: "1"`))
		require.Equal(t, "206 Hit 00", s.says("GET /", part), "until it is too old")
		s.wait(61 * time.Second)
		require.Equal(t, "206 Miss 11", s.says("GET /", part))
	})
	t.Run("by date", func(t *testing.T) {
		date := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
		s := serveFor(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Cache-Control", "max-age=60")
			http.ServeContent(w, r, "", date, strings.NewReader("0123456789"))
		}, nil, cachedRoute())
		require.Equal(t, "206 Miss 45", s.says("GET /", part))
		require.Equal(t, "206 Hit 45", s.says("GET /", part, "If-Range: "+date.Format(http.TimeFormat)))
		require.Equal(t, "200 Miss 0123456789", s.says("GET /", part, "If-Range: "+date.Add(-time.Hour).Format(http.TimeFormat)))
	})
	t.Run("passed on without a cache", func(t *testing.T) {
		m := &model{version: "1"}
		route := cachedRoute()
		route.CachePolicy = policy.Cache{}
		s := serveFor(t, m.ServeHTTP, nil, route)
		require.Equal(t, "200 Miss 1111111111", s.says("GET /", part, `If-Range: "0"`))
		require.Equal(t, "206 Miss 11", s.says("GET /", part, `If-Range: "1"`))
		require.Equal(t, "200 Miss 1111111111", s.says("GET /", "Range: bytes=9-3"))
	})
}
