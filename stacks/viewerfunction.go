package stacks

import (
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/cloudfrontfunction"

	"ml-api-accelerator/stacks/internal/shared/viewerrequest"
)

type viewerFunctionProps struct {
	viewerrequest.Options
	StoreARN string
	Name     string
}

// viewerFunction runs at the edge for each request, before CloudFront looks into its cache.
type viewerFunction struct{ ID, Name, ARN string }

// newViewerFunction publishes the function: a distribution only takes one that is (CloudFront Developer Guide, Publish functions).
func newViewerFunction(scope constructs.Construct, id string, props viewerFunctionProps) viewerFunction {
	f := rename(cloudfrontfunction.NewCloudfrontFunction(scope, jsii.String(id+"-function"), &cloudfrontfunction.CloudfrontFunctionConfig{
		Name:                      jsii.String(props.Name),
		Runtime:                   jsii.String("cloudfront-js-2.0"), // the first one that reads a store
		Code:                      jsii.String(viewerrequest.Code(props.Options)),
		Publish:                   true,
		KeyValueStoreAssociations: jsii.Strings(props.StoreARN),
		Lifecycle:                 createBeforeDestroy(),
	}), id)
	return viewerFunction{ID: id, Name: props.Name, ARN: *f.Arn()}
}
