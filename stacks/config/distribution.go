package config

import (
	"slices"
	"strings"

	"golang.org/x/text/language"

	"ml-api-accelerator/stacks/config/declare"
)

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

// Declare implements [declare.Section].
func (d *Distribution) Declare(f *declare.Fields) {
	f.Text("pricingPlan", &d.PricingPlan,
		"CloudFront flat-rate plan of the distribution, to which you subscribe yourself; what it doesn't include is "+
			"refused. By default you pay as you go.").
		OneOf(rulePricingPlan, planNames("")...)
	f.Text("priceClass", &d.PriceClass, "Edge locations that are used.").Default("PriceClass_All").
		OneOf(ruleDistributionChoices, "PriceClass_100", "PriceClass_200", "PriceClass_All")
	f.Text("httpVersion", &d.HTTPVersion, "HTTP versions that callers may use.").Default("http2and3").
		OneOf(ruleDistributionChoices, "http1.1", "http2", "http3", "http2and3")
	f.Boolean("ipv6", &d.IPv6, "Answer on IPv6 as well.").Default(true)
	f.Text("defaultRootObject", &d.DefaultRootObject, "Object served for /.").
		Length(ruleDefaultRootObject, 0, 255).
		Matches(ruleDefaultRootObject, pathCharacters, onlyPathSigns)
	f.Text("minimumTLSVersion", &d.MinimumTLSVersion,
		"Oldest TLS version that callers may use on an alias.").Default(newestTLS).
		OneOf(ruleMinimumTLSVersion, "TLSv1.2_2018", "TLSv1.2_2019", newestTLS).
		Must(ruleMinimumTLSVersion,
			"be TLSv1.2_2018, TLSv1.2_2019 or TLSv1.2_2021 (CloudFront knows later ones, Terraform's AWS provider 5 doesn't)")
	f.Text("comment", &d.Comment,
		"Comment shown in the console; by default the name of the stack.").Length(ruleComment, 0, 128)
	declare.Object(f, "geoRestriction", &d.GeoRestriction, "Countries that are allowed or blocked.")
	f.Integer("errorCacheSeconds", &d.ErrorCacheSeconds,
		"Seconds a 5xx answer may be served from the cache to everyone who asks for "+
			"the same. 0 caches only what the answer itself allows.").Between(ruleErrorCache, 0, mostErrorTTL)
}

// newestTLS is the strictest security policy that provider 5.x knows.
const newestTLS = "TLSv1.2_2021"

// GeoRestriction lets some countries in, or keeps some out.
type GeoRestriction struct {
	Type      string
	Locations []string
}

// Declare implements [declare.Section].
func (g *GeoRestriction) Declare(f *declare.Fields) {
	f.Text("type", &g.Type,
		`Whether the locations are the only ones allowed ("whitelist") or the only ones blocked ("blacklist").`).
		Default("none").
		OneOf(ruleGeoRestriction, "none", "whitelist", "blacklist")
	f.Texts("locations", &g.Locations, "Countries as ISO 3166-1 alpha-2 codes.").
		Items.Named(ruleGeoRestriction, countries, "be an ISO 3166-1 alpha-2 code in upper case, like GB").
		Explain(countryMeant)
}

// countryMeant says which country has a code of three letters, an old one, or UK.
func countryMeant(value any) string {
	text, _ := value.(string)
	region, err := language.ParseRegion(text)
	if code := region.Canonicalize().String(); err == nil && slices.Contains(countries, code) {
		return " (did you mean " + code + "?)"
	}
	return ""
}

func (d Distribution) check(r *declare.Report, at declare.Path) {
	if strings.HasPrefix(d.DefaultRootObject, "/") {
		r.Must(ruleDefaultRootObject, at.Field("defaultRootObject"), `must not begin with "/", got %q`, d.DefaultRootObject)
	}
	d.GeoRestriction.check(r, at.Field("geoRestriction"))
}

func (g GeoRestriction) check(r *declare.Report, at declare.Path) {
	switch {
	case g.Type == "none" && len(g.Locations) > 0:
		r.Must(ruleGeoRestriction, at.Field("locations"),
			`must be empty with type "none": to allow only these, set type to "whitelist"; to block them, to "blacklist"`)
	case g.Type != "none" && len(g.Locations) == 0:
		r.Must(ruleGeoRestriction, at.Field("locations"), "must name a country with type %q", g.Type)
	}
	for _, i := range repeated(g.Locations, exactly) {
		r.Must(ruleGeoRestriction, at.Field("locations").Index(i), "must not repeat %q", g.Locations[i])
	}
}
