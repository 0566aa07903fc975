package stacks

import (
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/dataawsiampolicydocument"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/iamrole"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/iamrolepolicy"
)

type serviceRoleProps struct {
	Name     string
	Service  string
	Boundary string // ARN of a policy; empty: none
	Allowed  []statement
}

// newServiceRole makes a role that one AWS service assumes, with what it is allowed within its boundary, and returns its ARN.
func newServiceRole(scope constructs.Construct, id string, props serviceRoleProps) string {
	trust := newPolicyDocument(scope, id+"-trust", &dataawsiampolicydocument.DataAwsIamPolicyDocumentStatement{
		Actions:    jsii.Strings("sts:AssumeRole"),
		Principals: []policyPrincipal{principal("Service", props.Service)},
	})
	role := rename(iamrole.NewIamRole(scope, jsii.String(id+"-role"), &iamrole.IamRoleConfig{
		Name:                jsii.String(props.Name),
		AssumeRolePolicy:    jsii.String(trust),
		PermissionsBoundary: optional(props.Boundary),
	}), id)
	rename(iamrolepolicy.NewIamRolePolicy(scope, jsii.String(id+"-role-policy"), &iamrolepolicy.IamRolePolicyConfig{
		Name:   jsii.String(props.Name),
		Role:   role.Id(),
		Policy: jsii.String(newPolicyDocument(scope, id, props.Allowed...)),
	}), id)
	return *role.Arn()
}
