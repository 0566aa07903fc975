// Package names makes the names that Terraform and AWS see. A changed name replaces what has it.
package names

import (
	"crypto/sha256"
	"encoding/hex"
	"path"
	"regexp"
	"strconv"
	"strings"
)

// The names of the first backend and of the first bucket, by which routes lead to them.
const (
	API    = "api"
	Models = "models"
)

// Web is the name of the bucket of a page, and of what is made for its routes.
const Web = "web"

// OriginCanary is the id of the origin of the API's new version, for those of its routes that have no read timeout of
// their own.
const OriginCanary = API + canary

// What the ids of origins that belong to another one end with, and those of the groups that fail over to them.
const (
	canary       = "-canary"
	failover     = "-failover"
	replica      = "-replica"
	withFailover = "-with-failover"
	withReplica  = "-with-replica"
)

// Origin is the id of the origin of a backend or a bucket. Read timeouts belong to origins, so a backend has another
// origin for routes with a timeout of their own, in seconds; 0: the backend's own.
func Origin(name string, readTimeout int) string {
	if readTimeout == 0 {
		return name
	}
	return name + "-" + strconv.Itoa(readTimeout) + "s"
}

// CanaryOrigin is the id of the origin of a new version, beside the one with the given id.
func CanaryOrigin(id string) string { return id + canary }

// FailoverOrigin is the id of the origin that is asked when the one with the given id fails.
func FailoverOrigin(id string) string { return id + failover }

// ReplicaOrigin is the id of the origin of a bucket's replica.
func ReplicaOrigin(id string) string { return id + replica }

// FailoverGroup is the id of the group of an origin and of its FailoverOrigin.
func FailoverGroup(id string) string { return id + withFailover }

// ReplicaGroup is the id of the group of a bucket's origin and of its ReplicaOrigin.
func ReplicaGroup(id string) string { return id + withReplica }

// timeout is what Origin adds. No name of a backend ends so, but gpt-4s-mini is one.
var timeout = regexp.MustCompile(`-\d+s((-canary|-failover|-with-failover)?)$`)

// WithoutTimeout is the id of an origin as it is without a timeout of a route's own: what people call it.
func WithoutTimeout(id string) string { return timeout.ReplaceAllString(id, "$1") }

// PlaceholderHost stands for the name that CloudFront gives a distribution, which isn't known before; AWS's guides
// write it so.
const PlaceholderHost = "d111111abcdef8.cloudfront.net"

// StackTag is the key of the tag that says to which stack a resource belongs. The deployer's policy depends on it.
const StackTag = "ml-api-accelerator:stack"

// StateKey is the key of an environment's state in the state bucket.
func StateKey(project, environment string) string { return project + "/" + environment + ".tfstate" }

// BucketParts are the parts of a stack that have buckets.
var BucketParts = []string{"logs", "models", "replica"}

// BucketPrefix begins the name of a bucket to which Terraform adds 26 characters; of S3's 63 that
// leaves 37 (Amazon S3 User Guide, Bucket naming rules), so a long stack name is cut, and a long part.
func BucketPrefix(stack, part string) string {
	end := "-" + strings.TrimRight(part[:min(len(part), 24)], "-") + "-"
	return strings.TrimRight(stack[:min(len(stack), 37-len(end))], "-") + end
}

// Replica is the Terraform name of the models' replica in a region, and the alias of the provider of all replicas there:
// what was made in another region is looked up there, not in this one.
func Replica(region string) string { return "replica-" + region }

// ZoneProvider is the alias of the provider of the account that has the hosted zones.
const ZoneProvider = "zones"

// BucketReplica is the Terraform name of a bucket's replica in a region.
func BucketReplica(bucket, region string) string {
	if bucket == Models {
		return Replica(region)
	}
	return bucket + "-" + Replica(region)
}

// Of is the Terraform name of what belongs to a backend or a bucket, or in AWS what comes after the name of the stack:
// "replication" for the models, "replication-adapters" for the bucket adapters.
func Of(what, name string) string {
	if name == API || name == Models {
		return what
	}
	return what + "-" + name
}

// Signer is the Terraform name of the public key of a bucket's signer.
func Signer(bucket, signer string) string { return Of("signer", bucket) + "-" + signer }

// Short is a name of at most as many characters: a longer one is cut, and has a fingerprint of the rest.
func Short(name string, most int) string {
	if len(name) <= most {
		return name
	}
	return name[:most-9] + "-" + Fingerprint(name)
}

// FailedInvalidations is the name of the queue of the invalidations of a bucket that failed for good. SQS takes 80
// characters (Amazon SQS API Reference, CreateQueue).
func FailedInvalidations(stack, bucket string) string {
	return Short(stack+"-"+Of("failed-invalidations", bucket), 80)
}

// Behavior is the Terraform name of what belongs to the cache behavior of a path pattern; the default behavior has
// none.
func Behavior(pattern string) string {
	if pattern == "" {
		return "default"
	}
	return "route-" + slug(pattern)
}

