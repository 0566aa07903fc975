package config

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"

	"github.com/invopop/jsonschema"
)

// Schema returns the JSON Schema of a cdktf.json for editors: documentation, defaults, ranges and choices
// of everything below context.accelerator. What it can't express, the rules check.
func Schema() *jsonschema.Schema {
	reflector := jsonschema.Reflector{Anonymous: true, LookupComment: func(t reflect.Type, field string) string {
		return comments()[t.Name()+jsonField(t, field)]
	}}
	s := reflector.Reflect(Config{})
	for name, unset := range map[string]any{
		"API": defaults().API, "Models": defaults().Models, "Distribution": defaults().Distribution,
		"GeoRestriction": defaults().Distribution.GeoRestriction, "Logging": defaults().Logging,
		"Firewall": defaults().Firewall, "Monitoring": defaults().Monitoring, "Quotas": defaults().Quotas,
		"Cache": defaultCache(), "CORS": defaultCORS(), "Route": Route{Origin: OriginAPI},
	} {
		setDefaults(s.Definitions[name], unset)
	}
	for name, object := range s.Definitions {
		for p := object.Properties.Oldest(); p != nil; p = p.Next() {
			p.Value.Description = comments()[name+"."+p.Key] // invopop leaves out that of what may be null
		}
	}
	for place, constrain := range constraints {
		p := property(s, place[0], place[1])
		constrain(p)
		if p.Default == nil && !slices.Contains(s.Definitions[place[0]].Required, place[1]) {
			allowEmpty(p)
		}
	}
	return wrapped(s)
}

// wrapped puts the schema where the configuration stands in a cdktf.json, whose other fields are cdktf's.
func wrapped(s *jsonschema.Schema) *jsonschema.Schema {
	object := func(name string, property *jsonschema.Schema) *jsonschema.Schema {
		o := &jsonschema.Schema{Type: "object", Properties: jsonschema.NewProperties(), Required: []string{name}}
		o.Properties.Set(name, property)
		return o
	}
	whole := object("context", object(section, &jsonschema.Schema{Ref: s.Ref}))
	whole.Version, whole.Definitions = s.Version, s.Definitions
	whole.Title, whole.Description = "cdktf.json of the ML API accelerator", comments()["Config"]
	return whole
}

func jsonField(t reflect.Type, goField string) string {
	if goField == "" {
		return ""
	}
	f, ok := t.FieldByName(goField)
	if !ok {
		return "." + goField // invopop gives the JSON name where it differs
	}
	return "." + jsonName(string(f.Tag))
}

// allowEmpty lets an optional text be empty, which is as if it were left out.
func allowEmpty(p *jsonschema.Schema) {
	if p.Enum != nil {
		p.Enum = append(p.Enum, "")
	}
	if p.Pattern != "" {
		p.Pattern = "^$|" + p.Pattern
	}
}

func property(s *jsonschema.Schema, object, field string) *jsonschema.Schema {
	p, ok := s.Definitions[object].Properties.Get(field)
	if !ok {
		panic(fmt.Sprintf("config: the schema of %s has no %s", object, field))
	}
	return p
}

func setDefaults(s *jsonschema.Schema, unset any) {
	v := reflect.ValueOf(unset)
	for i := range v.NumField() {
		p, ok := s.Properties.Get(jsonName(string(v.Type().Field(i).Tag)))
		if kind := v.Field(i).Kind(); ok && !v.Field(i).IsZero() && kind != reflect.Struct {
			p.Default = v.Field(i).Interface()
		}
	}
}

