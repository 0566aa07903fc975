package cloudfront

import (
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"ml-api-accelerator/stacks/internal/awstest/xmltree"
)

// entry is one resource.
type entry struct {
	kind    *kind
	id      string
	arn     string // of what has tags
	etag    string
	config  *xmltree.Element // as sent, with what AWS adds
	made    time.Time
	changed time.Time
	tags    map[string]string

	canonical string           // canonical user of an origin access identity
	metrics   *xmltree.Element // monitoring subscription of a distribution
	uuid      string           // in the ARN of a key value store
	status    string           // of a key value store
	code      []byte           // of a function
	live      *version         // of a function that is published
}

// store holds all resources by kind and id.
type store struct {
	account string
	entries map[*kind]map[string]*entry
}

func newStore(account string) store {
	s := store{account, map[*kind]map[string]*entry{}}
	for _, k := range kinds {
		s.entries[k] = map[string]*entry{}
	}
	return s
}

// ids returns the ids of a kind in the order of their creation.
func (s store) ids(k *kind) []string {
	var ids []string
	for id := range s.entries[k] {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b string) int {
		if c := s.entries[k][a].made.Compare(s.entries[k][b].made); c != 0 {
			return c
		}
		return strings.Compare(a, b)
	})
	return ids
}

// lookup returns an entry or the kind's error for a missing one.
func (s store) lookup(k *kind, id string) (*entry, error) {
	if e := s.entries[k][id]; e != nil {
		return e, nil
	}
	return nil, k.missing.say("The specified %s does not exist: %s", k.noun, id)
}

// insert stores a new entry unless its unique name is taken.
func (s store) insert(k *kind, config *xmltree.Element) (*entry, error) {
	if err := s.checkUnique(k, "", config); err != nil {
		return nil, err
	}
	e := s.add(k, k.newID(), config)
	if k.noun == "CloudFrontOriginAccessIdentity" {
		e.canonical = canonicalUserID()
	}
	return e, nil
}

// insertNamed stores a new entry of a kind that has names as ids.
func (s store) insertNamed(k *kind, name string, config *xmltree.Element) (*entry, error) {
	if s.entries[k][name] != nil {
		return nil, k.exists.say("A %s with the same Name already exists: %s", k.noun, name)
	}
	return s.add(k, name, config), nil
}

func (s store) add(k *kind, id string, config *xmltree.Element) *entry {
	now := time.Now().UTC()
	e := &entry{kind: k, id: id, config: config, etag: newETag(), made: now, changed: now, tags: map[string]string{}}
	if k.arn != "" {
		e.arn = s.arn(k.arn + id)
	}
	s.entries[k][id] = e
	return e
}

func (s store) arn(resource string) string {
	return "arn:aws:cloudfront::" + s.account + ":" + resource
}

func (s store) checkUnique(k *kind, self string, config *xmltree.Element) error {
	name := config.Get(k.unique)
	for _, other := range s.entries[k] {
		if other.id != self && other.config.Get(k.unique) == name {
			return k.exists.say("A %s with the same %s already exists: %s", k.noun, k.unique, name)
		}
	}
	return nil
}

// change stores a new configuration under a new ETag.
func (s store) change(e *entry, config *xmltree.Element) {
	e.config, e.etag, e.changed = config, newETag(), time.Now().UTC()
}

// byARN finds an entry that has tags.
func (s store) byARN(arn string) (*entry, error) {
	for _, byID := range s.entries {
		for _, e := range byID {
			if arn != "" && e.arn == arn {
				return e, nil
			}
		}
	}
	return nil, refusal{404, "NoSuchResource"}.say("A resource that was specified is not valid: %s", arn)
}

// users returns the entries whose configuration refers to e.
func (s store) users(e *entry) []*entry {
	var users []*entry
	for _, byID := range s.entries {
		for _, other := range byID {
			if slices.Contains(other.references(e.kind), e.reference()) {
				users = append(users, other)
			}
		}
	}
	return users
}

// references returns the ids that a configuration names of a kind.
func references(config *xmltree.Element, k *kind) []string {
	if k.ref == "" {
		return nil
	}
	var found []string
	for _, n := range config.Find(k.ref) {
		if ref := strings.TrimPrefix(n.Text, "origin-access-identity/cloudfront/"); ref != "" {
			found = append(found, ref)
		}
	}
	return found
}

// references returns what the entry names of a kind, a function in both of its stages.
func (e *entry) references(k *kind) []string {
	found := references(e.config, k)
	if e.live != nil {
		found = append(found, references(e.live.config, k)...)
	}
	return found
}

// reference is how another configuration names the entry.
func (e *entry) reference() string {
	if e.kind.byARN {
		return e.arn
	}
	return e.id
}

// referred returns the entry that a configuration names, or nil.
func (s store) referred(k *kind, reference string) *entry {
	if !k.byARN {
		return s.entries[k][reference]
	}
	for _, e := range s.entries[k] {
		if e.arn == reference {
			return e
		}
	}
	return nil
}

