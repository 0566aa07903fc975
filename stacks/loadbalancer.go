package stacks

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/cloudfrontvpcorigin"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/dataawsec2managedprefixlist"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/dataawslb"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/dataawslblistener"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/dataawssecuritygroup"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/lblistenercertificate"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/route53record"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/vpcsecuritygroupingressrule"
	"github.com/hashicorp/terraform-cdk-go/cdktf"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/shared/names"
)

type privateBackendProps struct {
	config.VPCOrigin
	HTTPSPort int
	Stack     string
}

// newPrivateBackend lets CloudFront into the VPC of a private backend.
func newPrivateBackend(scope constructs.Construct, id string, props privateBackendProps) address {
	o := vpcOriginProps{
		LoadBalancerARN: props.LoadBalancerARN,
		Protocol:        httpsOnly,
		HTTPPort:        httpPort,
		HTTPSPort:       props.HTTPSPort,
		Stack:           props.Stack,
	}
	port := props.HTTPSPort
	if props.Plain() {
		o.Protocol, o.HTTPPort, port = httpOnly, props.HTTPPort, props.HTTPPort
	}
	origin := newVPCOrigin(scope, id, o)
	made := address{DomainName: props.DomainName, VPCOriginID: *origin.Id()}
	if props.SecurityGroupID != "" {
		rule := newServiceGroupRule(scope, id, serviceGroupRuleProps{
			SecurityGroupID: props.SecurityGroupID,
			Port:            port,
			VPCOrigin:       origin,
		})
		made.After = []string{*rule.TerraformResourceType() + "." + *rule.FriendlyUniqueId()}
	}
	if made.DomainName == "" {
		made.DomainName = *newLoadBalancer(scope, id, props.LoadBalancerARN).DnsName()
	}
	return made
}

type vpcOriginProps struct {
	LoadBalancerARN     string
	Protocol            string // httpsOnly or httpOnly
	HTTPPort, HTTPSPort int
	Stack               string
}

// newVPCOrigin makes a VPC origin. CloudFront doesn't update one that a distribution uses (CloudFront API Reference,
// UpdateVpcOrigin: CannotUpdateEntityWhileInUse), so one that differs in anything has another address and name: it is
// made first, and the old one deleted last.
func newVPCOrigin(scope constructs.Construct, id string, props vpcOriginProps) cloudfrontvpcorigin.CloudfrontVpcOrigin {
	unique := id + "-" + names.Fingerprint(props.LoadBalancerARN, strconv.Itoa(props.HTTPPort),
		strconv.Itoa(props.HTTPSPort), props.Protocol, tls12)
	return cloudfrontvpcorigin.NewCloudfrontVpcOrigin(scope, jsii.String(unique),
		&cloudfrontvpcorigin.CloudfrontVpcOriginConfig{
			Lifecycle: createBeforeDestroy(),
			VpcOriginEndpointConfig: []*cloudfrontvpcorigin.CloudfrontVpcOriginVpcOriginEndpointConfig{{
				Name:                 jsii.String(props.Stack + "-" + unique),
				Arn:                  jsii.String(props.LoadBalancerARN),
				HttpPort:             jsii.Number(props.HTTPPort),
				HttpsPort:            jsii.Number(props.HTTPSPort),
				OriginProtocolPolicy: jsii.String(props.Protocol),
				OriginSslProtocols: []*cloudfrontvpcorigin.CloudfrontVpcOriginVpcOriginEndpointConfigOriginSslProtocols{
					{Items: jsii.Strings(tls12), Quantity: jsii.Number(1)},
				},
			}},
		})
}

// serviceGroup is the security group that AWS makes in a VPC for the connections of all VPC origins there (CloudFront
// Developer Guide, Restrict access with VPC origins).
const serviceGroup = "CloudFront-VPCOrigins-Service-SG"

type serviceGroupRuleProps struct {
	SecurityGroupID string
	Port            int
	VPCOrigin       cloudfrontvpcorigin.CloudfrontVpcOrigin
}

// newServiceGroupRule lets CloudFront into the security group of a private backend. The group that it comes from is
// there once the first VPC origin is, so it is looked up after that.
func newServiceGroupRule(scope constructs.Construct, id string, props serviceGroupRuleProps) ingressRule {
	own := rename(dataawssecuritygroup.NewDataAwsSecurityGroup(scope, jsii.String(id+"_group"),
		&dataawssecuritygroup.DataAwsSecurityGroupConfig{Id: jsii.String(props.SecurityGroupID)}), id)
	service := dataawssecuritygroup.NewDataAwsSecurityGroup(scope, jsii.String(id+"_cloudfront"),
		&dataawssecuritygroup.DataAwsSecurityGroupConfig{
			Name:      jsii.String(serviceGroup),
			VpcId:     own.VpcId(),
			DependsOn: &[]cdktf.ITerraformDependable{props.VPCOrigin},
		})
	return newIngressRule(scope, id, ingressRuleProps{
		SecurityGroupID: props.SecurityGroupID,
		Port:            props.Port,
		FromGroupID:     *service.Id(),
	})
}

