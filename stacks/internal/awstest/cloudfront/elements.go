package cloudfront

import (
	"slices"
	"strings"

	"ml-api-accelerator/stacks/internal/awstest/xmltree"
)

// element renders the entry as the API returns it, around its configuration.
func (e *entry) element() *xmltree.Element {
	if e.kind == storeKind {
		return e.storeElement()
	}
	n := xmltree.New(e.kind.noun, xmltree.Leaf("Id", e.id))
	switch e.kind.noun {
	case "CloudFrontOriginAccessIdentity":
		n.Set(xmltree.Leaf("S3CanonicalUserId", e.canonical))
	case "VpcOrigin":
		n.Kids = append(n.Kids, xmltree.Leaf("Arn", e.arn), xmltree.Leaf("Status", "Deployed"))
	case "Distribution":
		n.Kids = append(n.Kids, xmltree.Leaf("ARN", e.arn), xmltree.Leaf("Status", "Deployed"),
			xmltree.Leaf("InProgressInvalidationBatches", "0"), xmltree.Leaf("DomainName", e.domain()))
	}
	for _, name := range e.kind.times {
		at := e.changed
		if name == "CreatedTime" {
			at = e.made
		}
		n.Set(xmltree.Leaf(name, at.Format(timeFormat)))
	}
	n.Set(e.config)
	return n
}

const timeFormat = "2006-01-02T15:04:05.000Z"

// domain is the name CloudFront gives a distribution.
func (e *entry) domain() string {
	return "d" + strings.ToLower(e.id[1:]) + ".cloudfront.net"
}

// Resources returns the ids of all resources by the type's name (Distribution, CachePolicy …).
func (api *API) Resources() map[string][]string {
	api.mu.Lock()
	defer api.mu.Unlock()
	found := map[string][]string{}
	for _, k := range kinds {
		if ids := api.store.ids(k); len(ids) > 0 {
			found[k.noun] = ids
		}
	}
	return found
}

// XML returns a resource as the API returns it, such as XML("Distribution", id), or nil.
func (api *API) XML(noun, id string) []byte {
	api.mu.Lock()
	defer api.mu.Unlock()
	if e := api.store.entries[kindNamed(noun)][id]; e != nil {
		return e.element().Render(namespace)
	}
	return nil
}

// Uses reports whether a distribution has an element with this text.
func (api *API) Uses(element, text string) bool {
	api.mu.Lock()
	defer api.mu.Unlock()
	for _, e := range api.store.entries[kindNamed("Distribution")] {
		if slices.ContainsFunc(e.config.Find(element), func(n *xmltree.Element) bool { return n.Text == text }) {
			return true
		}
	}
	return false
}
