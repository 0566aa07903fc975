// Package config is what a user may write in cdktf.json: its types with their
// documentation and defaults, strict decoding, and the rules a configuration
// must keep. It knows nothing of cdktf or Terraform.
package config

import (
	"encoding/json"
	"fmt"
)

// Config is the whole configuration: context.accelerator of cdktf.json.
type Config struct {
	// First part of every stack and resource name: 2 to 25 of a-z, 0-9 and -, beginning with a letter.
	Name string `json:"name"`
	// Where Terraform keeps its state.
	State State `json:"state"`
	// Environments by name, one stack each: 1 to 16 of a-z, 0-9 and -, beginning with a letter.
	Environments map[string]Environment `json:"environments"`
}

// Environment is one independent copy of the system, a stack of its own.
type Environment struct {
	// AWS region of the buckets.
	Region string `json:"region"`
	// AWS account this environment must be deployed to.
	Account Account `json:"account,omitempty"`
	// Tags of every resource; at most 50.
	Tags map[string]string `json:"tags,omitempty"`
	// Backend that answers inference requests.
	API API `json:"api"`
	// Paths treated differently from the rest of the API; the first that matches wins.
	Routes []Route `json:"routes,omitempty"`
	// Private bucket of models and how it is served.
	Models Models `json:"models,omitempty"`
	// Own name of the API; by default callers use the name that CloudFront gives.
	Domain Domain `json:"domain,omitempty"`
	// Settings of the CloudFront distribution as a whole.
	Distribution Distribution `json:"distribution,omitempty"`
	// Web pages that may call the API; absent: none of another origin.
	CORS *CORS `json:"cors,omitempty" jsonschema:"nullable"`
	// Access logs of the distribution.
	Logging Logging `json:"logging,omitempty"`
	// Web application firewall before the distribution.
	Firewall Firewall `json:"firewall,omitempty"`
	// Alarms, dashboard and metrics.
	Monitoring Monitoring `json:"monitoring,omitempty"`
	// AWS quotas of this account that were raised; the defaults are AWS's.
	Quotas Quotas `json:"quotas,omitempty"`
}

// Account pins an environment to an AWS account.
type Account struct {
	// Account id, 12 digits; any other account is refused.
	ID string `json:"id,omitempty"`
	// IAM role that Terraform assumes to deploy.
	RoleARN string `json:"roleArn,omitempty"`
}

// Quotas are the AWS quotas a configuration is held to.
type Quotas struct {
	// Largest api.readTimeoutSeconds.
	OriginReadTimeoutSeconds int `json:"originReadTimeoutSeconds,omitempty"`
	// Cache behaviors of a distribution, the default one counted.
	Behaviors int `json:"behaviors,omitempty"`
	// Origins of a distribution.
	Origins int `json:"origins,omitempty"`
	// Aliases of a distribution.
	Aliases int `json:"aliases,omitempty"`
}

// defaults is an environment of which only the required fields are missing.
func defaults() Environment {
	return Environment{
		API: API{
			HTTPSPort:                443,
			ReadTimeoutSeconds:       60,
			KeepaliveTimeoutSeconds:  30,
			ConnectionAttempts:       2,
			ConnectionTimeoutSeconds: 5,
		},
		Models: Models{
			Path:           "/models/*",
			Access:         AccessIdentity,
			NoncurrentDays: 30,
		},
		Distribution: Distribution{
			PriceClass:        "PriceClass_All",
			HTTPVersion:       "http2and3",
			IPv6:              true,
			MinimumTLSVersion: "TLSv1.2_2021",
			GeoRestriction:    GeoRestriction{Type: "none"},
		},
		Logging: Logging{
			Enabled:       true,
			Prefix:        "cf-logs/",
			RetentionDays: 90,
		},
		Firewall: Firewall{RequestsPer5Minutes: 2000},
		Monitoring: Monitoring{
			ErrorRatePercent:          5,
			OriginLatencyMilliseconds: 10000,
		},
		Quotas: Quotas{
			OriginReadTimeoutSeconds: originReadTimeout.Default,
			Behaviors:                behaviors.Default,
			Origins:                  origins.Default,
			Aliases:                  aliases.Default,
		},
	}
}

// isSet tells whether a section differs from its defaults.
func isSet(section, unset any) bool { return fmt.Sprint(section) != fmt.Sprint(unset) }

// defaultCache is a cache of the API of which every field is left out.
func defaultCache() Cache {
	return Cache{
		DefaultTTLSeconds: 3600,
		MaxTTLSeconds:     86400,
		KeyHeaders:        []string{"Authorization"},
		QueryStrings:      "all",
		Cookies:           "none",
	}
}

// defaultCORS is a CORS of which only the required field is missing.
func defaultCORS() CORS {
	return CORS{
		AllowMethods:  []string{"GET", "POST"},
		AllowHeaders:  []string{"*"},
		MaxAgeSeconds: 600,
	}
}

// UnmarshalJSON fills what is left out with the defaults.
func (e *Environment) UnmarshalJSON(data []byte) error {
	type plain Environment
	*e = defaults()
	return json.Unmarshal(data, (*plain)(e))
}

// UnmarshalJSON fills what is left out with the defaults.
func (c *Cache) UnmarshalJSON(data []byte) error {
	type plain Cache
	*c = defaultCache()
	return json.Unmarshal(data, (*plain)(c))
}

// UnmarshalJSON fills what is left out with the defaults.
func (c *CORS) UnmarshalJSON(data []byte) error {
	type plain CORS
	*c = defaultCORS()
	return json.Unmarshal(data, (*plain)(c))
}

// UnmarshalJSON fills what is left out with the defaults, which depend on the origin:
// models are only read, and S3 must not see a caller's Authorization.
func (r *Route) UnmarshalJSON(data []byte) error {
	type plain Route
	var typed struct {
		Cache struct{ KeyHeaders *[]string }
	}
	*r = Route{Origin: OriginAPI}
	if err := json.Unmarshal(data, (*plain)(r)); err != nil {
		return err
	}
	if err := json.Unmarshal(data, &typed); err != nil {
		return err
	}
	if r.Methods == "" && r.Origin == OriginModels {
		r.Methods = MethodsRead
	}
	if r.Methods == "" {
		r.Methods = MethodsAll
	}
	if r.Cache != nil && r.Origin == OriginModels && typed.Cache.KeyHeaders == nil {
		r.Cache.KeyHeaders = nil
	}
	return nil
}
