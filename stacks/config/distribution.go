package config

import "strings"

// Distribution holds the settings of the CloudFront distribution as a whole.
type Distribution struct {
	PricingPlan       string
	PriceClass        string
	HTTPVersion       string
	IPv6              bool
	DefaultRootObject string
	MinimumTLSVersion string
	Comment           string
	GeoRestriction    GeoRestriction
	ErrorCacheSeconds int
}

func (d *Distribution) declare(f *fields) {
	f.text("pricingPlan", &d.PricingPlan, "CloudFront's flat-rate plan the distribution is on, or is to be: what that doesn't include is refused. You subscribe to it yourself; by default you pay as you go.").
		oneOf(rulePricingPlan, planNames("")...)
	f.text("priceClass", &d.PriceClass, "Edge locations used.").standard("PriceClass_All").
		oneOf(ruleDistributionChoices, "PriceClass_100", "PriceClass_200", "PriceClass_All")
	f.text("httpVersion", &d.HTTPVersion, "HTTP versions spoken to viewers.").standard("http2and3").
		oneOf(ruleDistributionChoices, "http1.1", "http2", "http3", "http2and3")
	f.boolean("ipv6", &d.IPv6, "Answer on IPv6 as well.").standard(true)
	f.text("defaultRootObject", &d.DefaultRootObject, "Object served for /.").
		length(ruleDefaultRootObject, Range{0, 255}).
		matches(ruleDefaultRootObject, pathCharacters, onlyPathSigns)
	f.text("minimumTLSVersion", &d.MinimumTLSVersion, "Oldest TLS that callers may speak to an alias.").standard(newestTLS).
		oneOf(ruleMinimumTLSVersion, "TLSv1.2_2018", "TLSv1.2_2019", newestTLS).
		must(ruleMinimumTLSVersion, "be TLSv1.2_2018, TLSv1.2_2019 or TLSv1.2_2021 (CloudFront knows later ones, Terraform's AWS provider 5 doesn't)")
	f.text("comment", &d.Comment, "Comment shown in the console; by default the name of the stack.").length(ruleComment, Range{0, 128})
	object(f, "geoRestriction", &d.GeoRestriction, "Countries that are let in.")
	f.integer("errorCacheSeconds", &d.ErrorCacheSeconds, "Seconds a 5xx answer may be served from the cache, to all who ask for the same; 0 keeps none that doesn't say so itself.").between(ruleErrorCache, errorTTL)
}

// newestTLS is the strictest security policy that provider 5.x knows.
const newestTLS = "TLSv1.2_2021"

// GeoRestriction lets some countries in, or keeps some out.
type GeoRestriction struct {
	Type      string
	Locations []string
}

func (g *GeoRestriction) declare(f *fields) {
	f.text("type", &g.Type, `Whether the locations are the only ones ("whitelist") or all but them ("blacklist") are let in.`).standard("none").
		oneOf(ruleGeoRestriction, "none", "whitelist", "blacklist")
	f.texts("locations", &g.Locations, "Countries as ISO 3166-1 alpha-2 codes.").
		Items.named(ruleGeoRestriction, countries, "be an ISO 3166-1 alpha-2 code in upper case, like GB")
}

func (d Distribution) check(r *report, at path) {
	if strings.HasPrefix(d.DefaultRootObject, "/") {
		r.must(ruleDefaultRootObject, at.field("defaultRootObject"), `must not begin with "/", got %q`, d.DefaultRootObject)
	}
	d.GeoRestriction.check(r, at.field("geoRestriction"))
}

func (g GeoRestriction) check(r *report, at path) {
	if (g.Type == "none") != (len(g.Locations) == 0) {
		r.must(ruleGeoRestriction, at.field("locations"), `must be empty with type "none" and not empty otherwise, got %d with %q`, len(g.Locations), g.Type)
	}
	for _, i := range repeated(g.Locations, exactly) {
		r.must(ruleGeoRestriction, at.field("locations").index(i), "must not repeat %q", g.Locations[i])
	}
}
