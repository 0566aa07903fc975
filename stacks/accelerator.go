package stacks

import (
	"github.com/hashicorp/terraform-cdk-go/cdktf"

	"ml-api-accelerator/stacks/config"
)

// newAccelerator composes one environment: each construct feeds the next.
func newAccelerator(app cdktf.App, c config.Config, name string) {
	env, id := c.Environments[name], c.StackName(name)
	stack := newStack(app, id)
	newStateBackend(stack, c.State, c.Name+"/"+name+".tfstate")
	newProvider(stack, "aws", providerProps{Region: env.Region, Account: env.Account, Tags: env.Tags})

	identity := newIdentity(stack, "models", id)
	models := newModels(stack, "models", modelsProps{env.Models, bucketPrefix(id, "models")})
	newBucketPolicy(stack, "models", models, identity.allowRead(models.ARN))
	logs := newLogs(stack, "logs", logsProps{env.Logging, bucketPrefix(id, "logs")})
	policies := behaviorPolicies{
		Cache:           newCachePolicies(stack, id, env.Behaviors()),
		ResponseHeaders: newResponseHeaders(stack, "security", id+"-security"),
	}
	edge := newDistribution(stack, "edge", distributionProps{
		Distribution: env.Distribution,
		Name:         id,
		Origins:      []origin{apiOrigin(env.API), modelsOrigin(models, identity)},
		Behaviors:    newBehaviors(env.Behaviors(), policies),
		Logging:      loggingConfig(logs, env.Logging),
	})
	newOutputs(stack, []output{
		{"cloudfront_distribution_domain", edge.DomainName, "Name that CloudFront gave the distribution."},
		{"distribution_id", edge.ID, "Id of the CloudFront distribution."},
		{"api_url", "https://" + edge.DomainName, "Where callers reach the API."},
		{"models_url", "https://" + edge.DomainName + servedBelow(env.Models.Path), "Where callers reach the models."},
		{"models_bucket", models.ID, "Bucket of the models."},
		{"origin_access_identity_arn", identity.IAMARN, "Identity as which CloudFront reads the models."},
		{"logs_bucket", logs.Bucket, "Bucket of the access logs."},
	})
}
