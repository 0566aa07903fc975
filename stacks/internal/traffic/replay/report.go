package replay

// Report is what came of a simulation, route by route in the order in which they are tried.
type Report struct {
	Routes []Route `json:"routes"`
	Total  Count   `json:"total"`
}

// Route is what came of the requests of a path.
type Route struct {
	Path string `json:"route"`
	Count
}

// Count is what came of requests. Those that count for the rate of hits are of GET and HEAD and no errors.
type Count struct {
	Requests  int `json:"requests"`
	Refused   int `json:"refused"` // CloudFront answers them itself
	Cacheable int `json:"cacheable"`
	// Of those that count for the rate: by the log, and simulated.
	LoggedHits int    `json:"loggedHits"`
	Hits       Bounds `json:"hits"`

	OriginRequests Bounds `json:"originRequests"`
	Bytes          int64  `json:"bytes"`
	OriginBytes    Bounds `json:"originBytes"`
}

// Bounds are the least and the most that a number can be, and what it is if the origin says nothing about caching.
type Bounds struct {
	Low      int64 `json:"low"`
	Expected int64 `json:"expected"`
	High     int64 `json:"high"`
}

// add counts a request that CloudFront doesn't answer itself, and what was fetched for it.
func (c *Count) add(hits [bounds]bool, fetched [bounds]int64, counts bool) {
	for i, hit := range hits {
		if hit && counts {
			*c.Hits.of(i)++
		}
		// Most hits, fewest requests to the origin.
		if !hit {
			*c.OriginRequests.of(high - i)++
		}
		*c.OriginBytes.of(high - i) += fetched[i]
	}
}

func (b *Bounds) of(simulation int) *int64 {
	return [bounds]*int64{&b.Low, &b.Expected, &b.High}[simulation]
}

// sum adds other requests.
func (c *Count) sum(other Count) {
	c.Requests += other.Requests
	c.Refused += other.Refused
	c.Cacheable += other.Cacheable
	c.LoggedHits += other.LoggedHits
	c.Bytes += other.Bytes
	for _, pair := range [][2]*Bounds{{&c.Hits, &other.Hits}, {&c.OriginRequests, &other.OriginRequests}, {&c.OriginBytes, &other.OriginBytes}} {
		for i := range bounds {
			*pair[0].of(i) += *pair[1].of(i)
		}
	}
}
