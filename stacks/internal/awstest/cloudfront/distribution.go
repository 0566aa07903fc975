package cloudfront

import (
	"slices"
	"strings"

	"ml-api-accelerator/stacks/internal/awstest/xmltree"
)

// checkDistribution refuses what CloudFront refuses of a distribution; self is
// the id of the one that is updated, or "".
func (api *API) checkDistribution(self string, config *xmltree.Element) error {
	for _, check := range []func(*xmltree.Element) error{checkOrigins, checkBehaviors, checkGeoRestriction, checkCertificateUse} {
		if err := check(config); err != nil {
			return err
		}
	}
	if err := api.checkFunctionAssociations(config); err != nil {
		return err
	}
	if err := api.checkAliases(self, config); err != nil {
		return err
	}
	return api.checkSurroundings(config)
}

// behaviors returns the default cache behavior and the ordered ones.
func behaviors(config *xmltree.Element) []*xmltree.Element {
	var all []*xmltree.Element
	if behavior := config.At("DefaultCacheBehavior"); behavior != nil {
		all = append(all, behavior)
	}
	return append(all, config.List("CacheBehaviors")...)
}

// checkOrigins refuses behaviors and origin groups without their origins.
func checkOrigins(config *xmltree.Element) error {
	var origins, targets []string
	for _, origin := range config.List("Origins") {
		id := origin.Get("Id")
		if slices.Contains(origins, id) {
			return invalid("The origin id %s is used more than once", id)
		}
		if origin.At("S3OriginConfig") != nil && origin.Get("S3OriginConfig", "OriginAccessIdentity") != "" &&
			origin.Get("OriginAccessControlId") != "" {
			return invalid("Origin %s has both an origin access control and an origin access identity", id)
		}
		origins = append(origins, id)
	}
	if len(origins) == 0 {
		return invalid("A distribution needs at least one origin")
	}
	targets = slices.Clone(origins)
	for _, group := range config.List("OriginGroups") {
		members := group.List("Members")
		if len(members) != 2 {
			return invalid("An origin group needs two members")
		}
		for _, member := range members {
			if !slices.Contains(origins, member.Get("OriginId")) {
				return noSuchOrigin()
			}
		}
		targets = append(targets, group.Get("Id"))
	}
	for _, behavior := range behaviors(config) {
		if !slices.Contains(targets, behavior.Get("TargetOriginId")) {
			return noSuchOrigin()
		}
	}
	return nil
}

func noSuchOrigin() error {
	return refusal{404, "NoSuchOrigin"}.say("One or more of your origins or origin groups do not exist.")
}

// methodSets are the lists of methods CloudFront allows.
var methodSets = []string{"GET,HEAD", "GET,HEAD,OPTIONS", "DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT"}

func checkBehaviors(config *xmltree.Element) error {
	var groups, patterns []string
	for _, group := range config.List("OriginGroups") {
		groups = append(groups, group.Get("Id"))
	}
	for _, behavior := range behaviors(config) {
		var methods []string
		for _, method := range behavior.List("AllowedMethods") {
			methods = append(methods, method.Text)
		}
		slices.Sort(methods)
		if len(methods) > 0 && !slices.Contains(methodSets, strings.Join(methods, ",")) {
			return invalid("The parameter AllowedMethods does not support %s", strings.Join(methods, ", "))
		}
		posts := slices.Contains(methods, "POST")
		if posts && slices.Contains(groups, behavior.Get("TargetOriginId")) {
			return invalid("The parameter AllowedMethods cannot include POST, PUT, PATCH, or DELETE for a cached behavior associated with an origin group")
		}
		if behavior.Get("GrpcConfig", "Enabled") == "true" && (!posts || !strings.HasPrefix(config.Get("HttpVersion"), "http2")) {
			return invalid("gRPC needs HTTP/2 and the method POST")
		}
		if pattern := behavior.Get("PathPattern"); pattern != "" && slices.Contains(patterns, pattern) {
			return invalid("The parameter PathPattern contains %s more than once", pattern)
		}
		patterns = append(patterns, behavior.Get("PathPattern"))
	}
	return nil
}

// checkGeoRestriction refuses countries that nothing is done with, and a restriction without any (CloudFront API Reference,
// GeoRestriction; hashicorp/terraform-provider-aws #20807 quotes the answer).
func checkGeoRestriction(config *xmltree.Element) error {
	restriction := config.At("Restrictions", "GeoRestriction")
	if restriction != nil && (restriction.Get("RestrictionType") == "none") != (restriction.Get("Quantity") == "0") {
		return refusal{400, "InvalidGeoRestrictionParameter"}.say("Your request contains invalid Restriction parameters.")
	}
	return nil
}

// checkCertificateUse refuses aliases without a certificate.
func checkCertificateUse(config *xmltree.Element) error {
	if len(config.List("Aliases")) > 0 && config.Get("ViewerCertificate", "ACMCertificateArn") == "" {
		return refusal{400, "InvalidViewerCertificate"}.say("To add an alternate domain name (CNAME) to a CloudFront distribution, you must attach a trusted certificate that validates your authorization to use the domain name.")
	}
	return nil
}

// checkAliases refuses an alias another distribution has.
func (api *API) checkAliases(self string, config *xmltree.Element) error {
	for _, other := range api.store.entries[distributionKind] {
		if other.id == self {
			continue
		}
		for _, taken := range other.config.List("Aliases") {
			for _, alias := range config.List("Aliases") {
				if alias.Text == taken.Text {
					return refusal{409, "CNAMEAlreadyExists"}.say("One or more of the CNAMEs you provided are already associated with a different resource.")
				}
			}
		}
	}
	return nil
}
