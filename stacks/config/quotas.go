package config

// Quotas are the AWS quotas a configuration is held to. The defaults are AWS's
// (CloudFront Developer Guide, Quotas; ACM User Guide, Quotas), as read on 2026-11-30.
type Quotas struct {
	OriginReadTimeoutSeconds      int
	OriginKeepaliveTimeoutSeconds int
	OriginCustomHeaders           int
	Behaviors                     int
	Origins                       int
	Aliases                       int
	CachePolicyHeaders            int
	OriginRequestPolicyHeaders    int
	KeyGroupKeys                  int
	CertificateNames              int
	CachePolicies                 int
	OriginRequestPolicies         int
	ResponseHeadersPolicies       int
	PublicKeys                    int
	KeyGroups                     int
	KeyValueStores                int
}

func (q *Quotas) declare(f *fields) {
	quota(f, "originReadTimeoutSeconds", &q.OriginReadTimeoutSeconds, 120, "Largest api.readTimeoutSeconds.")
	f.integer("originKeepaliveTimeoutSeconds", &q.OriginKeepaliveTimeoutSeconds, "Largest api.keepaliveTimeoutSeconds.").
		standard(keepaliveQuota).atLeast(ruleQ1, keepaliveOfAPI)
	quota(f, "originCustomHeaders", &q.OriginCustomHeaders, 30, "Headers of api.headers, and one more with api.verifySecret.")
	quota(f, "behaviors", &q.Behaviors, 75, "Cache behaviors of a distribution, the default one counted.")
	quota(f, "origins", &q.Origins, 100, "Origins of a distribution.")
	quota(f, "aliases", &q.Aliases, 100, "Aliases of a distribution.")
	quota(f, "cachePolicyHeaders", &q.CachePolicyHeaders, 10, "Headers in the key of a cache.")
	quota(f, "originRequestPolicyHeaders", &q.OriginRequestPolicyHeaders, 10, "Headers that are forwarded without being in the key, with those of CORS.")
	quota(f, "keyGroupKeys", &q.KeyGroupKeys, 5, "Keys in models.signers.")
	quota(f, "certificateNames", &q.CertificateNames, 10, "Names in a certificate of ACM.")
	quota(f, "cachePolicies", &q.CachePolicies, 20, "Cache policies of the account: one for each cache.")
	quota(f, "originRequestPolicies", &q.OriginRequestPolicies, 20, "Origin request policies of the account: one for each list of forwarded headers.")
	quota(f, "responseHeadersPolicies", &q.ResponseHeadersPolicies, 20, "Response headers policies of the account: one for each environment.")
	quota(f, "publicKeys", &q.PublicKeys, 10, "Public keys of the account: one for each signer.")
	quota(f, "keyGroups", &q.KeyGroups, 10, "Key groups of the account: one for each environment with signers.")
	quota(f, "keyValueStores", &q.KeyValueStores, 200, "Key value stores of the account: one for each environment with api.keys or api.canary.")
}

// AWS says two things about the keep-alive timeout: the Developer Guide's quotas 1 to 300 seconds, the API Reference
// (CustomOriginConfig, OriginKeepaliveTimeout) at most 120 unless AWS raises it.
const (
	keepaliveQuota = 300
	keepaliveOfAPI = 120
)

// quota declares one that AWS raises on request, and never lowers.
func quota(f *fields, name string, to *int, standard int, meaning string) {
	f.integer(name, to, meaning).standard(standard).atLeast(ruleQ1, standard)
}
