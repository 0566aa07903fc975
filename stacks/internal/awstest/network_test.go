package awstest_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestLongVPCOriginRefusals tries what CloudFront takes as a VPC origin, and what it doesn't.
func TestLongVPCOriginRefusals(t *testing.T) {
	s := start(t)
	certificate := s.RequestCertificate(t, "us-east-1", "internal.example.com")
	network := s.CreateBalancer(t, "us-east-1", "network", "network", "TCP", 80, "")
	tls := s.CreateBalancer(t, "us-east-1", "network", "tls", "TLS", 443, certificate)
	create := func(arn string) (int, string) {
		return send(t, s, "cloudfront", "POST", "/2020-05-31/vpc-origin", `<CreateVpcOriginRequest><VpcOriginEndpointConfig><Name>`+arn+`</Name><Arn>`+arn+`</Arn></VpcOriginEndpointConfig></CreateVpcOriginRequest>`)
	}
	status, text := create(network.ARN)
	require.Equal(t, 202, status, text)
	for arn, says := range map[string]string{
		tls.ARN:           "TLS listener",
		network.ARN + "0": "no load balancer",
		"arn:aws:ec2:us-east-1:111122223333:instance/i-1234567890abcdef0": "no instance",
		"load balancer": "not valid",
	} {
		status, text := create(arn)
		require.Equal(t, 400, status, text)
		require.Contains(t, text, says)
	}
	var groups struct {
		Names []string `xml:"securityGroupInfo>item>groupName"`
	}
	s.EC2(t, "us-east-1", "DescribeSecurityGroups", map[string]string{"Filter.1.Name": "vpc-id", "Filter.1.Value.1": network.VPC}, &groups)
	require.Contains(t, groups.Names, "CloudFront-VPCOrigins-Service-SG")
}
