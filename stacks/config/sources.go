package config

// Source is a page of AWS's documentation, as read in 2026-11.
type Source string

// The pages that the limits and rules come from.
const (
	srcQuotas     Source = "CloudFront Developer Guide, Quotas"
	srcOrigin     Source = "CloudFront Developer Guide, Origin settings"
	srcBehavior   Source = "CloudFront Developer Guide, Cache behavior settings"
	srcHeaders    Source = "CloudFront Developer Guide, Add custom headers to origin requests"
	srcRequests   Source = "CloudFront Developer Guide, Request and response behavior for custom origins"
	srcLogs       Source = "CloudFront Developer Guide, Configure standard logging (legacy)"
	srcOAI        Source = "CloudFront Developer Guide, Restrict access to an Amazon S3 origin"
	srcAPI        Source = "CloudFront API Reference"
	srcS3         Source = "Amazon S3 User Guide, Bucket naming rules"
	srcLifecycle  Source = "Amazon S3 User Guide, Lifecycle configuration"
	srcShield     Source = "CloudFront Developer Guide, Use Amazon CloudFront Origin Shield"
	srcVPC        Source = "CloudFront Developer Guide, Restrict access with VPC origins"
	srcFailover   Source = "CloudFront Developer Guide, Optimize high availability with origin failover"
	srcGRPC       Source = "CloudFront Developer Guide, Use gRPC with CloudFront distributions"
	srcAliases    Source = "CloudFront Developer Guide, Use custom URLs by adding alternate domain names"
	srcCORS       Source = "CloudFront Developer Guide, Understand response headers policies"
	srcSigners    Source = "CloudFront Developer Guide, Specify signers that can create signed URLs and signed cookies"
	srcEdge       Source = "CloudFront Developer Guide, Customize at the edge with functions"
	srcFunctions  Source = "CloudFront Developer Guide, Restrictions on all edge functions"
	srcFetch      Source = "Fetch Standard, CORS protocol and credentials"
	srcRoute53    Source = "Route 53 API Reference"
	srcWAF        Source = "AWS WAF API Reference"
	srcWAFQuotas  Source = "AWS WAF Developer Guide, Quotas"
	srcManaged    Source = "AWS WAF Developer Guide, Baseline rule groups; API Reference, RuleActionOverride"
	srcSecrets    Source = "Secrets Manager API Reference"
	srcMRK        Source = "Amazon S3 User Guide, Replicating encrypted objects"
	srcACM        Source = "AWS Certificate Manager User Guide, Quotas; API Reference, RequestCertificate"
	srcORP        Source = "CloudFront Developer Guide, Control origin requests with a policy"
	srcValidation Source = "AWS Certificate Manager User Guide, DNS validation"
	srcTags       Source = "Tagging AWS Resources User Guide, Tag naming limits"
	srcPlans      Source = "CloudFront Developer Guide, CloudFront flat-rate pricing plans"
	srcRegions    Source = "AWS Account Management Reference Guide, AWS Regions"
	srcARN        Source = "IAM User Guide, Amazon Resource Names"
	srcISO        Source = "ISO 3166-1 alpha-2"
	srcTerraform  Source = "Terraform Language, Strings and Templates"
	srcUs         Source = "this project"
)
