package serve

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/policy"
)

// deploy has the edge go on with other routes, and returns those whose cached answers aren't used any more.
func (s *standIn) deploy(routes ...edge.Behavior) []string {
	s.Helper()
	unused, err := s.edge.Deploy(distributionOf(routes...), s.edge.options)
	require.NoError(s, err)
	return unused
}

// below is a route for the paths of a pattern.
func below(path string, b edge.Behavior) edge.Behavior {
	b.Path = path
	return b
}

// TestDeployKeepsTheCache where a change doesn't concern what is kept, and uses nothing where it does.
func TestDeployKeepsTheCache(t *testing.T) {
	a, other := below("/a/*", cachedRoute()), cachedRoute()
	changed := func(change func(b *edge.Behavior)) []edge.Behavior {
		b := below("/a/*", cachedRoute())
		change(&b)
		return []edge.Behavior{b, other}
	}
	for name, r := range map[string]struct {
		routes         []edge.Behavior
		inA, elsewhere string // the results there
		unused         []string
	}{
		"nothing":         {[]edge.Behavior{a, other}, "Hit", "Hit", nil},
		"a new route":     {[]edge.Behavior{below("/b/*", passedRoute()), a, other}, "Hit", "Hit", nil},
		"a route less":    {[]edge.Behavior{other}, "Hit", "Hit", nil},
		"another pattern": {[]edge.Behavior{below("/a/x*", cachedRoute()), other}, "Hit", "Hit", nil},
		"methods":         {changed(func(b *edge.Behavior) { b.AllowedMethods = readMethods }), "Hit", "Hit", nil},
		"headers of answers": {changed(func(b *edge.Behavior) {
			b.ResponseHeadersPolicy.Adds = []policy.AddedHeader{{Name: "X-New", Value: "1"}}
		}), "Hit", "Hit", nil},
		"times":             {changed(func(b *edge.Behavior) { b.CachePolicy.MaxTTL = 999 }), "Miss", "Hit", []string{"/a/*"}},
		"the key":           {changed(func(b *edge.Behavior) { b.CachePolicy.Query = none }), "Miss", "Hit", []string{"/a/*"}},
		"compression":       {changed(func(b *edge.Behavior) { b.Compress = true }), "Miss", "Hit", []string{"/a/*"}},
		"what is forwarded": {changed(func(b *edge.Behavior) { b.OriginRequestPolicy.Cookies = all }), "Miss", "Hit", []string{"/a/*"}},
		"the origin":        {changed(func(b *edge.Behavior) { b.Origin.Domain = "other.example.com" }), "Miss", "Hit", []string{"/a/*"}},
		"a secret of the origin": {changed(func(b *edge.Behavior) {
			b.Origin.CustomHeaders = map[string]edge.Value{"X-Verify": {Kind: edge.Secret, Text: "name"}}
		}), "Miss", "Hit", []string{"/a/*"}},
		"a route in front of it": {
			[]edge.Behavior{changed(func(b *edge.Behavior) { b.Path, b.Origin.Path = "/a/x", "/v2" })[0], a, other}, "Miss", "Hit", nil,
		},
		"no cache": {[]edge.Behavior{below("/a/*", passedRoute()), other}, "Miss", "Hit", []string{"/a/*"}},
		"all": {[]edge.Behavior{func() edge.Behavior {
			b := cachedRoute()
			b.CachePolicy.DefaultTTL = 1
			return b
		}()}, "Miss", "Miss", []string{"*"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := serveFor(t, counted("Cache-Control: max-age=60"), nil, a, other)
			require.Equal(t, "200 Miss answer 1", s.says("GET /a/x"))
			require.Equal(t, "200 Miss answer 2", s.says("GET /x"))
			require.Equal(t, "200 Hit answer 1", s.says("GET /a/x"))
			require.Equal(t, r.unused, s.deploy(r.routes...))
			require.Contains(t, s.says("GET /x"), "200 "+r.elsewhere)
			require.Contains(t, s.says("GET /a/x"), "200 "+r.inA)
		})
	}
}