// CachePolicy is the name of the cache policy of the behavior of a path pattern.
func CachePolicy(stack, pattern string) string { return stack + "-" + Behavior(pattern) }

// OriginRequestPolicy is the Terraform name of a kind of policy that forwards a sorted list of headers; the list makes
// the name, so that routes which forward the same share a policy.
func OriginRequestPolicy(kind string, headers []string) string {
	if kind != "" {
		kind += "-"
	}
	return "forward-" + kind + Fingerprint(strings.ToLower(strings.Join(headers, "\n")))
}

// ViewerFunction is the Terraform name of a function that does one thing more than another, with some path:
// api-strip-llm-8d5f9b4a.
func ViewerFunction(id, does, path string) string {
	readable := slug(path)
	return id + "-" + does + "-" + readable[:min(len(readable), 16)] + "-" + Fingerprint(path)
}

// slug keeps the characters that Terraform and CloudFront allow in a name: /v1/embeddings* becomes v1_embeddings-all.
// Different patterns can have the same slug.
func slug(pattern string) string {
	return strings.Map(func(c rune) rune {
		if c == '-' || c == '_' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' {
			return c
		}
		return '_'
	}, strings.NewReplacer("*", "-all", "?", "-one").Replace(strings.TrimPrefix(pattern, "/")))
}

// RateLimit is the name of the firewall's rule, and of its metric, for a path pattern in lower case:
// rate-limit-v1_embeddings-all-8d5f9b4a. AWS WAF takes 128 characters (AWS WAF API Reference, Rule).
func RateLimit(pattern string) string {
	readable := slug(pattern)
	return "rate-limit-" + readable[:min(len(readable), 80)] + "-" + Fingerprint(pattern)
}

// The firewall's rules of their own: that lets in nobody but firewall.allowedIPs, and that refuses paths which servers
// read in several ways.
const (
	OnlyAllowed   = "only-allowed"
	AmbiguousPath = "ambiguous-path"
)

// AllowedPath is the name of the firewall's rule, of its metric, and the beginning of those of its IP sets, for a path
// pattern that only some addresses get at: allowed-admin_-all-026ceb70. An IP set's name, with the stack before it, has
// 128 characters (AWS WAF API Reference, IPSet).
func AllowedPath(pattern string) string {
	readable := slug(pattern)
	return "allowed-" + readable[:min(len(readable), 50)] + "-" + Fingerprint(pattern)
}

// Domain makes a Terraform name of a domain: api_example_com. No label of a domain has a _, so no two are the same.
func Domain(domain string) string {
	return strings.NewReplacer("*", "_any", ".", "_").Replace(domain)
}

// Email makes a Terraform name of an e-mail address: email-ops_example_com-af3c8254. Other addresses may read the same.
func Email(address string) string { return "email-" + slug(address) + "-" + Fingerprint(address) }

// Fingerprint is the end of a name that must change with each of the values. These have no NUL.
func Fingerprint(values ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(values, "\x00")))
	return hex.EncodeToString(sum[:4])
}

// KeyValueStore is the name of the store of a stack's callers and of its canary's share.
func KeyValueStore(stack string) string { return stack + "-api" }

// FunctionControl is the name of the origin access control for the function of a backend. CloudFront takes 64
// characters (CloudFront API Reference, OriginAccessControlConfig).
func FunctionControl(stack, backend string) string {
	if name := stack + "-" + backend; len(name) <= 64 {
		return name
	}
	return stack + "-" + Fingerprint(backend)
}

// LogDelivery is the name of the source, and of the destination, of a stack's access logs in CloudWatch's log delivery.
func LogDelivery(stack string) string { return stack + "-access-logs" }

// DeliveryFolder is where in the bucket of the logs version 2 writes, whatever the prefix: the prefix can then change
// without another destination or another policy of the bucket.
const DeliveryFolder = "json"

// DeliveredLogs is the folder below which access logs of version 2 are, apart from those of version 1, in the same
// bucket.
func DeliveredLogs(prefix string) string { return path.Join(DeliveryFolder, prefix) }

// HourOfLogs is the rest of the path of a log, below DeliveryFolder, as CloudWatch's log delivery fills it in.
func HourOfLogs(prefix string) string { return path.Join(prefix, "{yyyy}/{MM}/{dd}/{HH}") }

// LogQueries is the name of the workgroup in Athena that queries a stack's access logs.
func LogQueries(stack string) string { return stack + "-logs" }

// The table of the access logs in the database of a stack, its partition, and where the results of queries go in the
// bucket of the logs. No query has to escape them (Athena User Guide, Escape reserved keywords in queries).
const (
	LogTable     = "access_logs"
	LogHour      = "hour"
	QueryResults = "athena-results/"
)

// LogDatabase is the name of the database of a stack's access logs. With a hyphen it would need quotes in every query,
// and other ones in other statements (Athena User Guide, SHOW COLUMNS and DROP DATABASE).
func LogDatabase(stack string) string { return strings.ReplaceAll(stack, "-", "_") }
