package serve

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/local/serve/store"
	"ml-api-accelerator/stacks/internal/shared/names"
)

// deployment is a distribution and what stands behind it. A request ends on the one on which it began. The next one has
// its cache, and the counters of the limits that are as they were.
type deployment struct {
	distribution *edge.Distribution
	options      Options
	origins      map[string]*origin // by their ids in the distribution
	firewall     *firewall
	keyHeaders   []string          // with the keys of callers
	treatments   map[string]string // of the routes, by their path patterns
	number       int
	users        sync.WaitGroup // calls and flights
}

// newDeployment connects a distribution with what stands for its origins. It counts no requests yet.
func newDeployment(d *edge.Distribution, o Options) (*deployment, error) {
	for status, e := range d.Errors {
		if e.ResponsePage != "" {
			return nil, fmt.Errorf("custom_error_response for %d: serve can't send the page %s; "+
				"take response_page_path out to try the rest", status, e.ResponsePage)
		}
	}
	any := *d
	any.AnyHost = true
	next := &deployment{distribution: &any, options: o, keyHeaders: d.KeyHeaders(), treatments: map[string]string{}}
	for _, b := range d.Behaviors {
		next.treatments[b.Path] = treatment(d, b, o)
	}
	origins, err := connect(d, o)
	if err != nil {
		disconnect(origins)
		return nil, err
	}
	next.origins = origins
	return next, nil
}

// Deploy has requests that come from now on answered by another distribution, with what stands behind it. Of the options
// those of the server itself stay: the cache, TLS, Observe and Before. It returns the path patterns of the routes that
// there still are, and whose cached answers aren't used any more.
//
// An answer that was kept before serves only the routes on which requests are treated as they were on its own: the same
// origins, policies for the cache and for origins, times for errors, compression and function. So nobody who has changed
// one of these gets what the former one led to. There CloudFront differs: an update empties no cache, so what is kept
// under a cache key that stays is served until it expires, also where the origin is another one by now (CloudFront
// Developer Guide, Origin settings, Origin domain). What doesn't change what is kept, CloudFront and this server apply to
// kept answers, too: who gets in, methods, and the headers that are added to answers. Within one deployment the cache key
// alone decides, as at CloudFront.
func (s *Server) Deploy(d *edge.Distribution, o Options) (unused []string, err error) {
	next, err := newDeployment(d, o)
	if err != nil {
		return nil, err
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.open.Err() != nil {
		disconnect(next.origins)
		return nil, errors.New("the server is closed")
	}
	former := s.current
	next.number, next.firewall = former.number+1, newFirewall(o.Firewall, former.firewall)
	s.current = next
	s.working.Go(func() {
		former.users.Wait()
		disconnect(former.origins)
	})
	for _, b := range former.distribution.Behaviors {
		now, there := next.treatments[b.Path]
		if there && now != former.treatments[b.Path] && b.CachePolicy.MaxTTL > 0 {
			unused = append(unused, b.Path)
		}
	}
	return unused, nil
}

// use returns the deployment on which a request begins. The caller has to call users.Done.
func (s *Server) use() *deployment {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.current.users.Add(1)
	return s.current
}

// deployed returns the current deployment.
func (s *Server) deployed() *deployment {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.current
}

// treatment names all that decides what the answers to the requests of a route are, beside the requests, and for how
// long they are kept.
func treatment(d *edge.Distribution, b edge.Behavior, o Options) string {
	prefix := "" // of the keys in the bucket of the page
	if b.Origin.S3 && b.Origin.Name() == names.Web {
		prefix = o.WebPrefix
	}
	text, err := json.Marshal([]any{
		b.Origin, b.Failover, b.CachePolicy, b.OriginRequestPolicy, b.CachedMethods, b.Compress, b.Function, d.Errors, prefix,
	})
	if err != nil {
		panic(err) // it is all texts, numbers, and lists and maps of them
	}
	return fmt.Sprintf("%x", sha256.Sum256(text))
}

// takes reports whether a call takes what was asked for on a deployment, for a route with a treatment.
func (c *call) takes(number int, treatment string) bool {
	return number == c.on.number || treatment == c.treatment()
}

func (c *call) treatment() string { return c.on.treatments[c.Decision.Route] }

// usable reports whether a call takes an answer that is kept.
func (c *call) usable(a *store.Answer) bool { return c.takes(a.Deployment, a.Treatment) }
