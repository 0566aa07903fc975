package stacks

import (
	"maps"
	"slices"

	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/cloudfrontdistribution"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/dataawssecretsmanagersecretversion"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/route53healthcheck"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/route53record"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/shared/names"
)

type backendsProps struct {
	Backends []config.NamedBackend
	Zones    zones // of the aliases of regions, and of the names of load balancers
	Stack    string
}

// newBackends returns the origins of the backends that routes lead to.
func newBackends(scope constructs.Construct, props backendsProps) targets {
	var all targets
	for _, b := range props.Backends {
		all = all.and(newBackend(scope, b.Name, backendProps{
			NamedBackend: b, Zones: props.Zones, Stack: props.Stack,
		}))
	}
	return all
}

type backendProps struct {
	config.NamedBackend
	Zones zones
	Stack string
}

// newBackend returns the origins of a backend, reached over TLS 1.2 only unless the way is private, and the groups that fail over from them. It
// makes what they need: a VPC origin, or the records of the regions. Its id is that of its origin.
func newBackend(scope constructs.Construct, id string, props backendProps) targets {
	if len(props.Origins) == 0 {
		return targets{}
	}
	headers := map[string]string{}
	maps.Copy(headers, props.AllHeaders)
	if props.VerifySecret != "" {
		headers[config.VerifyHeader] = newSecret(scope, names.Of("origin-verify", id), props.VerifySecret)
	}
	first := headersWith(headers, scope, names.Of("origin-credential", id), props.Credential)
	var second, canary []customHeader
	if slices.ContainsFunc(props.Origins, func(o config.BackendOrigin) bool { return o.Failover }) {
		second = headersWith(headers, scope, names.Of("failover-credential", id), props.Failover.Credential.AsCredential())
	}
	if props.Canary != nil {
		canary = headersWith(headers, scope, names.Of("canary-credential", id), props.Canary.Credential)
	}
	to := address{DomainName: props.DomainName}
	switch {
	case len(props.Regions) > 0:
		to.DomainName = props.OriginAlias
		newRegions(scope, id, regionsProps{
			Regions: props.Regions,
			Alias:   props.OriginAlias,
			Port:    props.HTTPSPort,
			Zones:   props.Zones,
			Stack:   props.Stack,
		})
	case props.VPCOrigin.Given():
		to = newPrivateBackend(scope, id, privateBackendProps{
			VPCOrigin: props.VPCOrigin,
			HTTPSPort: props.HTTPSPort,
			Stack:     props.Stack,
		})
	case props.LoadBalancer != nil:
		to = newLoadBalancerName(scope, id, loadBalancerNameProps{
			LoadBalancer: *props.LoadBalancer,
			Port:         props.HTTPSPort,
			Zones:        props.Zones,
		})
	case props.FunctionURL != nil:
		to = newFunctionURL(scope, id, functionURLProps{FunctionURL: *props.FunctionURL, Stack: props.Stack})
	}
	made := targets{After: to.After}
	for _, o := range props.Origins {
		originID, backend := names.Origin(id, o.ReadTimeoutSeconds), props.Backend
		if o.ReadTimeoutSeconds != 0 {
			backend.ReadTimeoutSeconds = o.ReadTimeoutSeconds
		}
		made.Origins = append(made.Origins, backendOrigin(originID, to, backend, first))
		if o.Failover {
			origin := backendOrigin(names.FailoverOrigin(originID), address{DomainName: props.Failover.DomainName}, backend, second)
			made.Groups = append(made.Groups,
				failover(names.FailoverGroup(originID), made.Origins[len(made.Origins)-1], origin))
			made.Origins = append(made.Origins, origin)
		}
		if props.Canary != nil {
			made.Origins = append(made.Origins,
				backendOrigin(names.CanaryOrigin(originID), address{DomainName: props.Canary.DomainName}, backend, canary))
		}
	}
	return made
}

// address is where an origin is.
type address struct {
	DomainName  string
	VPCOriginID string // empty: it is public
	ControlID   string // of the origin access control that signs requests; empty: nobody does

	After []string // addresses of what lets CloudFront in
}

