package stacks_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/shared/longtest"
)

// TestLongEveryFieldCounts changes each field of the configuration in turn, in every environment in which
// everything is on, and sees a stack change: no field is accepted and ignored.
func TestLongEveryFieldCounts(t *testing.T) {
	longtest.Only(t, "a synthesis for each field takes half a minute in all")
	c := load(t, everything)
	counts := map[string]bool{}
	// try counts a field if the stack changes with it.
	try := func(field, stack string, before []byte, changed config.Config) {
		// Quotas move the limits of the rules, and expectations are what the stacks are held to.
		section, _, _ := strings.Cut(field, ".")
		if section != "Quotas" && section != "Expect" && !counts[field] {
			counts[field] = !bytes.Equal(before, synthesizeStack(t, changed, stack))
		}
	}
	for _, stack := range []string{c.StateStackName(), c.StackName("full")} { // the bucket is made in one, and used in the others
		before := synthesizeStack(t, c, stack)
		for _, change := range variants(reflect.ValueOf(c.State)) {
			changed := c
			changed.State = change.to.Interface().(config.State)
			try("State."+change.field, stack, before, changed)
		}
	}
	for _, name := range c.EnvironmentNames() {
		before := synthesizeStack(t, c, c.StackName(name))
		for _, change := range variants(reflect.ValueOf(c.Environments[name])) {
			changed := c
			changed.Environments = map[string]config.Environment{name: change.to.Interface().(config.Environment)}
			try(change.field, c.StackName(name), before, changed)
		}
	}
	for _, field := range slices.Sorted(maps.Keys(counts)) {
		if slices.Contains(readElsewhere, field) {
			require.False(t, counts[field], "%s changes a stack now: take it out of readElsewhere", field)
		} else {
			require.True(t, counts[field], field)
		}
	}
	require.Greater(t, len(counts), 150)
}

// readElsewhere are fields that no stack may have: a stack says how it is deployed, and planning it with another role
// is the business of the workflows on GitHub, which read these from cdktf.json. A pricing plan is what it is held to.
var readElsewhere = []string{"Account.PlanRoleARN", "Distribution.PricingPlan", "Domain.HostedZonePlanRoleARN", "State.PlanRoleARN"}

// variant is a struct in which one field has another value.
type variant struct {
	field string
	to    reflect.Value
}

// variants returns every way to change one field of a struct, at any depth.
func variants(v reflect.Value) []variant {
	var all []variant
	for i := range v.NumField() {
		field := v.Type().Field(i).Name
		for _, c := range variantsOf(v.Field(i)) {
			changed := reflect.New(v.Type()).Elem()
			changed.Set(v)
			changed.Field(i).Set(c.to)
			all = append(all, variant{strings.TrimSuffix(field+"."+c.field, "."), changed})
		}
	}
	return all
}

func variantsOf(v reflect.Value) []variant {
	other := reflect.New(v.Type()).Elem()
	switch v.Kind() {
	case reflect.Struct:
		return variants(v)
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		all := variantsOf(v.Elem())
		for i := range all {
			pointer := reflect.New(v.Type().Elem())
			pointer.Elem().Set(all[i].to)
			all[i].to = pointer
		}
		return append(all, variant{to: other}) // the section taken out
	case reflect.Slice:
		if v.Len() == 0 {
			return nil
		}
		all := []variant{{to: v.Slice(1, v.Len())}}
		if v.Type().Elem().Kind() == reflect.Struct {
			for i := range v.Len() {
				for _, c := range variants(v.Index(i)) {
					list := reflect.AppendSlice(reflect.MakeSlice(v.Type(), 0, v.Len()), v)
					list.Index(i).Set(c.to)
					all = append(all, variant{c.field, list})
				}
			}
		}
		return all
	case reflect.Map:
		if v.Len() == 0 {
			return nil
		}
		return []variant{{to: other}}
	case reflect.String:
		other.SetString(v.String() + "x")
	case reflect.Bool:
		other.SetBool(!v.Bool())
	case reflect.Int:
		other.SetInt(v.Int() + 1)
	case reflect.Float64:
		other.SetFloat(v.Float() + 1)
	}
	return []variant{{to: other}}
}

