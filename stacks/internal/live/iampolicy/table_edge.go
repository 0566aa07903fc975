package iampolicy

// edge is the part of the table on CloudFront and what stands around it: names, certificates and the firewall.
var edge = map[string][]access{
	"aws_acm_certificate": owned(ownedActions{
		create: "acm:RequestCertificate",
		tag:    "acm:AddTagsToCertificate",
		read:   "acm:DescribeCertificate acm:ListTagsForCertificate",
		change: "acm:RemoveTagsFromCertificate acm:DeleteCertificate"}),
	"aws_acm_certificate_validation": {{sid: "ReadAll", arn: "*", read: "acm:DescribeCertificate"}},

	"aws_cloudfront_cache_policy": {{sid: "CloudFront", arn: "*",
		create: "cloudfront:CreateCachePolicy",
		read:   "cloudfront:GetCachePolicy",
		update: "cloudfront:UpdateCachePolicy",
		delete: "cloudfront:DeleteCachePolicy"}},
	"aws_cloudfront_distribution": append(
		owned(ownedActions{
			create:  "cloudfront:CreateDistribution",
			tag:     "cloudfront:TagResource",
			read:    "cloudfront:ListTagsForResource",
			readOwn: "cloudfront:GetDistribution", // with the values of the headers to its origins
			change:  "cloudfront:UpdateDistribution cloudfront:UntagResource cloudfront:DeleteDistribution"}),
		// CloudFront looks at the web ACL as the caller.
		access{sid: "Firewall", arn: "{web_acl_id}", when: "web_acl_id", create: "wafv2:GetWebACL"},
	),
	// AWS knows tags of functions and stores (Service Authorization Reference, Amazon CloudFront), but version 5 of the provider can't
	// set them. A function's name is known, a store's id is AWS's choice; what a store holds is no business of Terraform's, and takes
	// the permissions of another service.
	"aws_cloudfront_function": {
		{sid: "CloudFront", arn: "*", create: "cloudfront:CreateFunction"},
		{sid: "Functions", arn: "arn:aws:cloudfront::{account}:function/{name}",
			create: "cloudfront:PublishFunction",
			read:   "cloudfront:DescribeFunction cloudfront:GetFunction",
			update: "cloudfront:UpdateFunction",
			delete: "cloudfront:DeleteFunction"}},
	"aws_cloudfront_key_group": {{sid: "CloudFront", arn: "*",
		create: "cloudfront:CreateKeyGroup",
		read:   "cloudfront:GetKeyGroup",
		update: "cloudfront:UpdateKeyGroup",
		delete: "cloudfront:DeleteKeyGroup"}},
	"aws_cloudfront_key_value_store": {
		{sid: "CloudFront", arn: "*", create: "cloudfront:CreateKeyValueStore"},
		{sid: "KeyValueStores", arn: "arn:aws:cloudfront::{account}:key-value-store/*",
			read:   "cloudfront:DescribeKeyValueStore",
			update: "cloudfront:UpdateKeyValueStore",
			delete: "cloudfront:DeleteKeyValueStore"}},
	"aws_cloudfront_monitoring_subscription": {{sid: "CloudFront", arn: "*",
		create: "cloudfront:CreateMonitoringSubscription",
		read:   "cloudfront:GetMonitoringSubscription",
		delete: "cloudfront:DeleteMonitoringSubscription"}},
	"aws_cloudfront_origin_access_control": {{sid: "CloudFront", arn: "*",
		create: "cloudfront:CreateOriginAccessControl",
		read:   "cloudfront:GetOriginAccessControl",
		update: "cloudfront:UpdateOriginAccessControl",
		delete: "cloudfront:DeleteOriginAccessControl"}},
	"aws_cloudfront_origin_access_identity": {{sid: "CloudFront", arn: "*",
		create: "cloudfront:CreateCloudFrontOriginAccessIdentity",
		read:   "cloudfront:GetCloudFrontOriginAccessIdentity",
		update: "cloudfront:UpdateCloudFrontOriginAccessIdentity",
		delete: "cloudfront:DeleteCloudFrontOriginAccessIdentity"}},
	"aws_cloudfront_origin_request_policy": {{sid: "CloudFront", arn: "*",
		create: "cloudfront:CreateOriginRequestPolicy",
		read:   "cloudfront:GetOriginRequestPolicy",
		update: "cloudfront:UpdateOriginRequestPolicy",
		delete: "cloudfront:DeleteOriginRequestPolicy"}},
	"aws_cloudfront_public_key": {{sid: "CloudFront", arn: "*",
		create: "cloudfront:CreatePublicKey",
		read:   "cloudfront:GetPublicKey",
		update: "cloudfront:UpdatePublicKey",
		delete: "cloudfront:DeletePublicKey"}},
	"aws_cloudfront_response_headers_policy": {{sid: "CloudFront", arn: "*",
		create: "cloudfront:CreateResponseHeadersPolicy",
		read:   "cloudfront:GetResponseHeadersPolicy",
		update: "cloudfront:UpdateResponseHeadersPolicy",
		delete: "cloudfront:DeleteResponseHeadersPolicy"}},
	"aws_cloudfront_vpc_origin": append(
		owned(ownedActions{
			create: "cloudfront:CreateVpcOrigin",
			tag:    "cloudfront:TagResource",
			read:   "cloudfront:GetVpcOrigin cloudfront:ListTagsForResource",
			change: "cloudfront:UpdateVpcOrigin cloudfront:UntagResource cloudfront:DeleteVpcOrigin"}),
		// CloudFront looks at the network as the caller.
		access{sid: "VpcOriginNetwork", arn: "*", create: "ec2:DescribeInstances ec2:DescribeInternetGateways ec2:DescribeSubnets " +
			"elasticloadbalancing:DescribeListeners elasticloadbalancing:DescribeLoadBalancers elasticloadbalancing:DescribeTargetGroups"},
		access{sid: "VpcOriginRole", arn: "arn:aws:iam::{account}:role/aws-service-role/vpcorigin.cloudfront.amazonaws.com/*",
			create: "iam:CreateServiceLinkedRole"},
	),

	// Policies don't see the tags of a health check.
	"aws_route53_health_check": {
		{sid: "HealthChecks", arn: "arn:aws:route53:::healthcheck/*",
			create: "route53:ChangeTagsForResource",
			read:   "route53:GetHealthCheck route53:ListTagsForResource",
			update: "route53:UpdateHealthCheck",
			delete: "route53:DeleteHealthCheck"},
		{sid: "CreateHealthChecks", arn: "*", create: "route53:CreateHealthCheck"},
	},
	"aws_route53_record": {
		{sid: "Records", arn: "arn:aws:route53:::hostedzone/{zone_id}", read: "route53:GetHostedZone route53:ListResourceRecordSets"},
		{sid: "ChangeRecords", arn: "arn:aws:route53:::hostedzone/{zone_id}", create: "route53:ChangeResourceRecordSets", limits: ownRecords},
		{sid: "RecordChanges", arn: "arn:aws:route53:::change/*", create: "route53:GetChange"},
	},

	"aws_wafv2_ip_set": {{sid: "Firewall", arn: "arn:aws:wafv2:{region}:{account}:global/ipset/{name}/*",
		create: "wafv2:CreateIPSet wafv2:TagResource",
		read:   "wafv2:GetIPSet wafv2:ListTagsForResource",
		update: "wafv2:UpdateIPSet wafv2:UntagResource",
		delete: "wafv2:DeleteIPSet"}},
	// AWS also asks for a web ACL's permissions on what its rules refer to.
	"aws_wafv2_web_acl": {{sid: "Firewall", arn: "arn:aws:wafv2:{region}:{account}:global/webacl/{name}/* arn:aws:wafv2:{region}:*:global/managedruleset/*",
		create: "wafv2:CreateWebACL wafv2:TagResource",
		read:   "wafv2:GetWebACL wafv2:ListTagsForResource",
		update: "wafv2:UpdateWebACL wafv2:UntagResource",
		delete: "wafv2:DeleteWebACL"}},
	"aws_wafv2_web_acl_logging_configuration": {
		{sid: "Firewall",
			create: "wafv2:PutLoggingConfiguration",
			read:   "wafv2:GetLoggingConfiguration",
			delete: "wafv2:DeleteLoggingConfiguration"},
		// AWS WAF gives itself access to the log group as the caller.
		{sid: "FirewallLogDelivery", arn: "*",
			create: "logs:CreateLogDelivery logs:DescribeLogGroups logs:DescribeResourcePolicies logs:PutResourcePolicy",
			delete: "logs:DeleteLogDelivery"},
	},
}
