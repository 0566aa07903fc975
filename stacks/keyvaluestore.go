package stacks

import (
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/cloudfrontkeyvaluestore"
)

type keyValueStoreProps struct {
	Name string
}

// newKeyValueStore makes the store that functions read at the edge, and returns its ARN. Its content is no business of
// Terraform's: keys come and go between deploys, and must not stand in a state.
func newKeyValueStore(scope constructs.Construct, id string, props keyValueStoreProps) string {
	store := rename(cloudfrontkeyvaluestore.NewCloudfrontKeyValueStore(scope, jsii.String(id+"-store"), &cloudfrontkeyvaluestore.CloudfrontKeyValueStoreConfig{
		Name:      jsii.String(props.Name),
		Comment:   jsii.String("Keys of callers, and the canary's share."),
		Lifecycle: createBeforeDestroy(),
	}), id)
	return *store.Arn()
}
