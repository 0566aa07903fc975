package moto

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Query makes a call to a service that takes forms and answers XML.
func (s *Server) Query(region, service, action string, arguments map[string]string, answer any) error {
	versions := map[string]string{"ec2": "2016-11-15", "elasticloadbalancing": "2015-12-01", "iam": "2010-05-08", "sns": "2010-03-31"}
	form := url.Values{"Action": {action}, "Version": {versions[service]}}
	for name, value := range arguments {
		form.Set(name, value)
	}
	text, err := s.Do(Request{Region: region, Service: service, Method: http.MethodPost, Path: "/", Body: []byte(form.Encode()), Form: true})
	if err != nil {
		return err
	}
	return xml.Unmarshal(text, answer)
}

// serviceGroup is the security group that CloudFront makes in a VPC.
const serviceGroup = "CloudFront-VPCOrigins-Service-SG"

// EnterVPC has CloudFront make its security group in the VPC of a load balancer or an instance, or returns why it can't
// be a VPC origin (CloudFront Developer Guide, Restrict access with VPC origins, Prerequisites).
func (s *Server) EnterVPC(arn string) (refused string) {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 {
		return "The ARN is not valid: " + arn
	}
	region, vpc := parts[3], ""
	if id, instance := strings.CutPrefix(parts[5], "instance/"); instance {
		var answer struct {
			VPC string `xml:"reservationSet>item>instancesSet>item>vpcId"`
		}
		if s.Query(region, "ec2", "DescribeInstances", map[string]string{"InstanceId.1": id}, &answer) != nil {
			return "There is no instance " + arn
		}
		vpc = answer.VPC
	} else if vpc, refused = s.balancedVPC(region, arn); refused != "" {
		return refused
	}
	if !s.finds(region, "DescribeInternetGateways", map[string]string{"Filter.1.Name": "attachment.vpc-id", "Filter.1.Value.1": vpc}, "internetGatewayId") {
		return "The VPC has no internet gateway: " + vpc
	}
	own := map[string]string{"Filter.1.Name": "vpc-id", "Filter.1.Value.1": vpc, "Filter.2.Name": "group-name", "Filter.2.Value.1": serviceGroup}
	if s.finds(region, "DescribeSecurityGroups", own, "groupId") {
		return ""
	}
	if err := s.Query(region, "ec2", "CreateSecurityGroup", map[string]string{"GroupName": serviceGroup, "GroupDescription": "CloudFront", "VpcId": vpc}, &struct{}{}); err != nil {
		return err.Error()
	}
	return ""
}

// balancedVPC returns the VPC of a load balancer, or why it can't be a VPC origin.
func (s *Server) balancedVPC(region, arn string) (vpc, refused string) {
	var balancer struct {
		VPC    string   `xml:"DescribeLoadBalancersResult>LoadBalancers>member>VpcId"`
		Type   string   `xml:"DescribeLoadBalancersResult>LoadBalancers>member>Type"`
		Groups []string `xml:"DescribeLoadBalancersResult>LoadBalancers>member>SecurityGroups>member"`
	}
	if s.Query(region, "elasticloadbalancing", "DescribeLoadBalancers", map[string]string{"LoadBalancerArns.member.1": arn}, &balancer) != nil {
		return "", "There is no load balancer " + arn
	}
	if balancer.Type != "network" {
		return balancer.VPC, ""
	}
	if len(balancer.Groups) == 0 {
		return "", "A Network Load Balancer must have a security group to be a VPC origin."
	}
	var listeners struct {
		Protocols []string `xml:"DescribeListenersResult>Listeners>member>Protocol"`
	}
	if err := s.Query(region, "elasticloadbalancing", "DescribeListeners", map[string]string{"LoadBalancerArn": arn}, &listeners); err != nil {
		return "", err.Error()
	}
	if slices.Contains(listeners.Protocols, "TLS") {
		return "", "A Network Load Balancer with a TLS listener can't be a VPC origin."
	}
	return balancer.VPC, ""
}

// finds reports whether a call to EC2 answers with an element.
func (s *Server) finds(region, action string, arguments map[string]string, element string) bool {
	var answer struct {
		Text string `xml:",innerxml"`
	}
	return s.Query(region, "ec2", action, arguments, &answer) == nil && strings.Contains(answer.Text, "<"+element+">")
}

// Balancer is a load balancer and what is around it.
type Balancer struct{ ARN, Name, Listener, SecurityGroup, VPC string }

