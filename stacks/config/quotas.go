package config

// Quotas are the AWS quotas a configuration is held to. The defaults are AWS's
// (CloudFront Developer Guide, Quotas).
type Quotas struct {
	OriginReadTimeoutSeconds int
	Behaviors                int
	Origins                  int
	Aliases                  int
}

func (q *Quotas) declare(f *fields) {
	quota(f, "originReadTimeoutSeconds", &q.OriginReadTimeoutSeconds, 120, "Largest api.readTimeoutSeconds.")
	quota(f, "behaviors", &q.Behaviors, 75, "Cache behaviors of a distribution, the default one counted.")
	quota(f, "origins", &q.Origins, 100, "Origins of a distribution.")
	quota(f, "aliases", &q.Aliases, 100, "Aliases of a distribution.")
}

// quota declares one that AWS raises on request, and never lowers.
func quota(f *fields, name string, to *int, standard int, meaning string) {
	f.integer(name, to, meaning).standard(standard).atLeast(ruleQ1, standard)
}