func backendOrigin(id string, to address, props config.Backend, headers []customHeader) origin {
	o := &cloudfrontdistribution.CloudfrontDistributionOrigin{
		OriginId:           jsii.String(id),
		DomainName:         jsii.String(to.DomainName),
		OriginPath:         optional(props.Path),
		ConnectionAttempts: jsii.Number(props.ConnectionAttempts),
		ConnectionTimeout:  jsii.Number(props.ConnectionTimeoutSeconds),

		OriginAccessControlId: optional(to.ControlID),
	}
	if to.VPCOriginID != "" {
		o.VpcOriginConfig = &cloudfrontdistribution.CloudfrontDistributionOriginVpcOriginConfig{
			VpcOriginId:            jsii.String(to.VPCOriginID),
			OriginReadTimeout:      jsii.Number(props.ReadTimeoutSeconds),
			OriginKeepaliveTimeout: jsii.Number(props.KeepaliveTimeoutSeconds),
		}
	} else {
		o.CustomOriginConfig = &cloudfrontdistribution.CloudfrontDistributionOriginCustomOriginConfig{
			HttpPort:               jsii.Number(httpPort),
			HttpsPort:              jsii.Number(props.HTTPSPort),
			OriginProtocolPolicy:   jsii.String(httpsOnly),
			OriginSslProtocols:     jsii.Strings(tls12),
			OriginReadTimeout:      jsii.Number(props.ReadTimeoutSeconds),
			OriginKeepaliveTimeout: jsii.Number(props.KeepaliveTimeoutSeconds),
		}
	}
	if len(headers) > 0 {
		o.CustomHeader = headers
	}
	if props.ShieldRegion != "" {
		o.OriginShield = &cloudfrontdistribution.CloudfrontDistributionOriginOriginShield{
			Enabled:            true,
			OriginShieldRegion: jsii.String(props.ShieldRegion),
		}
	}
	return o
}

type customHeader = *cloudfrontdistribution.CloudfrontDistributionOriginCustomHeader

// headersWith are headers that an origin adds, which replace those of callers, with that of its credential unless the
// function adds it.
func headersWith(
	headers map[string]string, scope constructs.Construct, id string, credential *config.Credential,
) []customHeader {
	if credential != nil && credential.Secret != "" {
		headers = maps.Clone(headers)
		headers[credential.Header] = credential.Value(newSecret(scope, id, credential.Secret))
	}
	var list []customHeader
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		list = append(list, &cloudfrontdistribution.CloudfrontDistributionOriginCustomHeader{
			Name:  jsii.String(name),
			Value: jsii.String(headers[name]),
		})
	}
	return list
}

// newSecret returns the value of a secret in Secrets Manager.
func newSecret(scope constructs.Construct, id, secret string) string {
	version := dataawssecretsmanagersecretversion.NewDataAwsSecretsmanagerSecretVersion(scope, jsii.String(id),
		&dataawssecretsmanagersecretversion.DataAwsSecretsmanagerSecretVersionConfig{SecretId: jsii.String(secret)})
	return *version.SecretString()
}

type regionsProps struct {
	Regions []config.Region
	Alias   string // one name for the backends of all regions
	Port    int
	Zones   zones
	Stack   string
}

// newRegions makes the records that send each edge to the nearest healthy backend. Unlike an origin group, this works
// for POST.
func newRegions(scope constructs.Construct, id string, props regionsProps) {
	for _, region := range props.Regions {
		id := id + "-" + region.Region
		check := newHealthCheck(scope, id, healthCheckProps{Region: region, Port: props.Port, Stack: props.Stack})
		props.Zones.newRecord(scope, id, props.Alias, &route53record.Route53RecordConfig{
			Name:                 jsii.String(props.Alias),
			Type:                 jsii.String("CNAME"),
			Ttl:                  jsii.Number(60), // how long a failed backend is still asked
			Records:              jsii.Strings(region.DomainName),
			SetIdentifier:        jsii.String(region.Region),
			LatencyRoutingPolicy: &route53record.Route53RecordLatencyRoutingPolicy{Region: jsii.String(region.Region)},
			HealthCheckId:        jsii.String(check),
		})
	}
}

type healthCheckProps struct {
	config.Region
	Port  int
	Stack string
}

func newHealthCheck(scope constructs.Construct, id string, props healthCheckProps) string {
	check := rename(route53healthcheck.NewRoute53HealthCheck(scope, jsii.String(id+"-health"),
		&route53healthcheck.Route53HealthCheckConfig{
			Type:             jsii.String("HTTPS"),
			Fqdn:             jsii.String(props.DomainName),
			Port:             jsii.Number(props.Port),
			ResourcePath:     jsii.String(props.HealthPath),
			EnableSni:        true,
			RequestInterval:  jsii.Number(30),
			FailureThreshold: jsii.Number(3),
			// A health check has no name but this tag.
			Tags: stringMap(map[string]string{"Name": props.Stack + "-" + props.Region.Region}),
		}), id)
	return *check.Id()
}