// TestDeployBack uses again what was kept, as far as nobody has asked for it meanwhile.
func TestDeployBack(t *testing.T) {
	changed := cachedRoute()
	changed.CachePolicy.MaxTTL = 5
	s := serveFor(t, counted("Cache-Control: max-age=60"), nil, cachedRoute())
	require.Equal(t, "200 Miss answer 1", s.says("GET /a"))
	require.Equal(t, "200 Miss answer 2", s.says("GET /b"))
	s.deploy(changed)
	require.Equal(t, "200 Miss answer 3", s.says("GET /b"))
	s.deploy(cachedRoute())
	require.Equal(t, "200 Hit answer 1", s.says("GET /a"))
	require.Equal(t, "200 Miss answer 4", s.says("GET /b"))
	require.Equal(t, "200 Hit answer 4", s.says("GET /b"))
}

// TestDeployedTTL holds for what is asked for from then on.
func TestDeployedTTL(t *testing.T) {
	changed := cachedRoute()
	changed.CachePolicy.MaxTTL = 5
	s := serveFor(t, counted("Cache-Control: max-age=60"), nil, cachedRoute())
	require.Equal(t, "200 Miss answer 1", s.says("GET /"))
	s.deploy(changed)
	require.Equal(t, "200 Miss answer 2", s.says("GET /"))
	s.wait(4 * time.Second)
	require.Equal(t, "200 Hit answer 2", s.says("GET /"))
	s.wait(2 * time.Second)
	require.Equal(t, "200 Miss answer 3", s.says("GET /"))
}

// TestDeployAmidAStream lets it end as it began. Requests that come then join it only where nothing changes for them.
func TestDeployAmidAStream(t *testing.T) {
	for _, r := range []struct {
		change, want string
	}{{"", "Hit one two"}, {"the origin", "Miss one two"}} {
		var mutex sync.Mutex
		var asked []string
		goOn := make(chan struct{})
		end := sync.OnceFunc(func() { close(goOn) })
		s := serveFor(t, func(w http.ResponseWriter, r *http.Request) {
			mutex.Lock()
			asked = append(asked, r.URL.Path)
			mutex.Unlock()
			w.Header().Set("Cache-Control", "max-age=60")
			fmt.Fprint(w, "one ")
			_ = http.NewResponseController(w).Flush()
			<-goOn
			fmt.Fprint(w, "two")
		}, nil, cachedRoute())
		t.Cleanup(end)
		answer, err := http.Get(s.URL + "/stream")
		require.NoError(t, err)
		defer answer.Body.Close()
		body := bufio.NewReader(answer.Body)
		first, err := body.ReadString(' ')
		require.NoError(t, err)
		require.Equal(t, "one ", first)

		next := cachedRoute()
		if next.ResponseHeadersPolicy.Adds = []policy.AddedHeader{{Name: "X-New", Value: "1"}}; r.change != "" {
			next.Origin.Path = "/v2"
		}
		former := s.edge.current
		s.deploy(next)
		joined := make(chan string, 1)
		go func() { joined <- s.says("GET /stream") }()
		require.Eventually(t, func() bool {
			mutex.Lock()
			defer mutex.Unlock()
			return r.change == "" && s.edge.callers() == 2 || slices.Equal(asked, []string{"/stream", "/v2/stream"})
		}, hang, time.Millisecond)
		end()
		rest, err := io.ReadAll(body)
		require.NoError(t, err)
		require.Equal(t, "two", string(rest))
		require.Empty(t, answer.Header["X-New"])
		require.Equal(t, "200 "+r.want, <-joined)
		former.users.Wait()
		require.Equal(t, "200 Hit one two", s.says("GET /stream"))
	}
}

// TestDeployAmidARequest leaves it its connections, and the folders of its buckets, until it ends.
func TestDeployAmidARequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := New(distributionOf(cachedRoute()), Options{})
		require.NoError(t, err)
		former, closed := s.use(), 0
		former.origins["api"].close = func() { closed++ }
		_, err = s.Deploy(distributionOf(passedRoute()), Options{})
		require.NoError(t, err)
		synctest.Wait()
		require.Zero(t, closed)
		former.users.Done()
		synctest.Wait()
		require.Equal(t, 1, closed)
		require.NoError(t, s.Close())
		require.Equal(t, 1, closed)
	})
}

