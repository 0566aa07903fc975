package config

// Environment is one independent copy of the system, a stack of its own.
type Environment struct {
	Region       string
	Account      Account
	Tags         map[string]string
	API          API
	Routes       []Route
	Models       Models
	Domain       Domain
	Distribution Distribution
	CORS         *CORS
	Logging      Logging
	Firewall     Firewall
	Monitoring   Monitoring
	Quotas       Quotas
	Expect       []Expectation
}

func (e *Environment) declare(f *fields) {
	f.text("region", &e.Region, "AWS region of the buckets.").required().named(ruleN2, regions, aRegion)
	object(f, "account", &e.Account, "AWS account this environment must be deployed to.")
	f.textsByName("tags", &e.Tags, "Tags of every resource, beside ml-api-accelerator:stack, which says its stack.").
		namesMatch(ruleN6, tagKey, aTagKey).
		Values.matches(ruleN6, tagValue, aTagValue)
	object(f, "api", &e.API, "Backend that answers inference requests.").required()
	objects(f, "routes", &e.Routes, "Paths treated differently from the rest of the API; the first that matches wins.")
	object(f, "models", &e.Models, "Private bucket of models and how it is served.")
	object(f, "domain", &e.Domain, "Own name of the API; by default callers use the name that CloudFront gives.")
	object(f, "distribution", &e.Distribution, "Settings of the CloudFront distribution as a whole.")
	optional(f, "cors", &e.CORS, "Web pages that may call the API; absent: none of another origin.")
	object(f, "logging", &e.Logging, "Access logs of the distribution.")
	object(f, "firewall", &e.Firewall, "Web application firewall before the distribution.")
	object(f, "monitoring", &e.Monitoring, "Alarms, dashboard and metrics.")
	object(f, "quotas", &e.Quotas, "AWS quotas of this account that were raised; the defaults are AWS's.")
	objects(f, "expect", &e.Expect, "What the deployed edge must do with some requests; held to at every synthesis.")
}

// complete sets the defaults of the caches, which depend on the keys of the API.
func (e *Environment) complete(map[string]any) {
	if e.API.Cache != nil {
		e.API.Cache.completeHeaders(e.API.keyHeaders())
	}
	for _, route := range e.Routes {
		if route.Cache != nil && route.Origin != OriginModels {
			route.Cache.completeHeaders(e.API.keyHeaders())
		}
	}
}

func (e Environment) check(r *report, at path, name, prefix string) {
	e.Account.check(r, at.field("account"))
	checkTags(r, at.field("tags"), e.Tags, len(e.API.Regions) > 0)
	e.API.check(r, at.field("api"), e)
	for i, route := range e.Routes {
		route.check(r, at.field("routes").index(i), e)
	}
	e.Models.check(r, at.field("models"), name, e)
	e.Domain.check(r, at.field("domain"), e.Account.ID, e.Quotas)
	e.Domain.checkTLS(r, at.field("distribution").field("minimumTLSVersion"), e.Distribution.MinimumTLSVersion)
	e.Distribution.check(r, at.field("distribution"))
	if e.CORS != nil {
		e.CORS.check(r, at.field("cors"))
	}
	e.Logging.check(r, at.field("logging"), name, e.Region)
	e.Firewall.check(r, at.field("firewall"), e.Account.ID)
	e.Monitoring.check(r, at.field("monitoring"))
	for i, expectation := range e.Expect {
		expectation.check(r, at.field("expect").index(i), e.Domain)
	}
	e.checkCallers(r, at)
	e.checkBehaviors(r, at, prefix)
	e.checkErrorCache(r, at)
}
