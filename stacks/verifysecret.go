package stacks

import (
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/dataawssecretsmanagersecretversion"
)

// newVerifySecret reads the secret that the backend knows CloudFront by, and returns its value, if there is one.
func newVerifySecret(scope constructs.Construct, id, secret string) string {
	if secret == "" {
		return ""
	}
	version := dataawssecretsmanagersecretversion.NewDataAwsSecretsmanagerSecretVersion(scope, jsii.String(id),
		&dataawssecretsmanagersecretversion.DataAwsSecretsmanagerSecretVersionConfig{SecretId: jsii.String(secret)})
	return *version.SecretString()
}
