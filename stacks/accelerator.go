package stacks

import (
	"cmp"

	"github.com/hashicorp/terraform-cdk-go/cdktf"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/names"
)

// newAccelerator composes one environment: each construct feeds the next, and makes nothing where the
// configuration doesn't ask for it.
func newAccelerator(app cdktf.App, c config.Config, name string) cdktf.TerraformStack {
	env, id := c.Environments[name], c.StackName(name)
	stack := newStack(app, id)
	newStateBackend(stack, c.State, names.StateKey(c.Name, name))
	providers := newProviders(stack, env)

	reader := newAccess(stack, "models", env.Models.Access, id)
	models := newModels(stack, "models", modelsProps{env.Models, id})
	replica := newReplica(stack, "replica", replicaProps{
		Models:   env.Models,
		Region:   env.Region,
		Source:   models,
		Stack:    id,
		Provider: providers.Replica,
	})
	api := newAPI(stack, "api", apiProps{API: env.API, HostedZoneID: env.Domain.HostedZoneID, Stack: id})
	logs := newLogs(stack, "logs", logsProps{env.Logging, id})
	certificate := newCertificate(stack, "edge", certificateProps{env.Domain, providers.Edge})
	firewall := newFirewall(stack, "edge", firewallProps{env.Firewall, id, providers.Edge})
	signers := newSigners(stack, "models", id, env.Models.Signers)
	edge := newDistribution(stack, "edge", distributionProps{
		Distribution:   env.Distribution,
		Aliases:        env.Domain.Aliases,
		CertificateARN: certificate,
		WebACLARN:      firewall,
		API:            api,
		Models:         modelsOrigins(models, replica, reader),
		Behaviors: newBehaviors(stack, behaviorsProps{
			Behaviors:       env.Behaviors(),
			ResponseHeaders: newResponseHeaders(stack, "security", id+"-security", env.CORS),
			KeyGroup:        signers,
			Stack:           id,
		}),
		Logging: loggingConfig(logs, env.Logging),
		Stack:   id,
	})
	newBucketPolicy(stack, "models", models, reader.allowRead(models.ARN, edge.ARN))
	newBucketPolicy(stack, "replica", replica, reader.allowRead(replica.ARN, edge.ARN))
	newRecords(stack, recordsProps{env.Domain, env.Distribution.IPv6, edge})
	failed := newInvalidation(stack, "invalidation", invalidationProps{
		Enabled:  env.Models.InvalidateOnChange,
		Models:   models,
		Prefixes: servedPrefixes(env.Behaviors()),
		Edge:     edge,
		Stack:    id,
	})
	dashboard := newMonitoring(stack, "edge", monitoringProps{
		Monitoring:          env.Monitoring,
		Region:              env.Region,
		DistributionID:      edge.ID,
		ModelsBucket:        models.ID,
		FailedInvalidations: failed,
		Firewall:            env.Firewall.Enabled,
		Stack:               id,
		Provider:            providers.Edge,
	})

	url := "https://" + cmp.Or(firstAlias(env.Domain), edge.DomainName)
	newOutputs(stack, []output{
		{"cloudfront_distribution_domain", edge.DomainName, "Name that CloudFront gave the distribution."},
		{"distribution_id", edge.ID, "Id of the CloudFront distribution."},
		{"api_url", url, "Where callers reach the API."},
		{"models_url", url + servedBelow(env.Models.Path), "Where callers reach the models."},
		{"models_bucket", models.ID, "Bucket of the models."},
		{"origin_access_identity_arn", reader.IdentityIAMARN, "Identity as which CloudFront reads the models."},
		{"origin_access_control_id", reader.ControlID, "Control through which CloudFront reads the models."},
		{"logs_bucket", logs.Bucket, "Bucket of the access logs."},
		{"certificate_arn", certificate, "Certificate of the aliases."},
		{"web_acl_arn", firewall, "Web ACL before the distribution."},
		{"dashboard_url", dashboard, "Dashboard of the distribution."},
		{"key_group_id", signers, "Key group that signs the URLs of models."},
	})
	return stack
}
