package stacks

import (
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/dataawsiampolicydocument"
)

type (
	statement       = *dataawsiampolicydocument.DataAwsIamPolicyDocumentStatement
	policyPrincipal = *dataawsiampolicydocument.DataAwsIamPolicyDocumentStatementPrincipals
	policyCondition = *dataawsiampolicydocument.DataAwsIamPolicyDocumentStatementCondition
)

// newPolicyDocument renders an IAM policy; as a data source it stays readable in the synthesized JSON.
func newPolicyDocument(scope constructs.Construct, id string, statements ...statement) string {
	document := rename(dataawsiampolicydocument.NewDataAwsIamPolicyDocument(scope, jsii.String(id+"-policy-document"),
		&dataawsiampolicydocument.DataAwsIamPolicyDocumentConfig{Statement: statements}), id)
	return *document.Json()
}

// allow is a statement of a role's policy; in the policy of a resource it needs principals.
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
