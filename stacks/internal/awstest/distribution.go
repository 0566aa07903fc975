package awstest

import (
	"slices"
	"strconv"
	"strings"
)

// checkDistribution refuses what CloudFront refuses of a distribution; self is
// the id of the one that is updated, or "".
func (s *Server) checkDistribution(self string, config *node) error {
	for _, check := range []func(*node) error{checkOrigins, checkBehaviors, checkCertificateUse} {
		if err := check(config); err != nil {
			return err
		}
	}
	if err := s.checkAliases(self, config); err != nil {
		return err
	}
	return s.checkSurroundings(config)
}

// behaviors returns the default cache behavior and the ordered ones.
func behaviors(config *node) []*node {
	var all []*node
	if behavior := config.at("DefaultCacheBehavior"); behavior != nil {
		all = append(all, behavior)
	}
	return append(all, config.list("CacheBehaviors")...)
}

// checkOrigins refuses behaviors and origin groups without their origins.
func checkOrigins(config *node) error {
	var origins, targets []string
	for _, origin := range config.list("Origins") {
		id := origin.get("Id")
		if slices.Contains(origins, id) {
			return invalid("The origin id %s is used more than once", id)
		}
		if origin.at("S3OriginConfig") != nil && origin.get("S3OriginConfig", "OriginAccessIdentity") != "" &&
			origin.get("OriginAccessControlId") != "" {
			return invalid("Origin %s has both an origin access control and an origin access identity", id)
		}
		origins = append(origins, id)
	}
	if len(origins) == 0 {
		return invalid("A distribution needs at least one origin")
	}
	targets = slices.Clone(origins)
	for _, group := range config.list("OriginGroups") {
		members := group.list("Members")
		if len(members) != 2 {
			return invalid("An origin group needs two members")
		}
		for _, member := range members {
			if !slices.Contains(origins, member.get("OriginId")) {
				return noSuchOrigin()
			}
		}
		targets = append(targets, group.get("Id"))
	}
	for _, behavior := range behaviors(config) {
		if !slices.Contains(targets, behavior.get("TargetOriginId")) {
			return noSuchOrigin()
		}
	}
	return nil
}

func noSuchOrigin() error {
	return &Error{404, "NoSuchOrigin", "One or more of your origins or origin groups do not exist."}
}

// methodSets are the lists of methods CloudFront allows.
var methodSets = []string{"GET,HEAD", "GET,HEAD,OPTIONS", "DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT"}

func checkBehaviors(config *node) error {
	var groups, patterns []string
	for _, group := range config.list("OriginGroups") {
		groups = append(groups, group.get("Id"))
	}
	for _, behavior := range behaviors(config) {
		var methods []string
		for _, method := range behavior.list("AllowedMethods") {
			methods = append(methods, method.text)
		}
		slices.Sort(methods)
		if len(methods) > 0 && !slices.Contains(methodSets, strings.Join(methods, ",")) {
			return invalid("The parameter AllowedMethods does not support %s", strings.Join(methods, ", "))
		}
		posts := slices.Contains(methods, "POST")
		if posts && slices.Contains(groups, behavior.get("TargetOriginId")) {
			return invalid("The parameter AllowedMethods cannot include POST, PUT, PATCH, or DELETE for a cached behavior associated with an origin group")
		}
		if behavior.get("GrpcConfig", "Enabled") == "true" && (!posts || !strings.HasPrefix(config.get("HttpVersion"), "http2")) {
			return invalid("gRPC needs HTTP/2 and the method POST")
		}
		if behavior.get("CachePolicyId") != "" && behavior.at("ForwardedValues") != nil {
			return invalid("The parameter ForwardedValues cannot be used when a cache policy is associated to the cache behavior")
		}
		if pattern := behavior.get("PathPattern"); pattern != "" && slices.Contains(patterns, pattern) {
			return invalid("The parameter PathPattern contains %s more than once", pattern)
		}
		patterns = append(patterns, behavior.get("PathPattern"))
	}
	return nil
}

// checkCertificateUse refuses aliases without a certificate.
func checkCertificateUse(config *node) error {
	certificate := config.at("ViewerCertificate")
	if len(config.list("Aliases")) > 0 &&
		certificate.get("ACMCertificateArn") == "" && certificate.get("IAMCertificateId") == "" {
		return &Error{400, "InvalidViewerCertificate", "To add an alternate domain name (CNAME) to a CloudFront distribution, you must attach a trusted certificate that validates your authorization to use the domain name."}
	}
	return nil
}

// checkAliases refuses an alias another distribution has.
func (s *Server) checkAliases(self string, config *node) error {
	for _, other := range s.cloudfront.entries[distributionKind] {
		if other.id == self {
			continue
		}
		for _, taken := range other.config.list("Aliases") {
			for _, alias := range config.list("Aliases") {
				if alias.text == taken.text {
					return &Error{409, "CNAMEAlreadyExists", "One or more of the CNAMEs you provided are already associated with a different resource."}
				}
			}
		}
	}
	return nil
}

// checkCachePolicy refuses lifetimes and key settings that contradict.
func checkCachePolicy(config *node) error {
	ttl := func(name string) int {
		n, _ := strconv.Atoi(config.get(name))
		return n
	}
	if config.get("DefaultTTL") != "" && (ttl("MinTTL") > ttl("DefaultTTL") || ttl("DefaultTTL") > ttl("MaxTTL")) {
		return invalid("The parameters MinTTL, DefaultTTL and MaxTTL are not in order")
	}
	key := config.at("ParametersInCacheKeyAndForwardedToOrigin")
	if config.get("MaxTTL") != "0" || key == nil {
		return nil
	}
	for _, encoding := range []string{"EnableAcceptEncodingGzip", "EnableAcceptEncodingBrotli"} {
		if key.get(encoding) == "true" {
			return invalid("The parameter %s is invalid for policy with caching disabled.", encoding)
		}
	}
	for _, part := range [][2]string{{"HeadersConfig", "HeaderBehavior"}, {"CookiesConfig", "CookieBehavior"}, {"QueryStringsConfig", "QueryStringBehavior"}} {
		if behavior := key.get(part[0], part[1]); behavior != "" && behavior != "none" {
			return invalid("The parameter %s is invalid for policy with caching disabled.", part[1])
		}
	}
	return nil
}

func invalid(format string, args ...any) error {
	return Error{Status: 400, Code: "InvalidArgument"}.say(format, args...)
}
