package stacks

import (
	"strconv"

	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/dataawscalleridentity"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/kmskey"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/snstopic"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/snstopicsubscription"
	"github.com/hashicorp/terraform-cdk-go/cdktf"

	"ml-api-accelerator/stacks/internal/shared/names"
)

type topicProps struct {
	Name     string
	Emails   []string
	Provider cdktf.TerraformProvider
}

// newTopic makes an encrypted topic that tells people of alarms, and returns its ARN. It has its own key:
// alarms can't use the one that AWS manages for SNS.
func newTopic(scope constructs.Construct, id string, props topicProps) string {
	caller := rename(dataawscalleridentity.NewDataAwsCallerIdentity(scope, jsii.String(id+"-account"),
		&dataawscalleridentity.DataAwsCallerIdentityConfig{Provider: props.Provider}), id)
	key := rename(kmskey.NewKmsKey(scope, jsii.String(id+"-key"), &kmskey.KmsKeyConfig{
		Provider:             props.Provider,
		Description:          jsii.String("Encrypts " + props.Name),
		EnableKeyRotation:    true,
		DeletionWindowInDays: jsii.Number(7),
		Policy:               jsii.String(newPolicyDocument(scope, id+"-key", topicKeyStatements(*caller.AccountId())...)),
	}), id)
	topic := rename(snstopic.NewSnsTopic(scope, jsii.String(id+"-topic"), &snstopic.SnsTopicConfig{
		Provider:       props.Provider,
		Name:           jsii.String(props.Name),
		KmsMasterKeyId: key.Arn(),
	}), id)
	arn := *topic.Arn()
	for i, email := range props.Emails {
		// Named by the address. SNS has one subscription for it, so one that took over another's place in a list
		// would be ended with the other (hashicorp/terraform-provider-aws#9883).
		subscription := snstopicsubscription.NewSnsTopicSubscription(scope, jsii.String(id+"-"+names.Email(email)), &snstopicsubscription.SnsTopicSubscriptionConfig{
			Provider: props.Provider,
			TopicArn: jsii.String(arn),
			Protocol: jsii.String("email"),
			Endpoint: jsii.String(email),
		})
		// They were numbered once.
		subscription.MoveFromId(jsii.String("aws_sns_topic_subscription." + id + "-email-" + strconv.Itoa(i)))
	}
	return arn
}

// topicKeyStatements let the account manage the key, and alarms use it.
func topicKeyStatements(account string) []statement {
	return []statement{
		{
			Sid:        jsii.String("ManageByAccount"),
			Actions:    jsii.Strings("kms:*"),
			Resources:  jsii.Strings("*"),
			Principals: []policyPrincipal{principal("AWS", "arn:aws:iam::"+account+":root")},
		},
		{
			Sid:        jsii.String("UseByAlarms"),
			Actions:    jsii.Strings("kms:Decrypt", "kms:GenerateDataKey*"),
			Resources:  jsii.Strings("*"),
			Principals: []policyPrincipal{principal("Service", "cloudwatch.amazonaws.com")},
			Condition:  []policyCondition{condition("StringEquals", "aws:SourceAccount", account)},
		},
	}
}
