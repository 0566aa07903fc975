package stacks

import (
	"strconv"

	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/cloudfrontvpcorigin"

	"ml-api-accelerator/stacks/internal/shared/names"
)

type vpcOriginProps struct {
	LoadBalancerARN string
	Port            int
	Stack           string
}

// newVPCOrigin lets CloudFront into the VPC of a private backend, and returns the id of the VPC origin. CloudFront
// doesn't update one that a distribution uses (CloudFront API Reference, UpdateVpcOrigin: CannotUpdateEntityWhileInUse),
// so one that differs in anything has another address and name: it is made first, and the old one deleted last.
func newVPCOrigin(scope constructs.Construct, id string, props vpcOriginProps) string {
	unique := id + "-" + names.Fingerprint(props.LoadBalancerARN, strconv.Itoa(httpPort), strconv.Itoa(props.Port), httpsOnly, tls12)
	o := cloudfrontvpcorigin.NewCloudfrontVpcOrigin(scope, jsii.String(unique), &cloudfrontvpcorigin.CloudfrontVpcOriginConfig{
		Lifecycle: createBeforeDestroy(),
		VpcOriginEndpointConfig: []*cloudfrontvpcorigin.CloudfrontVpcOriginVpcOriginEndpointConfig{{
			Name:                 jsii.String(props.Stack + "-" + unique),
			Arn:                  jsii.String(props.LoadBalancerARN),
			HttpPort:             jsii.Number(httpPort),
			HttpsPort:            jsii.Number(props.Port),
			OriginProtocolPolicy: jsii.String(httpsOnly),
			OriginSslProtocols: []*cloudfrontvpcorigin.CloudfrontVpcOriginVpcOriginEndpointConfigOriginSslProtocols{
				{Items: jsii.Strings(tls12), Quantity: jsii.Number(1)},
			},
		}},
	})
	return *o.Id()
}
