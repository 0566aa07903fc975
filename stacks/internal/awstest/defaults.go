package awstest

// completeDistribution adds what AWS returns though it was not sent.
func completeDistribution(config *node) {
	empty := func(name string) *node { return el(name, leaf("Quantity", "0")) }
	none := func(name string) *node { return el(name, leaf("Enabled", "false"), leaf("Quantity", "0")) }

	config.complete(empty("Aliases"), leaf("DefaultRootObject", ""), empty("OriginGroups"), empty("CacheBehaviors"),
		empty("CustomErrorResponses"),
		el("Logging", leaf("Enabled", "false"), leaf("IncludeCookies", "false"), leaf("Bucket", ""), leaf("Prefix", "")),
		leaf("PriceClass", "PriceClass_All"),
		el("ViewerCertificate", leaf("CloudFrontDefaultCertificate", "true")),
		el("Restrictions", el("GeoRestriction", leaf("RestrictionType", "none"), leaf("Quantity", "0"))),
		leaf("WebACLId", ""), leaf("HttpVersion", "http2"), leaf("IsIPV6Enabled", "true"),
		leaf("ContinuousDeploymentPolicyId", ""), leaf("Staging", "false"))

	for _, origin := range config.list("Origins") {
		origin.complete(leaf("OriginPath", ""), empty("CustomHeaders"), leaf("ConnectionAttempts", "3"),
			leaf("ConnectionTimeout", "10"), el("OriginShield", leaf("Enabled", "false")), leaf("OriginAccessControlId", ""))
	}
	for _, behavior := range behaviors(config) {
		behavior.complete(none("TrustedSigners"), none("TrustedKeyGroups"),
			el("AllowedMethods", leaf("Quantity", "2"), el("Items", leaf("Method", "HEAD"), leaf("Method", "GET")),
				el("CachedMethods", leaf("Quantity", "2"), el("Items", leaf("Method", "HEAD"), leaf("Method", "GET")))),
			leaf("SmoothStreaming", "false"), leaf("Compress", "false"), empty("LambdaFunctionAssociations"),
			empty("FunctionAssociations"), leaf("FieldLevelEncryptionId", ""), el("GrpcConfig", leaf("Enabled", "false")))
	}
	completeCertificate(config.at("ViewerCertificate"))
}

// completeCertificate adds the old names of the certificate's attributes.
func completeCertificate(certificate *node) {
	switch {
	case certificate.get("ACMCertificateArn") != "":
		certificate.complete(leaf("CloudFrontDefaultCertificate", "false"),
			leaf("Certificate", certificate.get("ACMCertificateArn")), leaf("CertificateSource", "acm"))
	case certificate.get("IAMCertificateId") != "":
		certificate.complete(leaf("CloudFrontDefaultCertificate", "false"),
			leaf("Certificate", certificate.get("IAMCertificateId")), leaf("CertificateSource", "iam"))
	default:
		certificate.complete(leaf("SSLSupportMethod", "vip"), leaf("MinimumProtocolVersion", "TLSv1"),
			leaf("CertificateSource", "cloudfront"))
	}
}
