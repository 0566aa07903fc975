package config_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/config"
)

func TestRuleGroups(t *testing.T) {
	require.Equal(t, []config.RuleGroup{
		{Name: "AWSManagedRulesAmazonIpReputationList", Counted: []string{"AWSManagedIPDDoSList"}},
		{Name: "AWSManagedRulesKnownBadInputsRuleSet"},
		{Name: "AWSManagedRulesCommonRuleSet", Counted: []string{
			"SizeRestrictions_BODY", "EC2MetaDataSSRF_BODY", "GenericLFI_BODY", "GenericRFI_BODY", "CrossSiteScripting_BODY",
		}},
	}, config.Firewall{}.RuleGroups())

	counting := config.Firewall{CountedRules: []string{"GenericLFI_BODY", "NoUserAgent_HEADER", "Log4JRCE_BODY", "Log4JRCE_HEADER"}}
	require.Equal(t, []config.RuleGroup{
		{Name: "AWSManagedRulesAmazonIpReputationList", Counted: []string{"AWSManagedIPDDoSList"}},
		{Name: "AWSManagedRulesKnownBadInputsRuleSet", Counted: []string{"Log4JRCE_HEADER", "Log4JRCE_BODY"}},
		{Name: "AWSManagedRulesCommonRuleSet", Counted: []string{
			"NoUserAgent_HEADER",
			"SizeRestrictions_BODY", "EC2MetaDataSSRF_BODY", "GenericLFI_BODY", "GenericRFI_BODY", "CrossSiteScripting_BODY",
		}},
	}, counting.RuleGroups())
}
