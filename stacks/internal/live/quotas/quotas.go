// Package quotas reads what an account may have of CloudFront, ACM and WAF, from Service Quotas.
package quotas

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"ml-api-accelerator/stacks/internal/live/awsclient"
)

// Region is where the quotas of CloudFront are, and those of the certificates that it takes.
const Region = "us-east-1"

// Quota is one that the configuration knows, and how Service Quotas has it.
type Quota struct {
	Field   string // of quotas in cdktf.json
	Service string
	Code    string   // empty: none is documented, so it is found by its name
	Names   []string // as AWS has written it
}

// Known are the fields of quotas. First comes what everyone with long answers asks for.
//
// The names are those of the AWS General Reference, Amazon CloudFront endpoints and quotas, and of the CloudFront
// Developer Guide, Quotas. Beside each code is where it is from: AWS documents few.
var Known = []Quota{
	// sst/sst, getQuota, which reads it in us-east-1; AWS re:Post, cloudfront-custom-origin-response, has the name.
	{"originReadTimeoutSeconds", "cloudfront", "L-AECE9FA7", []string{"Response timeout per origin"}},
	// The second name is that of AWS re:Post.
	{"originKeepaliveTimeoutSeconds", "cloudfront", "", []string{
		"Keep-alive timeout per origin",
		"Keep-alive timeout for a custom origin associated with distribution",
	}},
	{"originCustomHeaders", "cloudfront", "", []string{
		"Custom headers: maximum number of custom headers that you can configure CloudFront to add to origin requests"}},
	// A list of CloudFront's quotas in a fork of jantman/awslimitchecker, services/cloudfront.py.
	{"behaviors", "cloudfront", "L-F432D044", []string{"Cache behaviors per distribution"}},
	{"origins", "cloudfront", "", []string{"Origins per distribution"}},
	{"aliases", "cloudfront", "", []string{"Alternate domain names (CNAMEs) per distribution"}},
	{"cachePolicyHeaders", "cloudfront", "", []string{"Headers per cache policy"}},
	{"cachePolicyQueryStrings", "cloudfront", "", []string{"Query strings per cache policy"}},
	{"cachePolicyCookies", "cloudfront", "", []string{"Cookies per cache policy"}},
	{"originRequestPolicyHeaders", "cloudfront", "", []string{"Headers per origin request policy"}},
	// As behaviors.
	{"keyGroupKeys", "cloudfront", "L-9EBD26CA", []string{"Public keys in a single key group"}},
	// The documentation of Ymir (ymirapp.com), which links to it in the console.
	{"certificateNames", "acm", "L-FB94F0B0", []string{"Domain names per ACM certificate"}},
	// CloudFront Developer Guide, Quotas: links to the console.
	{"cachePolicies", "cloudfront", "L-7D134442", []string{"Cache policies per AWS account"}},
	{"originRequestPolicies", "cloudfront", "L-C3659C43", []string{"Origin request policies per AWS account"}},
	// Terraform of users, such as aws_servicequotas_service_quota.cf_response_header_policy.
	{"responseHeadersPolicies", "cloudfront", "L-CF0D4FC5", []string{"Response headers policies per AWS account"}},
	{"publicKeys", "cloudfront", "", []string{"Maximum number of public keys that can be added to one AWS account",
		"Public keys per AWS account"}},
	// As behaviors.
	{"keyGroups", "cloudfront", "L-D64DA6E2", []string{"Key groups per AWS account"}},
	{"keyValueStores", "cloudfront", "", []string{"Maximum number of key value stores per account",
		"Key value stores per AWS account"}},
	// AWS WAF Developer Guide, AWS WAF quotas; the name in Service Quotas is a guess.
	{"ipSets", "wafv2", "", []string{"Maximum IP sets per account in WAF for CloudFront", "IP sets per AWS account"}},
}

// Value is what an account has of a quota.
type Value struct {
	Quota
	Read       bool // whether Service Quotas knows it; if not, the rest says nothing
	Number     int
	Default    bool // whether it is AWS's default, which was never raised
	Adjustable bool
}