// TestDeployKeepsCounts of the limits that are as they were.
func TestDeployKeepsCounts(t *testing.T) {
	s := serveFor(t, func(http.ResponseWriter, *http.Request) {}, func(o *Options) {
		o.Firewall = config.Firewall{
			Enabled: true, RequestsPer5Minutes: 20, LimitBy: config.LimitByIP, Limits: []config.Limit{{Path: "/a*", RequestsPer5Minutes: 10}},
		}
	}, passedRoute())
	for range 10 {
		require.Equal(t, "200 Miss", s.says("POST /a"))
	}
	require.Contains(t, s.says("POST /a"), "429 ")
	s.deploy(cachedRoute())
	require.Contains(t, s.says("POST /a"), "429 ", "it is as it was")
	s.edge.options.Firewall.Limits = []config.Limit{{Path: "/a*", RequestsPer5Minutes: 11}}
	s.deploy(cachedRoute())
	for range 10 {
		require.Equal(t, "200 Miss", s.says("POST /a"), "it begins anew, which that of all doesn't")
	}
	require.Contains(t, s.says("POST /a"), "429 ")
}

// TestDeployRefused leaves everything as it was.
func TestDeployRefused(t *testing.T) {
	s := serveFor(t, counted("Cache-Control: max-age=60"), nil, cachedRoute())
	require.Equal(t, "200 Miss answer 1", s.says("GET /"))
	d := distributionOf(passedRoute())
	d.Errors = map[int]edge.ErrorResponse{404: {ResponsePage: "/404.html"}}
	_, err := s.edge.Deploy(d, s.edge.options)
	require.ErrorContains(t, err, "serve can't send the page /404.html")
	o := s.edge.options
	o.Models = filepath.Join(t.TempDir(), "nowhere")
	route := cachedRoute()
	route.Origin = &edge.Origin{ID: "models", S3: true}
	_, err = s.edge.Deploy(distributionOf(route), o)
	require.ErrorContains(t, err, "--models: ")
	require.Equal(t, "200 Hit answer 1", s.says("GET /"))
}

// TestDeployBefore a request is looked at, so that it is answered by what is deployed then.
func TestDeployBefore(t *testing.T) {
	var s *standIn
	s = serveFor(t, counted(), func(o *Options) {
		o.Before = sync.OnceFunc(func() {
			next := passedRoute()
			next.ResponseHeadersPolicy.Adds = []policy.AddedHeader{{Name: "X-New", Value: "1"}}
			s.deploy(next)
		})
	}, passedRoute())
	answer, _ := s.do("GET /")
	require.Equal(t, "1", answer.Header.Get("X-New"))
}

// TestCountry is that of all callers: some are kept out, before they count for a limit, and the origin is told.
func TestCountry(t *testing.T) {
	told := passedRoute()
	told.OriginRequestPolicy.Headers = policy.Selection{Behavior: "allViewerAndWhitelistCloudFront", Names: []string{"CloudFront-Viewer-Country"}}
	d := distributionOf(told)
	d.GeoType, d.GeoLocations = "blacklist", []string{"FR"}
	for country, want := range map[string]string{"": "200 Miss []", "DE": "200 Miss [DE]", "FR": "403 Error <!DOCTYPE"} {
		s := serveDistribution(t, d, func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, r.Header["Cloudfront-Viewer-Country"])
		}, func(o *Options) {
			o.Country = country
			o.Firewall = config.Firewall{Enabled: true, RequestsPer5Minutes: 10, LimitBy: config.LimitByIP}
		})
		for range 10 {
			require.Contains(t, s.says("GET /"), want)
		}
		if country != "FR" {
			require.Contains(t, s.says("GET /"), "429 ")
			continue
		}
		answer, text := s.do("GET /")
		require.Equal(t, 403, answer.StatusCode, "what is kept out doesn't count")
		require.Contains(t, text, "configured to block access from your country.\n")
		require.Zero(t, s.times())
		require.Equal(t, "callers from FR aren't let in (distribution.geoRestriction)", s.exchanges[0].Why)
	}
}
