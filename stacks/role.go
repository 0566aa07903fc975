package stacks

import (
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/dataawsiampolicydocument"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/iamrole"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/iamrolepolicy"
)

// mostRoleName is how many characters the name of a role has at most (IAM API Reference, CreateRole).
const mostRoleName = 64

type serviceRoleProps struct {
	Name     string
	Service  string
	Boundary string // ARN of a policy; empty: none
	Allowed  []statement
}

// newServiceRole makes a role that one AWS service assumes, with what it is allowed within its boundary, and returns
// its ARN.
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

type (
	statement       = *dataawsiampolicydocument.DataAwsIamPolicyDocumentStatement
	policyPrincipal = *dataawsiampolicydocument.DataAwsIamPolicyDocumentStatementPrincipals
	policyCondition = *dataawsiampolicydocument.DataAwsIamPolicyDocumentStatementCondition
)

// newPolicyDocument returns an IAM policy; as a data source it stays readable in the synthesized JSON.
func newPolicyDocument(scope constructs.Construct, id string, statements ...statement) string {
	document := rename(dataawsiampolicydocument.NewDataAwsIamPolicyDocument(scope, jsii.String(id+"-policy-document"),
		&dataawsiampolicydocument.DataAwsIamPolicyDocumentConfig{Statement: statements}), id)
	return *document.Json()
}

// allow returns a statement of a role's policy; in the policy of a resource it needs principals.
func allow(sid string, actions []string, resources ...string) statement {
	return &dataawsiampolicydocument.DataAwsIamPolicyDocumentStatement{
		Sid:       jsii.String(sid),
		Actions:   jsii.Strings(actions...),
		Resources: jsii.Strings(resources...),
	}
}

func principal(kind string, identifiers ...string) policyPrincipal {
	return &dataawsiampolicydocument.DataAwsIamPolicyDocumentStatementPrincipals{
		Type:        jsii.String(kind),
		Identifiers: jsii.Strings(identifiers...),
	}
}

func condition(test, variable string, values ...string) policyCondition {
	return &dataawsiampolicydocument.DataAwsIamPolicyDocumentStatementCondition{
		Test:     jsii.String(test),
		Variable: jsii.String(variable),
		Values:   jsii.Strings(values...),
	}
}
