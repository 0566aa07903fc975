package stacks

import (
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/dataawsiampolicydocument"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/iamrole"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/iamrolepolicy"
)

// newServiceRole makes a role that one AWS service takes on, and what it is allowed; it returns its ARN.
func newServiceRole(scope constructs.Construct, id, name, service string, allowed ...statement) string {
	trust := newPolicyDocument(scope, id+"-trust", &dataawsiampolicydocument.DataAwsIamPolicyDocumentStatement{
		Actions:    jsii.Strings("sts:AssumeRole"),
		Principals: []policyPrincipal{principal("Service", service)},
	})
	role := rename(iamrole.NewIamRole(scope, jsii.String(id+"-role"), &iamrole.IamRoleConfig{
		Name:             jsii.String(name),
		AssumeRolePolicy: jsii.String(trust),
	}), id)
	rename(iamrolepolicy.NewIamRolePolicy(scope, jsii.String(id+"-role-policy"), &iamrolepolicy.IamRolePolicyConfig{
		Name:   jsii.String(name),
		Role:   role.Id(),
		Policy: jsii.String(newPolicyDocument(scope, id, allowed...)),
	}), id)
	return *role.Arn()
}

// allow is a statement of a role's policy.
func allow(sid string, actions []string, resources ...string) statement {
	return &dataawsiampolicydocument.DataAwsIamPolicyDocumentStatement{
		Sid:       jsii.String(sid),
		Actions:   jsii.Strings(actions...),
		Resources: jsii.Strings(resources...),
	}
}
