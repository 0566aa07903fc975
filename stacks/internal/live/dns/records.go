// Package dns knows the DNS records of an environment: which there must be, and which of them the world sees.
package dns

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// What a record is for.
const (
	Validation = "validation" // proves to ACM whose a domain is, also each time it renews the certificate
	Alias      = "alias"      // leads to the distribution
)

// The types of records. ALIAS stands for Route 53's, and for what other providers call ALIAS, ANAME or a flattened CNAME:
// the name of a domain itself can't have a CNAME (RFC 1034, section 3.6.2).
const (
	CNAME = "CNAME"
	ALIAS = "ALIAS"
)

// Record is a record that there must be.
type Record struct {
	Name, Type string
	Value      string // empty: AWS hasn't chosen it yet
	Purpose    string
}

// Records are those of the aliases, in Route 53 or elsewhere, with what AWS knows of them: first the ones that a deploy
// may be waiting for.
func Records(aliases []string, inRoute53 bool, known Deployed) []Record {
	list := slices.Clone(known.Validation)
	slices.SortFunc(list, func(a, b Record) int { return cmp.Compare(a.Name, b.Name) })
	for _, alias := range aliases {
		kind := CNAME
		if apex, err := publicsuffix.EffectiveTLDPlusOne(alias); inRoute53 || err == nil && apex == alias {
			kind = ALIAS
		}
		list = append(list, Record{Name: alias, Type: kind, Value: known.Distribution, Purpose: Alias})
	}
	return list
}

// ttl is that of records in a zone file, in seconds: short, since they are made while somebody waits for them.
const ttl = 300

// ZoneFile has records as a zone file (RFC 1035, section 5). What can't stand there is a comment.
func ZoneFile(records []Record) string {
	var file strings.Builder
	for _, r := range records {
		switch {
		case r.Value == "":
			fmt.Fprintf(&file, "; %s %s: not known before the deploy\n", r.Name, r.Type)
		case r.Type == ALIAS:
			fmt.Fprintf(&file, "; %s. must lead to %s, but can't have a CNAME: use your provider's ALIAS, ANAME or flattening\n",
				r.Name, r.Value)
		default:
			fmt.Fprintf(&file, "%s. %d IN %s %s.\n", r.Name, ttl, r.Type, r.Value)
		}
	}
	return file.String()
}