// CreateBalancer makes an application or a network load balancer in a VPC with an internet gateway, whose listener
// speaks a protocol on a port. HTTPS and TLS take a certificate.
func (s *Server) CreateBalancer(region, kind, name, protocol string, port int, certificate string) (b Balancer, err error) {
	query := func(service, action string, arguments map[string]string, answer any) {
		if err == nil {
			err = s.Query(region, service, action, arguments, answer)
		}
	}
	ec2 := func(action string, arguments map[string]string, id *string) {
		var answer struct {
			VPC     string `xml:"vpc>vpcId"`
			Subnet  string `xml:"subnet>subnetId"`
			Gateway string `xml:"internetGateway>internetGatewayId"`
			Group   string `xml:"groupId"`
		}
		query("ec2", action, arguments, &answer)
		*id = answer.VPC + answer.Subnet + answer.Gateway + answer.Group
	}
	var gateway, ignored string
	var subnets [2]string
	ec2("CreateVpc", map[string]string{"CidrBlock": "10.0.0.0/16"}, &b.VPC)
	ec2("CreateInternetGateway", nil, &gateway)
	ec2("AttachInternetGateway", map[string]string{"InternetGatewayId": gateway, "VpcId": b.VPC}, &ignored)
	for i := range subnets {
		ec2("CreateSubnet", map[string]string{"VpcId": b.VPC, "CidrBlock": fmt.Sprintf("10.0.%d.0/24", i), "AvailabilityZone": region + string("ab"[i])}, &subnets[i])
	}
	ec2("CreateSecurityGroup", map[string]string{"GroupName": name, "GroupDescription": name, "VpcId": b.VPC}, &b.SecurityGroup)
	var made struct {
		ARN  string `xml:"CreateLoadBalancerResult>LoadBalancers>member>LoadBalancerArn"`
		Name string `xml:"CreateLoadBalancerResult>LoadBalancers>member>DNSName"`
	}
	query("elasticloadbalancing", "CreateLoadBalancer", map[string]string{"Name": name, "Type": kind, "Scheme": "internal",
		"Subnets.member.1": subnets[0], "Subnets.member.2": subnets[1], "SecurityGroups.member.1": b.SecurityGroup}, &made)
	var listener struct {
		ARN string `xml:"CreateListenerResult>Listeners>member>ListenerArn"`
	}
	arguments := map[string]string{"LoadBalancerArn": made.ARN, "Protocol": protocol, "Port": fmt.Sprint(port),
		"DefaultActions.member.1.Type": "fixed-response", "DefaultActions.member.1.FixedResponseConfig.StatusCode": "200"}
	if kind == "network" {
		var group struct {
			ARN string `xml:"CreateTargetGroupResult>TargetGroups>member>TargetGroupArn"`
		}
		query("elasticloadbalancing", "CreateTargetGroup", map[string]string{"Name": name, "Protocol": "TCP", "Port": "80", "VpcId": b.VPC}, &group)
		arguments["DefaultActions.member.1.Type"], arguments["DefaultActions.member.1.TargetGroupArn"] = "forward", group.ARN
	}
	if certificate != "" {
		arguments["Certificates.member.1.CertificateArn"] = certificate
	}
	query("elasticloadbalancing", "CreateListener", arguments, &listener)
	b.ARN, b.Name, b.Listener = made.ARN, made.Name, listener.ARN
	return b, err
}

// ListenerHas reports whether a listener of a region has a certificate.
func (s *Server) ListenerHas(region, certificate string) bool {
	var balancers struct {
		ARNs []string `xml:"DescribeLoadBalancersResult>LoadBalancers>member>LoadBalancerArn"`
	}
	_ = s.Query(region, "elasticloadbalancing", "DescribeLoadBalancers", nil, &balancers)
	for _, balancer := range balancers.ARNs {
		var listeners struct {
			ARNs []string `xml:"DescribeListenersResult>Listeners>member>ListenerArn"`
		}
		_ = s.Query(region, "elasticloadbalancing", "DescribeListeners", map[string]string{"LoadBalancerArn": balancer}, &listeners)
		for _, listener := range listeners.ARNs {
			if slices.Contains(s.ListenerCertificates(region, listener), certificate) {
				return true
			}
		}
	}
	return false
}

// ListenerCertificates returns the ARNs of the certificates of a listener.
func (s *Server) ListenerCertificates(region, listener string) []string {
	var answer struct {
		ARNs []string `xml:"DescribeListenerCertificatesResult>Certificates>member>CertificateArn"`
	}
	_ = s.Query(region, "elasticloadbalancing", "DescribeListenerCertificates", map[string]string{"ListenerArn": listener}, &answer)
	return answer.ARNs
}
