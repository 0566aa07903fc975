package cloudfront

import (
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

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
	if err := api.checkControls(config); err != nil {
		return err
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

// maxOrigins is the quota of origins in a distribution, unless AWS has raised it (CloudFront Developer Guide, Quotas;
// CloudFront API Reference, CreateDistribution: TooManyOrigins).
const maxOrigins = 100

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
	if len(origins) > maxOrigins {
		return refusal{http.StatusBadRequest, "TooManyOrigins"}.say("You cannot create more origins for the distribution.")
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

// checkControls refuses an origin access control of another type than the origin it signs requests to (CloudFront
// Developer Guide, Restrict access to an AWS origin), and one for a function that is reached without TLS (Restrict access
// to an AWS Lambda function URL origin).
func (api *API) checkControls(config *xmltree.Element) error {
	for _, origin := range config.List("Origins") {
		control := api.store.entries[kindNamed("OriginAccessControl")][origin.Get("OriginAccessControlId")]
		if control == nil {
			continue
		}
		ofFunction := strings.Contains(origin.Get("DomainName"), ".lambda-url.")
		switch kind := control.config.Get("OriginAccessControlOriginType"); {
		case kind == "lambda" && !ofFunction, kind == "s3" && origin.At("S3OriginConfig") == nil:
			return invalid("The origin access control %s is of type %s, which the origin %s is not", control.id, kind, origin.Get("Id"))
		case kind == "lambda" && origin.Get("CustomOriginConfig", "OriginProtocolPolicy") != "https-only":
			return invalid("The origin %s must be HTTPS only, for its origin access control", origin.Get("Id"))
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

// checkGeoRestriction refuses countries that nothing is done with, and a restriction without any (CloudFront API
// Reference, GeoRestriction; hashicorp/terraform-provider-aws #20807 quotes the answer).
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

// resourceName is what functions and key value stores are called (CloudFront API Reference, CreateFunction and
// CreateKeyValueStore: Name).
var resourceName = regexp.MustCompile(`^[a-zA-Z0-9-_]{1,64}$`)

func checkName(name string) error {
	if resourceName.MatchString(name) {
		return nil
	}
	return unsatisfied(name, "name", "satisfy regular expression pattern: [a-zA-Z0-9-_]{1,64}")
}

func checkEnum(value, at string, values ...string) error {
	if slices.Contains(values, value) {
		return nil
	}
	return unsatisfied(value, at, "satisfy enum value set: ["+strings.Join(values, ", ")+"]")
}

func checkLength(text, at string, longest int) error {
	if utf8.RuneCountInString(text) <= longest {
		return nil
	}
	return unsatisfied(text, at, fmt.Sprintf("have length less than or equal to %d", longest))
}

// unsatisfied is how CloudFront answers a value that its API model excludes
// (terraform-aws-modules/terraform-aws-cloudfront#53).
func unsatisfied(value, at, must string) error {
	return refusal{http.StatusBadRequest, "MalformedXML"}.say(
		"1 validation error detected: Value '%s' at '%s' failed to satisfy constraint: Member must %s", value, at, must)
}

// completeDistribution adds what AWS returns though it was not sent.
func completeDistribution(config *xmltree.Element) {
	empty := func(name string) *xmltree.Element { return xmltree.New(name, xmltree.Leaf("Quantity", "0")) }
	none := func(name string) *xmltree.Element {
		return xmltree.New(name, xmltree.Leaf("Enabled", "false"), xmltree.Leaf("Quantity", "0"))
	}

	config.Complete(empty("Aliases"), xmltree.Leaf("DefaultRootObject", ""), empty("OriginGroups"), empty("CacheBehaviors"),
		empty("CustomErrorResponses"),
		xmltree.New("Logging", xmltree.Leaf("Enabled", "false"), xmltree.Leaf("IncludeCookies", "false"), xmltree.Leaf("Bucket", ""), xmltree.Leaf("Prefix", "")),
		xmltree.Leaf("PriceClass", "PriceClass_All"),
		xmltree.New("ViewerCertificate", xmltree.Leaf("CloudFrontDefaultCertificate", "true")),
		xmltree.New("Restrictions", xmltree.New("GeoRestriction", xmltree.Leaf("RestrictionType", "none"), xmltree.Leaf("Quantity", "0"))),
		xmltree.Leaf("WebACLId", ""), xmltree.Leaf("HttpVersion", "http2"), xmltree.Leaf("IsIPV6Enabled", "true"),
		xmltree.Leaf("ContinuousDeploymentPolicyId", ""), xmltree.Leaf("Staging", "false"))

	for _, origin := range config.List("Origins") {
		origin.Complete(xmltree.Leaf("OriginPath", ""), empty("CustomHeaders"), xmltree.Leaf("ConnectionAttempts", "3"),
			xmltree.Leaf("ConnectionTimeout", "10"), xmltree.New("OriginShield", xmltree.Leaf("Enabled", "false")), xmltree.Leaf("OriginAccessControlId", ""))
	}
	for _, behavior := range behaviors(config) {
		behavior.Complete(none("TrustedSigners"), none("TrustedKeyGroups"),
			xmltree.New("AllowedMethods", xmltree.Leaf("Quantity", "2"), xmltree.New("Items", xmltree.Leaf("Method", "HEAD"), xmltree.Leaf("Method", "GET")),
				xmltree.New("CachedMethods", xmltree.Leaf("Quantity", "2"), xmltree.New("Items", xmltree.Leaf("Method", "HEAD"), xmltree.Leaf("Method", "GET")))),
			xmltree.Leaf("SmoothStreaming", "false"), xmltree.Leaf("Compress", "false"), empty("LambdaFunctionAssociations"),
			empty("FunctionAssociations"), xmltree.Leaf("FieldLevelEncryptionId", ""), xmltree.New("GrpcConfig", xmltree.Leaf("Enabled", "false")))
	}
	completeCertificate(config.At("ViewerCertificate"))
}

// completeCertificate adds the old names of the certificate's attributes.
func completeCertificate(certificate *xmltree.Element) {
	if arn := certificate.Get("ACMCertificateArn"); arn != "" {
		certificate.Complete(xmltree.Leaf("CloudFrontDefaultCertificate", "false"),
			xmltree.Leaf("Certificate", arn), xmltree.Leaf("CertificateSource", "acm"))
		return
	}
	certificate.Complete(xmltree.Leaf("SSLSupportMethod", "vip"), xmltree.Leaf("MinimumProtocolVersion", "TLSv1"),
		xmltree.Leaf("CertificateSource", "cloudfront"))
}

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
func (api *API) Uses(element, text string) bool { return len(api.Users(element, text)) > 0 }

// Users returns the ARNs of the distributions that have an element with a text.
func (api *API) Users(element, text string) (users []string) {
	api.mu.Lock()
	defer api.mu.Unlock()
	for _, e := range api.store.entries[kindNamed("Distribution")] {
		if slices.ContainsFunc(e.config.Find(element), func(n *xmltree.Element) bool { return n.Text == text }) {
			users = append(users, e.arn)
		}
	}
	return users
}

// tag adds the Tag elements to the entry's tags.
func (e *entry) tag(tags []*xmltree.Element) {
	for _, tag := range tags {
		e.tags[tag.Get("Key")] = tag.Get("Value")
	}
}

func (api *API) handleTags(r *http.Request, action string, body []byte) (*reply, error) {
	e, err := api.store.byARN(r.URL.Query().Get("Resource"))
	if err != nil {
		return nil, err
	}
	if action == "ListTagsForResource" {
		items := xmltree.New("Items")
		for _, key := range slices.Sorted(maps.Keys(e.tags)) {
			items.Kids = append(items.Kids, xmltree.New("Tag", xmltree.Leaf("Key", key), xmltree.Leaf("Value", e.tags[key])))
		}
		return &reply{status: http.StatusOK, body: xmltree.New("Tags", items)}, nil
	}
	root, err := xmltree.Parse(body)
	if err != nil {
		return nil, err
	}
	if action == "TagResource" {
		e.tag(root.List())
	} else {
		for _, key := range root.List() {
			delete(e.tags, key.Text)
		}
	}
	return &reply{status: http.StatusNoContent}, nil
}

func (api *API) handleMonitoring(r *http.Request, action string, body []byte) (*reply, error) {
	id := strings.Split(strings.Trim(r.URL.Path, "/"), "/")[2] // after the version and "distributions"
	e, err := api.store.lookup(distributionKind, id)
	if err != nil {
		return nil, err
	}
	switch {
	case action == "CreateMonitoringSubscription" && e.metrics != nil:
		return nil, refusal{409, "MonitoringSubscriptionAlreadyExists"}.say("A monitoring subscription already exists for the specified distribution.")
	case action == "CreateMonitoringSubscription":
		if e.metrics, err = xmltree.Parse(body); err != nil {
			return nil, err
		}
	case e.metrics == nil:
		return nil, refusal{404, "NoSuchMonitoringSubscription"}.say("A monitoring subscription does not exist for the specified distribution.")
	case action == "DeleteMonitoringSubscription":
		e.metrics = nil
		return &reply{status: http.StatusOK}, nil
	}
	return &reply{status: http.StatusOK, body: e.metrics}, nil
}

// forwardedOnly are headers that CloudFront makes and no cache policy takes (CloudFront Developer Guide, Add CloudFront
// request headers; Viewer mTLS headers for cache policies and forwarded to origin).
var forwardedOnly = []string{
	"client-cert", "client-cert-chain", "cloudfront-viewer-address", "cloudfront-viewer-asn", "cloudfront-viewer-cert-pem",
	"cloudfront-viewer-cert-validity", "cloudfront-viewer-ja3-fingerprint", "cloudfront-viewer-ja4-fingerprint", "cloudfront-viewer-tls",
}

// checkCachePolicy refuses lifetimes and key settings that contradict.
func checkCachePolicy(config *xmltree.Element) error {
	ttl := func(name string) int {
		n, _ := strconv.Atoi(config.Get(name))
		return n
	}
	if config.Get("DefaultTTL") != "" && (ttl("MinTTL") > ttl("DefaultTTL") || ttl("DefaultTTL") > ttl("MaxTTL")) {
		return invalid("The parameters MinTTL, DefaultTTL and MaxTTL are not in order")
	}
	key := config.At("ParametersInCacheKeyAndForwardedToOrigin")
	if key != nil {
		for _, header := range key.List("HeadersConfig", "Headers") {
			if slices.Contains(forwardedOnly, strings.ToLower(header.Text)) {
				return invalid("The parameter Headers contains %s that is not allowed.", header.Text)
			}
		}
	}
	if config.Get("MaxTTL") != "0" || key == nil {
		return nil
	}
	for _, encoding := range []string{"EnableAcceptEncodingGzip", "EnableAcceptEncodingBrotli"} {
		if key.Get(encoding) == "true" {
			return invalid("The parameter %s is invalid for policy with caching disabled.", encoding)
		}
	}
	for _, part := range [][2]string{{"HeadersConfig", "HeaderBehavior"}, {"CookiesConfig", "CookieBehavior"}, {"QueryStringsConfig", "QueryStringBehavior"}} {
		if behavior := key.Get(part[0], part[1]); behavior != "" && behavior != "none" {
			return invalid("The parameter %s is invalid for policy with caching disabled.", part[1])
		}
	}
	return nil
}

// checkOriginRequestPolicy refuses Authorization in a list of headers: it belongs into the cache key, or comes along with
// all headers (AWS re:Post knowledge center, How do I configure CloudFront to forward the Authorization header to the
// origin?; https://serverfault.com/q/1053906 quotes the answer). That a list beside all of the viewer's headers has only
// CloudFront's is documented (CloudFront API Reference, OriginRequestPolicyHeadersConfig), but no refusal of others.
func checkOriginRequestPolicy(config *xmltree.Element) error {
	if config.Get("HeadersConfig", "HeaderBehavior") != "whitelist" {
		return nil
	}
	for _, header := range config.List("HeadersConfig", "Headers") {
		if strings.EqualFold(header.Text, "Authorization") {
			return invalid("The parameter Headers contains %s that is not allowed.", header.Text)
		}
	}
	return nil
}

// checkCORSOrigins refuses an origin of CORS with a * elsewhere than as its first label or in its port (CloudFront
// Developer Guide, Understand response headers policies, Access-Control-Allow-Origin).
func checkCORSOrigins(config *xmltree.Element) error {
	for _, origin := range config.List("CorsConfig", "AccessControlAllowOrigins") {
		_, rest, found := strings.Cut(origin.Text, "://")
		if !found {
			rest = origin.Text
		}
		host, _, _ := strings.Cut(rest, ":")
		if origin.Text != "*" && strings.Contains(strings.TrimPrefix(host, "*."), "*") {
			return invalid("The parameter AccessControlAllowOrigins contains %s that is not valid.", origin.Text)
		}
	}
	return nil
}

// kept are headers that no policy removes (CloudFront Developer Guide, Understand response headers policies, Headers
// that you can't remove).
var kept = regexp.MustCompile(`(?i)^(connection|content-(encoding|length)|expect|host|keep-alive|proxy-(authenticate|` +
	`authorization|connection)|trailer|transfer-encoding|upgrade|via|warning|x-accel-(buffering|charset|limit-rate|` +
	`redirect)|x-amz-cf-.*|x-amzn-(auth|cf-billing|cf-id|cf-xff|errortype|fle-profile|header-count|header-order|` +
	`lambda-integration-tag|requestid)|x-cache|x-edge-.*|x-forwarded-proto|x-real-ip)$`)

// checkResponseHeaders refuses more headers than a policy adds or removes, and those that it can't (CloudFront Developer
// Guide, Quotas on response headers policies).
func checkResponseHeaders(config *xmltree.Element) error {
	const most = 10
	if n := len(config.List("CustomHeadersConfig")); n > most {
		return refusal{http.StatusBadRequest, "TooManyCustomHeadersInResponseHeadersPolicy"}.say("%d custom headers", n)
	}
	removed := config.List("RemoveHeadersConfig")
	if n := len(removed); n > most {
		return refusal{http.StatusBadRequest, "TooManyRemoveHeadersInResponseHeadersPolicy"}.say("%d headers to remove", n)
	}
	for _, header := range removed {
		if kept.MatchString(header.Get("Header")) {
			return invalid("The parameter Header contains %s that can't be removed.", header.Get("Header"))
		}
	}
	return nil
}
