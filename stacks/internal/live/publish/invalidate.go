package publish

import (
	"context"
	"crypto/rand"
	"encoding/xml"
	"errors"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"ml-api-accelerator/stacks/internal/live/awsclient"
)

// Invalidation is what the edge was told to forget.
type Invalidation struct {
	ID    string   `json:"id"`
	Paths []string `json:"paths"`
}

// Paths returns what the paths of a page's files begin with, given the path pattern of its route: as callers have them,
// and, where something is stripped, as the bucket sees them.
func Paths(pattern, strip string) []string {
	begin := strings.TrimSuffix(pattern, "*")
	return sortedOnce([]string{begin, strings.TrimPrefix(begin, strip)})
}

// paths returns what the edge has to forget for a file. CloudFront wants only those characters percent-encoded that
// aren't ASCII or that RFC 1738 calls unsafe; callers may or may not encode some others (: @ = & $ , ;), so both forms
// are named. At a character that CloudFront can't invalidate, all that begins alike is. Where a function changes a path,
// both are named (CloudFront Developer Guide, What you need to know when invalidating paths). That every path of a
// single-page app leads to index.html needs no more: what is cached has the path as the function leaves it, and
// index.html is never used without asking S3.
func (p Place) paths(name string) []string {
	served := []string{name}
	if path.Base(name) == entry {
		served = append(served, strings.TrimSuffix(name, entry))
	}
	var all []string
	for _, begin := range p.Paths {
		for _, s := range served {
			all = append(all, encoded(begin+s)...)
		}
	}
	return sortedOnce(all)
}

func encoded(whole string) []string {
	begin, rest := whole, ""
	if i := strings.IndexAny(whole, "+~? *"); i >= 0 {
		begin, rest = whole[:i], "*"
	}
	return []string{awsclient.Escape(begin, "-_.!'()/;,:@&=$") + rest, awsclient.Escape(begin, "-_.!'()/") + rest}
}

func sortedOnce(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}

// mostPaths is how many paths may be under way at a time (CloudFront Developer Guide, Quotas).
const mostPaths = 3000

// few returns paths that CloudFront takes at once. One that ends with a * counts, and costs, as one.
func (p Place) few(paths []string) []string {
	if paths = sortedOnce(paths); len(paths) <= mostPaths {
		return paths
	}
	var all []string
	for _, begin := range p.Paths {
		all = append(all, encoded(begin)[0]+"*")
	}
	return sortedOnce(all)
}

// invalidate tells the edge to forget. By the reference CloudFront knows a request that it gets again, and does it once.
func (p Place) invalidate(ctx context.Context, c client, paths []string) (Invalidation, error) {
	text, err := xml.Marshal(struct {
		XMLName         xml.Name `xml:"http://cloudfront.amazonaws.com/doc/2020-05-31/ InvalidationBatch"`
		CallerReference string
		Quantity        int      `xml:"Paths>Quantity"`
		Items           []string `xml:"Paths>Items>Path"`
	}{CallerReference: rand.Text(), Quantity: len(paths), Items: paths})
	if err != nil {
		return Invalidation{}, err
	}
	at, body, err := awsclient.PostCloudFront(ctx, c.Config, c.as, text, "distribution", p.Distribution, "invalidation")
	var refused *awsclient.RefusedError
	if errors.As(err, &refused) && refused.Code == "TooManyInvalidationsInProgress" {
		return Invalidation{}, errors.New("CloudFront has too many invalidations to do: try again in some minutes")
	}
	if err != nil {
		return Invalidation{}, err
	}
	id, _, err := readInvalidation(at, body)
	return Invalidation{id, paths}, err
}

func readInvalidation(at string, body []byte) (id, status string, err error) {
	var answer struct{ Id, Status string }
	if err := xml.Unmarshal(body, &answer); err != nil || answer.Id == "" {
		return "", "", fmt.Errorf("%s: the answer isn't an invalidation; check AWS_ENDPOINT_URL", at)
	}
	return answer.Id, answer.Status, nil
}

// invalidated waits until the edge has forgotten everywhere.
func (p Place) invalidated(ctx context.Context, c client, id string, pause time.Duration) error {
	for {
		at, body, err := awsclient.GetCloudFront(ctx, c.Config, c.as,
			"distribution", p.Distribution, "invalidation", url.PathEscape(id))
		if err != nil {
			return err
		}
		_, status, err := readInvalidation(at, body)
		if err != nil || status == "Completed" {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}
