package edge

import "slices"

// LetsIn reports whether geographic restrictions let callers from a country in. A caller whose country isn't known gets
// in. (CloudFront Developer Guide, Restrict the geographic distribution of your content. What they keep out "isn't
// forwarded to AWS WAF": re:Post, How do I allow or block requests from a specific country or geolocation using AWS WAF?)
func (d *Distribution) LetsIn(country string) bool {
	if country == "" || !d.RestrictsCountries() {
		return true
	}
	return slices.Contains(d.GeoLocations, country) == (d.GeoType == "whitelist")
}

// RestrictsCountries reports whether geographic restrictions keep some callers out.
func (d *Distribution) RestrictsCountries() bool {
	return d.GeoType == "whitelist" || d.GeoType == "blacklist"
}

// AsksForCountry reports whether the caller's country makes a difference: to who gets in, or to what a function or an
// origin is told.
func (d *Distribution) AsksForCountry() bool {
	return d.RestrictsCountries() || slices.ContainsFunc(d.Behaviors, func(b Behavior) bool {
		return (slices.Contains(b.CachePolicy.Headers.Names, countryHeader) ||
			slices.Contains(b.OriginRequestPolicy.Headers.Names, countryHeader)) && b.Forwards(countryHeader)
	})
}