// constraints are the limits and choices of single fields, by type and field; the rules hold to the same.
var constraints = map[[2]string]func(*jsonschema.Schema){
	{"Config", "name"}:                          matches(projectName),
	{"Config", "environments"}:                  atLeastOne,
	{"State", "bucket"}:                         sized(bucketNameLength),
	{"State", "region"}:                         choices(regions),
	{"Environment", "region"}:                   choices(regions),
	{"Account", "id"}:                           matches(accountID),
	{"API", "path"}:                             sized(originPathLength),
	{"API", "httpsPort"}:                        within(Limit{Min: 443, Max: originPort.Max}),
	{"API", "connectionAttempts"}:               within(connectionAttempts),
	{"API", "connectionTimeoutSeconds"}:         within(connectionTimeout),
	{"API", "readTimeoutSeconds"}:               from(originReadTimeout.Min),
	{"API", "keepaliveTimeoutSeconds"}:          within(Limit{Min: originKeepaliveTimeout.Min, Max: originKeepaliveTimeout.Default}),
	{"API", "shieldRegion"}:                     choices(regions),
	{"Region", "region"}:                        choices(regions),
	{"Region", "healthPath"}:                    sized(healthPathLength),
	{"Route", "path"}:                           sized(pathLength),
	{"Route", "origin"}:                         choices(originChoices),
	{"Route", "methods"}:                        choices(methodChoices),
	{"Cache", "minTTLSeconds"}:                  within(ttl),
	{"Cache", "defaultTTLSeconds"}:              within(ttl),
	{"Cache", "maxTTLSeconds"}:                  within(Limit{Min: 1, Max: ttl.Max}),
	{"Cache", "queryStrings"}:                   choices(queryStringChoices),
	{"Cache", "cookies"}:                        choices(cookieChoices),
	{"Models", "bucket"}:                        sized(bucketNameLength),
	{"Models", "path"}:                          sized(pathLength),
	{"Models", "access"}:                        choices(accessChoices),
	{"Models", "replicaRegion"}:                 choices(regions),
	{"Models", "noncurrentDays"}:                within(days),
	{"Signer", "name"}:                          matches(signerName),
	{"Domain", "hostedZoneId"}:                  matches(hostedZoneID),
	{"Distribution", "priceClass"}:              choices(priceClasses),
	{"Distribution", "httpVersion"}:             choices(httpVersions),
	{"Distribution", "minimumTLSVersion"}:       choices(tlsVersions),
	{"Distribution", "defaultRootObject"}:       sized(rootObjectLength),
	{"Distribution", "comment"}:                 sized(commentLength),
	{"Distribution", "errorCacheSeconds"}:       within(ttl),
	{"GeoRestriction", "type"}:                  choices(geoTypes),
	{"GeoRestriction", "locations"}:             each(choices(countries)),
	{"CORS", "allowOrigins"}:                    notEmpty,
	{"CORS", "allowMethods"}:                    each(choices(corsMethods)),
	{"CORS", "maxAgeSeconds"}:                   from(0),
	{"Logging", "prefix"}:                       sized(logPrefixLength),
	{"Logging", "retentionDays"}:                within(days),
	{"Firewall", "requestsPer5Minutes"}:         within(rateLimit),
	{"Monitoring", "errorRatePercent"}:          within(Limit{Max: 100}),
	{"Monitoring", "cacheHitRatePercent"}:       within(Limit{Max: 100}),
	{"Monitoring", "originLatencyMilliseconds"}: from(1),
	{"Quotas", "originReadTimeoutSeconds"}:      from(originReadTimeout.Default),
	{"Quotas", "behaviors"}:                     from(behaviors.Default),
	{"Quotas", "origins"}:                       from(origins.Default),
	{"Quotas", "aliases"}:                       from(aliases.Default),
}

func within(l Limit) func(*jsonschema.Schema) {
	return func(s *jsonschema.Schema) { s.Minimum, s.Maximum = number(l.Min), number(l.Max) }
}

func from(least int) func(*jsonschema.Schema) {
	return func(s *jsonschema.Schema) { s.Minimum = number(least) }
}

func number(n int) json.Number { return json.Number(fmt.Sprint(n)) }

func sized(l Limit) func(*jsonschema.Schema) {
	return func(s *jsonschema.Schema) {
		most := uint64(l.Max)
		s.MaxLength = &most
	}
}

func matches(r *regexp.Regexp) func(*jsonschema.Schema) {
	return func(s *jsonschema.Schema) { s.Pattern = r.String() }
}

func choices(list []string) func(*jsonschema.Schema) {
	return func(s *jsonschema.Schema) {
		for _, c := range list {
			s.Enum = append(s.Enum, c)
		}
	}
}

func each(constrain func(*jsonschema.Schema)) func(*jsonschema.Schema) {
	return func(s *jsonschema.Schema) { constrain(s.Items) }
}

func notEmpty(s *jsonschema.Schema) {
	least := uint64(1)
	s.MinItems = &least
}

func atLeastOne(s *jsonschema.Schema) {
	least := uint64(1)
	s.MinProperties = &least
}
