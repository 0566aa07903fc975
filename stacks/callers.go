package stacks

import (
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/cloudfrontfunction"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/cloudfrontkeyvaluestore"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/shared/names"
	"ml-api-accelerator/stacks/internal/shared/viewerrequest"
)

type callersProps struct {
	Functions []viewerrequest.Options // as config.Environment.ViewerFunctions returns them
	Stack     string
}

// callers tell the callers of the API apart at the edge.
type callers struct {
	StoreARN  string
	Functions []viewerFunction // the second, if there is one, is that of routes with failover
}

// newCallers makes the functions that know callers by their API keys and send a share of them to the canary, and the
// store that they read.
func newCallers(scope constructs.Construct, id string, props callersProps) callers {
	if len(props.Functions) == 0 {
		return callers{}
	}
	made := callers{StoreARN: newKeyValueStore(scope, id, names.KeyValueStore(props.Stack))}
	for i, options := range props.Functions {
		id := id
		if i > 0 {
			id += "-failover"
		}
		made.Functions = append(made.Functions, newViewerFunction(scope, id, viewerFunctionProps{
			Options: options, StoreARN: made.StoreARN, Name: props.Stack + "-" + id,
		}))
	}
	return made
}

// function returns the ARN of the function that runs for a behavior's requests; empty: none.
func (c callers) function(b config.Behavior) string {
	switch {
	case b.Origin != config.OriginAPI || len(c.Functions) == 0:
		return ""
	case b.Failover:
		return c.Functions[len(c.Functions)-1].ARN
	}
	return c.Functions[0].ARN
}

type viewerFunctionProps struct {
	viewerrequest.Options
	StoreARN string
	Name     string
}

// viewerFunction runs at the edge for each request, before CloudFront looks into its cache.
type viewerFunction struct{ ID, Name, ARN string }

// newViewerFunction publishes the function: a distribution only takes one that is (CloudFront Developer Guide, Publish
// functions).
func newViewerFunction(scope constructs.Construct, id string, props viewerFunctionProps) viewerFunction {
	f := rename(cloudfrontfunction.NewCloudfrontFunction(scope, jsii.String(id+"-function"),
		&cloudfrontfunction.CloudfrontFunctionConfig{
			Name:                      jsii.String(props.Name),
			Runtime:                   jsii.String("cloudfront-js-2.0"), // the first one that reads a store
			Code:                      jsii.String(viewerrequest.Code(props.Options)),
			Publish:                   true,
			KeyValueStoreAssociations: jsii.Strings(props.StoreARN),
			Lifecycle:                 createBeforeDestroy(),
		}), id)
	return viewerFunction{ID: id, Name: props.Name, ARN: *f.Arn()}
}

// newKeyValueStore makes the store that functions read at the edge, and returns its ARN. Terraform doesn't manage its
// content: API keys come and go between deploys, and must not be in a state.
func newKeyValueStore(scope constructs.Construct, id, name string) string {
	store := rename(cloudfrontkeyvaluestore.NewCloudfrontKeyValueStore(scope, jsii.String(id+"-store"),
		&cloudfrontkeyvaluestore.CloudfrontKeyValueStoreConfig{
			Name:      jsii.String(name),
			Comment:   jsii.String("Keys of callers, and the canary's share."),
			Lifecycle: createBeforeDestroy(),
		}), id)
	return *store.Arn()
}
