package viewerrequest

import (
	"math/rand/v2"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTogether puts options together at random. Whichever stand beside each other, nobody is answered 503, which is what
// the function makes of a mistake in itself.
func TestTogether(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	coin := func() bool { return random.IntN(2) == 0 }
	store := withCredentials(entries("sk-alice", alice))
	store["canary"] = "50"
	for range 300 {
		o := Options{
			KeyHeaders:  [][]string{nil, {"authorization"}, {"x-api-key"}, both}[random.IntN(4)],
			ForwardKey:  coin(),
			Strip:       []string{"", "/llm"}[random.IntN(2)],
			ForwardHost: coin(),
			Canary:      []*Canary{nil, &stable, &failover, &paid}[random.IntN(4)],
			CORS:        []*CORS{nil, &pages}[random.IntN(2)],
			Pausable:    coin(),
			LogCaller:   coin(),
			Routes:      [][]Route{nil, guarded, open}[random.IntN(3)],
			OriginPath:  coin(),
		}
		if len(o.KeyHeaders) > 0 {
			o.Credential = []*Credential{nil, {}, &kept}[random.IntN(3)]
			o.Public = o.Credential == nil && coin()
		}
		program := compiled(t, o)
		for _, headers := range [][]string{{"authorization", "Bearer sk-alice"}, {"x-api-key", "sk-alice"}, nil} {
			result, err := program.Run(through(o, get(headers...)), store)
			require.NoError(t, err, "%+v", o)
			if result.Response != nil {
				require.NotEqual(t, http.StatusServiceUnavailable, result.Response.Status, "%+v %v", o, headers)
			}
		}
	}
}
