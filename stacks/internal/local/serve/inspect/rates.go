package inspect

import (
	"time"

	"ml-api-accelerator/stacks/internal/local/serve/exchange"
)

// Of the hit rates are kept the last requests of a route, over which its rate is, how it was in each second of a while, and
// so many routes.
const (
	rateRequests = 100
	rateWindow   = 10 * time.Minute
	rateRoutes   = 100
)

// rates are the hit rates of the routes, in the order in which the routes were first met.
type rates struct {
	series []*series
}

type series struct {
	route    string
	version  uint64
	requests int    // all of the route
	outcomes []bool // hit or not, of the last that could have been one
	points   []point
}

// point is a rate from a time on.
type point struct {
	At   int64   `json:"at"` // milliseconds since 1970, whole seconds
	Rate float64 `json:"rate"`

	version uint64
}

// route is the rate of one route, with the points that are new.
type route struct {
	Route    string  `json:"route"`
	Requests int     `json:"requests"`
	Hits     int     `json:"hits"`
	Of       int     `json:"of"` // 0: nothing could have been a hit
	Points   []point `json:"points"`
}

// count adds a request to the rate of its route. What CloudFront doesn't call cacheable doesn't count: methods whose answers
// aren't kept, and errors (CloudFront Developer Guide, Types of metrics for CloudFront, Cache hit rate). An answer that the
// origin has confirmed comes from the cache.
func (r *rates) count(e *exchange.Exchange, version uint64) {
	s := r.of(e.Decision.Route)
	if s == nil {
		return
	}
	s.requests++
	s.version = version
	if e.Decision.Cache == nil || !e.Decision.Cache.Lookup || e.Result == exchange.Error {
		return
	}
	if len(s.outcomes) == rateRequests {
		s.outcomes = append(s.outcomes[:0], s.outcomes[1:]...)
	}
	s.outcomes = append(s.outcomes, e.Result == exchange.Hit || e.Result == exchange.RefreshHit)
	s.add(point{e.Answered.Truncate(time.Second).UnixMilli(), float64(s.hits()) / float64(len(s.outcomes)), version})
}

// of is the series of a route; nil: there is none.
func (r *rates) of(route string) *series {
	for _, s := range r.series {
		if s.route == route {
			return s
		}
	}
	if route == "" || len(r.series) == rateRoutes {
		return nil
	}
	r.series = append(r.series, &series{route: route})
	return r.series[len(r.series)-1]
}

func (s *series) hits() int {
	hits := 0
	for _, hit := range s.outcomes {
		if hit {
			hits++
		}
	}
	return hits
}

// add keeps a point a second, and of those before the window the last, since a rate holds until the next.
func (s *series) add(p point) {
	if last := len(s.points) - 1; last >= 0 && s.points[last].At >= p.At {
		p.At = s.points[last].At
		s.points[last] = p
		return
	}
	s.points = append(s.points, p)
	old := 0
	for old+1 < len(s.points) && s.points[old+1].At <= p.At-rateWindow.Milliseconds() {
		old++
	}
	s.points = append(s.points[:0], s.points[old:]...)
}

// since is what has changed since a version.
func (r *rates) since(known uint64) []route {
	list := []route{}
	for _, s := range r.series {
		if s.version <= known {
			continue
		}
		changed := route{s.route, s.requests, s.hits(), len(s.outcomes), []point{}}
		for _, p := range s.points {
			if p.version > known {
				changed.Points = append(changed.Points, p)
			}
		}
		list = append(list, changed)
	}
	return list
}
