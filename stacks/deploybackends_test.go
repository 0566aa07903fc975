package stacks_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/awstest"
)

// backendConfig is an environment with a backend of one kind, whose buckets may go.
func backendConfig(t *testing.T, sections string) config.Config {
	t.Helper()
	c, _, err := config.Parse("cdktf.json", []byte(`{"context": {"accelerator": {"name": "demo",
		"state": {"bucket": "demo-state", "region": "us-east-1"},
		"environments": {"dev": {"region": "eu-west-1", "models": {"forceDestroy": true}, "logging": {"enabled": false, "forceDestroy": true}, `+sections+`}}}}}`))
	require.NoError(t, err)
	return c
}

// synthesizeBackend synthesizes an environment after a change to its API.
func synthesizeBackend(t *testing.T, c config.Config, change func(*config.API)) []byte {
	t.Helper()
	e := c.Environments["dev"]
	change(&e.API)
	return synthesizeConfig(t, config.Config{Name: c.Name, State: c.State, Environments: map[string]config.Environment{"dev": e}})["demo-dev"]
}

func unchanged(*config.API) {}

// rule is a rule of a security group, as EC2 tells it.
type rule struct {
	From  int    `xml:"fromPort"`
	To    int    `xml:"toPort"`
	Group string `xml:"referencedGroupInfo>groupId"`
	List  string `xml:"prefixListId"`
}

// letIn returns the rules of a security group for what comes in.
func letIn(t *testing.T, aws *awstest.Server, group string) []rule {
	t.Helper()
	var answer struct {
		Rules []struct {
			rule
			Egress bool `xml:"isEgress"`
		} `xml:"securityGroupRuleSet>item"`
	}
	aws.EC2(t, "eu-west-1", "DescribeSecurityGroupRules", map[string]string{"Filter.1.Name": "group-id", "Filter.1.Value.1": group}, &answer)
	var in []rule
	for _, r := range answer.Rules {
		if !r.Egress {
			in = append(in, r.rule)
		}
	}
	return in
}

// inOrder holds the calls to come one after the other.
func (d deployment) inOrder(t *testing.T, calls ...string) {
	t.Helper()
	var made []string
	for _, call := range d.aws.Calls() {
		if slices.Contains(calls, call.Name()) && !slices.Contains(made, call.Name()) {
			made = append(made, call.Name())
		}
	}
	require.Equal(t, calls, made)
}

// TestLongDeployPrivateBackend has CloudFront reach a load balancer in a VPC by HTTP, through its security group.
func TestLongDeployPrivateBackend(t *testing.T) {
	aws := needAWS(t)
	balancer := aws.CreateBalancer(t, "eu-west-1", "application", "inside", "HTTP", 8080, "")
	c := backendConfig(t, fmt.Sprintf(`"api": {"vpcOrigin": {"loadBalancerArn": %q, "protocol": "http", "httpPort": 8080, "securityGroupId": %q}}`,
		balancer.ARN, balancer.SecurityGroup))
	aws.CreateBucket(t, c.State.Region, c.State.Bucket)
	whole := synthesizeBackend(t, c, unchanged)
	otherPort := synthesizeBackend(t, c, func(a *config.API) { a.VPCOrigin.HTTPPort = 9090 })
	sideBySide(t)

	dev := newDeployment(t, aws, whole, patience(t, whole))
	var serviceGroup string
	step(t, "CloudFront is let in from the group that AWS makes with the VPC origin", func(t *testing.T) {
		dev.apply(t)
		_, d := sent[wireDistribution](t, aws, "Distribution")
		require.Equal(t, balancer.Name, d.origin("api").Domain)
		_, made := sent[wireVPCOrigin](t, aws, "VpcOrigin")
		require.Equal(t, wireVPCOrigin{balancer.ARN, 8080, 443, "http-only"}, made)
		var group struct {
			ID string `xml:"securityGroupInfo>item>groupId"`
		}
		aws.EC2(t, "eu-west-1", "DescribeSecurityGroups", map[string]string{"Filter.1.Name": "group-name", "Filter.1.Value.1": "CloudFront-VPCOrigins-Service-SG"}, &group)
		require.NotEmpty(t, group.ID)
		serviceGroup = group.ID
		require.Equal(t, []rule{{8080, 8080, serviceGroup, ""}}, letIn(t, aws, balancer.SecurityGroup))
		dev.requireNoChanges(t)
	})
	step(t, "another port is open before CloudFront uses it, and the old one until it doesn't", func(t *testing.T) {
		dev.deploy(t, otherPort)
		dev.inOrder(t, "cloudfront:CreateVpcOrigin", "ec2:AuthorizeSecurityGroupIngress", "cloudfront:UpdateDistribution", "ec2:RevokeSecurityGroupIngress")
		require.Equal(t, []rule{{9090, 9090, serviceGroup, ""}}, letIn(t, aws, balancer.SecurityGroup))
		require.Len(t, aws.Resources()["VpcOrigin"], 1)
		dev.requireNoChanges(t)
	})
	step(t, "destroyed, it leaves the load balancer as it was", func(t *testing.T) {
		dev.destroy(t, withoutRefresh)
		require.Empty(t, aws.Resources())
		require.Empty(t, letIn(t, aws, balancer.SecurityGroup))
	})
}

