package stacks_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/awstest"
	"ml-api-accelerator/stacks/internal/awstest/apicall"
	"ml-api-accelerator/stacks/internal/awstest/logdelivery"
	"ml-api-accelerator/stacks/internal/shared/names"
)

// TestLogsAreLetIn holds that the policy of the bucket of the logs lets their source write where they are delivered, in
// the Region of the source. S3 refuses the logs of one that doesn't without a word.
func TestLogsAreLetIn(t *testing.T) {
	found := 0
	for name, text := range synthesizeConfig(t, load(t, everything)) {
		stack := parse(t, text)
		for id, d := range stack.Resource["aws_cloudwatch_log_delivery"] {
			source := stack.Resource["aws_cloudwatch_log_delivery_source"][id]
			destination := stack.Resource["aws_cloudwatch_log_delivery_destination"][id]
			region := regionOf(stack, source)
			require.Equal(t, "us-east-1", region, name)
			require.NotEqual(t, region, stack.Provider.AWS[0].Region, "%s: in the same Region the bucket's would do", name)

			arn := strings.ReplaceAll(at(destination, "delivery_destination_configuration", 0, "destination_resource_arn").(string), "${aws_s3_bucket.logs.arn}", "arn:aws:s3:::logs")
			suffix := at(d, "s3_delivery_configuration", 0, "suffix_path").(string)
			require.True(t, logdelivery.LetsIn(rendered(t, stack, "logs"), arn+"/"+suffix+"/log.gz",
				"arn:aws:logs:"+region+":"+awstest.AccountID+":delivery-source:"+source["name"].(string), awstest.AccountID), name)
			require.Contains(t, d["depends_on"], "aws_s3_bucket_policy.logs", "%s: AWS would change a policy that comes later", name)
			found++
		}
	}
	require.NotZero(t, found)
}

// TestLogsAreWhereTheyAreLookedFor holds that logs are delivered below the folder that readers of them are told.
func TestLogsAreWhereTheyAreLookedFor(t *testing.T) {
	c := load(t, everything)
	for _, prefix := range []string{"", "edge/", "a/b"} {
		e := c.Environments["worldwide"]
		e.Logging.Prefix = prefix
		stack := parse(t, synthesizeAs(t, c, "worldwide", e))
		arn := at(stack.Resource["aws_cloudwatch_log_delivery_destination"]["edge"], "delivery_destination_configuration", 0, "destination_resource_arn").(string)
		suffix := at(stack.Resource["aws_cloudwatch_log_delivery"]["edge"], "s3_delivery_configuration", 0, "suffix_path").(string)
		require.Equal(t, "${aws_s3_bucket.logs.arn}/"+names.DeliveredLogs(prefix)+"/{yyyy}/{MM}/{dd}/{HH}", arn+"/"+suffix)
	}
}

func regionOf(stack parsed, resource object) string {
	for _, p := range stack.Provider.AWS {
		if resource["provider"] == "aws."+p.Alias {
			return p.Region
		}
	}
	return stack.Provider.AWS[0].Region
}

// rendered is the policy of a bucket as Terraform renders it.
func rendered(t *testing.T, stack parsed, bucket string) []byte {
	t.Helper()
	var list []object
	for _, s := range statements(stack, bucket) {
		effect, _ := s["effect"].(string)
		if effect == "" {
			effect = "Allow"
		}
		principals, conditions := object{}, object{}
		for _, p := range items(s["principals"]) {
			principals[p["type"].(string)] = p["identifiers"]
		}
		for _, c := range items(s["condition"]) {
			set(conditions, c["values"], c["test"].(string), c["variable"].(string))
		}
		list = append(list, object{"Effect": effect, "Action": s["actions"], "Resource": s["resources"], "Principal": principals, "Condition": conditions})
	}
	text, err := json.Marshal(object{"Statement": list})
	require.NoError(t, err)
	return []byte(strings.NewReplacer("${aws_s3_bucket."+bucket+".arn}", "arn:aws:s3:::"+bucket,
		"${data.aws_caller_identity."+bucket+".account_id}", awstest.AccountID).Replace(string(text)))
}

// ofLogDelivery is what AWS looks up for a call about the delivery of logs; nothing for another call.
func ofLogDelivery(call apicall.Call) []authorization {
	var input struct{ Name, ID, ResourceArn, DeliverySourceName, DeliveryDestinationArn string }
	if call.Service != "logs" || json.Unmarshal(call.Body, &input) != nil {
		return nil
	}
	arn := func(kind, name string) string {
		return "arn:aws:logs:" + call.Region + ":" + awstest.AccountID + ":" + kind + ":" + name
	}
	var about []string
	switch {
	case call.Action == "CreateDelivery":
		about = []string{arn("delivery-source", input.DeliverySourceName), input.DeliveryDestinationArn, arn("delivery", "new")}
	case strings.HasSuffix(call.Action, "DeliverySource"):
		about = []string{arn("delivery-source", input.Name)}
	case strings.HasSuffix(call.Action, "DeliveryDestination"):
		about = []string{arn("delivery-destination", input.Name)}
	case strings.Contains(call.Action, "Delivery") && !strings.HasSuffix(call.Action, "LogDelivery"):
		about = []string{arn("delivery", input.ID)}
	case strings.Contains(input.ResourceArn, ":delivery"):
		about = []string{input.ResourceArn}
	default:
		return nil
	}
	actions := []string{call.Name()}
	if strings.HasPrefix(call.Action, "Put") || call.Action == "CreateDelivery" {
		actions = append(actions, "logs:TagResource") // their tags come with them
	}
	var asked []authorization
	for _, action := range actions {
		for _, arn := range about {
			asked = append(asked, authorization{action: action, arn: arn})
		}
	}
	if call.Action == "PutDeliverySource" {
		asked = append(asked, authorization{action: "cloudfront:AllowVendedLogDeliveryForResource", arn: input.ResourceArn})
	}
	return asked
}
