package viewerrequest

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge/function"
)

func TestCanary(t *testing.T) {
	on, toCanary := "on", "on x-canary=1 to [api-canary] []"
	toGroup := "on x-canary=1 to [api-canary api-failover] [500 502 503 504]"
	at := func(percent int, c Canary) Options {
		c.Percent = percent
		return Options{Canary: &c}
	}
	for _, c := range []struct {
		name    string
		options Options
		share   string // in the store; "" is none
		want    string
	}{
		{"the configured share of none", at(0, stable), "", on},
		{"the configured share of all", at(100, stable), "", toCanary},
		{"none", at(100, stable), "0", on},
		{"all", at(0, stable), "100", toCanary},
		{"all, with failover", at(0, failover), "100", toGroup},
		{"none, with failover", at(100, failover), "0", on},
		{"a text", at(100, stable), "lots", on},
		{"a fraction", at(100, stable), "99.5", on},
		{"negative", at(100, stable), "-1", on},
		{"too much", at(100, stable), "101", on},
		{"an exponent", at(100, stable), "1e2", on},
		{"hexadecimal", at(100, stable), "0x64", on},
		{"a space", at(100, stable), " 100", on},
		{"JSON", at(100, stable), `{"percent":100}`, on},
	} {
		t.Run(c.name, func(t *testing.T) {
			store := function.Map{}
			if c.share != "" {
				store["canary"] = c.share
			}
			result, err := compiled(t, c.options).Run(get(), store)
			require.NoError(t, err)
			require.Equal(t, c.want, told(result))
			require.Empty(t, result.Log)
		})
	}
	t.Run("a preflight", func(t *testing.T) {
		result, err := compiled(t, at(100, stable)).Run(preflight(), function.Map{})
		require.NoError(t, err)
		require.Equal(t, on, told(result))
	})
	t.Run("an empty share", func(t *testing.T) {
		result, err := compiled(t, at(100, stable)).Run(get(), function.Map{"canary": ""})
		require.NoError(t, err)
		require.Equal(t, on, told(result))
	})
	t.Run("an unreachable store", func(t *testing.T) {
		for _, store := range []*failing{{Map: function.Map{"canary": "100"}}, {Map: function.Map{"canary": "100"}, times: 1}, {after: 1}} {
			result, err := compiled(t, at(100, stable)).Run(get(), store)
			require.NoError(t, err)
			require.Equal(t, on, told(result))
		}
	})
	t.Run("an unreachable store of a known caller", func(t *testing.T) {
		options := at(100, stable)
		options.KeyHeaders = []string{"x-api-key"}
		result, err := compiled(t, options).Run(get("x-api-key", "sk-alice"), &failing{Map: entries("sk-alice", alice), after: 1})
		require.NoError(t, err)
		require.Equal(t, "on x-caller=alice", told(result))
	})
}

// Of 1,000 callers about as many are in as the share says, and who is in stays in as it grows.
func TestShare(t *testing.T) {
	const callers = 1000
	store := function.Map{}
	for i := range callers {
		store[hash(fmt.Sprint("sk-", i))] = fmt.Sprintf(`{"name":"caller-%d"}`, i)
	}
	byName := func(i int) function.Event { return get("x-api-key", fmt.Sprint("sk-", i)) }
	byAddress := func(i int) function.Event {
		return with(get(), func(e *function.Event) { e.IP = fmt.Sprintf("198.51.%d.%d", i/250, i%250) })
	}
	for name, c := range map[string]struct {
		options Options
		event   func(int) function.Event
	}{
		"by name":    {Options{KeyHeaders: []string{"x-api-key"}, Canary: &stable}, byName},
		"by address": {Options{Canary: &stable}, byAddress},
	} {
		program := compiled(t, c.options)
		former := map[int]bool{}
		for _, share := range []int{0, 1, 5, 25, 50, 99, 100} {
			store["canary"] = fmt.Sprint(share)
			in := map[int]bool{}
			for i := range callers {
				result, err := program.Run(c.event(i), store)
				require.NoError(t, err)
				if result.Origin != nil {
					in[i] = true
				}
			}
			require.InDelta(t, share, float64(len(in))*100/callers, 3, "%s: %d percent", name, share)
			require.Subset(t, in, former, "%s: %d percent", name, share)
			former = in
		}
		require.Len(t, former, callers, name)
	}
}

// All keys of a caller go the same way, and from any address.
func TestCallerStays(t *testing.T) {
	program := compiled(t, Options{KeyHeaders: []string{"x-api-key"}, Canary: &Canary{Origin: "api-canary", Percent: 50}})
	for i := range 50 {
		entry := fmt.Sprintf(`{"name":"caller-%d"}`, i)
		store := entries("first", entry, "second", entry)
		first, err := program.Run(get("x-api-key", "first"), store)
		require.NoError(t, err)
		second, err := program.Run(with(get("x-api-key", "second"), func(e *function.Event) { e.IP = "2001:db8::1" }), store)
		require.NoError(t, err)
		require.Equal(t, told(first), told(second))
	}
}
