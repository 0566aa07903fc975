package stacks

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/cloudfrontoriginaccesscontrol"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/lambdafunctionurl"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/lambdapermission"

	"ml-api-accelerator/stacks/config"
)

// How a function URL knows who may call it (Lambda API Reference, CreateFunctionUrlConfig, AuthType).
const (
	authNone = "NONE"
	authIAM  = "AWS_IAM"
)

type functionURLProps struct {
	config.FunctionURL
	Stack string
}

// newFunctionURL makes the URL of a function, which streams its answers, and the origin access control that signs
// requests to it, if one does.
func newFunctionURL(scope constructs.Construct, id string, props functionURLProps) address {
	auth, made := authNone, address{}
	if props.Access == config.FunctionControl {
		auth = authIAM
		control := rename(cloudfrontoriginaccesscontrol.NewCloudfrontOriginAccessControl(scope,
			jsii.String(id+"-function-control"),
			&cloudfrontoriginaccesscontrol.CloudfrontOriginAccessControlConfig{
				Name:                          jsii.String(props.Stack + "-" + id),
				Description:                   jsii.String("Calls the function of " + props.Stack),
				OriginAccessControlOriginType: jsii.String("lambda"),
				SigningBehavior:               jsii.String("always"),
				SigningProtocol:               jsii.String("sigv4"),
				Lifecycle:                     createBeforeDestroy(),
			}), id)
		made.ControlID = *control.Id()
	}
	url := rename(lambdafunctionurl.NewLambdaFunctionUrl(scope, jsii.String(id+"-function-url"),
		&lambdafunctionurl.LambdaFunctionUrlConfig{
			FunctionName:      jsii.String(props.FunctionARN),
			Qualifier:         optional(props.Qualifier),
			AuthorizationType: jsii.String(auth),
			InvokeMode:        jsii.String("RESPONSE_STREAM"),
			Lifecycle:         createBeforeDestroy(),
		}), id)
	made.DomainName = *url.UrlId() + ".lambda-url." + functionRegion(props.FunctionARN) + ".on.aws"
	return made
}

func functionRegion(function string) string {
	parsed, err := arn.Parse(function)
	if err != nil {
		panic(err) // config has looked at it
	}
	return parsed.Region
}

type functionsAccessProps struct {
	Backends []config.NamedBackend
	Edge     distribution
	Stack    string
}

// newFunctionsAccess lets CloudFront call the functions among the backends that routes lead to.
func newFunctionsAccess(scope constructs.Construct, props functionsAccessProps) {
	for _, b := range props.Backends {
		if b.FunctionURL != nil && len(b.Origins) > 0 {
			newFunctionAccess(scope, b.Name, functionAccessProps{*b.FunctionURL, props.Edge, props.Stack})
		}
	}
}

// functionSteps are the outputs with what is left to do by hand for functions.
func functionSteps(backends []config.NamedBackend, stack string) []output {
	var list []output
	for _, b := range backends {
		if b.FunctionURL != nil && len(b.Origins) > 0 {
			list = append(list, output{strings.ReplaceAll(b.Name, "-", "_") + "_function_step",
				functionStep(*b.FunctionURL, stack, b.Name),
				"Command to run once: without it the function URL answers 403, and version 5 of the AWS provider can't do it."})
		}
	}
	return list
}

type functionAccessProps struct {
	config.FunctionURL
	Edge  distribution
	Stack string
}

// newFunctionAccess lets CloudFront, when it acts for the distribution, call a function through its URL, or everyone,
// whom the handler then tells apart by a secret. Lambda wants two permissions for that, of which the second must be
// limited to calls through the URL (Lambda Developer Guide, Control access to Lambda function URLs). Version 5 of the
// provider can't say that: functionStep does.
//
// What is limited to a distribution is so in both, as AWS's guide has it (CloudFront Developer Guide, Restrict access to
// an AWS Lambda function URL origin). The provider also adds the first one for everyone, where it makes such a URL; it
// does neither when a URL that is there becomes one, nor when it goes.
func newFunctionAccess(scope constructs.Construct, id string, props functionAccessProps) {
	u := props.FunctionURL
	if u.Access != config.FunctionControl {
		newFunctionPermission(scope, id+"-public-url", u, lambdapermission.LambdaPermissionConfig{
			StatementId:         jsii.String(props.Stack + "-" + id + "-public-url"),
			Action:              jsii.String("lambda:InvokeFunctionUrl"),
			Principal:           jsii.String("*"),
			FunctionUrlAuthType: jsii.String(authNone),
		})
		return
	}
	newFunctionPermission(scope, id+"-url", u, lambdapermission.LambdaPermissionConfig{
		StatementId: jsii.String(props.Stack + "-" + id + "-url"),
		Action:      jsii.String("lambda:InvokeFunctionUrl"),
		Principal:   jsii.String("cloudfront.amazonaws.com"),
		SourceArn:   jsii.String(props.Edge.ARN),
	})
	newFunctionPermission(scope, id+"-invoke", u, lambdapermission.LambdaPermissionConfig{
		StatementId: jsii.String(props.Stack + "-" + id + "-invoke"),
		Action:      jsii.String("lambda:InvokeFunction"),
		Principal:   jsii.String("cloudfront.amazonaws.com"),
		SourceArn:   jsii.String(props.Edge.ARN),
	})
}

func newFunctionPermission(
	scope constructs.Construct, id string, function config.FunctionURL, c lambdapermission.LambdaPermissionConfig,
) {
	c.FunctionName, c.Qualifier = jsii.String(function.FunctionARN), optional(function.Qualifier)
	c.Lifecycle = createBeforeDestroy()
	rename(lambdapermission.NewLambdaPermission(scope, jsii.String(id+"-permission"), &c), id)
}

// functionStep returns the command that is left to do by hand for a function that everyone may call, once for each
// function or alias; empty: nothing is.
func functionStep(u config.FunctionURL, stack, id string) string {
	if u.Access == config.FunctionControl {
		return ""
	}
	qualifier := ""
	if u.Qualifier != "" {
		qualifier = " --qualifier " + u.Qualifier
	}
	return fmt.Sprintf("aws lambda add-permission --region %s --function-name %s%s --statement-id %s "+
		"--action lambda:InvokeFunction --principal '*' --invoked-via-function-url",
		functionRegion(u.FunctionARN), u.FunctionARN, qualifier, stack+"-"+id+"-public-invoke")
}
