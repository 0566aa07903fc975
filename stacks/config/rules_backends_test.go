package config_test

import (
	"fmt"
	"strings"

	"ml-api-accelerator/stacks/config"
)

// inside returns a change to a private backend that CloudFront reaches by HTTP, and one to that.
func inside(change string) string {
	return merged(`{"api": {"domainName": null, "vpcOrigin": {"loadBalancerArn": "`+loadBalancer+`", "protocol": "http"}}}`,
		`{"api": {"vpcOrigin": `+change+`}}`)
}

// balanced returns a change to a public load balancer that gets a name, and one to that.
func balanced(change string) string {
	return merged(`{"domain": {"aliases": ["api.example.com"], "hostedZoneId": "Z1"},
		"api": {"domainName": null, "loadBalancer": {"listenerArn": "`+listener+`", "domainName": "origin.example.com"}}}`, change)
}

// function returns a change to a function that knows CloudFront by a secret, and one to that.
func function(change string) string {
	return merged(`{"api": {"domainName": null, "verifySecret": "s",
		"functionUrl": {"functionArn": "arn:aws:lambda:us-east-1:111122223333:function:chat"}}}`, change)
}

const (
	listener   = "arn:aws:elasticloadbalancing:us-east-1:111122223333:listener/app/a/1234567890abcdef/1234567890abcdef"
	instanceID = "arn:aws:ec2:us-east-1:111122223333:instance/i-1234567890abcdef0"
)

