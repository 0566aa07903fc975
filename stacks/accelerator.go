package stacks

import (
	"cmp"

	"github.com/hashicorp/terraform-cdk-go/cdktf"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/shared/names"
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
		Home:    env.Region,
		Replica: env.Models.ReplicaRegion,
		Retired: env.Models.RetiredReplicaRegion,
		Stack:   id,
		Account: env.Account,
		Tags:    env.Tags,
	})
	newHome(scope, "home", env.Region)

	reader := newAccess(scope, "models", accessProps{Kind: env.Models.Access, Stack: id})
	models := newModels(scope, "models", modelsProps{Models: env.Models, Stack: id})
	replica := newReplica(scope, names.Replica(env.Models.ReplicaRegion), replicaProps{
		Models:   env.Models,
		Region:   env.Region,
		Source:   models,
		Stack:    id,
		Provider: providers.Replica,
		Boundary: env.Account.PermissionsBoundaryARN,
	})
	api := newAPI(scope, "api", apiProps{API: env.API, HostedZoneID: env.Domain.HostedZoneID, Stack: id})
	logs := newLogs(scope, "logs", logsProps{Logging: env.Logging, Stack: id})
	workgroup := newLogQueries(scope, "logs", logQueriesProps{Logging: env.Logging, Bucket: logs.Bucket, Stack: id})
	certificate := newCertificate(scope, "edge", certificateProps{Domain: env.Domain, Provider: providers.Edge})
	firewall := newFirewall(scope, "edge", firewallProps{
		Firewall:   env.Firewall,
		KeyHeaders: env.API.KeyHeaders(),
		Stack:      id,
		Provider:   providers.Edge,
	})
	signers := newSigners(scope, "models", signersProps{Signers: env.Models.Signers, Stack: id})
	callers := newCallers(scope, "api", callersProps{
		Functions: env.ViewerFunctions(),
		Stack:     id,
	})
	edge := newDistribution(scope, "edge", distributionProps{
		Distribution:   env.Distribution,
		Aliases:        env.Domain.Aliases,
		CertificateARN: certificate,
		WebACLARN:      firewall,
		API:            api,
		Models:         modelsOrigins(models, replica, reader),
		Behaviors: newBehaviors(scope, behaviorsProps{
			Behaviors:       env.Behaviors(),
			ResponseHeaders: newResponseHeaders(scope, "security", responseHeadersProps{CORS: env.CORS, Stack: id}),
			KeyGroup:        signers,
			Callers:         callers,
			CORS:            env.CORS != nil,
			Stack:           id,
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
	newReadPolicies(scope, readPoliciesProps{Buckets: []bucket{models, replica}, Reader: reader, Edge: edge})
	newBucketsCORS(scope, bucketsCORSProps{Buckets: []bucket{models, replica}, CORS: env.CORS})
	newRecords(scope, "alias", recordsProps{Domain: env.Domain, IPv6: env.Distribution.IPv6, Edge: edge})
	failed := newInvalidation(scope, "invalidation", invalidationProps{
		Enabled:   env.Models.InvalidateOnChange,
		Models:    models,
		Behaviors: env.Behaviors(),
		Edge:      edge,
		Stack:     id,
		Boundary:  env.Account.PermissionsBoundaryARN,
	})
	dashboard := newMonitoring(scope, "edge", monitoringProps{
		Monitoring:          env.Monitoring,
		Region:              env.Region,
		DistributionID:      edge.ID,
		ModelsBucket:        models.ID,
		FailedInvalidations: failed,
		Firewall:            env.Firewall,
		Keys:                env.API.Keys != nil,
		Functions:           callers.Functions,
		Stack:               id,
		Provider:            providers.Edge,
	})

	newMoved(scope, formerAddresses(env))
	newForgotten(scope, forgottenBuckets(env))

	url := "https://" + cmp.Or(firstAlias(env.Domain.Aliases), edge.DomainName)
	newOutputs(scope, []output{
		{"cloudfront_distribution_domain", edge.DomainName, "Name that CloudFront gave the distribution."},
		{"distribution_id", edge.ID, "Id of the CloudFront distribution."},
		{"api_url", url, "Where callers reach the API."},
		{"models_url", url + servedBelow(env.Models.Path), "Where callers reach the models."},
		{"models_bucket", models.ID, "Bucket of the models."},
		{"origin_access_identity_arn", reader.IdentityIAMARN, "Identity as which CloudFront reads the models."},
		{"origin_access_control_id", reader.ControlID, "Control through which CloudFront reads the models."},
		{"logs_bucket", logs.Bucket, "Bucket of the access logs."},
		{"logs_workgroup", workgroup, "Workgroup in Athena that queries the access logs."},
		{"certificate_arn", certificate, "Certificate of the aliases."},
		{"web_acl_arn", firewall, "Web ACL before the distribution."},
		{"dashboard_url", dashboard, "Dashboard of the distribution."},
		{"key_group_id", signers, "Key group that signs the URLs of models."},
		{"key_value_store_arn", callers.StoreARN, "Store of the keys of callers and of the canary's share."},
	})
	return scope
}
