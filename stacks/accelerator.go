package stacks

import (
	"cmp"
	"slices"

	"github.com/hashicorp/terraform-cdk-go/cdktf"

	"ml-api-accelerator/stacks/config"
)

type acceleratorProps struct {
	config.Environment
	State    config.State
	StateKey string // in the state bucket
}

// newAccelerator composes one environment: each construct feeds the next, and makes nothing where the
// configuration doesn't ask for it. The id is the name of the stack.
func newAccelerator(app cdktf.App, id string, props acceleratorProps) cdktf.TerraformStack {
	env := props.Environment
	scope := newStack(app, id)
	newStateBackend(scope, stateBackendProps{State: props.State, Key: props.StateKey})
	providers := newProviders(scope, "aws", providersProps{
		Home:     env.Region,
		Buckets:  env.BucketRegions(),
		ZoneRole: env.Domain.HostedZoneRoleARN,
		Stack:    id,
		Account:  env.Account,
		Tags:     env.Tags,
	})
	zones := zones{Domain: env.Domain, RecordsBy: providers.Zones}
	newHome(scope, "home", env.Region)

	buckets := newBuckets(scope, bucketsProps{
		Buckets:   env.NamedBuckets(),
		Region:    env.Region,
		Providers: providers.Buckets,
		Stack:     id,
		Boundary:  env.Account.PermissionsBoundaryARN,
	})
	models := buckets[0]
	backends := newBackends(scope, backendsProps{
		Backends: env.NamedBackends(),
		Zones:    zones,
		Stack:    id,
	})
	logs := newLogs(scope, "logs", logsProps{Logging: env.Logging, Stack: id})
	workgroup := newLogQueries(scope, "logs", logQueriesProps{Logging: env.Logging, Bucket: logs.Bucket, Stack: id})
	certificate := newCertificate(scope, "edge", certificateProps{
		zones: zones, Names: env.Domain.Aliases, Provider: providers.Edge,
	})
	firewall := newFirewall(scope, "edge", firewallProps{
		Firewall:     env.Firewall,
		AllowedPaths: env.AllowedPaths(),
		KeyHeaders:   env.API.KeyHeaders(),
		Stack:        id,
		Provider:     providers.Edge,
	})
	callers := newCallers(scope, "api", callersProps{
		Functions: env.ViewerFunctions(),
		Store:     env.API.HasStore(),
		Stack:     id,
	})
	edge := newDistribution(scope, "edge", distributionProps{
		Distribution:   env.Distribution,
		Aliases:        env.Domain.Aliases,
		CertificateARN: certificate,
		WebACLARN:      firewall,
		Targets:        backends.and(buckets.targets()),
		Behaviors: newBehaviors(scope, behaviorsProps{
			Behaviors: env.Behaviors(),
			KeyGroups: buckets.keyGroups(),
			Function:  func(b config.Behavior) string { return callers.arn(env.ViewerFunction(b).ID) },
			CORS:      env.CORS,
			Stack:     id,
		}),
		Logging: loggingConfig(logs, env.Logging),
		Stack:   id,
	})
	newLogDelivery(scope, "edge", logDeliveryProps{
		Logging:  env.Logging,
		From:     edge,
		To:       logs,
		Stack:    id,
		Provider: providers.Edge,
	})
	newFunctionsAccess(scope, functionsAccessProps{Backends: env.NamedBackends(), Edge: edge, Stack: id})
	edge.waitFor(backends.After)
	newReadPolicies(scope, readPoliciesProps{Buckets: buckets, Edge: edge})
	newPolicyChecks(scope, policyChecksProps{Buckets: buckets, Edge: edge})
	newBucketsCORS(scope, bucketsCORSProps{Buckets: buckets, CORS: env.CORS})
	newRecords(scope, "alias", recordsProps{zones: zones, IPv6: env.Distribution.IPv6, Edge: edge})
	failed := newInvalidations(scope, "invalidation", invalidationsProps{
		Buckets:   buckets,
		Behaviors: env.Behaviors(),
		Edge:      edge,
		Stack:     id,
		Boundary:  env.Account.PermissionsBoundaryARN,
	})
	dashboard := newMonitoring(scope, "edge", monitoringProps{
		Monitoring:          env.Monitoring,
		Region:              env.Region,
		DistributionID:      edge.ID,
		Buckets:             buckets,
		FailedInvalidations: failed,
		Firewall:            env.Firewall,
		Keys:                env.API.Keys != nil,
		Functions:           callers.Functions,
		Stack:               id,
		Boundary:            env.Account.PermissionsBoundaryARN,
		Provider:            providers.Edge,
	})

	newKeptBuckets(scope, env.FurtherBuckets())
	newImports(scope, env)
	newMoved(scope, append(formerAddresses(env), movedBuckets(env.FurtherBuckets())...))
	newForgotten(scope, forgottenBuckets(env))

	url := "https://" + cmp.Or(firstAlias(env.Domain.Aliases), edge.DomainName)
	newOutputs(scope, append([]output{
		{"cloudfront_distribution_domain", edge.DomainName, "Name that CloudFront gave the distribution."},
		{"distribution_id", edge.ID, "Id of the CloudFront distribution."},
		{"api_url", url, "Where callers reach the API."},
		{"models_url", url + servedBelow(env.Models.Path), "Where callers reach the models."},
		{"models_bucket", models.Bucket.ID, "Bucket of the models."},
		{"web_url", webURL(url, env.Web), "Where people open the page."},
		{"origin_access_identity_arn", models.Reader.IdentityIAMARN, "Identity as which CloudFront reads the models."},
		{"origin_access_control_id", models.Reader.ControlID, "Control through which CloudFront reads the models."},
		{"logs_bucket", logs.Bucket, "Bucket of the access logs."},
		{"logs_workgroup", workgroup, "Workgroup in Athena that queries the access logs."},
		{"certificate_arn", certificate, "Certificate of the aliases."},
		{"web_acl_arn", firewall, "Web ACL before the distribution."},
		{"dashboard_url", dashboard, "Dashboard of the distribution."},
		{"key_group_id", models.KeyGroup, "Key group that signs the URLs of models."},
		{"key_value_store_arn", callers.StoreARN, "Store of the keys of callers and of the canary's share."},
	}, slices.Concat(functionSteps(env.NamedBackends(), id), buckets.outputs(), buckets.statements(edge))...))
	return scope
}