// reachedRows are about backends that CloudFront reaches otherwise than by a name of their own.
func reachedRows() []row {
	const (
		control = `{"api": {"functionUrl": {"access": "control"}}}`
		group   = `"securityGroupId": "sg-0123456789abcdef0"`
	)
	isControl := warning("O20", "api.functionUrl.access")
	rows := inDev(
		row{"O1 private and balanced", balanced(`{"api": {"vpcOrigin": {"loadBalancerArn": "` + loadBalancer + `", "domainName": "b.example.com"}}}`), is(hard("O1", "api"))},
		row{"O1 domain and function", function(`{"api": {"domainName": "b.example.com"}}`), is(hard("O1", "api"))},

		row{"O14 plain HTTP", inside(`{}`), nil},
		row{"O14 plain HTTP with a name, a port and a group", inside(`{"domainName": "internal-a-1.us-east-1.elb.amazonaws.com", "httpPort": 8080, ` + group + `}`), nil},
		row{"O14 plain HTTP with a private name", inside(`{"domainName": "llm.corp.internal"}`), nil},
		row{"O14 protocol", inside(`{"protocol": "tcp"}`), is(hard("O14", "api.vpcOrigin.protocol"))},
		row{"O2 HTTPS without a name", inside(`{"protocol": "https"}`), is(hard("O2", "api.vpcOrigin.domainName"))},
		row{"O2 instance without a name", inside(`{"loadBalancerArn": "` + instanceID + `"}`), is(hard("O2", "api.vpcOrigin.domainName"))},
		row{"O14 instance with a name", inside(`{"loadBalancerArn": "` + instanceID + `", "domainName": "ip-10-0-0-1.ec2.internal", ` + group + `}`), nil},
		row{"O5 HTTP port", inside(`{"httpPort": 81}`), is(hard("O5", "api.vpcOrigin.httpPort"))},
		row{"O5 HTTPS port of plain HTTP", merged(inside(`{}`), `{"api": {"httpsPort": 80}}`), is(warning("U1", "api.httpsPort"))},
		row{"U1 HTTP port with HTTPS", inside(`{"protocol": "https", "domainName": "b.example.com", "httpPort": 8080}`), is(warning("U1", "api.vpcOrigin.httpPort"))},
		row{"O14 security group", inside(`{"securityGroupId": "web"}`), is(hard("O14", "api.vpcOrigin.securityGroupId"))},
		row{"O14 load balancer elsewhere, with a security group", inside(`{"loadBalancerArn": "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/a/1", "domainName": "b.example.com", ` + group + `}`),
			is(hard("O14", "api.vpcOrigin.loadBalancerArn"))},
		row{"O14 load balancer elsewhere, whose name is asked for", inside(`{"loadBalancerArn": "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/a/1"}`),
			is(hard("O14", "api.vpcOrigin.loadBalancerArn"))},
		row{"O14 load balancer elsewhere by plain HTTP", inside(`{"loadBalancerArn": "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/a/1", "domainName": "b.example.com"}`), nil},
		row{"O14 protocol and no load balancer", inside(`{"loadBalancerArn": null}`), is(hard("O14", "api.vpcOrigin.loadBalancerArn"))},

		row{"O19 listener", balanced(`{}`), nil},
		row{"O19 listener of a network load balancer, with a group", balanced(`{"api": {"loadBalancer": {"listenerArn": "arn:aws:elasticloadbalancing:us-east-1:111122223333:listener/net/a/1/2", ` + group + `}}}`), nil},
		row{"O19 load balancer", balanced(`{"api": {"loadBalancer": {"listenerArn": "` + loadBalancer + `"}}}`), is(hard("O19", "api.loadBalancer.listenerArn"))},
		row{"O19 no listener", balanced(`{"api": {"loadBalancer": {"listenerArn": null}}}`), is(hard("O19", "api.loadBalancer.listenerArn"))},
		row{"O19 listener elsewhere", balanced(`{"api": {"loadBalancer": {"listenerArn": "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/a/1/2"}}}`),
			is(hard("O19", "api.loadBalancer.listenerArn"))},
		row{"O19 listener of another account", balanced(`{"account": {"id": "999922223333"}}`), is(hard("O19", "api.loadBalancer.listenerArn"))},
		row{"O19 security group", balanced(`{"api": {"loadBalancer": {"securityGroupId": "sg-1"}}}`), is(hard("O19", "api.loadBalancer.securityGroupId"))},
		row{"O19 no hosted zone", balanced(`{"domain": null}`), is(hard("O19", "api.loadBalancer"))},
		row{"S4 no name", balanced(`{"api": {"loadBalancer": {"domainName": null}}}`), is(hard("S4", "api.loadBalancer.domainName"))},
		row{"O2 name of a load balancer", balanced(`{"api": {"loadBalancer": {"domainName": "https://origin.example.com"}}}`), is(hard("O2", "api.loadBalancer.domainName"))},
		row{"D14 load balancer's own name", balanced(`{"api": {"loadBalancer": {"domainName": "a-1.us-east-1.elb.amazonaws.com"}}}`),
			is(hard("D14", "api.loadBalancer.domainName"), hard("D13", "api.loadBalancer.domainName"))},
		row{"D11 name that is too long", balanced(`{"api": {"loadBalancer": {"domainName": "` + long(53) + `.example.com"}}}`), is(hard("D11", "api.loadBalancer.domainName"))},
		row{"D11 longest name", balanced(`{"api": {"loadBalancer": {"domainName": "` + long(52) + `.example.com"}}}`), nil},
		row{"D10 name is an alias", balanced(`{"api": {"loadBalancer": {"domainName": "API.example.com"}}}`), is(hard("D10", "api.loadBalancer.domainName"))},
		row{"D13 name in another zone", balanced(`{"api": {"loadBalancer": {"domainName": "origin.example.org"}}}`), is(hard("D13", "api.loadBalancer.domainName"))},
		row{"D12 name of a wildcard", balanced(`{"domain": {"aliases": ["*.origin.example.com"]}}`), is(hard("D12", "api.loadBalancer.domainName"))},
		row{"O11 failover to the load balancer", balanced(`{"api": {"failover": {"domainName": "Origin.example.com"}}, "routes": [{"path": "/a", "methods": "read", "failover": true}]}`),
			is(hard("O11", "api.failover.domainName"))},
		row{"K5 canary is the load balancer", balanced(`{"api": {"canary": {"domainName": "Origin.example.com", "percent": 1}}}`), is(hard("K5", "api.canary.domainName"))},

		row{"O20 function", function(`{}`), nil},
		row{"O20 function with an alias", function(`{"api": {"functionUrl": {"qualifier": "v1"}}}`), nil},
		row{"O20 version", function(`{"api": {"functionUrl": {"qualifier": "12"}}}`), is(hard("O20", "api.functionUrl.qualifier"))},
		row{"O20 latest version", function(`{"api": {"functionUrl": {"qualifier": "$LATEST"}}}`), is(hard("O20", "api.functionUrl.qualifier"))},
		row{"O20 alias in the ARN", function(`{"api": {"functionUrl": {"functionArn": "arn:aws:lambda:us-east-1:111122223333:function:chat:live"}}}`),
			is(hard("O20", "api.functionUrl.functionArn"))},
		row{"O20 function elsewhere", function(`{"api": {"functionUrl": {"functionArn": "arn:aws:lambda:eu-west-1:111122223333:function:chat"}}}`),
			is(hard("O20", "api.functionUrl.functionArn"))},
		row{"O20 function of another account", function(`{"account": {"id": "999922223333"}}`), is(hard("O20", "api.functionUrl.functionArn"))},
		row{"O20 no function", function(`{"api": {"functionUrl": {"functionArn": null}}}`), is(hard("O20", "api.functionUrl.functionArn"))},
		row{"O20 name of a function", function(`{"api": {"functionUrl": {"functionArn": "chat"}}}`), is(hard("O20", "api.functionUrl.functionArn"))},
		row{"O20 no secret", function(`{"api": {"verifySecret": null}}`), is(hard("O20", "api.verifySecret"))},
		row{"O20 access", function(`{"api": {"functionUrl": {"access": "none"}}}`), is(hard("O20", "api.functionUrl.access"))},
		row{"O20 port", function(`{"api": {"httpsPort": 8443}}`), is(hard("O20", "api.httpsPort"))},
		row{"O20 control", function(control), is(isControl)},
		row{"O20 control without a secret", merged(function(control), `{"api": {"verifySecret": null}}`), is(isControl)},
		row{"O20 control, and keys", merged(function(control), `{"api": {"keys": {}}}`), is(isControl)},
		row{"O20 control, and keys that are forwarded", merged(function(control), `{"api": {"keys": {"forward": true}}}`), is(hard("O20", "api.functionUrl.access"), isControl)},
		row{"O20 control, and keys that are forwarded in another header", merged(function(control), `{"api": {"keys": {"header": "x-api-key", "forward": true}}}`), is(isControl)},
		row{"O20 gRPC", function(`{"routes": [{"path": "/a", "grpc": true}]}`), is(warning("O20", "routes[0].grpc"))},

		row{"O21 function URL", open("B.lambda-url.us-east-1.on.aws"), is(warning("O21", "api.domainName"))},
		row{"O21 API Gateway", open("b.execute-api.us-east-1.amazonaws.com"), is(warning("O21", "api.domainName"))},
		row{"O21 function URL with a secret", merged(open("b.lambda-url.us-east-1.on.aws"), `{"api": {"verifySecret": "s"}}`), nil},
		row{"O21 second backend and canary", `{"api": {"failover": {"domainName": "a.lambda-url.us-east-1.on.aws"}, "canary": {"domainName": "b.lambda-url.us-east-1.on.aws", "percent": 1}},
			"routes": [{"path": "/a", "methods": "read", "failover": true}]}`,
			is(warning("O21", "api.canary.domainName"), warning("O21", "api.failover.domainName"))},
	)
	prod := func(change string) string {
		return merged(`{"region": "us-east-1", "api": {"domainName": "b.example.com"}, "domain": {"hostedZoneId": "Z1", "aliases": ["prod.example.com"]}}`, change)
	}
	together := func(name, other string, want ...config.Problem) row {
		return row{name, `{"environments": {"dev": ` + balanced(`{}`) + `, "prod": ` + prod(other) + `}}`, want}
	}
	return append(rows,
		together("N5 load balancers with one name", `{"api": {"domainName": null, "loadBalancer": {"listenerArn": "`+listener+`", "domainName": "Origin.example.com"}}}`,
			hard("N5", "environments.prod.api.loadBalancer.domainName")),
		together("D10 load balancer with another environment's alias", `{"domain": {"aliases": ["origin.example.com"]}}`,
			hard("D10", "environments.dev.api.loadBalancer.domainName")),
		together("D12 load balancer with the name of another environment's wildcard", `{"domain": {"aliases": ["*.origin.example.com"]}}`,
			hard("D12", "environments.prod.domain.aliases[0]")),
		together("N5 load balancer and others", `{}`),
		row{"O25 the function of another environment", mine(two(function(`{}`), function(`{}`))), is(hard("O25", "environments.prod.api.functionUrl"))},
		row{"O25 placeholders of two environments", two(function(`{}`), function(`{}`)), nil},
		row{"O25 another alias of the function of another environment", two(function(`{}`), function(`{"api": {"functionUrl": {"qualifier": "live"}}}`)), nil},
		row{"O25 the group of another environment", mine(two(inside(`{`+group+`}`), inside(`{`+group+`}`))), is(hard("O25", "environments.prod.api.vpcOrigin.securityGroupId"))},
		row{"O25 another port of the group of another environment", two(inside(`{`+group+`}`), inside(`{`+group+`, "httpPort": 8080}`)), nil},
		row{"O25 the load balancer's group of another environment", mine(two(balanced(`{"api": {"loadBalancer": {`+group+`}}}`),
			balanced(`{"domain": {"aliases": ["b.example.com"]}, "api": {"loadBalancer": {"domainName": "o.example.com", `+group+`}}}`))),
			is(hard("O25", "environments.prod.api.loadBalancer.securityGroupId"))},
	)
}

// mine has ids of one's own in place of those of AWS's documentation.
func mine(text string) string {
	return strings.NewReplacer("111122223333", "314159265358", "sg-0123456789abcdef0", "sg-0a1b2c3d4e5f60718").Replace(text)
}

// two has the environments dev and prod.
func two(dev, prod string) string {
	return `{"environments": {"dev": ` + dev + `, "prod": ` + merged(`{"region": "us-east-1"}`, prod) + `}}`
}

func open(domain string) string { return fmt.Sprintf(`{"api": {"domainName": %q}}`, domain) }

// long returns a label of n letters.
func long(n int) string { return text(n)[1 : n+1] }