// wireVPCOrigin is a VPC origin as CloudFront was sent it.
type wireVPCOrigin struct {
	ARN       string `xml:"VpcOriginEndpointConfig>Arn"`
	HTTPPort  int    `xml:"VpcOriginEndpointConfig>HTTPPort"`
	HTTPSPort int    `xml:"VpcOriginEndpointConfig>HTTPSPort"`
	Protocol  string `xml:"VpcOriginEndpointConfig>OriginProtocolPolicy"`
}

// TestLongDeployLoadBalancer gives a public load balancer a name with a certificate, and another one.
func TestLongDeployLoadBalancer(t *testing.T) {
	aws := needAWS(t)
	zone := aws.CreateHostedZone(t, "example.com")
	own := aws.RequestCertificate(t, "eu-west-1", "internal.example.com")
	balancer := aws.CreateBalancer(t, "eu-west-1", "application", "public", "HTTPS", 443, own)
	plain := aws.CreateBalancer(t, "eu-west-1", "application", "plain", "HTTP", 80, "")
	c := backendConfig(t, fmt.Sprintf(`"api": {"loadBalancer": {"listenerArn": %q, "domainName": "Origin.example.com", "securityGroupId": %q}},
		"domain": {"aliases": ["api.example.com"], "hostedZoneId": "Z1"}`, balancer.Listener, balancer.SecurityGroup))
	e := c.Environments["dev"]
	e.Domain.HostedZoneID = zone // moto's aren't like AWS's
	c.Environments["dev"] = e
	aws.CreateBucket(t, c.State.Region, c.State.Bucket)
	whole := synthesizeBackend(t, c, unchanged)
	withListener := func(a *config.API, listener, name string) {
		l := *a.LoadBalancer
		l.ListenerARN, l.DomainName = listener, name
		a.LoadBalancer = &l
	}
	renamed := synthesizeBackend(t, c, func(a *config.API) { withListener(a, balancer.Listener, "backend.example.com") })
	wrong := synthesizeBackend(t, c, func(a *config.API) { withListener(a, plain.Listener, "origin.example.com") })
	sideBySide(t)

	dev := newDeployment(t, aws, whole, patience(t, whole))
	step(t, "CloudFront finds a name, a certificate and an open port", func(t *testing.T) {
		dev.apply(t)
		_, d := sent[wireDistribution](t, aws, "Distribution")
		require.Equal(t, "origin.example.com", d.origin("api").Domain)
		require.Equal(t, balancer.Name, aws.Records(t, zone)["A origin.example.com"])
		require.Len(t, aws.ListenerCertificates("eu-west-1", balancer.Listener), 2)
		in := letIn(t, aws, balancer.SecurityGroup)
		require.Len(t, in, 1)
		require.Equal(t, rule{443, 443, "", in[0].List}, in[0])
		require.True(t, strings.HasPrefix(in[0].List, "pl-"), in[0].List)
		dev.requireNoChanges(t)
	})
	step(t, "another name is there before CloudFront uses it", func(t *testing.T) {
		dev.deploy(t, renamed)
		dev.inOrder(t, "acm:RequestCertificate", "elasticloadbalancing:AddListenerCertificates", "cloudfront:UpdateDistribution",
			"elasticloadbalancing:RemoveListenerCertificates", "acm:DeleteCertificate")
		_, d := sent[wireDistribution](t, aws, "Distribution")
		require.Equal(t, "backend.example.com", d.origin("api").Domain)
		require.Contains(t, aws.Records(t, zone), "A backend.example.com")
		require.NotContains(t, aws.Records(t, zone), "A origin.example.com")
		require.Len(t, aws.ListenerCertificates("eu-west-1", balancer.Listener), 2)
		dev.requireNoChanges(t)
	})
	step(t, "a listener without TLS is refused by the plan", func(t *testing.T) {
		dev.write(t, wrong, patience(t, wrong))
		_, err := dev.Plan(t.Context())
		require.ErrorContains(t, err, "CloudFront connects by TLS to port 443 (httpsPort), but the listener speaks\nHTTP on port 80.")
	})
	step(t, "destroyed, it leaves the load balancer as it was", func(t *testing.T) {
		dev.change(t, renamed, patience(t, renamed))
		dev.destroy(t, withoutRefresh)
		require.Empty(t, aws.Resources())
		require.Equal(t, []string{own}, aws.ListenerCertificates("eu-west-1", balancer.Listener))
		require.Empty(t, letIn(t, aws, balancer.SecurityGroup))
		require.NotContains(t, aws.Records(t, zone), "A backend.example.com")
	})
}