type ingressRule = vpcsecuritygroupingressrule.VpcSecurityGroupIngressRule

type ingressRuleProps struct {
	SecurityGroupID string
	Port            int
	FromGroupID     string // a security group, or
	FromListID      string // a list of addresses
}

// newIngressRule lets CloudFront connect to one port. A rule for another port is made beside it, and the old one deleted
// once the distribution has moved.
func newIngressRule(scope constructs.Construct, id string, props ingressRuleProps) ingressRule {
	id += "_" + strconv.Itoa(props.Port)
	return vpcsecuritygroupingressrule.NewVpcSecurityGroupIngressRule(scope, jsii.String(id),
		&vpcsecuritygroupingressrule.VpcSecurityGroupIngressRuleConfig{
			SecurityGroupId:           jsii.String(props.SecurityGroupID),
			Description:               jsii.String("CloudFront"),
			IpProtocol:                jsii.String("tcp"),
			FromPort:                  jsii.Number(props.Port),
			ToPort:                    jsii.Number(props.Port),
			ReferencedSecurityGroupId: optional(props.FromGroupID),
			PrefixListId:              optional(props.FromListID),
			Lifecycle:                 createBeforeDestroy(),
		})
}

// newLoadBalancer looks a load balancer up.
func newLoadBalancer(scope constructs.Construct, id, arn string) dataawslb.DataAwsLb {
	return rename(dataawslb.NewDataAwsLb(scope, jsii.String(id+"_load-balancer"),
		&dataawslb.DataAwsLbConfig{Arn: jsii.String(arn)}), id)
}

// originFacing is AWS's list of the addresses from which CloudFront connects to origins (CloudFront Developer Guide,
// Locations and IP address ranges of CloudFront edge servers).
const originFacing = "com.amazonaws.global.cloudfront.origin-facing"

type loadBalancerNameProps struct {
	config.LoadBalancer
	Port  int
	Zones zones
}

// newLoadBalancerName gives a public load balancer a name that CloudFront can connect to by TLS: a certificate beside
// those that its listener has, a record, and a rule that lets CloudFront in. The record comes last, and the distribution
// after it.
func newLoadBalancerName(scope constructs.Construct, id string, props loadBalancerNameProps) address {
	name := strings.ToLower(props.DomainName)
	listener := newListener(scope, id, props.ListenerARN, props.Port)
	certificate := newCertificate(scope, id+"_origin", certificateProps{
		zones: props.Zones, Names: []string{name},
	})
	ready := []cdktf.ITerraformDependable{rename(lblistenercertificate.NewLbListenerCertificate(scope,
		jsii.String(id+"_listener-certificate"), &lblistenercertificate.LbListenerCertificateConfig{
			ListenerArn:    listener.Arn(),
			CertificateArn: jsii.String(certificate),
			Lifecycle:      createBeforeDestroy(),
		}), id)}
	if props.SecurityGroupID != "" {
		list := rename(dataawsec2managedprefixlist.NewDataAwsEc2ManagedPrefixList(scope, jsii.String(id+"_addresses"),
			&dataawsec2managedprefixlist.DataAwsEc2ManagedPrefixListConfig{Name: jsii.String(originFacing)}), id)
		ready = append(ready, newIngressRule(scope, id, ingressRuleProps{
			SecurityGroupID: props.SecurityGroupID,
			Port:            props.Port,
			FromListID:      *list.Id(),
		}))
	}
	balancer := newLoadBalancer(scope, id, *listener.LoadBalancerArn())
	record := props.Zones.newRecord(scope, id+"_origin-A", name, &route53record.Route53RecordConfig{
		Name: jsii.String(name),
		Type: jsii.String("A"), // by which alone CloudFront looks up an origin, unless told otherwise
		Alias: &route53record.Route53RecordAlias{
			Name:                 balancer.DnsName(),
			ZoneId:               balancer.ZoneId(),
			EvaluateTargetHealth: false,
		},
		Lifecycle: createBeforeDestroy(),
		DependsOn: &ready,
	})
	return address{DomainName: *record.Fqdn()}
}

// newListener looks a listener up, and fails the plan if CloudFront would find no TLS there.
func newListener(scope constructs.Construct, id, arn string, port int) dataawslblistener.DataAwsLbListener {
	return rename(dataawslblistener.NewDataAwsLbListener(scope, jsii.String(id+"_listener"),
		&dataawslblistener.DataAwsLbListenerConfig{
			Arn: jsii.String(arn),
			Lifecycle: &cdktf.TerraformResourceLifecycle{Postcondition: &[]*cdktf.Postcondition{{
				Condition: jsii.String(fmt.Sprintf(`${contains(["HTTPS", "TLS"], self.protocol) && self.port == %d}`, port)),
				ErrorMessage: jsii.String(fmt.Sprintf("CloudFront connects by TLS to port %d (httpsPort), but the listener "+
					"speaks ${self.protocol} on port ${self.port}.", port)),
			}}},
		}), id)
}
