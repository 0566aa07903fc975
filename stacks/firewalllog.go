package stacks

import (
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/cloudwatchloggroup"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/wafv2webaclloggingconfiguration"
	"github.com/hashicorp/terraform-cdk-go/cdktf"
)

// firewallLogDays is how long logged requests are kept; CloudWatch Logs accepts only certain numbers.
const firewallLogDays = 90

type firewallLogProps struct {
	WebACLARN string
	Redacted  []string // headers
	Stack     string
	Provider  cdktf.TerraformProvider
}

// newFirewallLog keeps a log of the requests that the firewall blocks or counts. AWS WAF requires the beginning of
// the group's name (AWS WAF Developer Guide, CloudWatch Logs).
func newFirewallLog(scope constructs.Construct, id string, props firewallLogProps) {
	group := rename(cloudwatchloggroup.NewCloudwatchLogGroup(scope, jsii.String(id+"-log"), &cloudwatchloggroup.CloudwatchLogGroupConfig{
		Provider:        props.Provider,
		Name:            jsii.String("aws-waf-logs-" + props.Stack),
		RetentionInDays: jsii.Number(firewallLogDays),
	}), id)
	rename(wafv2webaclloggingconfiguration.NewWafv2WebAclLoggingConfiguration(scope, jsii.String(id+"-logging"),
		&wafv2webaclloggingconfiguration.Wafv2WebAclLoggingConfigurationConfig{
			Provider:              props.Provider,
			ResourceArn:           jsii.String(props.WebACLARN),
			LogDestinationConfigs: jsii.Strings(*group.Arn()),
			RedactedFields:        redactedFields(props.Redacted),
			LoggingFilter: &wafv2webaclloggingconfiguration.Wafv2WebAclLoggingConfigurationLoggingFilter{
				DefaultBehavior: jsii.String("DROP"),
				Filter: []*wafv2webaclloggingconfiguration.Wafv2WebAclLoggingConfigurationLoggingFilterFilter{{
					Behavior:    jsii.String("KEEP"),
					Requirement: jsii.String("MEETS_ANY"),
					// A managed rule that is overridden to count is EXCLUDED_AS_COUNT (AWS WAF API Reference, ActionCondition).
					Condition: actionConditions("BLOCK", "COUNT", "EXCLUDED_AS_COUNT"),
				}},
			},
		}), id)
}

// actionConditions are met by a request that a rule with one of these actions matched.
func actionConditions(names ...string) []*wafv2webaclloggingconfiguration.Wafv2WebAclLoggingConfigurationLoggingFilterFilterCondition {
	var conditions []*wafv2webaclloggingconfiguration.Wafv2WebAclLoggingConfigurationLoggingFilterFilterCondition
	for _, name := range names {
		conditions = append(conditions, &wafv2webaclloggingconfiguration.Wafv2WebAclLoggingConfigurationLoggingFilterFilterCondition{
			ActionCondition: &wafv2webaclloggingconfiguration.Wafv2WebAclLoggingConfigurationLoggingFilterFilterConditionActionCondition{
				Action: jsii.String(name),
			},
		})
	}
	return conditions
}

// redactedFields keep out of the log what the web ACL protects, even if its data protection is taken off the web ACL.
func redactedFields(headers []string) []*wafv2webaclloggingconfiguration.Wafv2WebAclLoggingConfigurationRedactedFields {
	fields := []*wafv2webaclloggingconfiguration.Wafv2WebAclLoggingConfigurationRedactedFields{{
		QueryString: &wafv2webaclloggingconfiguration.Wafv2WebAclLoggingConfigurationRedactedFieldsQueryString{},
	}}
	for _, header := range headers {
		fields = append(fields, &wafv2webaclloggingconfiguration.Wafv2WebAclLoggingConfigurationRedactedFields{
			SingleHeader: &wafv2webaclloggingconfiguration.Wafv2WebAclLoggingConfigurationRedactedFieldsSingleHeader{Name: jsii.String(header)},
		})
	}
	return fields
}
