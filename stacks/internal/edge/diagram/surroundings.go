package diagram

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"ml-api-accelerator/stacks/internal/shared/stackjson"
)

// surroundings are the resources around a distribution, in which the model of the edge has no part.
type surroundings struct{ stackjson.Stack }

// webACLName is that of one made here, or the one in an ARN, which ends with webacl/NAME/ID.
func webACLName(arn string, stack stackjson.Stack) string {
	if name, found := reference(arn, "aws_wafv2_web_acl"); found {
		return fmt.Sprint(stack.Resource["aws_wafv2_web_acl"][name]["name"])
	}
	if parts := strings.Split(arn, "/"); len(parts) > 2 {
		return parts[len(parts)-2]
	}
	return arn
}

// region is one of several backends under one name.
type region struct{ name, backend string }

// regions are the backends to which Route 53 leads the edges that ask for a name, each to the nearest.
func (s surroundings) regions(domain string) (found []region) {
	records := s.Resource["aws_route53_record"]
	for _, name := range slices.Sorted(maps.Keys(records)) {
		policy, latency := records[name]["latency_routing_policy"].(stackjson.Object)
		targets, _ := records[name]["records"].([]any)
		if latency && records[name]["name"] == domain && len(targets) > 0 {
			found = append(found, region{fmt.Sprint(policy["region"]), fmt.Sprint(targets[0])})
		}
	}
	return found
}

// within tells where an origin is, if it isn't on the internet.
func (s surroundings) within(id string) []string {
	for _, o := range s.origins() {
		if _, vpc := o["vpc_origin_config"]; vpc && o["origin_id"] == id {
			return []string{"inside your VPC"}
		}
	}
	return nil
}

// replication is between the buckets of two origins.
type replication struct{ from, to string }

func (s surroundings) copies() (found []replication) {
	origins := map[string]string{}
	for _, o := range s.origins() {
		if bucket, found := reference(o["domain_name"], "aws_s3_bucket"); found {
			origins[bucket] = fmt.Sprint(o["origin_id"])
		}
	}
	configurations := s.Resource["aws_s3_bucket_replication_configuration"]
	for _, name := range slices.Sorted(maps.Keys(configurations)) {
		rules, _ := configurations[name]["rule"].([]any)
		for _, r := range rules {
			rule, _ := r.(stackjson.Object)
			destination, _ := rule["destination"].(stackjson.Object)
			if bucket, is := reference(destination["bucket"], `aws_s3_bucket\w*`); is {
				found = append(found, replication{origins[name], origins[bucket]})
			}
		}
	}
	return found
}

// origins are those of the distributions.
func (s surroundings) origins() (all []stackjson.Object) {
	for _, d := range s.Resource["aws_cloudfront_distribution"] {
		list, _ := d["origin"].([]any)
		for _, o := range list {
			if origin, ok := o.(stackjson.Object); ok {
				all = append(all, origin)
			}
		}
	}
	return all
}

// reference is the name of the resource of a type that a value refers to.
func reference(value any, kind string) (name string, found bool) {
	match := regexp.MustCompile(`\$\{` + kind + `\.([\w-]+)\.`).FindStringSubmatch(fmt.Sprint(value))
	if match == nil {
		return "", false
	}
	return match[1], true
}
