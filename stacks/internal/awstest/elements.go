package awstest

import (
	"strconv"
	"strings"
)

// element renders the entry as the API returns it, around its configuration.
func (e *entry) element(s *store) *node {
	n := el(e.kind.noun, leaf("Id", e.id))
	switch e.kind.noun {
	case "CloudFrontOriginAccessIdentity":
		n.set(leaf("S3CanonicalUserId", e.canonical))
	case "VpcOrigin":
		n.kids = append(n.kids, leaf("Arn", e.arn()), leaf("Status", "Deployed"))
	case "Distribution":
		n.kids = append(n.kids, leaf("ARN", e.arn()), leaf("Status", "Deployed"),
			leaf("InProgressInvalidationBatches", "0"), leaf("DomainName", e.domain()),
			el("ActiveTrustedSigners", leaf("Enabled", "false"), leaf("Quantity", "0")),
			e.activeKeyGroups(s))
	}
	for _, name := range e.kind.times {
		at := e.changed
		if name == "CreatedTime" {
			at = e.made
		}
		n.set(leaf(name, timestamp(at)))
	}
	n.set(e.config)
	return n
}

// domain is the name CloudFront gives a distribution.
func (e *entry) domain() string {
	return "d" + strings.ToLower(e.id[1:]) + ".cloudfront.net"
}

// activeKeyGroups lists the key groups a distribution trusts, with their keys.
func (e *entry) activeKeyGroups(s *store) *node {
	items := el("Items")
	seen := map[string]bool{}
	for _, group := range s.all(kindNamed("KeyGroup")) {
		for _, id := range references(e.config, group.kind) {
			if id != group.id || seen[id] {
				continue
			}
			seen[id] = true
			keys := el("Items")
			for _, key := range group.config.list() {
				keys.kids = append(keys.kids, leaf("KeyPairId", key.text))
			}
			items.kids = append(items.kids, el("KeyGroup", leaf("KeyGroupId", id),
				el("KeyPairIds", leaf("Quantity", count(keys.kids)), keys)))
		}
	}
	return el("ActiveTrustedKeyGroups", leaf("Enabled", strconv.FormatBool(len(items.kids) > 0)),
		leaf("Quantity", count(items.kids)), items)
}

func kindNamed(noun string) *kind {
	for _, k := range kinds {
		if k.noun == noun {
			return k
		}
	}
	return nil
}

func count(list []*node) string { return strconv.Itoa(len(list)) }