// Account returns the account of the credentials.
func Account(ctx context.Context, cfg aws.Config) (string, error) {
	if _, err := awsclient.Credentials(ctx, cfg); err != nil {
		return "", err
	}
	// Takes no permission (STS API Reference, GetCallerIdentity).
	caller, err := sts.NewFromConfig(cfg).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return "", awsclient.Unreachable(err)
	}
	return aws.ToString(caller.Account), nil
}

// Read returns what the account has of each.
func Read(ctx context.Context, cfg aws.Config, list []Quota) ([]Value, error) {
	as, err := awsclient.Credentials(ctx, cfg)
	if err != nil {
		return nil, err
	}
	c := &client{cfg, as, map[string][]described{}}
	values := make([]Value, len(list))
	for i, q := range list {
		if values[i], err = c.value(ctx, q); err != nil {
			return nil, err
		}
	}
	return values, nil
}

// client calls AWS.
type client struct {
	aws.Config
	as     aws.Credentials
	listed map[string][]described // the defaults, by service
}

// described is a quota as Service Quotas describes it.
type described struct {
	QuotaCode, QuotaName string
	Value                float64
	Adjustable           bool
}

// value reads a quota: that of the account, or else AWS's default; by its code, or else by its name. A code that is of
// another quota counts as none: AWS documents few.
func (c *client) value(ctx context.Context, q Quota) (Value, error) {
	if q.Code != "" {
		v, name, err := c.byCode(ctx, q)
		if err != nil || slices.ContainsFunc(q.Names, func(own string) bool { return strings.EqualFold(own, name) }) {
			return v, err
		}
	}
	all, err := c.defaults(ctx, q.Service)
	if err != nil {
		return Value{}, err
	}
	for _, name := range q.Names {
		for _, d := range all {
			if strings.EqualFold(d.QuotaName, name) {
				q.Code = d.QuotaCode
				v, _, err := c.byCode(ctx, q)
				return v, err
			}
		}
	}
	return Value{Quota: q}, nil
}

// byCode asks for what the account has, and where that isn't kept for AWS's default (Service Quotas API Reference,
// GetServiceQuota: for some quotas, only the default values are available).
func (c *client) byCode(ctx context.Context, q Quota) (v Value, name string, err error) {
	for _, action := range []string{"GetServiceQuota", "GetAWSDefaultServiceQuota"} {
		var answer struct{ Quota described }
		err := c.call(ctx, action, map[string]string{"ServiceCode": q.Service, "QuotaCode": q.Code}, &answer)
		if isUnknown(err) {
			continue
		}
		found := answer.Quota
		return Value{q, true, int(found.Value), action != "GetServiceQuota", found.Adjustable}, found.QuotaName, err
	}
	return Value{Quota: q}, "", nil
}

// isUnknown reports whether Service Quotas doesn't know a quota, or a service.
func isUnknown(err error) bool {
	var refused *awsclient.RefusedError
	return errors.As(err, &refused) && refused.Code == "NoSuchResourceException"
}

// defaults returns all quotas of a service.
func (c *client) defaults(ctx context.Context, service string) ([]described, error) {
	if all, known := c.listed[service]; known {
		return all, nil
	}
	var all []described
	input := map[string]string{"ServiceCode": service}
	for {
		var page struct {
			Quotas    []described
			NextToken string
		}
		err := c.call(ctx, "ListAWSDefaultServiceQuotas", input, &page)
		if err != nil && !isUnknown(err) {
			return nil, err
		}
		all = append(all, page.Quotas...)
		if page.NextToken == "" {
			c.listed[service] = all
			return all, nil
		}
		input["NextToken"] = page.NextToken
	}
}

// mostAttempts is how often a call is made that comes too soon after others.
const mostAttempts = 6

func (c *client) call(ctx context.Context, action string, input, output any) error {
	for attempt := 1; ; attempt++ {
		err := awsclient.CallServiceQuotas(ctx, c.Config, c.as, Region, action, input, output)
		var refused *awsclient.RefusedError
		if !errors.As(err, &refused) || refused.Code != "TooManyRequestsException" || attempt == mostAttempts {
			return err
		}
		if err := awsclient.Pause(ctx, attempt); err != nil {
			return err
		}
	}
}
