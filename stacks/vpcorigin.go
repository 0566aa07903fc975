package stacks

import (
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/cloudfrontvpcorigin"
)

type vpcOriginProps struct {
	LoadBalancerARN string
	Port            int
	Stack           string
}

// newVPCOrigin lets CloudFront into the VPC of a private backend, and returns the id of the VPC origin.
func newVPCOrigin(scope constructs.Construct, id string, props vpcOriginProps) string {
	o := cloudfrontvpcorigin.NewCloudfrontVpcOrigin(scope, jsii.String(id), &cloudfrontvpcorigin.CloudfrontVpcOriginConfig{
		Lifecycle: createBeforeDestroy(),
		VpcOriginEndpointConfig: []*cloudfrontvpcorigin.CloudfrontVpcOriginVpcOriginEndpointConfig{{
			Name:                 jsii.String(props.Stack + "-" + id),
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
