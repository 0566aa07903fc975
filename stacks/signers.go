package stacks

import (
	"strings"

	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/cloudfrontkeygroup"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/cloudfrontpublickey"

	"ml-api-accelerator/stacks/config"
)

type signersProps struct {
	Signers []config.Signer
	Stack   string
}

// newSigners makes the key group whose keys sign the URLs of private models, and returns its id.
// Without signers there is none.
func newSigners(scope constructs.Construct, id string, props signersProps) string {
	if len(props.Signers) == 0 {
		return ""
	}
	var keys []string
	for _, s := range props.Signers {
		// A key can't be changed, so a new one is made first, under a name that Terraform completes.
		name := "signer-" + s.Name
		key := cloudfrontpublickey.NewCloudfrontPublicKey(scope, jsii.String(name), &cloudfrontpublickey.CloudfrontPublicKeyConfig{
			NamePrefix: jsii.String(props.Stack + "-" + s.Name + "-"),
			// AWS stores the PEM with exactly one newline at its end; any other ending would replace the key at every apply.
			EncodedKey: jsii.String(strings.TrimSpace(s.PublicKey) + "\n"),
			Lifecycle:  createBeforeDestroy(),
		})
		keys = append(keys, *key.Id())
	}
	group := rename(cloudfrontkeygroup.NewCloudfrontKeyGroup(scope, jsii.String(id+"-signers"), &cloudfrontkeygroup.CloudfrontKeyGroupConfig{
		Name:      jsii.String(props.Stack + "-" + id),
		Items:     jsii.Strings(keys...),
		Lifecycle: createBeforeDestroy(),
	}), id)
	return *group.Id()
}