// TestSectionsOfProdAreOptional takes each optional section out of prod: what is left is valid and holds together.
func TestSectionsOfProdAreOptional(t *testing.T) {
	text, err := os.ReadFile(example)
	require.NoError(t, err)
	prod := func(tree object) object {
		environments := at(tree, "context", "accelerator", "environments").(object)
		delete(environments, "dev")
		return environments["prod"].(object)
	}
	var whole object
	require.NoError(t, json.Unmarshal(text, &whole))
	for _, section := range slices.Sorted(maps.Keys(prod(whole))) {
		if section == "region" || section == "api" {
			continue
		}
		t.Run(section, func(t *testing.T) {
			var tree object
			require.NoError(t, json.Unmarshal(text, &tree))
			delete(prod(tree), section)
			without, err := json.Marshal(tree)
			require.NoError(t, err)
			stack := parse(t, synthesize(t, string(without))["example-prod"])
			requireReferences(t, "without "+section, stack)
			requireOrigins(t, "without "+section, stack.Resource["aws_cloudfront_distribution"]["edge"])
		})
	}
}

// TestNamesFitTheirLimits gives the longest name and environment, and holds every name that the parts
// make to the limit of its service, as the AWS API references give them.
func TestNamesFitTheirLimits(t *testing.T) {
	limits := map[string]int{
		"aws_s3_bucket.bucket_prefix": 37, "aws_cloudfront_origin_access_control.name": 64, "aws_cloudfront_cache_policy.name": 128, "aws_cloudfront_origin_request_policy.name": 128,
		"aws_cloudfront_response_headers_policy.name": 128, "aws_cloudfront_key_group.name": 128, "aws_cloudfront_public_key.name_prefix": 102,
		"aws_cloudfront_function.name": 64, "aws_cloudfront_key_value_store.name": 64,
		"aws_iam_role.name": 64, "aws_iam_role_policy.name": 128, "aws_wafv2_web_acl.name": 128, "aws_wafv2_ip_set.name": 128,
		"aws_cloudwatch_log_group.name": 512, "aws_cloudwatch_log_delivery_destination.name": 60, "aws_cloudwatch_log_delivery_source.name": 60, "aws_sns_topic.name": 256, "aws_sqs_queue.name": 80, "aws_cloudwatch_event_rule.name": 64,
		"aws_sfn_state_machine.name": 80, "aws_s3_bucket_metric.name": 64,
		"aws_athena_workgroup.name": 128, "aws_athena_named_query.name": 128, "aws_glue_catalog_database.name": 255, "aws_glue_catalog_table.name": 255,
	}
	c := load(t, everything)
	environments := map[string]config.Environment{}
	for i, name := range c.EnvironmentNames() {
		environments[strings.Repeat("e", 15)+string(rune('a'+i))] = c.Environments[name]
	}
	c.Name, c.Environments = strings.Repeat("n", 25), environments
	found := map[string]bool{}
	for _, text := range synthesizeConfig(t, c) {
		for kind, named := range parse(t, text).Resource {
			for id, resource := range named {
				for _, attribute := range []string{"name", "name_prefix", "bucket_prefix"} {
					name, _ := resource[attribute].(string)
					if name == "" || kind == "aws_route53_record" {
						continue
					}
					limit, known := limits[kind+"."+attribute]
					require.True(t, known, "what may be the length of %s.%s?", kind, attribute)
					require.LessOrEqual(t, len(name), limit, "%s.%s: %s", kind, id, name)
					found[kind+"."+attribute] = true
				}
			}
		}
	}
	require.Len(t, found, len(limits))
}
