package dns

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"time"
)

// Resolvers are the addresses of public ones, of two companies.
var Resolvers = []string{"1.1.1.1:53", "8.8.8.8:53"}

// answerTime is how long a resolver may take with a record.
const answerTime = 3 * time.Second

// Sight is what a resolver sees of a record.
type Sight struct {
	Resolver string // its IP address
	Seen     bool
	Instead  string // empty: it sees the record
}

// What a resolver may see instead of a record.
const (
	Nothing   = "nothing"
	Addresses = "addresses"
	NoAnswer  = "no answer"
)

// See asks resolvers, all at once, what they see of records that have a value.
func See(ctx context.Context, records []Record, resolvers []string) [][]Sight {
	sights := make([][]Sight, len(records))
	var all sync.WaitGroup
	for i, r := range records {
		if r.Value == "" {
			continue
		}
		sights[i] = make([]Sight, len(resolvers))
		for j, resolver := range resolvers {
			all.Go(func() { sights[i][j] = see(ctx, r, resolver) })
		}
	}
	all.Wait()
	return sights
}

// mostHops is how long a chain of records may be.
const mostHops = 8

func see(ctx context.Context, r Record, resolver string) Sight {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	host, _, _ := net.SplitHostPort(resolver)
	asked := net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, resolver)
	}}
	name := strings.ToLower(strings.Replace(r.Name, "*", "any-name", 1))
	instead := ""
	for range mostHops {
		next, err := asked.LookupCNAME(ctx, name+".")
		next = strings.ToLower(absolute(next))
		var failed *net.DNSError
		switch {
		case err == nil && (next == strings.ToLower(r.Value) || r.Type == ALIAS): // what is behind that, nobody sees
			return Sight{host, true, ""}
		case instead != "" && (err != nil || next == name): // the end of a chain
			return Sight{host, false, instead}
		case errors.As(err, &failed) && failed.IsNotFound:
			return Sight{host, false, Nothing}
		case err != nil:
			return Sight{host, false, NoAnswer}
		case next == name:
			return Sight{host, false, Addresses}
		}
		name, instead = next, next
	}
	return Sight{host, false, instead}
}