// checkReferences refuses a configuration that names what does not exist.
func (s store) checkReferences(config *xmltree.Element) error {
	for _, k := range kinds {
		for _, id := range references(config, k) {
			if s.referred(k, id) == nil && !slices.Contains(k.managed, id) {
				return k.dangling.say("The %s does not exist: %s", k.noun, id)
			}
		}
	}
	return nil
}

// Action names a call as IAM does; what the API doesn't know is its method and path.
func Action(r *http.Request) string {
	_, below, _ := strings.Cut(strings.Trim(r.URL.Path, "/"), "/") // the version
	if below == "tagging" {
		return tagAction(r)
	}
	for _, route := range routes {
		if is, err := path.Match(route.path, below); err == nil && is && r.Method == route.method {
			return route.action
		}
	}
	for _, k := range kinds {
		if action := k.action(r.Method, below); action != "" {
			return action
		}
	}
	return r.Method + " " + r.URL.Path
}

// routes are the calls that have another shape than those to kinds.
var routes = []struct{ method, path, action string }{
	{http.MethodPost, "distributions/*/monitoring-subscription", "CreateMonitoringSubscription"},
	{http.MethodGet, "distributions/*/monitoring-subscription", "GetMonitoringSubscription"},
	{http.MethodDelete, "distributions/*/monitoring-subscription", "DeleteMonitoringSubscription"},
	{http.MethodGet, "key-value-store", "ListKeyValueStores"},
	{http.MethodGet, "key-value-store/*", "DescribeKeyValueStore"},
	{http.MethodGet, "function/*/describe", "DescribeFunction"},
	{http.MethodPost, "function/*/publish", "PublishFunction"},
}

var verbs = map[string]string{http.MethodPost: "Create", http.MethodGet: "Get", http.MethodPut: "Update", http.MethodDelete: "Delete"}

func tagAction(r *http.Request) string {
	if r.Method == http.MethodGet {
		return "ListTagsForResource"
	}
	return r.URL.Query().Get("Operation") + "Resource"
}

// action names a call to the kind's path, or is empty.
func (k *kind) action(method, path string) string {
	below, ok := strings.CutPrefix(path, k.path)
	if !ok {
		return ""
	}
	parts := strings.Split(below, "/") // an empty one first
	switch {
	case method == http.MethodPost && len(parts) == 1,
		(method == http.MethodGet || method == http.MethodDelete) && len(parts) == 2,
		method == http.MethodPut && k.putRoot && len(parts) == 2,
		method == http.MethodPut && !k.putRoot && len(parts) == 3 && parts[2] == "config":
		return verbs[method] + k.noun
	}
	return ""
}

// kind describes one of CloudFront's types of configuration.
type kind struct {
	noun   string // element and the name in actions: CachePolicy
	path   string // after the version: cache-policy
	config string // element of the configuration: CachePolicyConfig

	unique  string // element of the configuration two may not share
	ref     string // element by which another configuration refers to it
	byARN   bool   // and not by id
	newID   func() string
	putRoot bool     // an update goes to /id instead of /id/config
	arn     string   // of the resource, with the id to follow
	times   []string // elements
	managed []string // ids of AWS's own
	created int      // status of a creation

	missing, exists, inUse refusal
	dangling               refusal // of a reference to one that is not there

	// checkUpdate refuses what may be created and not updated.
	checkUpdate func(store, *entry, *xmltree.Element) error
}

// kinds are all types of configuration the store holds.
var kinds = []*kind{
	{
		noun: "CloudFrontOriginAccessIdentity", path: "origin-access-identity/cloudfront", config: "CloudFrontOriginAccessIdentityConfig",
		unique: "CallerReference", ref: "OriginAccessIdentity", newID: shortID("E"), created: http.StatusCreated,
		missing:  refusal{404, "NoSuchCloudFrontOriginAccessIdentity"},
		exists:   refusal{409, "CloudFrontOriginAccessIdentityAlreadyExists"},
		inUse:    refusal{409, "CloudFrontOriginAccessIdentityInUse"},
		dangling: refusal{400, "InvalidOriginAccessIdentity"},
	},
	{
		noun: "OriginAccessControl", path: "origin-access-control", config: "OriginAccessControlConfig",
		unique: "Name", ref: "OriginAccessControlId", newID: shortID("E"), created: http.StatusCreated,
		missing:  refusal{404, "NoSuchOriginAccessControl"},
		exists:   refusal{409, "OriginAccessControlAlreadyExists"},
		inUse:    refusal{409, "OriginAccessControlInUse"},
		dangling: refusal{400, "InvalidOriginAccessControl"},
	},
	// The stand-in has its own list of managed policies: it is a witness against the program's.
	policyKind("CachePolicy", "cache-policy",
		"4135ea2d-6df8-44a3-9df3-4b5a84be39ad",  // CachingDisabled
		"b2884449-e4de-46a7-ac36-70bc7f1ddd6d"), // CachingOptimizedForUncompressedObjects
	policyKind("OriginRequestPolicy", "origin-request-policy",
		"216adef6-5c7f-47e4-b989-5492eafa07d3",  // AllViewer
		"b689b0a8-53d0-40ab-baf2-68738e2966ac",  // AllViewerExceptHostHeader
		"88a5eaf4-2fd4-4709-b370-b4c650ea3fcf"), // CORS-S3Origin
	policyKind("ResponseHeadersPolicy", "response-headers-policy"),
	{
		noun: "PublicKey", path: "public-key", config: "PublicKeyConfig",
		unique: "Name", ref: "PublicKey", newID: shortID("K"), times: []string{"CreatedTime"}, created: http.StatusCreated,
		missing:     refusal{404, "NoSuchPublicKey"},
		exists:      refusal{409, "PublicKeyAlreadyExists"},
		inUse:       refusal{409, "PublicKeyInUse"},
		dangling:    refusal{400, "InvalidArgument"},
		checkUpdate: checkKeyIsTheSame,
	},
	{
		noun: "KeyGroup", path: "key-group", config: "KeyGroupConfig",
		unique: "Name", ref: "KeyGroup", newID: uuid, putRoot: true, times: []string{"LastModifiedTime"}, created: http.StatusCreated,
		missing:  refusal{404, "NoSuchResource"},
		exists:   refusal{409, "KeyGroupAlreadyExists"},
		inUse:    refusal{409, "ResourceInUse"},
		dangling: refusal{400, "TrustedKeyGroupDoesNotExist"},
	},
	vpcOriginKind,
	storeKind,
	functionKind,
	distributionKind,
}

