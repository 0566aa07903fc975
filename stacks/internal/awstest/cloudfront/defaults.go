package cloudfront

import "ml-api-accelerator/stacks/internal/awstest/xmltree"

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
