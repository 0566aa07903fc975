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
	Functions []config.ViewerFunction
	Store     bool // keeps the keys of callers and the canary's share
	Stack     string
}

// callers tell the callers of backends apart at the edge.
type callers struct {
	StoreARN  string
	Functions []viewerFunction
}

// newCallers makes the functions that know callers by their API keys, send a share of them to the canary, and tell
// backends how callers see them; and the store that they read.
func newCallers(scope constructs.Construct, id string, props callersProps) callers {
	made := callers{}
	if props.Store {
		made.StoreARN = newKeyValueStore(scope, id, names.KeyValueStore(props.Stack))
	}
	for _, f := range props.Functions {
		function := viewerFunctionProps{Options: f.Options, Name: names.Short(props.Stack+"-"+f.ID, mostFunctionName)}
		if f.ReadsStore() {
			function.StoreARN = made.StoreARN
		}
		made.Functions = append(made.Functions, newViewerFunction(scope, f.ID, function))
	}
	return made
}

// mostFunctionName is how many characters the name of a function has at most (CloudFront API Reference, CreateFunction).
const mostFunctionName = 64

// arn returns the ARN of the function with an id; empty: there is none.
func (c callers) arn(id string) string {
	for _, f := range c.Functions {
		if f.ID == id {
			return f.ARN
		}
	}
	return ""
}

type viewerFunctionProps struct {
	viewerrequest.Options
	StoreARN string // empty: it reads none
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
			KeyValueStoreAssociations: optionalTexts(props.StoreARN),
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