var vpcOriginKind = &kind{
	noun: "VpcOrigin", path: "vpc-origin", config: "VpcOriginEndpointConfig",
	unique: "Name", ref: "VpcOriginId", newID: vpcOriginID, putRoot: true, arn: "vpcorigin/",
	times: []string{"CreatedTime", "LastModifiedTime"}, created: http.StatusAccepted,
	missing:     refusal{404, "EntityNotFound"},
	exists:      refusal{409, "EntityAlreadyExists"},
	inUse:       refusal{409, "CannotDeleteEntityWhileInUse"},
	dangling:    refusal{404, "EntityNotFound"},
	checkUpdate: checkVPCOriginIsUnused,
}

// storeKind and functionKind have their names as ids, and calls of their own.
var storeKind = &kind{
	noun: "KeyValueStore", path: "key-value-store", ref: "KeyValueStoreARN", byARN: true, putRoot: true,
	missing:  refusal{404, "EntityNotFound"},
	exists:   refusal{409, "EntityAlreadyExists"},
	inUse:    refusal{409, "CannotDeleteEntityWhileInUse"},
	dangling: refusal{400, "InvalidArgument"},
}

var functionKind = &kind{
	noun: "Function", path: "function", ref: "FunctionARN", byARN: true, putRoot: true, arn: "function/",
	missing:  refusal{404, "NoSuchFunctionExists"},
	exists:   refusal{409, "FunctionAlreadyExists"},
	inUse:    refusal{409, "FunctionInUse"},
	dangling: refusal{400, "InvalidFunctionAssociation"},
}

// distributionKind is the one that refers to all others.
var distributionKind = &kind{
	noun: "Distribution", path: "distribution", config: "DistributionConfig",
	unique: "CallerReference", newID: shortID("E"), arn: "distribution/", times: []string{"LastModifiedTime"}, created: http.StatusCreated,
	missing: refusal{404, "NoSuchDistribution"},
	exists:  refusal{409, "DistributionAlreadyExists"},
}

func policyKind(noun, path string, managed ...string) *kind {
	return &kind{
		noun: noun, path: path, config: noun + "Config", managed: managed,
		unique: "Name", ref: noun + "Id", newID: uuid, putRoot: true, times: []string{"LastModifiedTime"}, created: http.StatusCreated,
		missing:  refusal{404, "NoSuch" + noun},
		exists:   refusal{409, noun + "AlreadyExists"},
		inUse:    refusal{409, noun + "InUse"},
		dangling: refusal{404, "NoSuch" + noun},
	}
}

func kindNamed(noun string) *kind {
	for _, k := range kinds {
		if k.noun == noun {
			return k
		}
	}
	return nil
}

func checkKeyIsTheSame(_ store, e *entry, config *xmltree.Element) error {
	if config.Get("EncodedKey") != e.config.Get("EncodedKey") {
		return refusal{400, "CannotChangeImmutablePublicKeyFields"}.say("You can't change the value of a public key.")
	}
	return nil
}

// checkVPCOriginIsUnused refuses any change of a VPC origin that a distribution uses (CloudFront API Reference,
// UpdateVpcOrigin).
func checkVPCOriginIsUnused(s store, e *entry, _ *xmltree.Element) error {
	if users := s.users(e); len(users) > 0 {
		return refusal{409, "CannotUpdateEntityWhileInUse"}.say("The VPC origin %s is used by the distribution %s", e.id, users[0].id)
	}
	return nil
}