// TestLongDeployFunction gives a function a URL that knows CloudFront by a secret, then by its signature, and again.
func TestLongDeployFunction(t *testing.T) {
	aws := needAWS(t)
	function := aws.Functions().Create("eu-west-1", "chat", "live")
	c := backendConfig(t, fmt.Sprintf(`"api": {"functionUrl": {"functionArn": %q, "qualifier": "live"}, "verifySecret": "verify"}`, function))
	aws.CreateBucket(t, c.State.Region, c.State.Bucket)
	aws.CreateSecret(t, "eu-west-1", "verify", "secret")
	known := func(access string) []byte {
		return synthesizeBackend(t, c, func(a *config.API) {
			u := *a.FunctionURL
			u.Access = access
			a.FunctionURL = &u
		})
	}
	bySecret, bySignature := known(config.FunctionSecret), known(config.FunctionControl)
	sideBySide(t)

	live := function + ":live"
	// What the provider adds where it makes such a URL, and never takes away.
	leftBehind := map[string]string{"FunctionURLAllowPublicAccess": `lambda:InvokeFunctionUrl ["*",{"StringEquals":{"lambda:FunctionUrlAuthType":"NONE"}}]`}
	dev := newDeployment(t, aws, bySecret, patience(t, bySecret))
	requireSecret := func(t *testing.T) {
		t.Helper()
		address, auth, mode := aws.Functions().URL(live)
		require.Equal(t, []string{"NONE", "RESPONSE_STREAM"}, []string{auth, mode})
		_, d := sent[wireDistribution](t, aws, "Distribution")
		require.Equal(t, address, "https://"+d.origin("api").Domain+"/")
		require.Empty(t, d.origin("api").Control)
		allowed := aws.Functions().Allowed(live)
		require.Equal(t, leftBehind["FunctionURLAllowPublicAccess"], allowed["demo-dev-api-public-url"])
		for _, who := range allowed {
			require.NotContains(t, who, "lambda:InvokeFunction ", "nobody may call it otherwise than through the URL")
		}
		require.Equal(t, "aws lambda add-permission --region eu-west-1 --function-name "+function+" --qualifier live --statement-id "+
			"demo-dev-api-public-invoke --action lambda:InvokeFunction --principal '*' --invoked-via-function-url", dev.state(t).Outputs["api_function_step"].Value)
		dev.requireNoChanges(t)
	}
	step(t, "everyone can call the URL, and CloudFront sends a secret", func(t *testing.T) {
		dev.apply(t)
		requireSecret(t)
	})
	step(t, "only the distribution can call the same URL", func(t *testing.T) {
		dev.deploy(t, bySignature)
		require.Empty(t, aws.CallsTo("lambda:CreateFunctionUrlConfig"))
		_, auth, mode := aws.Functions().URL(live)
		require.Equal(t, []string{"AWS_IAM", "RESPONSE_STREAM"}, []string{auth, mode})
		_, d := sent[wireDistribution](t, aws, "Distribution")
		require.Equal(t, aws.Resources()["OriginAccessControl"], []string{d.origin("api").Control})
		only := fmt.Sprintf(`[{"Service":"cloudfront.amazonaws.com"},{"ArnLike":{"AWS:SourceArn":%q}}]`, d.ARN)
		require.Equal(t, map[string]string{
			"FunctionURLAllowPublicAccess": leftBehind["FunctionURLAllowPublicAccess"], // which lets nobody in now
			"demo-dev-api-url":             "lambda:InvokeFunctionUrl " + only,
			"demo-dev-api-invoke":          "lambda:InvokeFunction " + only,
		}, aws.Functions().Allowed(live))
		require.NotContains(t, dev.state(t).Outputs, "api_function_step")
		dev.requireNoChanges(t)
	})
	step(t, "everyone can again", func(t *testing.T) {
		dev.deploy(t, bySecret)
		requireSecret(t)
	})
	step(t, "destroyed, it leaves the function without a URL", func(t *testing.T) {
		dev.destroy(t, withoutRefresh)
		require.Empty(t, aws.Resources())
		address, _, _ := aws.Functions().URL(live)
		require.Empty(t, address)
		require.Equal(t, leftBehind, aws.Functions().Allowed(live))
	})
}
